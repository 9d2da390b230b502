"""What upkeep puts on the editor's desk. What waits for one's approval Wagtail shows there by itself."""

from django.http import HttpRequest
from django.urls import reverse

from procedures.desk import Line, Tray
from procedures.upkeep.selectors import link_report, reviews

FEW = 5


def reviews_due(request: HttpRequest) -> Tray:
    """Chapters whose review is overdue or due soon."""
    due = [one for one in reviews(request.user) if one.state in ("overdue", "soon")]
    lines = [
        Line(
            one.page.name,
            reverse("wagtailadmin_pages:edit", args=[one.page.pk]),
            f"{one.state_in_words}: {one.page.review_by:%-d %B %Y}",
        )
        for one in due[:FEW]
    ]
    return Tray(
        "reviews",
        "Chapters due for review",
        "No chapter is due within four weeks.",
        lines,
        len(due),
        reverse("upkeep_reviews"),
    )


def broken_links(request: HttpRequest) -> Tray:
    """Links that lead nowhere."""
    report = link_report(request.user)
    wrong = report.broken + report.failing
    lines = [
        Line(f"{one.link.words or one.link.target} in {one.link.page.name}", one.edit_url, one.problem)
        for one in wrong[:FEW]
    ]
    unknown = len(report.unchecked)
    empty = "No broken link is known."
    if unknown:
        empty += f" {unknown} {'link' if unknown == 1 else 'links'} to other sites could not be checked."
    return Tray("links", "Broken links", empty, lines, len(wrong), reverse("upkeep_links"))
