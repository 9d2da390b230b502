"""Questions asked again at the moment of sending: may this person still get this message?"""

from collections.abc import Callable

from portal.outbox.models import Message

_guards: dict[str, Callable[[Message], bool]] = {}


def register(name: str, may_receive: Callable[[Message], bool]) -> None:
    """Makes a guard known under a name; called from the AppConfig.ready of the app that owns the question."""
    _guards[name] = may_receive


def allows(message: Message) -> bool:
    """Whether the message may go out now. A guard that nobody has registered allows nothing."""
    if not message.guard:
        return True
    may_receive = _guards.get(message.guard)
    return may_receive is not None and may_receive(message)
