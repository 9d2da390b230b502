"""Runs by hand what the queue runs every five minutes: the reminders that are due."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from caseforms.deadlines.models import Deadline
from portal.reminders import jobs
from portal.reminders.jobs import Planned


def moment(text: str) -> datetime:
    """An aware moment from ISO text; without an offset it is local time. Raises CommandError, exit code 2."""
    try:
        found = datetime.fromisoformat(text.strip())
        return (timezone.make_aware(found) if timezone.is_naive(found) else found).astimezone(UTC)
    except (ValueError, OverflowError):
        raise CommandError(
            f"“{text}” is not a time. Write it like 2026-12-04T09:00 or 2026-12-04T09:00+00:00.", returncode=2
        ) from None


class Command(BaseCommand):
    help = "Stores the reminders that are due; running it twice stores nothing twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at", metavar="ISO-TIME", help="as if it were this time (default: now)")
        parser.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")

    def handle(self, *args: Any, at: str | None = None, dry_run: bool = False, **options: Any) -> None:
        report = jobs.chase(moment(at) if at is not None else timezone.now(), dry_run)
        if dry_run:
            for planned in report.planned:
                self.stdout.write(in_words(planned))
            self.stdout.write(f"{report.due} due; nothing was sent.")
        else:
            self.stdout.write(f"{report.due} due, {report.messages} messages stored, {report.failed} failed.")
        if report.failed:
            raise CommandError("Some rows could not be chased; the log says which.", returncode=1)


def in_words(planned: Planned) -> str:
    """One line for a reminder: the case's reference and the task where it is a deadline, ids otherwise."""
    people = f"{planned.recipients} person" if planned.recipients == 1 else f"{planned.recipients} people"
    if planned.model == Deadline._meta.label_lower:
        deadline = Deadline.objects.select_related("case").get(pk=planned.row)
        return f"{deadline.case.reference}: {deadline.task}: reminder {planned.step + 1} to {people}"
    return f"{planned.model} {planned.row}: reminder {planned.step + 1} to {people}"
