"""Template tags that any page may use: dates in words, status tags, error lines, tables of pages."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.forms import GovukBoundField
from portal.workdays import bank_holidays, working_days_between

register = template.Library()

TAG_COLOURS = (
    *("grey", "green", "turquoise", "teal", "blue", "light-blue"),
    *("purple", "pink", "magenta", "red", "orange", "yellow"),
)


def _local(value: date | datetime) -> date:
    """The local day of a date, a naive or an aware datetime."""
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


@register.filter
def long_date(value: date | datetime | None) -> str:
    """ "Friday 4 December 2026"; empty for no date."""
    return date_format(_local(value), "l j F Y") if value else ""


@register.filter
def long_datetime(value: datetime | None) -> str:
    """ "Friday 4 December 2026, 18:10" in local time; empty for no time."""
    if not value:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{long_date(local)}, {local:%H:%M}"


@register.filter
def short_date(value: date | datetime | None) -> str:
    """ "Fri 4 Dec 2026", for tables; empty for no date."""
    return date_format(_local(value), "D j M Y") if value else ""


@register.filter
def in_words(value: date | datetime | None) -> str:
    """How far off a day is: "today", "tomorrow", "in 3 working days", "2 working days ago".

    Counts bank holidays of England and Wales as closed; local closed days belong to a partnership, which a
    date does not know, so a page that must count those passes the words from the deadline itself.
    """
    if not value:
        return ""
    day, today = _local(value), timezone.localdate()
    if day == today:
        return "today"
    if abs((day - today).days) == 1:
        return "tomorrow" if day > today else "yesterday"
    first, last = min(day, today), max(day, today)
    count = working_days_between(first, last, bank_holidays(first, last))
    # Between a Friday and the Sunday after it lies no working day: such spans are told in plain days.
    unit = "working day" if count else "day"
    count = count or (last - first).days
    words = f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return f"in {words}" if day > today else f"{words} ago"


@register.filter
def due_words(value: date | datetime | None) -> str:
    """ "Friday 4 December 2026 (in 3 working days)"; with the time of day unless it ends the day."""
    if not value:
        return ""
    has_time = isinstance(value, datetime) and f"{timezone.localtime(value):%H:%M}" not in ("00:00", "23:59")
    words = long_datetime(value) if has_time and isinstance(value, datetime) else long_date(value)
    return f"{words} ({in_words(value)})"


@register.filter
def is_past(value: date | datetime | None) -> bool:
    """True once the moment, or the whole of the day, is over."""
    if isinstance(value, datetime):
        return value < timezone.now()
    return bool(value) and _local(value) < timezone.localdate() if value else False


@register.filter
def status_tag(text: object, colour: str = "grey") -> SafeString:
    """A status as a word in a coloured tag; a colour that the Design System lacks raises ValueError."""
    if colour not in TAG_COLOURS:
        raise ValueError(f"No tag colour {colour!r}; one of {', '.join(sorted(TAG_COLOURS))}")
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', colour, text)


@register.simple_tag(takes_context=True)
def error_lines(context: Context) -> list[dict[str, str]]:
    """Every error of `form`, `formset` and `forms` in the context: dicts of `text` and `target`, an id."""
    found: list[BaseForm] = []
    for one in (context.get("form"), *(context.get("forms") or ())):
        if isinstance(one, BaseForm) and one not in found:
            found.append(one)
    formset = context.get("formset")
    lines = [{"text": str(text), "target": ""} for text in formset.non_form_errors()] if formset else []
    found += list(formset or ())
    for form in found:
        lines += _lines_of(form)
    return lines


def _lines_of(form: BaseForm) -> Iterable[dict[str, str]]:
    if not form.errors:
        return
    shown = [field for field in form.visible_fields() if isinstance(field, GovukBoundField)]
    first = shown[0].error_target if shown else ""
    for text in form.non_field_errors():
        yield {"text": str(text), "target": first}
    for field in shown:
        for text in field.error_messages:
            yield {"text": text, "target": field.error_target}
    for hidden in form.hidden_fields():
        for text in hidden.errors:
            yield {"text": str(text), "target": first}


@register.simple_tag(takes_context=True)
def page_url(context: Context, number: int) -> str:
    """The address of another page of the list on this page, its filters kept."""
    query = context["request"].GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


@register.filter
def page_numbers(page: Page[Any]) -> Iterable[int | str]:
    """Page numbers around the current one, "…" where some are left out."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
