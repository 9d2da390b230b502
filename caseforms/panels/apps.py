from django.apps import AppConfig


class PanelsConfig(AppConfig):
    name = "caseforms.panels"
    verbose_name = "panels"
