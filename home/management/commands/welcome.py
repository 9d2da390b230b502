"""`manage.py welcome`: where the portal is and whom to sign in as; `make run` prints it before it starts serving."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from home.demo_people import PASSWORD, PEOPLE
from portal.accounts.models import User


class Command(BaseCommand):
    help = "Says where the portal is served and, in the demo, whom to sign in as."

    def handle(self, *args: Any, **options: Any) -> None:
        address = f"http://localhost:{os.environ.get('PORT', '8000')}"
        self.stdout.write(f"\nThe portal is at {address}   (Ctrl-C stops it)\n")
        if not settings.DEMO_MODE or not User.objects.filter(email=PEOPLE[0].email).exists():
            return
        self.stdout.write(f"Every demo person has the password   {PASSWORD}")
        self.stdout.write(f"Their sign-in codes are at           {address}/demo/codes/\n")
        for person in PEOPLE:
            agency = f"{person.agency}, {person.partnership}"
            self.stdout.write(f"  {person.email:<34} {person.role.label} ({agency})")
        self.stdout.write("")
