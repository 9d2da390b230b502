"""`manage.py demo_code EMAIL`: in the demo, the code that this person's authenticator app would show."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.accounts.demo import next_code
from portal.accounts.models import TOTPDevice


class Command(BaseCommand):
    help = (
        "Prints the sign-in code of somebody of the demo; waits until it counts where one was used just now."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        if not settings.DEMO_MODE:
            raise CommandError("This is not the demo.", returncode=2)
        device = TOTPDevice.objects.filter(user__email=email.strip().lower(), confirmed=True).first()
        if device is None:
            raise CommandError("Nobody with this address has an authenticator app.", returncode=2)
        code, wait = next_code(device)
        if wait:
            self.stderr.write(f"Codes work once; the next one counts in {wait} seconds.")
            time.sleep(wait)
        self.stdout.write(code)
