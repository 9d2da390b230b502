"""Items of repeating sections in a draft: each has a key of its own, so that two windows mean the same child.

The key is kept in the item beside the answers, under a name that no question can have, and is not submitted.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from caseforms.questions.schema import Schema

ITEM_KEY = "_key"


def new_key() -> str:
    """A key for an item that is being added."""
    return secrets.token_hex(16)


def is_key(text: str) -> bool:
    """Whether a page could have made this key."""
    return re.fullmatch(r"[0-9a-f]{32}", text) is not None


def key_of(item: Mapping[str, Any], number: int) -> str:
    """The key of the item at this place (from 1); one made of the place where answers came without keys."""
    return str(item.get(ITEM_KEY) or f"{number:032x}")


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of an item without its key."""
    return {code: value for code, value in item.items() if code != ITEM_KEY}


def keyed(schema: Schema, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as a draft holds them: every item of a repeating section has a key."""
    repeating = {section.code for section in schema.sections if section.repeating}
    return {
        code: [{ITEM_KEY: new_key(), **item} for item in stored] if code in repeating else stored
        for code, stored in answers.items()
    }
