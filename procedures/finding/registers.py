"""Synonyms and best bets in the CMS admin: each business manager keeps everybody's and their own partnership's."""

from typing import Any

from django import forms
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail_modeladmin.options import ModelAdminGroup

from portal import entrypoints
from portal.accounts.policy import partnerships_managed_by
from portal.registers import Register
from procedures.finding.models import BestBet, Synonym


class KeeperForm(WagtailAdminModelForm):
    """Offers everybody, and the partnerships that the person manages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["partnership"]
        assert isinstance(field, forms.ModelChoiceField)
        kept = [partnership.pk for partnership in partnerships_managed_by(self.for_user)]
        field.queryset = field.queryset.filter(pk__in=kept)  # type: ignore[union-attr]
        field.empty_label = "Everybody"


class BestBetForm(KeeperForm):
    """A form of the portal is chosen by its name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [("", "No form"), *((entry.code, entry.label) for entry in entrypoints.all())]
        self.fields["form"] = forms.ChoiceField(choices=offered, required=False)


class SynonymRegister(Register):
    model = Synonym
    menu_label = "Synonyms"
    menu_icon = "sliders"
    base_url_path = "synonyms"
    list_display = ("__str__", "of")
    search_fields = ("words",)
    edit_handler = ObjectList([FieldPanel("words"), FieldPanel("partnership")], base_form_class=KeeperForm)


class BestBetRegister(Register):
    model = BestBet
    menu_label = "Best bets"
    menu_icon = "pick"
    base_url_path = "best-bets"
    list_display = ("__str__", "page", "document", "form", "of")
    search_fields = ("questions",)
    edit_handler = ObjectList(
        [
            FieldPanel("questions"),
            MultiFieldPanel(
                [FieldPanel("page"), FieldPanel("anchor"), FieldPanel("document"), FieldPanel("form")],
                heading="What comes first",
                help_text="A page or one of its sections, a document, or a form",
            ),
            FieldPanel("partnership"),
        ],
        base_form_class=BestBetForm,
    )


class SearchGroup(ModelAdminGroup):
    menu_label = "Manual search"
    menu_icon = "search"
    menu_order = 310
    items = (SynonymRegister, BestBetRegister)
