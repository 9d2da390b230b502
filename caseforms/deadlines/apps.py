from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "caseforms.deadlines"
    verbose_name = "deadlines"
