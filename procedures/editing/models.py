"""Editions of a chapter: each as it was rendered on the day, with the note that says what was changed and why."""

import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_date

from portal.audit.models import AppendOnlyError
from procedures.rendering import RenderedChapter


class Kind(models.TextChoices):
    """What happened to the chapter on that day."""

    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REINSTATED = "reinstated", "In force again"


class Edition(models.Model):
    """A chapter as it was published. `rendered` is what RenderedChapter.as_json gave, without what is local to a
    partnership; it never changes afterwards. `source` is what Wagtail's revision held, so that an edition can be
    restored after its revision has been purged. Only the references to page, revision and person may be emptied, when
    what they point at is deleted: the database refuses everything else (migration 0002)."""

    # Wagtail would count an edition among what uses a page, and warn about it at every deletion.
    wagtail_reference_index_ignore = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.PUBLISHED)
    page = models.ForeignKey(
        "procedures.ChapterPage", null=True, on_delete=models.SET_NULL, related_name="editions"
    )
    revision = models.OneToOneField(
        "wagtailcore.Revision", null=True, on_delete=models.SET_NULL, related_name="edition"
    )
    partnership = models.ForeignKey(
        "accounts.Partnership", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(default=timezone.now, db_index=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    number = models.CharField(max_length=30, blank=True)
    title = models.CharField(max_length=255)
    what = models.TextField(blank=True)
    why = models.TextField(blank=True)
    must_read = models.BooleanField(default=False)
    rendered = models.JSONField()
    source = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["-published_at"]
        indexes = [models.Index(fields=["page", "published_at"])]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("An edition is never changed.")
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        """Number and title of the chapter as they were."""
        return " ".join(part for part in (self.number, self.title) if part)

    @property
    def chapter(self) -> RenderedChapter:
        """The chapter as it was rendered."""
        return RenderedChapter.from_json(self.rendered)

    @property
    def day(self) -> date:
        """The day in the United Kingdom on which it was published."""
        return timezone.localdate(self.published_at)

    @property
    def dated(self) -> date:
        """The date that it bore for its readers: the one that an editor typed, else the day of publication."""
        return parse_date(str(self.source.get("edition_date") or "")) or self.day


class KeptPicture(models.Model):
    """A picture that stands in an edition, kept under a name made of its bytes (see pictures.py)."""

    wagtail_reference_index_ignore = True

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=80, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "name"], name="one_row_per_kept_picture")]

    def __str__(self) -> str:
        return self.name


class TakenDown(models.Model):
    """A chapter was unpublished in the CMS: from then until its next edition it was not to be read."""

    wagtail_reference_index_ignore = True

    page = models.ForeignKey("procedures.ChapterPage", on_delete=models.CASCADE, related_name="taken_down")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.page} {self.at:%Y-%m-%d}"
