"""Registers in the CMS admin: rows that managers keep, each those of their own partnerships and everybody's."""

from typing import Any

from django.contrib.admin import display
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from wagtail_modeladmin.helpers import PermissionHelper
from wagtail_modeladmin.options import ModelAdmin
from wagtail_modeladmin.views import IndexView

from portal.accounts.policy import partnerships_managed_by


class KeeperPermissions(PermissionHelper):
    """Rights follow from memberships (portal/accounts/policy.py), never from Django's model permissions."""

    def user_has_any_permissions(self, user: Any) -> bool:
        return bool(partnerships_managed_by(user))

    def user_can_list(self, user: Any) -> bool:
        return bool(partnerships_managed_by(user))

    def user_can_create(self, user: Any) -> bool:
        return bool(partnerships_managed_by(user))

    def user_can_inspect_obj(self, user: Any, obj: Any) -> bool:
        return False

    def user_can_edit_obj(self, user: Any, obj: Any) -> bool:
        managed = partnerships_managed_by(user)
        return bool(managed) if obj.partnership is None else obj.partnership in managed

    def user_can_delete_obj(self, user: Any, obj: Any) -> bool:
        return self.user_can_edit_obj(user, obj)


class RegisterIndex(IndexView):
    """The list. A query string may ask only for the filters that the register offers: modeladmin would take any other
    as a question, and whoever counts the rows of its answers could guess what stands in any table."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().dispatch(request, *args, **kwargs)
        except IncorrectLookupParameters:  # a value that the filter does not know: the list without it
            return redirect(request.path)

    def get_filters_params(self, params: QueryDict | None = None) -> dict[str, list[str]]:
        offered = {f"{field}__{way}" for field in self.list_filter for way in ("exact", "isnull")}
        asked = super().get_filters_params(params)
        return {name: values for name, values in asked.items() if name in offered}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> QuerySet[Any]:
        """PostgreSQL takes no NUL."""
        found: QuerySet[Any] = super().get_search_results(request, queryset, search_term.replace("\x00", " "))
        return found


class Register(ModelAdmin):
    """A register that shows each person the rows of the partnerships that they manage, and everybody's."""

    permission_helper_class = KeeperPermissions
    index_view_class = RegisterIndex
    add_to_settings_menu = False
    history_view_enabled = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        managed = partnerships_managed_by(request.user)
        kept = Q(partnership__in=managed) | Q(partnership__isnull=True)
        return rows.filter(kept).select_related("partnership")

    def get_permissions_for_registration(self) -> QuerySet[Any]:
        """None: the group editor must not offer rights that count for nothing here."""
        nothing: QuerySet[Any] = super().get_permissions_for_registration().none()
        return nothing

    def inspect_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        self._kept_or_404(request, instance_pk)
        return super().inspect_view(request, instance_pk)

    def edit_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        self._kept_or_404(request, instance_pk)
        return super().edit_view(request, instance_pk)

    def delete_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        self._kept_or_404(request, instance_pk)
        return super().delete_view(request, instance_pk)

    def _kept_or_404(self, request: HttpRequest, instance_pk: str) -> None:
        """A row of another partnership is not there, and neither is a row whose id is no id."""
        try:
            row = self.model._meta.pk.to_python(unquote(instance_pk))  # as the view reads it
        except ValidationError:
            raise Http404 from None
        if not self.get_queryset(request).filter(pk=row).exists():
            raise Http404

    @display(description="Partnership", ordering="partnership__short_name")
    def of(self, row: Any) -> str:
        return row.partnership.short_name if row.partnership else "Everybody"
