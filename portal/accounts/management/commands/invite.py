"""`manage.py invite EMAIL --agency CODE --partnership CODE --role ROLE`: a one-use invitation, sent by
e-mail."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from portal.accounts import services
from portal.accounts.models import Agency, Partnership, Role
from portal.accounts.notices import invitation_link


class Command(BaseCommand):
    help = "Invites somebody into a partnership; how the first administrator comes in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--agency", required=True, help="the agency's code")
        parser.add_argument("--partnership", required=True, help="the partnership's code")
        parser.add_argument("--role", required=True, choices=Role.values)

    def handle(
        self, *args: Any, email: str, agency: str, partnership: str, role: str, **options: Any
    ) -> None:
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError("This is not an e-mail address.", returncode=2) from None
        try:
            _, secret = services.invite(
                email=email,
                agency=Agency.objects.get(code=agency),
                partnership=Partnership.objects.get(code=partnership),
                role=role,
                actor=None,
            )
        except Agency.DoesNotExist:
            raise CommandError(f"There is no agency {agency}.", returncode=2) from None
        except Partnership.DoesNotExist:
            raise CommandError(f"There is no partnership {partnership}.", returncode=2) from None
        except services.NotPossible as reason:
            raise CommandError(str(reason), returncode=2) from None
        self.stdout.write(f"An invitation is on its way to {email.lower()}.")
        if settings.DEMO_MODE:
            self.stdout.write(invitation_link(secret))
