"""What imports put on the editor's desk."""

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse

from procedures.desk import Line, Tray
from procedures.intake import policy

FEW = 5


def imports_to_look_at(request: HttpRequest) -> Tray:
    """Chapters whose import found something that nobody has looked at yet."""
    unseen = Count("findings", filter=Q(findings__seen_at=None))
    chapters = policy.chapters_of(request.user).annotate(unseen=unseen).filter(unseen__gt=0).order_by("path")
    lines = [
        Line(
            chapter.name,
            reverse("intake:findings", args=[chapter.pk]),
            f"{chapter.unseen} finding{'' if chapter.unseen == 1 else 's'} to look at",
        )
        for chapter in chapters.defer("body", "boxes")[:FEW]
    ]
    return Tray(
        "imports", "Imports with problems", "No import waits to be looked at.", lines, chapters.count()
    )
