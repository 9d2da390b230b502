"""The test suite: the demo's keys and plain http, fast password hashing, jobs run by the tests themselves."""

import os
import tempfile
from pathlib import Path

from portal.settings.dev import *  # noqa: F403

DEBUG = False
VAR_DIR = Path(tempfile.mkdtemp(prefix="portal-test-"))
MEDIA_ROOT = VAR_DIR / "media"
CASE_FILES_ROOT = VAR_DIR / "case-files"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1", ".localhost", ".example"]
BASE_URL = "http://testserver"
WAGTAILADMIN_BASE_URL = BASE_URL
if "DATABASE_URL" not in os.environ:
    DATABASES["default"]["NAME"] = str(VAR_DIR / "portal.sqlite3")  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True  # looks for a file when asked, not for all of them in every test client
OUTBOX_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AXES_ENABLED = True
LOGGING = {**LOGGING, "root": {"handlers": ["console"], "level": "WARNING"}}  # noqa: F405
