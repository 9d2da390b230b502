from django.apps import AppConfig


class ReadersConfig(AppConfig):
    name = "procedures.readers"
    verbose_name = "Readers of the manual"
