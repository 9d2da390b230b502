"""Question sets: what a form asks, as versioned data. A version that has been published never changes."""

import uuid
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from caseforms.questions.schema import Schema, parse
from portal.accounts.models import Partnership


class FrozenQuestionSet(TypeError):
    """A published or retired version was to be changed or deleted; publish a new version instead."""


class Status(models.TextChoices):
    """Written as a draft, asked while published, and kept when retired for the answers given to it."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


FROZEN_FIELDS = ("partnership_id", "code", "version", "title", "schema", "published_at")


class QuestionSetQuerySet(models.QuerySet["QuestionSet"]):
    """Refuses the bulk ways round `QuestionSet.save` and `QuestionSet.delete`."""

    def update(self, **kwargs: Any) -> int:
        """Only drafts, and the status of any version, can be updated in bulk. Raises FrozenQuestionSet."""
        if set(kwargs) - {"status"} and self.exclude(status=Status.DRAFT).exists():
            raise FrozenQuestionSet("A published version never changes.")
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Only drafts can be deleted. Raises FrozenQuestionSet."""
        if self.exclude(status=Status.DRAFT).exists():
            raise FrozenQuestionSet("A published version is kept for the answers given to it.")
        return super().delete()

    def bulk_update(
        self, objs: Iterable["QuestionSet"], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        """Refused: save each one."""
        raise FrozenQuestionSet("Question sets are saved one at a time.")


class QuestionSet(models.Model):
    """One version of a form. Without a partnership it ships with the portal; a partnership's own set goes
    before it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, null=True, blank=True, related_name="question_sets"
    )
    code = models.SlugField(max_length=50)
    version = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=120)
    schema = models.JSONField()
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = QuestionSetQuerySet.as_manager()

    class Meta:
        ordering = ["code", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "code", "version"], name="question_set_version_once"
            ),
            models.UniqueConstraint(
                fields=["code", "version"],
                condition=Q(partnership__isnull=True),
                name="shipped_question_set_version_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves a draft, or a change of status. Raises SchemaError for a bad schema, FrozenQuestionSet for a
        change to a version that has been published."""
        self.__dict__.pop("parsed", None)
        parse(self.schema)
        stored = None if self._state.adding else QuestionSet.objects.filter(pk=self.pk).first()
        if stored is not None and stored.status != Status.DRAFT:
            if self.status == Status.DRAFT:
                raise FrozenQuestionSet("A published version cannot become a draft again.")
            if any(getattr(self, field) != getattr(stored, field) for field in FROZEN_FIELDS):
                raise FrozenQuestionSet("A published version never changes.")
        elif self.status == Status.PUBLISHED and self.published_at is None:
            self.published_at = timezone.now()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Deletes a draft. Raises FrozenQuestionSet for a version that has been published."""
        if self.status != Status.DRAFT:
            raise FrozenQuestionSet("A published version is kept for the answers given to it.")
        return super().delete(*args, **kwargs)

    @cached_property
    def parsed(self) -> Schema:
        """The sections and questions. Raises SchemaError where the JSON is not a question set."""
        return parse(self.schema)
