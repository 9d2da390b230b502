from django.apps import AppConfig


class ExportingConfig(AppConfig):
    name = "procedures.exporting"
    verbose_name = "Copies of the manual"
