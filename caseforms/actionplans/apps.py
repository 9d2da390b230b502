from django.apps import AppConfig


class ActionplansConfig(AppConfig):
    name = "caseforms.actionplans"
    verbose_name = "actionplans"
