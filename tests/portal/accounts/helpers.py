"""What the tests of signing in do again and again."""

import copy
import re
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from django.core import mail
from django.db import connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.test import Client

from home.demo_people import PASSWORD
from portal.accounts.devices import STEP_SECONDS
from portal.accounts.models import Membership, TOTPDevice, User
from tests.cast import device_of


def person_of(member: Membership | User) -> User:
    return member if isinstance(member, User) else member.person


def fresh_code(member: Membership | User) -> str:
    """A code that this person's app would show and that has not been used: the next step's, if need be."""
    device = TOTPDevice.objects.get(pk=device_of(person_of(member)).pk)
    return device.code_at(max(int(time.time()) // STEP_SECONDS, device.last_step + 1))


def wrong_code(member: Membership | User) -> str:
    """Six digits that are none of the codes around now."""
    device = device_of(person_of(member))
    now = int(time.time()) // STEP_SECONDS
    right = {device.code_at(step) for step in range(now - 3, now + 4)}
    return next(code for code in (f"{number:06d}" for number in range(10)) if code not in right)


def give_password(client: Client, member: Membership | User, password: str = PASSWORD, **extra: str):  # noqa: ANN201
    return client.post("/sign-in/", {"email": person_of(member).email, "password": password, **extra})


def sign_in(client: Client, member: Membership | User, password: str = PASSWORD):  # noqa: ANN201
    """Password and code, as a person does it; the answer to the code."""
    device_of(person_of(member))
    give_password(client, member, password)
    return client.post("/sign-in/code/", {"code": fresh_code(member)})


def link_in(message: mail.EmailMessage) -> str:
    """Path and query of the one link in a message."""
    link = urlsplit(re.findall(r"https?://\S+", message.body)[0])
    return f"{link.path}?{link.query}"


def shared_database(folder: Path) -> Callable[[], None]:
    """For tests with threads: call what this returns first in each thread. On SQLite the test database
    lives in memory, where threads cannot meet as processes do in a file; so it is copied into one.
    Elsewhere nothing."""
    if connection.vendor != "sqlite":
        return lambda: None
    file = folder / "shared.sqlite3"
    with sqlite3.connect(file) as target:
        connection.connection.backup(target)
    target.close()
    settings = copy.deepcopy(connection.settings_dict)
    settings["NAME"] = str(file)

    def join() -> None:
        connections["default"] = DatabaseWrapper(copy.deepcopy(settings), "default")

    return join
