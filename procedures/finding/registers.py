"""Synonyms and best bets in the CMS admin: each business manager keeps everybody's and their own partnership's."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail_modeladmin.helpers import PermissionHelper
from wagtail_modeladmin.options import ModelAdmin, ModelAdminGroup

from portal import entrypoints
from procedures.finding.models import BestBet, Synonym
from procedures.finding.policy import may_keep, partnerships_kept_by


class KeeperPermissions(PermissionHelper):
    """Rights follow from memberships (policy.py), never from Django's model permissions."""

    def user_has_any_permissions(self, user: Any) -> bool:
        return bool(partnerships_kept_by(user))

    def user_can_list(self, user: Any) -> bool:
        return bool(partnerships_kept_by(user))

    def user_can_create(self, user: Any) -> bool:
        return bool(partnerships_kept_by(user))

    def user_can_edit_obj(self, user: Any, obj: Any) -> bool:
        return may_keep(user, obj)

    def user_can_delete_obj(self, user: Any, obj: Any) -> bool:
        return may_keep(user, obj)


class KeeperForm(WagtailAdminModelForm):
    """Offers everybody, and the partnerships that the person manages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["partnership"]
        assert isinstance(field, forms.ModelChoiceField)
        kept = [partnership.pk for partnership in partnerships_kept_by(self.for_user)]
        field.queryset = field.queryset.filter(pk__in=kept)  # type: ignore[union-attr]
        field.empty_label = "Everybody"


class BestBetForm(KeeperForm):
    """A form of the portal is chosen by its name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [("", "No form"), *((entry.code, entry.label) for entry in entrypoints.all())]
        self.fields["form"] = forms.ChoiceField(choices=offered, required=False)


class Register(ModelAdmin):
    """A register of everybody's rows and of those of the partnerships that a person manages."""

    permission_helper_class = KeeperPermissions
    add_to_settings_menu = False
    history_view_enabled = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(
            Q(partnership__isnull=True) | Q(partnership__in=partnerships_kept_by(request.user))
        )

    def get_permissions_for_registration(self) -> QuerySet[Any]:
        """None: the group editor must not offer rights that count for nothing here."""
        nothing: QuerySet[Any] = super().get_permissions_for_registration().none()
        return nothing

    def edit_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        self._kept_or_404(request, instance_pk)
        return super().edit_view(request, instance_pk)

    def delete_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        self._kept_or_404(request, instance_pk)
        return super().delete_view(request, instance_pk)

    def _kept_or_404(self, request: HttpRequest, instance_pk: str) -> None:
        """A row of another partnership is not there, and neither is a row whose id is no id."""
        if not instance_pk.isdecimal() or not self.get_queryset(request).filter(pk=instance_pk[:18]).exists():
            raise Http404


class SynonymRegister(Register):
    model = Synonym
    menu_label = "Synonyms"
    menu_icon = "sliders"
    base_url_path = "synonyms"
    list_display = ("__str__", "partnership")
    search_fields = ("words",)
    edit_handler = ObjectList([FieldPanel("words"), FieldPanel("partnership")], base_form_class=KeeperForm)


class BestBetRegister(Register):
    model = BestBet
    menu_label = "Best bets"
    menu_icon = "pick"
    base_url_path = "best-bets"
    list_display = ("__str__", "page", "document", "form", "partnership")
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
