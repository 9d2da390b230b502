"""Wrong configuration does not boot: one sentence per check, and the server itself refuses."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management.base import SystemCheckError
from django.test import override_settings

from portal import checks

KEY = base64.b64encode(bytes(range(32))).decode()
SAFE = {
    "DEMO_ALLOWED": False,
    "DEMO_MODE": False,
    "SECRET_KEY": "k3-Zt!vq8Lw0_pR7yXn2sGm5dJh9bFc4aTe6uWi1oQzxKvNj",
    "ALLOWED_HOSTS": ["portal.example"],
    "BASE_URL": "https://portal.example",
    "FIELD_KEYS": [f"a:{KEY}"],
    "AUDIT_KEYS": [f"a:{KEY}"],
    "BLIND_INDEX_KEY": KEY,
}
SAFE["SECRET_KEY"] = str(SAFE["SECRET_KEY"]) + "-ok-ok-ok"


def refusal() -> str:
    """What the portal says when it refuses to boot; empty where it boots."""
    try:
        checks.refuse_unsafe_settings()
    except SystemCheckError as error:
        return str(error)
    return ""


def test_sound_production_settings_boot() -> None:
    with override_settings(**SAFE):
        assert refusal() == ""


@pytest.mark.parametrize(
    ("check", "unsafe"),
    [
        ("portal.E001", {"SECRET_KEY": ""}),
        ("portal.E001", {"SECRET_KEY": "a" * 60}),
        ("portal.E001", {"SECRET_KEY": "django-insecure-" + "abcdefgh" * 8}),
        ("portal.E002", {"ALLOWED_HOSTS": []}),
        ("portal.E002", {"ALLOWED_HOSTS": ["*"]}),
        ("portal.E003", {"Q_CLUSTER": {**settings.Q_CLUSTER, "retry": 60, "timeout": 60}}),
        ("portal.E003", {"Q_CLUSTER": {**settings.Q_CLUSTER, "timeout": None}}),
        ("portal.E004", {"SECOND_FACTOR_REQUIRED": False}),
        ("portal.E004", {"MIDDLEWARE": [m for m in settings.MIDDLEWARE if m != checks.ACCESS_MIDDLEWARE]}),
        ("portal.E004", {"MIDDLEWARE": [m for m in settings.MIDDLEWARE if m != checks.OTP_MIDDLEWARE]}),
        ("portal.E005", {"CASE_FILES_ROOT": Path(settings.MEDIA_ROOT) / "cases"}),
        ("portal.E005", {"CASE_FILES_ROOT": Path(settings.STATIC_ROOT)}),
        ("portal.E006", {"DEMO_MODE": True}),
        ("portal.E007", {"FIELD_KEYS": []}),
        ("portal.E007", {"FIELD_KEYS": ["a:short"]}),
        ("portal.E007", {"AUDIT_KEYS": [f"demo:{KEY}"]}),
        ("portal.E007", {"BLIND_INDEX_KEY": ""}),
        ("portal.E008", {"BASE_URL": "http://portal.example"}),
    ],
)
def test_an_unsafe_setting_is_refused_with_its_id_and_a_hint(check: str, unsafe: dict[str, object]) -> None:
    with override_settings(**{**SAFE, **unsafe}):
        assert refusal().startswith(check)
        found = [error for registered in checks.CHECKS for error in registered()]
    assert [error.id for error in found] == [check]
    assert found[0].hint


def test_a_web_server_with_no_secret_serves_nothing() -> None:
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    environment["DJANGO_SETTINGS_MODULE"] = "portal.settings.production"
    result = subprocess.run(
        [sys.executable, "-c", "import portal.wsgi"],
        capture_output=True,
        text=True,
        env=environment,
        cwd=settings.BASE_DIR,
    )
    assert result.returncode != 0
    assert "SECRET_KEY" in result.stderr


def test_the_demo_cannot_be_switched_on_in_production_by_the_environment() -> None:
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")} | {
        "DJANGO_SETTINGS_MODULE": "portal.settings.production",
        "SECRET_KEY": str(SAFE["SECRET_KEY"]),
        "ALLOWED_HOSTS": "portal.example",
        "FIELD_KEYS": f"a:{KEY}",
        "AUDIT_KEYS": f"a:{KEY}",
        "BLIND_INDEX_KEY": KEY,
        "DEMO_MODE": "1",
    }
    result = subprocess.run(
        [sys.executable, "-c", "import portal.wsgi"],
        capture_output=True,
        text=True,
        env=environment,
        cwd=settings.BASE_DIR,
    )
    assert result.returncode != 0
    assert "portal.E006" in result.stderr
