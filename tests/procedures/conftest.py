"""A small manual under the site's home page."""

import pytest
from wagtail.models import Page, Site

from procedures.importing.parse import parse_chapter
from procedures.models import ChapterPage, ManualIndexPage
from procedures.services import import_chapter, site_root

BRUISES = """6 Bruises on babies

SCOPE OF THIS CHAPTER

For health visitors and midwives.

1. What to look for

Bruises on a baby who cannot crawl are rare & worrying. Do not wait.

2. Referring

Ring the duty desk within 24 hours. The strategies that follow are agreed:

a) measure the bruise;
b) draw it on a body map.

Appendix A - Body map

Draw on it.
"""
MISSING = """7 Children who go missing

1. Police

The police decide how great the danger is. Referrals come within a day.

2. Return interview

Somebody independent talks with the child.
"""


@pytest.fixture
def manual(db: None) -> ManualIndexPage:
    """An empty manual, live at /manual/."""
    root = site_root()
    if root.depth == 1:
        Site.objects.update_or_create(
            is_default_site=True, defaults={"hostname": "testserver", "root_page": root}
        )
    page = ManualIndexPage(title="Manual of the valley", slug="manual")
    root.add_child(instance=page)
    return page


@pytest.fixture
def bruises(manual: ManualIndexPage) -> ChapterPage:
    """A published chapter with a box, a list and an appendix."""
    return publish(BRUISES, manual)


@pytest.fixture
def missing(manual: ManualIndexPage) -> ChapterPage:
    """Another published chapter."""
    return publish(MISSING, manual)


def publish(text: str, parent: Page) -> ChapterPage:
    """Import and publish a chapter."""
    return import_chapter(parse_chapter(text), parent=parent, publish=True).page
