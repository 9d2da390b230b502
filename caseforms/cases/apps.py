from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "caseforms.cases"
    verbose_name = "cases"
