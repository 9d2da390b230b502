"""What the demo shows and nothing else may: the codes that authenticator apps would show
(settings.DEMO_MODE)."""

import time

from portal.accounts.devices import STEP_SECONDS, TOLERANCE_STEPS
from portal.accounts.models import Membership, TOTPDevice, User

PASSWORD = "tarn-lantern-orchard-42"  # noqa: S105  (everybody's in the demo, shown on its own page)


def next_code(device: TOTPDevice) -> tuple[str, int]:
    """The earliest code that this app could still use, and for how many seconds one has to wait until it
    counts.

    Each code counts once: right after signing in, the next step's code is the one to give.
    """
    now = time.time()
    step = max(int(now) // STEP_SECONDS, device.last_step + 1)
    return device.code_at(step), max(0, (step - TOLERANCE_STEPS) * STEP_SECONDS - int(now))


def people_with_codes() -> list[tuple[User, list[Membership], str, int]]:
    """Everybody with an authenticator app: person, current memberships, code, seconds to wait."""
    devices = TOTPDevice.objects.filter(confirmed=True, user__is_active=True).select_related("user")
    current = (
        Membership.objects.current().select_related("agency", "partnership").order_by("partnership__name")
    )
    by_person: dict[object, list[Membership]] = {}
    for membership in current:
        by_person.setdefault(membership.person_id, []).append(membership)
    rows = [(device.user, by_person.get(device.user_id, []), *next_code(device)) for device in devices]
    rows.sort(key=lambda row: ([str(membership.partnership) for membership in row[1]], str(row[0])))
    return rows
