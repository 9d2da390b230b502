"""What goes wrong while a copy is made, in a sentence for the person who asked for it."""


class Trouble(Exception):
    """A copy cannot be made; the message is for the page."""
