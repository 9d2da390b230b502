from django.apps import AppConfig


class FindingConfig(AppConfig):
    name = "procedures.finding"
    verbose_name = "Search of the manual"
