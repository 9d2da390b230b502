"""Editions of a chapter: each as it was rendered on the day, with the note that says what was changed and why."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from procedures.rendering import RenderedChapter


class Edition(models.Model):
    """A chapter as it was published. `rendered` is what RenderedChapter.as_json gave, without what is local to a
    partnership; it never changes afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
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

    class Meta:
        ordering = ["-published_at"]
        indexes = [models.Index(fields=["page", "published_at"])]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Number and title of the chapter as they were."""
        return " ".join(part for part in (self.number, self.title) if part)

    @property
    def chapter(self) -> RenderedChapter:
        """The chapter as it was rendered."""
        return RenderedChapter.from_json(self.rendered)
