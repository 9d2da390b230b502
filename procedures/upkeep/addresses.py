"""The addresses of pages that are about to be deleted, and where they lead afterwards."""

from dataclasses import dataclass

from django.db import transaction
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page


@dataclass(frozen=True)
class Old:
    """An address that led to a page: its path, and the site (None for all)."""

    path: str
    site_id: int | None


def addresses_below(page: Page) -> list[Old]:
    """The addresses of a live page and of the live pages below it, and those that lead to them by a redirect."""
    found = []
    for one in Page.objects.filter(path__startswith=page.path, live=True):
        parts = one.get_url_parts()
        if parts is not None:
            found.append(Old(Redirect.normalise_path(parts[2]), parts[0]))
    for redirect in Redirect.objects.filter(redirect_page__path__startswith=page.path):
        found.append(Old(redirect.old_path, redirect.site_id))
    return found


def lead_on(addresses: list[Old], target: Page | None) -> int:
    """Have old addresses lead to a page; the number of redirects. None leaves them leading nowhere."""
    if target is None:
        return 0
    with transaction.atomic():
        for old in addresses:
            Redirect.objects.update_or_create(
                old_path=old.path,
                site_id=old.site_id,
                defaults={
                    "redirect_page": target,
                    "redirect_link": "",
                    "is_permanent": True,
                    "automatically_created": True,
                },
            )
    return len(addresses)
