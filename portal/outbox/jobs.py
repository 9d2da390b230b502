"""What the queue calls each minute, and on commit of anything that has stored a message."""

from portal.outbox.delivery import deliver

__all__ = ["deliver"]
