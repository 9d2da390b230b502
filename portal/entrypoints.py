"""Where one app registers a page that another may link to without importing it.

The manual's appendix names a code ("case-referral"); the app that owns the form registers that code from
its AppConfig.ready. Neither imports the other.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class EntryPoint:
    """A page on offer: the code that content refers to, the words on its button, the URL name behind it."""

    code: str
    label: str
    url_name: str


_registered: dict[str, EntryPoint] = {}


def register(code: str, label: str, url_name: str) -> None:
    """Offer a page under a code. Raises ValueError where another page already has that code."""
    entry = EntryPoint(code, label, url_name)
    if _registered.setdefault(code, entry) != entry:
        raise ValueError(f"Two pages want {code!r}: {_registered[code].url_name} and {url_name}.")


def get(code: str) -> EntryPoint | None:
    """The page registered under a code, or None where nothing is."""
    return _registered.get(code)


def all() -> list[EntryPoint]:
    """Every registered page, by code."""
    return sorted(_registered.values(), key=lambda entry: entry.code)
