"""Who keeps synonyms and best bets, and who reads what was not found."""

from typing import Any

from django.db.models import Exists, OuterRef

from portal.accounts.models import Membership, Partnership
from portal.accounts.policy import MANAGING_ROLES


def partnerships_kept_by(user: Any) -> list[Partnership]:
    """The partnerships whose business a person manages today."""
    if not user.is_authenticated:
        return []
    held = Membership.objects.current().filter(
        person=user, partnership=OuterRef("pk"), role__in=MANAGING_ROLES
    )
    return list(Partnership.objects.filter(Exists(held)))


def may_keep(user: Any, row: Any) -> bool:
    """Whether a person may change a synonym or best bet: those of everybody, and those of a partnership that they
    manage."""
    kept = partnerships_kept_by(user)
    return bool(kept) and (row.partnership_id is None or row.partnership in kept)
