"""A chapter about zebras that some people may not read, beside those that everybody may."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from wagtail.documents.models import Document
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from portal.accounts import groups
from procedures.models import ChapterPage, ManualIndexPage
from procedures.privacy import Reader
from tests.cast import Cast
from tests.procedures.conftest import publish

ZEBRAS = """8 Zebras at the riverside

1. Counting zebras

Quagga lanterns are counted by the riverside every fortnight.
"""


@pytest.fixture
def zebras(manual: ManualIndexPage, bruises: ChapterPage, missing: ChapterPage) -> ChapterPage:
    """A chapter that everybody reads, until a test hides it."""
    return publish(ZEBRAS, manual)


@pytest.fixture
def private(zebras: ChapterPage, cast: Cast) -> ChapterPage:
    """The same, for business managers."""
    restriction = PageViewRestriction.objects.create(page=zebras, restriction_type=PageViewRestriction.GROUPS)
    restriction.groups.add(Group.objects.get(name=groups.MANAGERS))
    return zebras


@pytest.fixture
def elsewhere(zebras: ChapterPage, cast: Cast) -> ChapterPage:
    """The same, local to Ellerfold."""
    zebras.partnership = cast.eller
    zebras.save_revision().publish()
    return zebras


def reader(cast: Cast, key: str) -> Reader:
    """Somebody of the cast as a reader of their partnership."""
    member = cast.members[key]
    return Reader(member.person, member.partnership_id)


def document(text: str, name: str = "advice.txt", collection: Collection | None = None) -> Document:
    """A document with this text, in a public collection unless another one is given."""
    place = collection or Collection.get_first_root_node()
    return Document.objects.create(
        title="Advice note", file=ContentFile(text.encode(), name=name), collection=place
    )


def private_collection() -> Collection:
    """A collection for business managers."""
    collection = Collection.get_first_root_node().add_child(name="For managers")
    kept: Any = CollectionViewRestriction.objects.create(
        collection=collection, restriction_type=CollectionViewRestriction.GROUPS
    )
    kept.groups.add(Group.objects.get_or_create(name=groups.MANAGERS)[0])
    return collection


def link(page: ChapterPage, linked: Document) -> None:
    """Publish the chapter with a link to the document at the end of its first section."""
    draft = page.get_latest_revision_as_object()
    raw = [dict(block) for block in draft.body.raw_data]
    words = {"type": "text", "value": f'<p><a linktype="document" id="{linked.pk}">Advice</a></p>'}
    raw[0]["value"] = {**raw[0]["value"], "content": [*raw[0]["value"]["content"], words]}
    draft.body = type(draft.body)(draft.body.stream_block, raw, is_lazy=True)
    draft.save_revision().publish()
