"""Writes the table of recurring jobs into the queue (done by migrate too)."""

from typing import Any

from django.core.management.base import BaseCommand

from portal import schedule


class Command(BaseCommand):
    help = "Makes the queue's schedules match the jobs that the portal's apps register."

    def handle(self, *args: Any, **options: Any) -> None:
        schedule.sync()
        for job in schedule.registered():
            self.stdout.write(f"{job.name}: {job.path}, every {job.minutes} min")
