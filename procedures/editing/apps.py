from django.apps import AppConfig


class EditingConfig(AppConfig):
    name = "procedures.editing"
    verbose_name = "Editions of the manual"
