"""Pure: whether a meeting is quorate (domain.md, Meetings; Knowsley 7: Quorum and attendance)."""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.accounts.models import Sector

NEEDED = 3


@dataclass(frozen=True)
class Quorum:
    """How many agencies count, how many are needed, and which count as one."""

    count: int
    health: int

    @property
    def quorate(self) -> bool:
        """Whether the meeting may make a recommendation."""
        return self.count >= NEEDED

    @property
    def words(self) -> str:
        """Such as “4 agencies count; the 2 health agencies count as one; quorate”."""
        parts = [f"{self.count} {'agency counts' if self.count == 1 else 'agencies count'}"]
        if self.health > 1:
            parts.append(f"the {self.health} health agencies count as one")
        parts.append("quorate" if self.quorate else f"not quorate: {NEEDED} different agencies are needed")
        return "; ".join(parts)


def quorum(present: Iterable[tuple[str, str]]) -> Quorum:
    """The quorum of the agencies present, given as (agency code, sector), once or several times each.

    All health bodies count as one. The partnership's own business unit serves the meeting and does not count.
    """
    agencies = {(code, sector) for code, sector in present if sector != Sector.PARTNERSHIP}
    health = {code for code, sector in agencies if sector == Sector.HEALTH}
    others = {code for code, sector in agencies if sector != Sector.HEALTH}
    return Quorum(count=len(others) + bool(health), health=len(health))
