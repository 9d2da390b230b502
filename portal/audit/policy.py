"""Who may read the audit trail: auditors and administrators, of their own partnership."""

from typing import Any
from uuid import UUID

READERS = ("auditor", "administrator")


def may_read(user: Any, partnership_id: UUID) -> bool:
    """Whether one of the person's current memberships in this partnership lets them read its audit trail."""
    return user.memberships.current().filter(partnership_id=partnership_id, role__in=READERS).exists()
