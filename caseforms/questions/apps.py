"""Question sets, and the installation of the ones that ship whenever the database is migrated."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.db import router
from django.db.models.signals import post_migrate

from caseforms.questions import shipped


class QuestionsConfig(AppConfig):
    """Installs the shipped sets after each migrate, as Django installs its own permissions: a new release
    needs no migration of its own for a new set, and a database that a test has emptied has them again."""

    name = "caseforms.questions"
    label = "questions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(
            install_after_migrate, sender=self, dispatch_uid="questions.install_shipped_sets"
        )


def install_after_migrate(*, using: str, apps: Any = installed, **kwargs: Any) -> None:
    """Puts the shipped sets into the database just migrated, where its table exists there by now."""
    try:
        model = apps.get_model("questions", "QuestionSet")
    except LookupError:
        return
    if router.allow_migrate_model(using, model):
        shipped.install(model, using)
