"""The manual: its pages, and one row per section in which search looks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.blocks import StreamValue
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from procedures.blocks import Boxes, Sections
from procedures.privacy import readable_children

CONTENTS_LEVELS = 2  # the list of contents shows sections and the sections inside them
DIGITS = re.compile(r"([0-9]+)")


def anchor_of(block_id: str) -> str:
    """The permanent address of a section inside its chapter: the start of its block's UUID, never its
    words."""
    return f"s-{block_id.replace('-', '')[:10]}"


def natural(number: str) -> tuple[tuple[int, str], ...]:
    """Sorts 8.2 before 8.10, and pages without a number after those with one."""
    parts = tuple((int(part), "") if part.isdigit() else (0, part) for part in DIGITS.split(number) if part)
    return parts or ((10**9, ""),)


@dataclass(frozen=True)
class SectionView:
    """A section as a template needs it. `depth` is its heading's rank (2 is <h2>); none is ever skipped."""

    anchor: str
    number: str
    heading: str
    depth: int
    content: Any

    @property
    def name(self) -> str:
        """Number and heading, as a reader would name it."""
        return " ".join(part for part in (self.number, self.heading) if part)


class ManualIndexPage(Page):
    """The front page of the manual, or of a part of it: an introduction and the chapters."""

    access_level = "reader"
    intro = RichTextField(blank=True, features=["bold", "italic", "link"])

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    subpage_types = ["procedures.ManualIndexPage", "procedures.ChapterPage"]
    template = "procedures/manual_index.html"

    class Meta:
        verbose_name = "manual"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Adds `chapters` (by number) and `parts`: those of its children that this reader may read."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        children = [page.specific for page in readable_children(self, request).specific()]
        chapters = [page for page in children if isinstance(page, ChapterPage)]
        context["chapters"] = sorted(chapters, key=lambda page: natural(page.number))
        context["parts"] = [page for page in children if isinstance(page, ManualIndexPage)]
        return context


class ChapterPage(Page):
    """A chapter: boxes at its head, numbered sections, appendices."""

    access_level = "reader"
    number = models.CharField(max_length=30, blank=True, help_text="As printed, for example 8.1")
    edition_date = models.DateField(
        null=True, blank=True, help_text="Left empty, the day on which it was published"
    )
    review_by = models.DateField(null=True, blank=True)
    kept_by = models.CharField(
        "owner", max_length=120, default="Business unit", help_text="Who keeps this chapter up to date"
    )
    boxes = StreamField(Boxes(), blank=True, help_text="Scope, related chapters, guidance, amendment")
    body = StreamField(Sections(), blank=True)
    import_key = models.CharField(max_length=300, blank=True, editable=False, db_index=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("number"),
        MultiFieldPanel(
            [FieldPanel("edition_date"), FieldPanel("review_by"), FieldPanel("kept_by")], "Edition"
        ),
        FieldPanel("boxes"),
        FieldPanel("body"),
    ]
    parent_page_types = ["procedures.ManualIndexPage"]
    subpage_types: list[str] = []
    template = "procedures/chapter.html"

    class Meta:
        verbose_name = "chapter"

    @property
    def name(self) -> str:
        """Number and title, as a reader would name it."""
        return " ".join(part for part in (self.number, self.title) if part)

    def sections(self) -> Sequence[SectionView]:
        """The sections in order, with heading ranks that skip none."""
        return section_views(self.body)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Adds `sections`, `contents` (those named in the list of contents), `edition` (date) and the
        `manual`."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        sections = self.sections()
        context["sections"] = sections
        context["contents"] = [one for one in sections if one.name and one.depth <= CONTENTS_LEVELS + 1]
        context["edition"] = self.edition_date or self.last_published_at
        context["manual"] = self.get_parent()
        return context


def section_views(body: StreamValue) -> list[SectionView]:
    """The section blocks of a chapter as SectionView, with each heading at most one rank below the one
    before."""
    views: list[SectionView] = []
    depth = 1
    for block in body:
        value = block.value
        depth = min(int(value["level"]) + 1, depth + 1, 6)
        views.append(
            SectionView(anchor_of(block.id), value["number"], value["heading"], depth, value["content"])
        )
    return views


class SectionIndex(models.Model):
    """What search looks in: one row per section of a published chapter.

    The full-text index beside it (an FTS5 table on SQLite, a tsvector column on PostgreSQL) is kept by the
    database itself: see migration 0002. A migration that makes SQLite remake this table must make its
    triggers again.
    """

    page = models.ForeignKey(ChapterPage, on_delete=models.CASCADE, related_name="index_rows")
    anchor = models.CharField(max_length=20)
    position = models.PositiveIntegerField()
    chapter = models.TextField()
    heading = models.TextField()
    text = models.TextField()

    class Meta:
        ordering = ["page", "position"]
        constraints = [models.UniqueConstraint(fields=["page", "position"], name="one_index_row_per_section")]

    def __str__(self) -> str:
        return f"{self.chapter} › {self.heading}"
