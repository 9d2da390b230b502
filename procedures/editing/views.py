"""Editions and amendments as people read them."""

from datetime import date
from itertools import zip_longest
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe
from wagtail.models import Page

from portal.accounts.access import reader
from procedures.editing import policy, selectors, services
from procedures.editing.comparison import compare_chapters
from procedures.editing.forms import ComparisonForm, DayForm, FilterForm
from procedures.editing.models import Edition
from procedures.editing.pictures import NAME, path_of
from procedures.models import ChapterPage, ManualIndexPage, contents_of, natural
from procedures.privacy import readable, reader_of
from procedures.sharing.composition import with_local_parts

ROWS_PER_PAGE = 25


@reader
@require_safe
def amendments(request: HttpRequest) -> HttpResponse:
    """What has been changed in the manual, newest first: of all chapters, one (?chapter=) or a part (?part=)."""
    who_reads = reader_of(request)
    mine = policy.editions_for(who_reads)
    parts = list(readable(ManualIndexPage.objects.live().order_by("path"), who_reads))
    form = FilterForm(request.GET or None, parts=parts, chapters=_chapters(mine))
    if form.is_valid():
        mine = _filtered(mine, form.cleaned_data["part"], form.cleaned_data["chapter"])
    rows = selectors.with_one_before(mine).select_related("published_by", "page").defer("rendered", "source")
    pages = Paginator(rows.order_by("-published_at", "-pk"), ROWS_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    rows_shown = [
        {"edition": edition, "who": selectors.who(edition, request.user)} for edition in page.object_list
    ]
    context = {
        "form": form,
        "page_obj": page,
        "rows": rows_shown,
        "filtered": any(request.GET.get(name) for name in ("part", "chapter")),
    }
    return TemplateResponse(request, "procedures/editing/amendments.html", context)


def _chapters(editions: Any) -> list[tuple[int, str]]:
    """The chapters that have editions, by number."""
    found = editions.filter(page__isnull=False).order_by()
    rows = found.values_list("page_id", "page__number", "page__title").distinct()
    ordered = sorted(rows, key=lambda row: (natural(row[1]), row[2]))
    return [(pk, " ".join(part for part in (number, title) if part)) for pk, number, title in ordered]


def _filtered(editions: Any, part: str, chapter: str) -> Any:
    if chapter:
        editions = editions.filter(page=chapter)
    if part:
        path = Page.objects.values_list("path", flat=True).get(pk=part)
        editions = editions.filter(page__path__startswith=path)
    return editions


@reader
@require_safe
def chapter_editions(request: HttpRequest, page_id: int) -> HttpResponse:
    """The editions of a chapter; with ?on_day=&on_month=&on_year= leads to the one that stood on that day."""
    page, mine = _chapter_or_404(request, page_id)
    editions = list(mine.select_related("published_by").defer("rendered", "source"))
    asked = any(request.GET.get(f"on_{box}") for box in ("day", "month", "year"))
    first_day = editions[-1].day
    form = DayForm(request.GET if asked else None, first_day=first_day)
    nothing_on = None
    if asked and form.is_valid():
        day = form.cleaned_data["on"]
        standing = selectors.standing_on(mine, page, day)
        if standing:
            return redirect(f"{reverse('editing:edition', args=[standing.edition.pk])}?on={day.isoformat()}")
        nothing_on = day
    down = list(page.taken_down.values_list("at", flat=True))
    standings = selectors.standings(editions, down)
    rows = [
        {
            "edition": one.edition,
            "until": one.until,
            "in_force": one.in_force,
            "who": selectors.who(one.edition, request.user),
            "before": before.pk if before else None,
        }
        for one, before in zip_longest(standings, editions[1:])
    ]
    context = {
        "page": page,
        "standings": rows,
        "form": form,
        "nothing_on": nothing_on,
        "first_day": first_day,
        "comparison": _comparison_form(mine, editions),
    }
    return TemplateResponse(request, "procedures/editing/chapter_editions.html", context)


def _comparison_form(mine: Any, editions: list[Edition]) -> ComparisonForm | None:
    if len(editions) < 2:
        return None
    initial = {"old": editions[1].pk, "new": editions[0].pk}
    return ComparisonForm(editions=mine.defer("rendered", "source"), initial=initial)


@reader
@require_safe
def choose_comparison(request: HttpRequest, page_id: int) -> HttpResponse:
    """?old=&new= of the list of editions: leads to their comparison, the older one first."""
    page, mine = _chapter_or_404(request, page_id)
    form = ComparisonForm(request.GET, editions=mine.defer("rendered", "source"))
    if form.is_valid():
        pair = (form.cleaned_data["old"], form.cleaned_data["new"])
        old, new = sorted(pair, key=lambda edition: edition.published_at)
        return redirect("editing:comparison", old.pk, new.pk)
    context = {"page": page, "form": form}
    return TemplateResponse(request, "procedures/editing/choose_comparison.html", context)


@reader
@require_safe
def edition(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """An edition in the frame of a chapter, with what was local on the day that is asked for (?on=), else on the last
    day on which it stood."""
    mine = policy.editions_for(reader_of(request))
    one = get_object_or_404(mine.select_related("published_by"), pk=edition_id)
    page = one.page
    standing = selectors.standing_of(one)
    day = _day_of(request.GET.get("on", ""), standing)
    rendered = one.chapter
    if page is not None:
        at = selectors.shown_at(standing, day)
        rendered = with_local_parts(rendered, page, reader_of(request), at=at)
    context = {
        "edition": one,
        "standing": standing,
        "day": day,
        "page": page,
        "published": page is not None and page.live,
        "chapter": rendered,
        "contents": contents_of(rendered.sections),
        "who": selectors.who(one, request.user),
        "before": selectors.one_before(mine, one),
        "may_restore": policy.may_restore(request.user, page),
    }
    return TemplateResponse(request, "procedures/editing/edition.html", context)


def _day_of(typed: str, standing: selectors.Standing) -> date | None:
    """The day in an address, where the edition stood on it."""
    try:
        day = parse_date(typed)
    except ValueError:
        return None
    if day is None or day < standing.edition.day or day > timezone.localdate():
        return None
    return None if standing.until and selectors.end_of(day) > standing.until else day


@require_POST
def restore(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """Make a draft of an edition and open it in the editor. What was the latest draft comes with the form."""
    one = get_object_or_404(policy.editions_for(reader_of(request)), pk=edition_id)
    if not policy.may_restore(request.user, one.page):
        raise PermissionDenied
    seen = request.POST.get("draft", "")
    try:
        services.restore(one, user=request.user, draft_seen=int(seen) if seen.isdigit() else None)
    except services.Overtaken as overtaken:
        messages.warning(request, str(overtaken))
        return redirect("editing:edition", one.pk)
    messages.success(
        request, "The edition is a draft now. Readers see no change until the draft is published."
    )
    return redirect("wagtailadmin_pages:edit", one.page_id)


@reader
@require_safe
def comparison(request: HttpRequest, old_id: UUID, new_id: UUID) -> HttpResponse:
    """Two editions of one chapter beside each other, as they are for this reader."""
    mine = policy.editions_for(reader_of(request)).select_related("published_by")
    old, new = get_object_or_404(mine, pk=old_id), get_object_or_404(mine, pk=new_id)
    if old.page_id is None or old.page_id != new.page_id or old == new:
        raise Http404
    if old.published_at > new.published_at:
        return redirect("editing:comparison", new.pk, old.pk)
    compared = compare_chapters(old.chapter, new.chapter)  # what is local changes by itself, between editions
    context = {
        "page": new.page,
        "old": old,
        "new": new,
        "compared": compared,
        "who": selectors.who(new, request.user),
    }
    return TemplateResponse(request, "procedures/editing/comparison.html", context)


@reader
@require_safe
def picture(request: HttpRequest, name: str) -> FileResponse:
    """A picture of an edition, for whoever may read one in which it stands."""
    shown = policy.editions_for(reader_of(request)).filter(pictures__name=name)
    if not NAME.fullmatch(name) or not shown.exists() or not default_storage.exists(path_of(name)):
        raise Http404
    return FileResponse(default_storage.open(path_of(name)))


def _chapter_or_404(request: HttpRequest, page_id: int) -> tuple[ChapterPage, Any]:
    """A chapter with editions that this reader may read, and these, newest first."""
    mine = policy.editions_for(reader_of(request)).filter(page=page_id).order_by("-published_at")
    if not mine.exists():
        raise Http404
    return get_object_or_404(ChapterPage, pk=page_id), mine
