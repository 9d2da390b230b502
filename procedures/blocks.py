"""What a section of a chapter is made of."""

import re
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.images.blocks import ImageChooserBlock

from portal import entrypoints
from procedures.numbering import AUTOMATIC, FIXED, NONE

PICTURE = "max-1200x1600"  # how large a flow chart's picture is shown at most
FEATURES = ["bold", "italic", "link", "document-link", "section-link", "ul", "ol"]
CLASSES = {
    "p": "govuk-body",
    "ul": "govuk-list govuk-list--bullet",
    "ol": "govuk-list govuk-list--number",
    "a": "govuk-link",
    "h3": "govuk-heading-s",
    "h4": "govuk-heading-s",
}
OPENING = re.compile(r"<(p|ul|ol|a|h3|h4)(?=[\s>])(?![^>]*\bclass=)")
LIST_TAG = re.compile(r"<(/?)(ul|ol)\b")
LIST_STYLES = [
    ("number", "1, 2, 3"),
    ("letter", "a, b, c"),
    ("LETTER", "A, B, C"),
    ("roman", "i, ii, iii"),
    ("ROMAN", "I, II, III"),
    ("bullet", "Bullets"),
    ("plain", "No marks"),
]
BOX_KINDS = [
    ("scope", "Scope of this chapter"),
    ("related", "Related chapters"),
    ("guidance", "Relevant guidance"),
    ("amendment", "Amendment"),
    ("note", "Note"),
]


def with_classes(html: str) -> str:
    """Rich text whose links are expanded, with GOV.UK's classes on what has none."""
    return OPENING.sub(lambda match: f'<{match[1]} class="{CLASSES[match[1]]}"', html)


def list_classes(style: str) -> str:
    """CSS classes of a list whose marks are `style` (see portal/assets/_manual.scss)."""
    if style in {"number", "bullet"}:
        return f"govuk-list govuk-list--{style}"
    if style == "plain":
        return "govuk-list"
    return f"govuk-list portal-list portal-list--{'upper-' if style.isupper() else ''}{style.lower()}"


def numbered_html(number: str, source: str) -> SafeString:
    """A paragraph with its number beside it; `source` is rich text."""
    return mark_safe(  # noqa: S308  (rich text is whitelisted when it is saved; imported text is escaped)
        f'<div class="portal-numbered"><span class="portal-numbered__number">{escape(number)}</span>'
        f'<div class="portal-numbered__text">{source}</div></div>'
    )


def list_html(source: str, style: str, inner: str, start: int) -> SafeString:
    """A list block with its marks: by depth, and the first number of the outermost list."""
    depth = 0

    def tag(match: re.Match[str]) -> str:
        nonlocal depth
        if match[1]:
            depth -= 1
            return match[0]
        here = style if depth == 0 else inner
        attributes = f' class="{list_classes(here)}"'
        if depth == 0 and start != 1 and match[2] == "ol":
            attributes += f' start="{start}"'
        depth += 1
        return f"<{match[2]}{attributes}"

    return mark_safe(LIST_TAG.sub(tag, source))  # noqa: S308  (as above)


