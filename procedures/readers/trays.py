"""What readers put on the editor's desk."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from procedures.desk import Line, Tray
from procedures.readers import policy

FEW = 5


def reports_open(request: HttpRequest) -> Tray:
    """Reports that this person may answer and nobody has, oldest first; their words are behind the link."""
    waiting = policy.feedback_for(request.user).open().order_by("sent_at")  # type: ignore[arg-type]
    lines = [
        Line(
            report.place,
            reverse("readers:feedback_item", args=[report.pk]),
            f"sent {timezone.localtime(report.sent_at):%-d %B %Y}",
        )
        for report in waiting.defer("text", "answer")[:FEW]
    ]
    return Tray(
        "feedback-open",
        "Reports from readers",
        "No report waits for an answer. When a reader says that something is wrong or out of date, it is listed here.",
        lines,
        waiting.count(),
        reverse("readers:feedback"),
    )
