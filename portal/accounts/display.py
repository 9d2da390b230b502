"""How large a person's text is and whether the page is in high contrast: kept with their account, and in a cookie for
whoever is not signed in (and for the pages before signing in)."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.accounts.models import TextSize

COOKIE = "display"
HIGH = "high"
YEAR = 365 * 24 * 60 * 60  # seconds


@dataclass(frozen=True)
class Display:
    """A text size (TextSize) and whether high visibility is on."""

    size: str = TextSize.MEDIUM
    high_visibility: bool = False

    @property
    def words(self) -> str:
        """As the cookie keeps it: "large high"."""
        return f"{self.size}.{HIGH}" if self.high_visibility else self.size

    @property
    def classes(self) -> str:
        """CSS classes of <html>, with a space before each."""
        size = "" if self.size == TextSize.MEDIUM else f" portal-text-{self.size}"
        return size + (" portal-high-visibility" if self.high_visibility else "")


def display_of(request: HttpRequest) -> Display:
    """What this person chose, else what this browser chose; the ordinary page where neither did."""
    if getattr(request, "verified", False):
        user: Any = request.user
        if user.text_size:
            return Display(user.text_size, user.high_visibility)
    size, _, high = request.COOKIES.get(COOKIE, "").partition(".")
    return Display(size if size in TextSize.values else TextSize.MEDIUM, high == HIGH)


def keep(request: HttpRequest, response: HttpResponse, display: Display) -> None:
    """Keeps the choice in this browser, and with the account of whoever is signed in."""
    response.set_cookie(
        COOKIE,
        display.words,
        max_age=YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    if getattr(request, "verified", False):
        user: Any = request.user
        user.text_size, user.high_visibility = display.size, display.high_visibility
        user.save(update_fields=["text_size", "high_visibility"])
