from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "procedures.intake"
    verbose_name = "Importing into the manual"
