"""Bytes of an uploaded file to text, or a sentence that says why not."""

MAXIMUM_BYTES = 5_000_000
MAXIMUM_LINES = 100_000
CONTROL_SHARE = 0.02  # a text file has hardly any control characters; a picture or a program is full of them
OTHER_FORMATS = {b"%PDF": "a PDF", b"PK\x03\x04": "a Word or zip file", b"{\\rtf": "a rich text (RTF) file"}


class UnreadableChapter(ValueError):
    """The file cannot be read as a plain-text chapter; the message is for the person who chose it."""


def read_text(data: bytes) -> str:
    """Decode a chapter file. Raises UnreadableChapter when it is empty, too long, binary or not UTF-8."""
    if len(data) >= MAXIMUM_BYTES:
        raise UnreadableChapter(
            f"The file is {len(data) / 1_000_000:.1f} MB long; a chapter must be shorter than 5 MB. "
            "Split it into chapters and import each."
        )
    for start, name in OTHER_FORMATS.items():
        if data.startswith(start):
            raise UnreadableChapter(
                f"The file is {name}, not plain text. Save it as plain text (UTF-8) first."
            )
    if b"\x00" in data:
        raise UnreadableChapter("The file is binary, not plain text.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableChapter(
            f"The file is not UTF-8 text (byte {error.start + 1} cannot be read). Save it again as UTF-8."
        ) from error
    if not text.strip():
        raise UnreadableChapter("The file is empty.")
    if len(text.splitlines()) > MAXIMUM_LINES:
        raise UnreadableChapter(
            f"The file has more than {MAXIMUM_LINES:,} lines; import one chapter at a time."
        )
    control = sum(1 for character in text if character < " " and not character.isspace())
    if control > len(text) * CONTROL_SHARE:
        raise UnreadableChapter("The file is binary, not plain text.")
    return text
