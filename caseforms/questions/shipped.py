"""The question sets that ship with the portal: JSON files in `sets/`, copied into the database.

Imports no models, so that migrations can use it with the model of their own time.
"""

import json
from pathlib import Path
from typing import Any

from django.utils import timezone

from caseforms.questions.schema import parse

FOLDER = Path(__file__).parent / "sets"


class ShippedSetChanged(Exception):
    """A file in `sets/` differs from the version installed: raise its version instead of editing it."""


def read_files() -> list[dict[str, Any]]:
    """Every shipped set as {code, version, title, schema}. Raises SchemaError where a file is no question
    set."""
    sets = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    for entry in sets:
        parse(entry["schema"])
    return sets


def install(model: Any, using: str = "default") -> int:
    """Publishes each shipped set that is not in the database yet, and says how many were added.

    `model` is QuestionSet, or the migration state's version of it. Raises ShippedSetChanged.
    """
    added = 0
    manager = model._default_manager.using(using)
    for entry in read_files():
        stored, created = manager.get_or_create(
            partnership=None,
            code=entry["code"],
            version=entry["version"],
            defaults={
                "title": entry["title"],
                "schema": entry["schema"],
                "status": "published",
                "published_at": timezone.now(),
            },
        )
        added += created
        if not created and stored.schema != entry["schema"]:
            raise ShippedSetChanged(
                f"{entry['code']} v{entry['version']} was published already; raise its version."
            )
    return added
