from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    name = "procedures.upkeep"
    verbose_name = "Upkeep of the manual"
