"""Cross references in the editor: `<a linktype="section" id="s-…">words</a>` in the database, a link with a name of
its own in the editor. What readers get is made in rendering.py."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse_lazy
from django.utils.html import escape
from draftjs_exporter.dom import DOM
from wagtail.admin.rich_text.converters.html_to_contentstate import LinkElementHandler
from wagtail.admin.rich_text.editors.draftail import features as draftail
from wagtail.rich_text import LinkHandler
from wagtail.rich_text.feature_registry import FeatureRegistry

from procedures.models import Section

FEATURE = "section-link"


def section_at(anchor: str) -> Section | None:
    """The section at a permanent address: a live one before one that is gone."""
    return Section.objects.filter(anchor=anchor).select_related("page").order_by("-live", "-pk").first()


class SectionLink(LinkHandler):
    """Outside rendering.py (Wagtail's own previews, text that is not a chapter's) and in the index of references."""

    identifier = "section"

    @staticmethod
    def get_model() -> type[Section]:
        return Section

    @classmethod
    def expand_db_attributes(cls, attrs: dict[str, str]) -> str:
        section = section_at(attrs.get("id", ""))
        if section is None or not section.live or not section.page.live:
            return "<a>"
        return f'<a href="{escape(section.page.get_url() or "")}#{section.anchor}">'

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, str]]) -> list[str]:
        return [cls.expand_db_attributes(attrs) for attrs in attrs_list]

    @classmethod
    def extract_references(cls, attrs: dict[str, str]) -> Iterator[tuple[type[Section], str, str, str]]:
        section = section_at(attrs.get("id", ""))
        if section is not None:
            yield Section, str(section.pk), "", ""


class FromDatabase(LinkElementHandler):
    def get_attribute_data(self, attrs: dict[str, str]) -> dict[str, Any]:
        anchor = attrs.get("id", "")
        section = section_at(anchor)
        if section is None:
            return {"id": anchor, "label": "A section that is not published"}
        gone = "" if section.live and section.page.live else " – no longer in the manual"
        return {"id": anchor, "label": f"{section.name} ({section.page.name}){gone}"}


def to_database(props: dict[str, Any]) -> Any:
    """The link as it is stored: the address, never the name."""
    return DOM.create_element("a", {"linktype": "section", "id": props.get("id")}, props["children"])


def register(features: FeatureRegistry) -> None:
    """For Wagtail's hook `register_rich_text_features`."""
    features.register_link_type(SectionLink)
    features.register_editor_plugin(
        "draftail",
        FEATURE,
        draftail.EntityFeature(
            {
                "type": "SECTION",
                "icon": "crosshairs",
                "description": "Refer to a section",
                "attributes": ["id", "label"],
                "chooserUrls": {"sectionChooser": reverse_lazy("section_chooser:choose")},
            },
            js=["wagtailadmin/js/chooser-modal.js", "portal/section-link.js"],
        ),
    )
    features.register_converter_rule(
        "contentstate",
        FEATURE,
        {
            "from_database_format": {'a[linktype="section"]': FromDatabase("SECTION")},
            "to_database_format": {"entity_decorators": {"SECTION": to_database}},
        },
    )
