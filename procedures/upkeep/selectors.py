"""What is due for review, what is broken, who links to a page."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.models import Page, ReferenceIndex, Site

from portal.accounts.models import Membership
from procedures.desk import Line
from procedures.models import ChapterPage, Section
from procedures.privacy import Reader, hidden_paths
from procedures.upkeep.models import Address, Kind, Link, Standing
from procedures.upkeep.policy import chapters_of

SOON = timedelta(days=28)


@dataclass(frozen=True)
class Due:
    """A chapter in the report of reviews. `state` is one of overdue, soon, undated, later; `missing` names what it
    lacks."""

    page: ChapterPage
    state: str
    missing: tuple[str, ...]

    @property
    def state_in_words(self) -> str:
        return {
            "overdue": "Overdue",
            "soon": "Due soon",
            "undated": "No review date",
            "later": "Not due yet",
        }[self.state]


def reviews(user: Any, today: date | None = None) -> list[Due]:
    """The chapters that this person keeps, the most urgent first."""
    day = today or timezone.localdate()
    chapters = list(chapters_of(user).filter(withdrawn_at__isnull=True).select_related("keeper"))
    keepers = {page.keeper_id for page in chapters if page.keeper_id}
    current = set(Membership.objects.current().filter(person__in=keepers).values_list("person_id", flat=True))
    found = [_due(page, day, current) for page in chapters]
    order = ("overdue", "soon", "undated", "later")
    return sorted(
        found,
        key=lambda one: (
            order.index(one.state),
            one.page.review_by or date.max,
            not one.missing,
            one.page.path,
        ),
    )


def _due(page: ChapterPage, day: date, current: set[Any]) -> Due:
    missing = []
    if page.keeper_id is None:
        missing.append("no owner’s account")
    elif page.keeper_id not in current:
        missing.append("the owner has left")
    if page.review_by is None:
        state = "undated"
    elif page.review_by < day:
        state = "overdue"
    else:
        state = "soon" if page.review_by <= day + SOON else "later"
    return Due(page, state, tuple(missing))


@dataclass(frozen=True)
class Broken:
    """A link that leads nowhere, or of which that is not known."""

    link: Link
    problem: str
    now_at: str = ""

    @property
    def edit_url(self) -> str:
        """Where it is mended."""
        return reverse("wagtailadmin_pages:edit", args=[self.link.page_id])


@dataclass(frozen=True)
class LinkReport:
    """Internal links that lead nowhere; and of the addresses elsewhere those that fail, and those of which nothing is
    known (which does not mean that they work)."""

    broken: list[Broken]
    failing: list[Broken]
    unchecked: list[Broken]
    working: int
    checked: list[tuple[Address, list[Link]]]

    @property
    def total(self) -> int:
        """How many links need somebody."""
        return len(self.broken) + len(self.failing)


def link_report(user: Any) -> LinkReport:
    """The links of the chapters that this person keeps. The number of queries does not grow with the links."""
    links = list(
        Link.objects.filter(page__in=chapters_of(user)).select_related("page").order_by("page__path", "pk")
    )
    by_kind: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        by_kind[link.kind].append(link)
    broken = [
        *_pages(by_kind[Kind.PAGE]),
        *_documents(by_kind[Kind.DOCUMENT]),
        *_sections(by_kind[Kind.SECTION]),
        *_places(by_kind[Kind.FRAGMENT]),
        *_paths(by_kind[Kind.PATH]),
    ]
    addresses = {
        one.url: one for one in Address.objects.filter(url__in={x.target for x in by_kind[Kind.EXTERNAL]})
    }
    failing, unchecked, working = [], [], 0
    using: dict[str, list[Link]] = defaultdict(list)
    for link in by_kind[Kind.EXTERNAL]:
        address = addresses.get(link.target)
        if address is not None:
            using[link.target].append(link)
        if address is None or address.standing == Standing.UNCHECKED:
            unchecked.append(Broken(link, address.detail if address else ""))
        elif address.standing == Standing.FAILING:
            failing.append(Broken(link, f"{address.detail} ({_when(address)})"))
        else:
            working += 1
    checked = [(addresses[url], using[url]) for url in sorted(using)]
    return LinkReport(sorted(broken, key=_place), failing, unchecked, working, checked)


def _when(address: Address) -> str:
    return f"{timezone.localtime(address.checked_at):%-d %B %Y, %H:%M}" if address.checked_at else "never"


def _place(broken: Broken) -> tuple[str, int]:
    return broken.link.page.path, broken.link.pk


def _numbers(links: Iterable[Link]) -> set[int]:
    return {int(link.target) for link in links if link.target.isdecimal() and len(link.target) < 10}


def _pages(links: list[Link]) -> list[Broken]:
    live = dict(Page.objects.filter(pk__in=_numbers(links)).values_list("pk", "live"))
    found = []
    for link in links:
        standing = live.get(int(link.target)) if link.target.isdecimal() else None
        if standing is None:
            found.append(Broken(link, "The page has been deleted."))
        elif not standing:
            found.append(Broken(link, "The page is not published."))
    return found


def _documents(links: list[Link]) -> list[Broken]:
    there = set(get_document_model().objects.filter(pk__in=_numbers(links)).values_list("pk", flat=True))
    gone = [one for one in links if not (one.target.isdecimal() and int(one.target) in there)]
    return [Broken(link, "The document has been deleted.") for link in gone]


def _sections(links: list[Link]) -> list[Broken]:
    anchors = {link.target for link in links}
    rows: dict[str, list[Section]] = defaultdict(list)
    for section in Section.objects.filter(anchor__in=anchors).select_related("page"):
        rows[section.anchor].append(section)
    hidden = hidden_paths(Reader()) if rows else []
    found = []
    for link in links:
        known = rows.get(link.target, [])
        live = [one for one in known if one.live and one.page.live]
        if not known:
            found.append(Broken(link, "The section has never been published."))
        elif not live:
            found.append(Broken(link, f"The section “{known[0].name}” is no longer in the manual."))
        elif all(_beyond(one.page, link.page, hidden) for one in live):
            found.append(
                Broken(link, f"Not everybody who reads this chapter may read “{live[0].page.name}”.")
            )
    return found


def _beyond(target: Page, source: Page, hidden: list[str]) -> bool:
    return any(target.path.startswith(path) and not source.path.startswith(path) for path in hidden)


def _places(links: list[Link]) -> list[Broken]:
    pages = {link.page_id for link in links}
    there = set(Section.objects.filter(page__in=pages, live=True).values_list("page_id", "anchor"))
    gone = [one for one in links if (one.page_id, one.target) not in there]
    return [Broken(link, "There is no such place on this page.") for link in gone]


def _paths(links: list[Link]) -> list[Broken]:
    """Addresses of the portal that were typed or pasted. Only those below a manual's front page are known here."""
    sites = list(Site.objects.select_related("root_page"))
    root = next((site.root_page.url_path for site in sites if site.is_default_site), "/")
    wanted = {link: _split(link.target) for link in links}
    paths = {path for path, _ in wanted.values()}
    pages = {
        page.url_path: page
        for page in Page.objects.filter(url_path__in={root + one.lstrip("/") for one in paths})
    }
    tops = list(_manual_tops())
    moved = {
        one.old_path: one
        for one in Redirect.objects.filter(
            old_path__in={Redirect.normalise_path(p) for p in paths}
        ).select_related("redirect_page")
    }
    anchors = set(
        Section.objects.filter(page__in=[page.pk for page in pages.values()], live=True).values_list(
            "page_id", "anchor"
        )
    )
    found = []
    for link, (path, fragment) in wanted.items():
        url_path = root + path.lstrip("/")
        page = pages.get(url_path)
        redirect = moved.get(Redirect.normalise_path(path))
        if page is not None and page.live:
            if fragment.startswith("s-") and (page.pk, fragment) not in anchors:
                found.append(Broken(link, "There is no such place on that page."))
        elif redirect is not None:
            found.append(Broken(link, "The page has moved; readers are led on.", redirect.link or ""))
        elif page is not None:
            found.append(Broken(link, "The page is not published."))
        elif any(url_path.startswith(top) for top in tops):
            found.append(Broken(link, "There is no page at this address."))
    return found


