"""`manage.py load_demo [--if-empty]`: the fictional partnerships, people, manual and cases."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from home.demo import load_demo
from portal.accounts.models import User


class Command(BaseCommand):
    help = "Loads the demo. Loading it again changes nothing; refused outside demo mode."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="only where nobody has an account yet")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_MODE:
            raise CommandError("The demo is loaded in demo mode only: its passwords and codes are public.")
        if options["if_empty"] and User.objects.exists():
            return
        made = load_demo()
        self.stdout.write(
            "The demo is loaded." if made else "The demo was loaded already; nothing has changed."
        )
