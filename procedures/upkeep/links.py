"""Where live chapters lead to: read from their text when they are published, checked later."""

from django.db import models
from django.db.models import QuerySet

from procedures.models import ChapterPage

LONGEST = 1000  # characters of an address; a longer one is kept as far as that and never asked


class Kind(models.TextChoices):
    """What a link points at."""

    PAGE = "page", "Page"
    DOCUMENT = "document", "Document"
    SECTION = "section", "Section"
    FRAGMENT = "fragment", "Place on the same page"
    PATH = "path", "Address of this portal"
    EXTERNAL = "external", "Address elsewhere"


class ReadChapter(models.Model):
    """When the links of a live chapter were read; a chapter without a row is read by the next job."""

    page = models.OneToOneField(ChapterPage, primary_key=True, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Links of page {self.page_id}"


class LinkQuerySet(QuerySet["Link"]):
    def of_live(self) -> "LinkQuerySet":
        """Links that readers meet."""
        return self.filter(page__live=True)


class Link(models.Model):
    """A link in the text of a live chapter. `anchor` is the section in which it stands, empty in the chapter's boxes;
    `target` a primary key, a section's anchor, or an address."""

    page = models.ForeignKey(ChapterPage, on_delete=models.CASCADE, related_name="links")
    anchor = models.CharField(max_length=20, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    target = models.CharField(max_length=LONGEST)
    words = models.CharField(max_length=200, blank=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        ordering = ["page", "pk"]
        indexes = [models.Index(fields=["kind", "page"])]

    def __str__(self) -> str:
        return f"{self.words} → {self.target}"


class Standing(models.TextChoices):
    """What is known of an address elsewhere."""

    UNCHECKED = "unchecked", "Not checked"
    WORKING = "working", "Working"
    FAILING = "failing", "Failing"


class Address(models.Model):
    """An address outside the portal that the manual names, and what it answered when it was last asked."""

    url = models.CharField(max_length=LONGEST, unique=True)
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.UNCHECKED)
    detail = models.CharField(max_length=120, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["url"]
        verbose_name_plural = "addresses"

    def __str__(self) -> str:
        return self.url
