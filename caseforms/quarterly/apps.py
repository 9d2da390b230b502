from django.apps import AppConfig


class QuarterlyConfig(AppConfig):
    name = "caseforms.quarterly"
    verbose_name = "quarterly"
