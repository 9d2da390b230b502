"""Puts the registers of search and the report of what was not found into the CMS admin."""

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail_modeladmin.options import modeladmin_register

from portal.accounts.policy import partnerships_managed_by
from procedures.finding.registers import SearchGroup
from procedures.finding.reports import not_found

modeladmin_register(SearchGroup)


class ReportItem(MenuItem):
    """Shown to whoever may read the report."""

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(partnerships_managed_by(request.user))


@hooks.register("register_admin_urls")
def urls() -> list[URLPattern]:
    return [path("reports/not-found/", not_found, name="manual_not_found")]


@hooks.register("register_reports_menu_item")
def report_item() -> MenuItem:
    return ReportItem("Searched and not found", reverse("manual_not_found"), icon_name="search", order=700)
