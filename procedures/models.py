"""The manual: its pages, the sections that other pages point at, and the glossary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.blocks import StreamValue
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from procedures import serving
from procedures.approval import PublishedByApproval
from procedures.blocks import Boxes, Sections
from procedures.forms import AmendmentNoteForm
from procedures.local import LocalPage, LocalPageForm
from procedures.numbering import Numbered, section_numbers
from procedures.numbering import natural as natural
from procedures.privacy import hidden_paths, numbers_of, reader_of
from procedures.tree import Place, Tree, tree

CONTENTS_LEVELS = 2  # the list of contents shows sections and the sections inside them


def anchor_of(block_id: str) -> str:
    """The permanent address of a section inside its chapter: the start of its block's UUID, never its
    words."""
    return f"s-{block_id.replace('-', '')[:10]}"


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


@dataclass(frozen=True)
class Part:
    """A manual or part of one as a list: its chapters and its parts. `place` is the part itself."""

    place: Place | None
    chapters: list[Place]
    parts: list["Part"]


def part_of(places: Tree, path: str, hidden: Sequence[str], place: Place | None = None) -> Part:
    """What lies below a manual (by its tree path) and in no hidden subtree; parts without chapters are left out."""

    def shown(one: Place) -> bool:
        return not any(one.path.startswith(private) for private in hidden)

    parts = [part_of(places, one.path, hidden, one) for one in places.parts_in(path) if shown(one)]
    return Part(
        place,
        [one for one in places.chapters_in(path) if shown(one)],
        [part for part in parts if part.chapters or part.parts],
    )


class ManualIndexPage(PublishedByApproval, LocalPage, Page):
    """The front page of the manual, or of a part of it: an introduction and the chapters."""

    access_level = "reader"
    intro = RichTextField(blank=True, features=["bold", "italic", "link"])
    partnership = models.ForeignKey(
        "accounts.Partnership",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Left empty, everybody reads it; otherwise only this partnership's people do",
    )

    content_panels = [*Page.content_panels, FieldPanel("partnership"), FieldPanel("intro")]
    base_form_class = LocalPageForm
    subpage_types = ["procedures.ManualIndexPage", "procedures.ChapterPage"]
    template = "procedures/manual_index.html"

    class Meta:
        verbose_name = "manual"

    @classmethod
    def can_create_at(cls, parent: Page) -> bool:
        """Below the site's home page, never beside it: nobody edits the root of all sites."""
        return not parent.is_root() and bool(super().can_create_at(parent))

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Adds `chapters` (by number) and `parts` (each with its own chapters and parts): those below it that this
        reader may read; and `above`, the manual that it is a part of."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        reader = reader_of(request)
        places = tree(numbers_of(reader))
        here = places.by_pk.get(self.pk)
        above = places.parent(here) if here else None
        part = part_of(places, self.path, hidden_paths(reader))
        context |= {"chapters": part.chapters, "parts": part.parts}
        context["above"] = above if above and above.manual else None
        return context


