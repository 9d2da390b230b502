"""Template filters of the case pages."""

from django import template
from django.utils.formats import date_format

from caseforms.questions.answers import read_partial_date

register = template.Library()
FORMATS = {4: "Y", 7: "F Y"}


@register.filter
def partial_date(stored: str) -> str:
    """ "2026-11-22" as "22 November 2026"; where only a month or a year is known, that; else as stored."""
    known = read_partial_date(stored)
    return date_format(known, FORMATS.get(len(stored), "j F Y")) if known else stored
