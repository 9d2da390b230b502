"""Where `upkeep` says what happens when a workflow has come to its end.

Wagtail imports this module while its own models are being made, so that it can import none of ours.
"""

from collections.abc import Callable
from typing import Any

_publish: list[Callable[[Any, Any], None]] = []


def register(publish: Callable[[Any, Any], None]) -> None:
    """From `upkeep`'s AppConfig.ready: what is done with (workflow state, user) when all its tasks are done."""
    _publish[:] = [publish]


def publish(workflow_state: Any, user: Any = None) -> None:
    """The setting WAGTAIL_FINISH_WORKFLOW_ACTION."""
    _publish[0](workflow_state, user)
