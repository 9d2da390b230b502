from django.apps import AppConfig


class ScopingConfig(AppConfig):
    name = "caseforms.scoping"
    verbose_name = "scoping"
