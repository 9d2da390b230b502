from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "procedures.sharing"
    verbose_name = "Shared manual"
