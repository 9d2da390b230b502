"""Text size and high visibility, for anybody."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from portal.accounts.access import public
from portal.accounts.acting import PortalRequest
from portal.accounts.display import Display, display_of, keep
from portal.accounts.forms import DisplayForm
from portal.accounts.views.onward import posted, safe_next


@public
def display(request: PortalRequest) -> HttpResponse:
    """The settings as they are; a POST keeps them and goes back to the page from which one came."""
    now = display_of(request)
    shown = {"text_size": now.size, "high_visibility": now.high_visibility}
    form = DisplayForm(posted(request), initial=shown)
    back = safe_next(request)
    if request.method == "POST" and form.is_valid():
        response = redirect(back or "accounts:display")
        keep(request, response, Display(form.cleaned_data["text_size"], form.cleaned_data["high_visibility"]))
        messages.success(request, "Your display settings are kept.")
        return response
    return render(request, "accounts/display.html", {"form": form, "next": back})
