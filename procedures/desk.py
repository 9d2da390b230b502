"""The editor's desk: what waits, on the first page of the CMS. Each area puts its own list there."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest


@dataclass(frozen=True)
class Line:
    """One thing that waits: what it is, where it is seen to, and a few words beside it."""

    text: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Tray:
    """One list on the desk. `lines` are the first few; `total` counts all; `url` leads to them."""

    key: str
    heading: str
    empty: str
    lines: list[Line] = field(default_factory=list)
    total: int = 0
    url: str = ""

    @property
    def more(self) -> int:
        """How many are not among `lines`."""
        return max(0, self.total - len(self.lines))


Fill = Callable[[HttpRequest], Tray | None]

_trays: dict[str, tuple[int, Fill]] = {}


def register(key: str, fill: Fill, order: int = 100) -> None:
    """From an area's AppConfig.ready: `fill(request)` gives its list for this person; None where it is not for them."""
    _trays[key] = (order, fill)


def trays(request: HttpRequest) -> list[Tray]:
    """The lists for this person, in order."""
    found = [fill(request) for _, fill in sorted(_trays.values(), key=lambda pair: pair[0])]
    return [tray for tray in found if tray is not None]