class ChapterPage(PublishedByApproval, LocalPage, Page):
    """A chapter: boxes at its head, numbered sections, appendices."""

    access_level = "reader"
    number = models.CharField(max_length=30, blank=True, help_text="As printed, for example 8.1")
    partnership = models.ForeignKey(
        "accounts.Partnership",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Left empty, everybody reads it; otherwise only this partnership's people do",
    )
    edition_date = models.DateField(
        null=True, blank=True, help_text="Left empty, the day on which it was published"
    )
    review_by = models.DateField(null=True, blank=True)
    kept_by = models.CharField(
        "owner", max_length=120, default="Business unit", help_text="Who keeps this chapter up to date"
    )
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="owner's account",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Is reminded of the review, and hears what readers report; left empty, the business managers are",
    )
    change_what = models.TextField(
        "what has changed", blank=True, help_text="For readers, in a sentence or two"
    )
    change_why = models.TextField("why", blank=True)
    must_read = models.BooleanField(
        "everybody must read this change",
        default=False,
        help_text="People are asked to say that they have read and understood it",
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_notice = models.TextField(blank=True, editable=False)
    replaced_by = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    boxes = StreamField(Boxes(), blank=True, help_text="Scope, related chapters, guidance, amendment")
    body = StreamField(Sections(), blank=True)
    import_key = models.CharField(max_length=300, blank=True, editable=False, db_index=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("number"),
        FieldPanel("partnership"),
        MultiFieldPanel(
            [FieldPanel("change_what"), FieldPanel("change_why"), FieldPanel("must_read")],
            "This change",
            help_text="Readers find it among the amendments when the change is published.",
        ),
        MultiFieldPanel(
            [
                FieldPanel("edition_date"),
                FieldPanel("review_by"),
                FieldPanel("kept_by"),
                FieldPanel("keeper"),
            ],
            "Edition",
        ),
        FieldPanel("boxes"),
        FieldPanel("body"),
    ]
    base_form_class = AmendmentNoteForm
    parent_page_types = ["procedures.ManualIndexPage"]
    subpage_types: list[str] = []
    template = "procedures/chapter.html"

    class Meta:
        verbose_name = "chapter"

    @property
    def name(self) -> str:
        """Number and title, as a reader would name it."""
        return " ".join(part for part in (self.number, self.title) if part)

    @property
    def lacks_note(self) -> bool:
        """Whether it would change a chapter that has been published before without saying what and why."""
        said = self.change_what.strip() and self.change_why.strip()
        return self.first_published_at is not None and not said

    def sections(self) -> Sequence[SectionView]:
        """The sections in order, numbered, with heading ranks that skip none."""
        return section_views(self.body)

    def with_content_json(self, content: dict[str, Any]) -> "ChapterPage":
        """As Wagtail's: whether a chapter is withdrawn belongs to the page, so that publishing a draft that is older
        than the withdrawal does not undo it."""
        page: ChapterPage = super().with_content_json(content)
        page.withdrawn_at, page.withdrawn_notice = self.withdrawn_at, self.withdrawn_notice
        page.replaced_by_id = self.replaced_by_id
        return page

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The live chapter; Wagtail has asked by now who may read it."""
        return serving.show("live", request, self)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """An editor's preview: the chapter as it stands in the editor, in its frame."""
        return serving.show("preview", request, self)


Heading = TypeVar("Heading", bound="HasHeading")


class HasHeading(Protocol):
    """A section, rendered or not."""

    @property
    def name(self) -> str: ...
    @property
    def depth(self) -> int: ...


def contents_of(sections: Sequence[Heading]) -> list[Heading]:
    """Those that are named in the list of contents."""
    return [one for one in sections if one.name and one.depth <= CONTENTS_LEVELS + 1]


def section_views(body: StreamValue) -> list[SectionView]:
    """The section blocks of a chapter as SectionView, numbered, with each heading at most one rank below the one
    before."""
    blocks = list(body)
    kinds = [[inner.block_type for inner in block.value["content"]] for block in blocks]
    outlines = outline([(block.id, block.value) for block in blocks], kinds)
    return [
        SectionView(one.anchor, one.number, one.heading, one.depth, block.value["content"])
        for one, block in zip(outlines, blocks, strict=True)
    ]


@dataclass(frozen=True)
class Outline:
    """A section's heading: as in SectionView, without what stands under it."""

    anchor: str
    number: str
    heading: str
    depth: int


def outline(
    sections: Sequence[tuple[str, Mapping[str, Any]]], kinds: Sequence[Sequence[str]]
) -> list[Outline]:
    """The headings of a chapter. `sections` are the block's id and its value, as Wagtail's or as stored; `kinds` the
    types of the blocks in each."""
    counted = [
        Numbered(int(value["level"]), value["numbering"], value["number"] or "", inner.count("numbered"))
        for (_, value), inner in zip(sections, kinds, strict=True)
    ]
    found: list[Outline] = []
    depth = 1
    for (key, value), number in zip(sections, section_numbers(counted), strict=True):
        depth = min(int(value["level"]) + 1, depth + 1, 6)
        found.append(Outline(anchor_of(key), number, value["heading"] or "", depth))
    return found


class Section(models.Model):
    """The permanent address of a section: what cross references, permanent links, readers' reports and local boxes
    point at. A section that is gone from its chapter keeps its row, so that what pointed at it can say so."""

    page = models.ForeignKey(ChapterPage, on_delete=models.CASCADE, related_name="section_rows")
    anchor = models.CharField(max_length=20)
    position = models.PositiveIntegerField()
    number = models.CharField(max_length=40, blank=True)
    heading = models.TextField(blank=True)
    level = models.PositiveSmallIntegerField(default=1, help_text="1 for a section, 2 for one inside it")
    live = models.BooleanField(default=True)

    class Meta:
        ordering = ["page", "position"]
        constraints = [models.UniqueConstraint(fields=["page", "anchor"], name="one_row_per_section")]
        indexes = [models.Index(fields=["anchor"])]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Number and heading, as a reader would name it."""
        return " ".join(part for part in (self.number, self.heading) if part)


class GlossaryTerm(models.Model):
    """A word that readers may not know, explained where it stands."""

    term = models.CharField(max_length=120, unique=True)
    other_forms = models.TextField(
        blank=True, help_text="Other spellings, one a line: the plural, the letters it is known by"
    )
    meaning = models.TextField(max_length=1000)

    class Meta:
        ordering = ["term"]

    def __str__(self) -> str:
        return self.term

    def forms(self) -> list[str]:
        """The term and its other spellings."""
        return [self.term, *(line.strip() for line in self.other_forms.splitlines() if line.strip())]


class Generation(models.Model):
    """One row for each watched table: see generation.py."""

    name = models.CharField(max_length=63, unique=True)
    number = models.PositiveBigIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.name}: {self.number}"
