"""The demo on one's own machine (`make run`): plain http, keys that everybody knows, demo pages on."""

import base64
import hashlib
import os

from portal.settings.base import *  # noqa: F403


def _known_key(name: str) -> str:
    return base64.b64encode(hashlib.sha256(f"demo only, never real: {name}".encode()).digest()).decode()


DEBUG = os.environ.get("DEBUG", "") == "1"
DEMO_ALLOWED = True
DEMO_MODE = True
SECRET_KEY = os.environ.get("SECRET_KEY", "demo-only-" + _known_key("secret"))
FIELD_KEYS = FIELD_KEYS or ["demo:" + _known_key("fields")]  # noqa: F405
AUDIT_KEYS = AUDIT_KEYS or ["demo:" + _known_key("audit")]  # noqa: F405
BLIND_INDEX_KEY = BLIND_INDEX_KEY or _known_key("index")  # noqa: F405
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", ".localhost"]
BASE_URL = os.environ.get("BASE_URL", f"http://localhost:{os.environ.get('PORT', '8000')}")
WAGTAILADMIN_BASE_URL = BASE_URL

SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
SESSION_COOKIE_NAME = "session"
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_NAME = "csrf"
CSRF_COOKIE_SECURE = False

OUTBOX_DELIVERY_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
SILENCED_SYSTEM_CHECKS: list[str] = []
# Nothing here is real: errors in full.
LOGGING = {**LOGGING, "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}}}  # noqa: F405
