"""A regional manual with what two partnerships have of their own in it."""

from dataclasses import dataclass

import pytest
from django.test import Client

from home.demo import load_home
from portal.accounts import groups
from portal.accounts.models import Partnership
from procedures.models import ChapterPage, ManualIndexPage
from procedures.policy import keepers_of
from procedures.sharing import services
from procedures.sharing.models import Contact, LocalBox, Place
from tests.cast import Cast, client_for
from tests.procedures.conftest import publish


@dataclass
class Shared:
    """The regional chapter, each partnership's own chapter and box, and their markers."""

    cast: Cast
    manual: ManualIndexPage
    chapter: ChapterPage
    local: dict[str, ChapterPage]
    boxes: dict[str, LocalBox]

    def anchor(self, number: int) -> str:
        return self.chapter.sections()[number].anchor


def local_chapter(manual: ManualIndexPage, partnership: Partnership, said: str, number: int) -> ChapterPage:
    """A published chapter of one partnership whose every text holds a marker."""
    text = f"{number} Chapter {said}\n\n1. Section {said}\n\nWords about {said} and bruises.\n"
    page = publish(text, manual)
    page.partnership = partnership
    page.save()
    return page


@pytest.fixture
def manual(db: None) -> ManualIndexPage:
    """Below the site's home page, as the portal has it: nobody can make a page at the root of all sites."""
    page = ManualIndexPage(title="Manual of the valley", slug="manual")
    load_home().add_child(instance=page)
    return page


@pytest.fixture
def shared(cast: Cast, manual: ManualIndexPage, bruises: ChapterPage) -> Shared:
    for member in (cast.manager, cast.eller_manager, cast.administrator):
        groups.sync(member.person)
    found = Shared(cast, manual, bruises, {}, {})
    for number, (key, partnership) in enumerate((("tarn", cast.tarn), ("eller", cast.eller)), start=21):
        found.local[key] = local_chapter(manual, partnership, f"{key}local", number)
        box = LocalBox(
            page=bruises,
            partnership=partnership,
            anchor=found.anchor(1),
            place=Place.AFTER,
            title=f"{key}title",
            text=f"<p>Ring {key}box about bruises.</p>",
        )
        found.boxes[key] = services.save_box(box, keepers_of(partnership.pk).first())
        Contact.objects.create(
            partnership=partnership, service=f"{key}contact", telephone="01632 960 001", urgent=key == "tarn"
        )
    Contact.objects.create(service="Everybody's helpline", telephone="+44 1632 960 002")
    return found


@pytest.fixture
def tarn_client(cast: Cast) -> Client:
    """A reader without an account at Tarnbrook, whose manual anyone may read."""
    return Client(HTTP_HOST=cast.tarn.hostname)


@pytest.fixture
def eller_client(cast: Cast) -> Client:
    """A practitioner of Ellerfold at Ellerfold's host."""
    return client_for(cast.eller_practitioner)
