"""Choosing a section to refer to, in the editor."""

from typing import Any

from django.db.models import Q, QuerySet
from django.forms import CharField, TextInput
from django.http import HttpRequest
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic.chooser import (
    BaseChooseView,
    ChooseResultsView,
    ChooseView,
    ChosenView,
)
from wagtail.admin.viewsets.chooser import ChooserViewSet

from procedures.models import ChapterPage, Section
from procedures.privacy import readable, reader_of
from procedures.upkeep.policy import chapters_of


class FindSection(BaseFilterForm):
    """Every word must be in the section's number or heading, or in its chapter's."""

    q = CharField(label="Search", required=False, widget=TextInput(attrs={"placeholder": "Number or words"}))

    def filter(self, objects: QuerySet[Section]) -> QuerySet[Section]:
        words = str(self.cleaned_data.get("q") or "").replace("\x00", " ").split()[:8]
        self.search_query = " ".join(words)
        self.is_searching = bool(words)
        for word in words:
            objects = objects.filter(
                Q(number__istartswith=word)
                | Q(heading__icontains=word)
                | Q(page__title__icontains=word)
                | Q(page__number__istartswith=word)
            )
        return objects


def sections_for(request: HttpRequest) -> QuerySet[Section]:
    """Sections of live chapters that this person both keeps and may read, in the order of the manual."""
    pages = readable(ChapterPage.objects.filter(pk__in=chapters_of(request.user)), reader_of(request))
    rows = Section.objects.filter(page__in=pages, live=True).exclude(number="", heading="")
    return rows.select_related("page").order_by("page__path", "position")


class Sections(BaseChooseView):
    filter_form_class = FindSection
    per_page = 12

    def get_object_list(self) -> QuerySet[Section]:
        return sections_for(self.request)

    @property
    def title_column(self) -> TitleColumn:
        column = super().title_column
        column.label = "Section"
        return column

    @property
    def columns(self) -> list[Column]:
        return [*super().columns, Column("chapter", label="Chapter", accessor="page.name")]


class ChooseSection(Sections, ChooseView):
    pass


class FoundSections(Sections, ChooseResultsView):
    pass


class ChosenSection(ChosenView):
    def get_object(self, pk: str) -> Section:
        return sections_for(self.request).get(pk=pk)

    def get_chosen_response_data(self, item: Section) -> dict[str, Any]:
        """What the editor puts into the text: the permanent address, and today's name as the words of the link."""
        return {
            "id": item.anchor,
            "title": item.name,
            "label": f"{item.name} ({item.page.name})",
            "edit_url": f"{item.page.get_url() or ''}#{item.anchor}",
        }


class SectionChooser(ChooserViewSet):
    model = Section
    icon = "crosshairs"
    choose_one_text = "Refer to a section"
    register_widget = False
    choose_view_class = ChooseSection
    choose_results_view_class = FoundSections
    chosen_view_class = ChosenSection


section_chooser = SectionChooser("section_chooser", url_prefix="section-chooser")
