"""What a manager does to a chapter beside its text: withdraw it, bring it into force again. Each page asks first."""

from collections.abc import Callable

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from wagtail.admin import messages

from procedures.editing import policy, services
from procedures.editing.forms import ReinstateForm, WithdrawForm
from procedures.models import ChapterPage
from procedures.privacy import reader_of


def withdraw(request: HttpRequest, page_id: int) -> HttpResponse:
    """Asks for the notice and the replacement, then withdraws; a second click finds it withdrawn."""
    page = _own(request, page_id)
    if page.withdrawn_at or not page.live:
        return _back(request, page, "This chapter has been withdrawn already, or is not published.")
    form = WithdrawForm(request.POST or None, page=page, reader=reader_of(request))

    def do() -> None:
        services.withdraw(page, user=request.user, **form.cleaned_data)

    said = f"“{page.name}” is withdrawn. Readers see the notice at its head."
    return _asked(request, page, form, do, said, "procedures/editing/cms_withdraw.html")


def reinstate(request: HttpRequest, page_id: int) -> HttpResponse:
    """Asks why, then brings a withdrawn chapter into force again."""
    page = _own(request, page_id)
    if not page.withdrawn_at or not page.live:
        return _back(request, page, "This chapter is not withdrawn, or is not published.")
    form = ReinstateForm(request.POST or None)

    def do() -> None:
        services.reinstate(page, user=request.user, why=form.cleaned_data["why"])

    said = f"“{page.name}” is in force again."
    return _asked(request, page, form, do, said, "procedures/editing/cms_reinstate.html")


def _own(request: HttpRequest, page_id: int) -> ChapterPage:
    page = get_object_or_404(ChapterPage, pk=page_id)
    if not policy.may_withdraw(request.user, page):
        raise PermissionDenied
    return page


def _back(request: HttpRequest, page: ChapterPage, warning: str) -> HttpResponse:
    messages.warning(request, warning)
    return redirect("wagtailadmin_pages:edit", page.pk)


def _asked(
    request: HttpRequest,
    page: ChapterPage,
    form: forms.Form,
    do: Callable[[], None],
    said: str,
    template: str,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            do()
        except services.Overtaken as overtaken:
            return _back(request, page, str(overtaken))
        messages.success(request, said)
        return redirect("wagtailadmin_pages:edit", page.pk)
    return TemplateResponse(request, template, {"page": page, "form": form})
