"""Addresses in mails: on the host name of the partnership in which somebody reads."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http.request import validate_host
from django.urls import reverse
from wagtail.models import Page

from portal.accounts.models import Partnership


def origin_of(partnership: Partnership | None) -> str:
    """Scheme, host and port. A host name at which this installation does not answer is passed over for BASE_URL."""
    base = urlsplit(settings.BASE_URL)
    host = partnership.hostname.lower() if partnership else ""
    if not host or not validate_host(host, settings.ALLOWED_HOSTS):
        return settings.BASE_URL
    port = f":{base.port}" if base.port else ""
    return urlunsplit((base.scheme, f"{host}{port}", "", "", ""))


def path_of(page: Page, anchor: str = "") -> str:
    """The path of a page, with a section's anchor."""
    parts = page.get_url_parts()
    path = parts[2] if parts and parts[2] else "/"
    return f"{path}#{anchor}" if anchor else path


def page_link(page: Page, partnership: Partnership | None, anchor: str = "") -> str:
    """The whole address of a page."""
    return origin_of(partnership) + path_of(page, anchor)


def view_link(name: str, partnership: Partnership | None, *args: Any) -> str:
    """The whole address of one of our own pages, by the name of its URL."""
    return origin_of(partnership) + reverse(name, args=args)
