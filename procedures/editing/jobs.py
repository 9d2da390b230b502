"""What the queue calls."""

from procedures.editing import services


def keep_missing() -> int:
    """Keeps the editions of chapters whose publication was cut short; returns how many it kept."""
    return sum(services.keep_missing(page) is not None for page in services.missing())
