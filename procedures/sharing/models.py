"""What a partnership adds to the shared manual: boxes at a chapter's sections, and whom to ring. Rows of their own, so
that a local change never publishes a regional chapter again."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from wagtail.fields import RichTextField

from procedures.blocks import FEATURES


class Place(models.TextChoices):
    """Where a box stands at its section, or at the head of the chapter."""

    BEFORE = "before", "Above the text"
    AFTER = "after", "Below the text"


class BoxText(models.Model):
    """What a box says and where it stands."""

    anchor = models.CharField("section", max_length=20, blank=True)
    place = models.CharField("where", max_length=10, choices=Place, default=Place.AFTER)
    position = models.PositiveIntegerField(
        "order", default=0, help_text="Of two boxes at the same place, the lower number comes first"
    )
    title = models.CharField(max_length=200, blank=True)
    text = RichTextField(features=FEATURES)

    class Meta:
        abstract = True

    def text_fields(self) -> dict[str, Any]:
        """Name and value of each field of this class."""
        names = ("anchor", "place", "position", "title", "text")
        return {name: getattr(self, name) for name in names}


class LocalBox(BoxText):
    """A box of one partnership, as its managers edit it. `version` rises with each save. It is never deleted: one that
    was taken away keeps its row for the editions that showed it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    page = models.ForeignKey(
        "procedures.ChapterPage",
        verbose_name="chapter",
        null=True,
        on_delete=models.SET_NULL,
        related_name="local_boxes",
    )
    partnership = models.ForeignKey("accounts.Partnership", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=0, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["page__path", "anchor", "position"]
        verbose_name = "local box"
        verbose_name_plural = "local boxes"

    def __str__(self) -> str:
        return self.title or f"Box of {self.partnership.short_name}"

    def history(self) -> "VersionQuerySet":
        """What it said and when, the newest first."""
        return BoxVersion.objects.filter(box=self).select_related("saved_by").order_by("-shown_from")


class VersionQuerySet(models.QuerySet["BoxVersion"]):
    def shown(self, at: datetime | None = None) -> "VersionQuerySet":
        """What stands now, or what stood at a moment."""
        if at is None:
            return self.filter(shown_until__isnull=True)
        return self.filter(Q(shown_until__isnull=True) | Q(shown_until__gt=at), shown_from__lte=at)


class BoxVersion(BoxText):
    """A box as readers saw it from one moment until another; the one without an end is what they see now."""

    box = models.ForeignKey(LocalBox, on_delete=models.PROTECT, related_name="versions")
    page = models.ForeignKey(
        "procedures.ChapterPage", null=True, on_delete=models.SET_NULL, related_name="local_box_versions"
    )
    partnership = models.ForeignKey("accounts.Partnership", on_delete=models.PROTECT, related_name="+")
    shown_from = models.DateTimeField(default=timezone.now)
    shown_until = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["anchor", "position", "shown_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["box"], condition=Q(shown_until__isnull=True), name="one_version_of_a_box_is_shown"
            )
        ]
        indexes = [models.Index(fields=["page", "partnership"])]

    def __str__(self) -> str:
        return f"{self.title} from {self.shown_from:%d %B %Y}"


class ContactQuerySet(models.QuerySet["Contact"]):
    def read_by(self, partnership_id: uuid.UUID | None) -> "ContactQuerySet":
        """Everybody's, and those of the partnership as whose reader somebody reads."""
        mine = Q(partnership__isnull=True)
        return self.filter(mine | Q(partnership=partnership_id) if partnership_id else mine)


class Contact(models.Model):
    """A service that people ring or write to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.ForeignKey(
        "accounts.Partnership",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Left empty, everybody sees it; otherwise only this partnership's people do",
    )
    service = models.CharField("name of the service", max_length=150)
    what_for = models.TextField("what for", max_length=600, blank=True)
    telephone = models.CharField(max_length=60, blank=True, help_text="As people dial it, with spaces")
    email = models.EmailField("e-mail address", blank=True)
    address = models.TextField(max_length=400, blank=True)
    hours = models.CharField("opening hours", max_length=200, blank=True)
    urgent = models.BooleanField(
        "for when a child is in danger now", default=False, help_text="Comes first, under its own heading"
    )
    position = models.PositiveIntegerField("order", default=0, help_text="The lower number comes first")

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["-urgent", "position", "service"]

    def __str__(self) -> str:
        return self.service

    @property
    def dial(self) -> str:
        """The number for a tel: link; empty where what was typed is no number."""
        digits = "".join(sign for sign in self.telephone if sign.isdigit())
        return f"+{digits}" if self.telephone.strip().startswith("+") else digits
