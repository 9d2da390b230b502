"""What the queue calls."""

from procedures.readers.services import send_digests

__all__ = ["send_digests"]
