from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "caseforms.workflow"
    verbose_name = "workflow"
