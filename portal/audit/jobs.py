"""What the queue calls: seal what has been written since the last time."""

from portal.audit import chain


def seal() -> int:
    """Seals all safely committed rows; the number of rows. Running it twice at once does no harm."""
    return chain.seal()
