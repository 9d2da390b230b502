"""manage.py export_quarter 2026-27-Q2 [--partnership CODE] [--as EMAIL] --out FILE.xlsx"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser

from caseforms.quarterly import policy, services
from portal.accounts.models import Membership, Partnership, User
from portal.workdays import Quarter, UnknownQuarter


class Refused(CommandError):
    """A sentence for the operator; the command ends with exit code 2 and leaves no file."""

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=2)


class Command(BaseCommand):
    help = "Writes the workbook of a quarter: a cover, a summary by agency, and one row per action."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "quarter", help="for example 2026-27-Q2, or 2026-Q2 where the year starts in January"
        )
        parser.add_argument("--partnership", metavar="CODE", default="")
        parser.add_argument(
            "--as",
            dest="email",
            metavar="EMAIL",
            default="",
            help="what this person may export, recorded as theirs",
        )
        parser.add_argument("--out", required=True, metavar="FILE.xlsx")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            quarter = Quarter.parse(options["quarter"], settings.FINANCIAL_YEAR_START_MONTH)
        except UnknownQuarter as unknown:
            raise Refused(str(unknown)) from None
        user = _person(options["email"]) if options["email"] else None
        partnership = _partnership(options["partnership"], user)
        actor = _actor(user, partnership) if user else None
        target = Path(options["out"])
        try:
            rows = services.write_quarter(partnership, quarter, actor, target)
        except services.NotBegun as early:
            raise Refused(str(early)) from None
        except OSError as error:
            raise Refused(f"{target} cannot be written: {error.strerror or type(error).__name__}.") from None
        self.stdout.write(f"{target}: {partnership.short_name}, {quarter.label}, actions: {rows}.")


def _person(email: str) -> User:
    try:
        return User.objects.get_by_natural_key(email)
    except User.DoesNotExist:
        raise Refused(f"Nobody signs in as {email}.") from None


def _partnership(code: str, user: User | None) -> Partnership:
    """The partnership that is named, else the only one there is or that the person may export."""
    if code:
        found = Partnership.objects.filter(code__iexact=code)
        if not found:
            raise Refused(f"There is no partnership {code}. {_known()}")
        return found[0]
    candidates = Partnership.objects.all()
    if user is not None and len(candidates) > 1:
        candidates = candidates.filter(memberships__in=policy.exporting_memberships(user)).distinct()
    if len(candidates) != 1:
        raise Refused(f"Say which partnership, with --partnership CODE. {_known()}")
    return candidates[0]


def _actor(user: User, partnership: Partnership) -> Membership:
    try:
        return policy.acting_membership(user, partnership)
    except PermissionDenied:
        raise Refused(f"{user.email} may not export the workbook of {partnership.code}.") from None


def _known() -> str:
    codes = ", ".join(Partnership.objects.order_by("code").values_list("code", flat=True))
    return f"Known here: {codes}." if codes else "There is none yet: load the demo or add one."