class TextBlock(blocks.RichTextBlock):
    """Paragraphs and simple lists. Their links are expanded by rendering.py, those of a whole chapter together."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"features": FEATURES, **kwargs})

    def render_basic(self, value: Any, context: Any = None) -> SafeString:
        return mark_safe(value.source)  # noqa: S308  (whitelisted when it was saved; imported text is escaped)

    class Meta:
        icon = "pilcrow"


class NumberedBlock(blocks.StructBlock):
    """A paragraph with a number of its own, such as 4.1."""

    number = blocks.CharBlock(
        required=False, max_length=30, help_text="Left empty, it follows on from the paragraph before it"
    )
    text = blocks.RichTextBlock(features=FEATURES)

    def render_basic(self, value: Any, context: Any = None) -> SafeString:
        number = (context or {}).get("number") or value["number"]
        return numbered_html(number, value["text"].source)

    class Meta:
        icon = "list-ol"
        label = "Numbered paragraph"


class ListBlock(blocks.StructBlock):
    """A list whose marks matter, because people quote them: "4 (b)"."""

    style = blocks.ChoiceBlock(choices=LIST_STYLES, default="letter")
    start = blocks.IntegerBlock(default=1, min_value=1, help_text="1 starts at 1, a or i; 4 at 4, d or iv")
    inner = blocks.ChoiceBlock(choices=LIST_STYLES, default="bullet", label="Style of lists inside it")
    items = blocks.RichTextBlock(features=FEATURES)

    def render_basic(self, value: Any, context: Any = None) -> SafeString:
        return list_html(value["items"].source, value["style"], value["inner"], value["start"])

    class Meta:
        icon = "list-ol"
        label = "Lettered or roman list"


class TableBlock(TypedTableBlock):
    """Columns of plain text, line breaks kept."""

    text = blocks.TextBlock(required=False)

    def get_searchable_content(self, value: Any) -> list[str]:
        """The caption, and the headings and cells with a mark between them: an excerpt of the search shows where a cell
        and where a row ends."""
        if not value:
            return []
        headings = [str(column.get("heading") or "") for column in value.columns]
        rows = [headings, *([str(cell or "") for cell in row["values"]] for row in value.row_data)]
        lines = [" – ".join(filter(None, row)) for row in rows]
        return [str(value.caption or ""), "; ".join(filter(None, lines))]

    class Meta:
        icon = "table"
        template = "procedures/blocks/table.html"


class BoxContent(blocks.StreamBlock):
    text = TextBlock()
    numbered = NumberedBlock()
    list = ListBlock()
    table = TableBlock()


class BoxBlock(blocks.StructBlock):
    """A labelled box: what the chapter is for, what else to read, what was changed."""

    kind = blocks.ChoiceBlock(choices=BOX_KINDS, default="note")
    title = blocks.CharBlock(required=False, max_length=200, help_text="Left empty, the kind is its title")
    content = BoxContent()

    class Meta:
        icon = "info-circle"
        label = "Box"
        template = "procedures/blocks/box.html"


class FlowBlock(blocks.StructBlock):
    """A flow chart: the picture, and the same steps as a list for whoever cannot see it."""

    title = blocks.CharBlock(max_length=200)
    picture = ImageChooserBlock(required=False)
    steps = blocks.RichTextBlock(
        features=["ol", "ul", "bold", "link", "section-link"], help_text="Every step that the picture shows"
    )

    class Meta:
        icon = "order"
        label = "Flow chart"
        template = "procedures/blocks/flow.html"


def forms() -> list[tuple[str, str]]:
    """The forms that other parts of the portal offer, for the editor to choose from."""
    return [(entry.code, entry.label) for entry in entrypoints.all()]


class FormBlock(blocks.StructBlock):
    """The green button that opens a form of the portal. The manual knows its code and nothing else
    about it."""

    code = blocks.ChoiceBlock(choices=forms, label="Form")
    before = blocks.RichTextBlock(required=False, features=FEATURES, label="Before you start")

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context)
        entry = entrypoints.get(value["code"])
        context["entry"] = entry
        try:
            context["entry_url"] = reverse(entry.url_name) if entry else ""
        except NoReverseMatch:
            context["entry_url"] = ""
        return context

    class Meta:
        icon = "form"
        label = "Button that opens a form"
        template = "procedures/blocks/form.html"


class SectionContent(blocks.StreamBlock):
    text = TextBlock()
    numbered = NumberedBlock()
    list = ListBlock()
    table = TableBlock()
    box = BoxBlock()
    flow = FlowBlock()
    form = FormBlock()

    class Meta:
        required = False


NUMBERINGS = [
    (AUTOMATIC, "Numbers itself"),
    (FIXED, "Has the number that is typed here"),
    (NONE, "Has no number"),
]


class SectionBlock(blocks.StructBlock):
    """A heading and what stands under it. Its address is the block's own id, which renaming and renumbering do not
    change."""

    numbering = blocks.ChoiceBlock(choices=NUMBERINGS, default=AUTOMATIC)
    number = blocks.CharBlock(
        required=False, max_length=30, help_text="Only where it is typed: 4, 2.1, Appendix A"
    )
    heading = blocks.CharBlock(
        required=False, help_text="Empty only for what stands before the first heading"
    )
    level = blocks.IntegerBlock(
        default=1, min_value=1, max_value=9, help_text="1 for a section, 2 for one inside it"
    )
    content = SectionContent(required=False)

    def to_python(self, value: dict[str, Any]) -> Any:
        return super().to_python(with_numbering(value))

    def bulk_to_python(self, values: list[dict[str, Any]]) -> Any:
        return super().bulk_to_python([with_numbering(value) for value in values])

    class Meta:
        icon = "title"
        label = "Section"
        label_format = "{number} {heading}"


def with_numbering(value: dict[str, Any]) -> dict[str, Any]:
    """Sections that were stored before numbers made themselves keep the number that they were given."""
    return {"numbering": FIXED if value.get("number") else NONE, **value}


class Sections(blocks.StreamBlock):
    section = SectionBlock()

    class Meta:
        required = False


class Boxes(blocks.StreamBlock):
    box = BoxBlock()

    class Meta:
        required = False
