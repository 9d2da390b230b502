"""When a chapter is to be looked at again."""

import uuid

from django.db import models

from portal.reminders.models import Chased
from procedures.models import ChapterPage


class Review(Chased):
    """The review of a live chapter, due on its review date. `due_at` is eight in the morning of that day in London."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    page = models.OneToOneField(ChapterPage, on_delete=models.CASCADE, related_name="review")

    class Meta:
        ordering = ["due_at"]

    def __str__(self) -> str:
        return f"Review of {self.page}"