def _split(target: str) -> tuple[str, str]:
    path, _, fragment = target.partition("#")
    path = path.partition("?")[0]
    return (path if path.endswith("/") else f"{path}/"), fragment


def _manual_tops() -> QuerySet[Any, str]:
    return Page.objects.filter(manualindexpage__isnull=False).values_list("url_path", flat=True)


def linking_to(page: Page) -> list[Line]:
    """Pages and other things that link to a page or to what lies below it, by rich text, choosers or cross references,
    each with where it is edited; none of those that lie below it themselves."""
    inside = list(Page.objects.filter(path__startswith=page.path).values_list("pk", flat=True))
    found: dict[tuple[str, str], Line] = {}
    for one in Page.objects.filter(pk__in=inside):
        for source, _ in ReferenceIndex.get_references_to(one).group_by_source_object():
            if isinstance(source, Page):
                if source.pk in inside:
                    continue
                url = reverse("wagtailadmin_pages:edit", args=[source.pk])
                found["page", str(source.pk)] = Line(source.get_admin_display_title(), url)
            elif not isinstance(source, Redirect):
                found[source._meta.label, str(source.pk)] = Line(str(source), "")
    links = Link.objects.of_live().filter(kind=Kind.SECTION).exclude(page__in=inside).select_related("page")
    anchors = Section.objects.filter(page__in=inside).values("anchor")
    for link in links.filter(target__in=anchors):
        url = reverse("wagtailadmin_pages:edit", args=[link.page_id])
        found["page", str(link.page_id)] = Line(link.page.get_admin_display_title(), url)
    return sorted(found.values(), key=lambda line: line.text)
