"""Wrong configuration does not boot: each check has an id, a hint and a test (tests/portal/test_checks.py)."""

import base64
import binascii
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import SystemCheckError

TAG = "portal"
ACCESS_MIDDLEWARE = "portal.accounts.access.AccessMiddleware"
OTP_MIDDLEWARE = "django_otp.middleware.OTPMiddleware"


def secret_key_is_strong(**kwargs: Any) -> list[CheckMessage]:
    try:
        key = settings.SECRET_KEY
    except ImproperlyConfigured:  # Django's own word for an empty one
        key = ""
    weak = len(key) < 50 or len(set(key)) < 5 or key.startswith(("django-insecure", "demo-only"))
    if not weak or settings.DEMO_ALLOWED:
        return []
    hint = "Set SECRET_KEY to 50 or more random characters."
    return [Error("SECRET_KEY is missing or weak.", hint=hint, id="portal.E001")]


def hosts_are_named(**kwargs: Any) -> list[CheckMessage]:
    if settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        return []
    hint = "Set ALLOWED_HOSTS to the portal's own host names, separated by commas."
    return [Error("ALLOWED_HOSTS is empty or allows any host.", hint=hint, id="portal.E002")]


def queue_retries_after_timeout(**kwargs: Any) -> list[CheckMessage]:
    queue: dict[str, Any] = settings.Q_CLUSTER
    if queue.get("retry", 60) > (queue.get("timeout") or 0) and queue.get("timeout"):
        return []
    hint = "Make Q_CLUSTER['retry'] larger than Q_CLUSTER['timeout'], or a slow job runs twice at once."
    return [Error("The queue would retry a job that is still running.", hint=hint, id="portal.E003")]


def second_factor_is_on(**kwargs: Any) -> list[CheckMessage]:
    middleware = settings.MIDDLEWARE
    if settings.SECOND_FACTOR_REQUIRED and OTP_MIDDLEWARE in middleware and ACCESS_MIDDLEWARE in middleware:
        return []
    hint = f"Keep SECOND_FACTOR_REQUIRED=1 and {OTP_MIDDLEWARE} and {ACCESS_MIDDLEWARE} in MIDDLEWARE."
    return [Error("Two-factor sign-in is switched off.", hint=hint, id="portal.E004")]


def case_files_are_private(**kwargs: Any) -> list[CheckMessage]:
    private = Path(settings.CASE_FILES_ROOT).resolve()
    public = [settings.MEDIA_ROOT, settings.STATIC_ROOT, *settings.STATICFILES_DIRS]
    if not any(private.is_relative_to(Path(folder).resolve()) for folder in public if folder):
        return []
    hint = "Point CASE_FILES_ROOT outside MEDIA_ROOT, STATIC_ROOT and STATICFILES_DIRS."
    return [Error("Case files would lie under a public folder.", hint=hint, id="portal.E005")]


def demo_is_off(**kwargs: Any) -> list[CheckMessage]:
    if not settings.DEMO_MODE or settings.DEMO_ALLOWED:
        return []
    hint = "Unset DEMO_MODE: demo pages show sign-in codes to anyone."
    return [Error("Demo mode is on in production settings.", hint=hint, id="portal.E006")]


def keys_are_usable(**kwargs: Any) -> list[CheckMessage]:
    hint = (
        "FIELD_KEYS and AUDIT_KEYS are lists of id:base64 of 32 bytes; BLIND_INDEX_KEY is base64 of 32 bytes."
    )
    known = {"demo"}
    errors: list[CheckMessage] = []
    for name in ("FIELD_KEYS", "AUDIT_KEYS"):
        keys: Sequence[str] = getattr(settings, name)
        ids = [key.partition(":")[0] for key in keys]
        sound = (
            keys
            and all(ids)
            and len(ids) == len(set(ids))
            and all(_is_32_bytes(k.partition(":")[2]) for k in keys)
        )
        if not sound or (known & set(ids) and not settings.DEMO_ALLOWED):
            errors.append(Error(f"{name} is missing or unusable.", hint=hint, id="portal.E007"))
    if not _is_32_bytes(settings.BLIND_INDEX_KEY):
        errors.append(Error("BLIND_INDEX_KEY is missing or unusable.", hint=hint, id="portal.E007"))
    return errors


def base_url_is_https(**kwargs: Any) -> list[CheckMessage]:
    if settings.DEMO_ALLOWED or settings.BASE_URL.startswith("https://"):
        return []
    hint = "Set BASE_URL (or ALLOWED_HOSTS) so that links in messages start with https://."
    return [Error("Links in messages would not be https.", hint=hint, id="portal.E008")]


CHECKS = (
    secret_key_is_strong,
    hosts_are_named,
    queue_retries_after_timeout,
    second_factor_is_on,
    case_files_are_private,
    demo_is_off,
    keys_are_usable,
    base_url_is_https,
)


def register_all() -> None:
    """Registers every check with Django; called once, when the app is ready."""
    for check in CHECKS:
        register(check, TAG)


def refuse_unsafe_settings() -> None:
    """Raises SystemCheckError where a check finds an error. WSGI servers do not run system checks by themselves."""
    errors = [message for message in run_checks(tags=[TAG]) if message.is_serious()]
    if errors:
        raise SystemCheckError("\n".join(f"{error.id}: {error.msg} {error.hint}" for error in errors))


def _is_32_bytes(value: str) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == 32
    except (binascii.Error, ValueError):
        return False
