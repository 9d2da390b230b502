"""What the tests of editions do again and again: change a chapter and publish it, as the CMS does."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from wagtail.blocks import StreamValue

from procedures.editing.models import Edition
from procedures.models import ChapterPage
from tests.cast import Cast, client_for


@pytest.fixture
def bea(cast: Cast) -> Client:
    """The business manager's browser."""
    return client_for(cast.manager)


@pytest.fixture
def stranger(cast: Cast) -> Client:
    """A reader without an account at the partnership whose manual is open."""
    return Client(HTTP_HOST=cast.tarn.hostname)


def changed(page: ChapterPage, old: str, new: str) -> ChapterPage:
    """The page's draft with other words in its sections."""
    draft: ChapterPage = page.get_latest_revision_as_object()
    raw = _replaced(draft.body.get_prep_value(), old, new)
    draft.body = StreamValue(draft.body.stream_block, raw, is_lazy=True)
    return draft


def _replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, dict):
        return {key: _replaced(one, old, new) for key, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, old, new) for one in value]
    return value


@pytest.fixture
def amend(cast: Cast) -> Callable[..., Edition]:
    """Publishes a change of a chapter's words with its note, as Bea."""

    def publish(
        page: ChapterPage,
        old: str = "",
        new: str = "",
        what: str = "The words.",
        why: str = "Practice changed.",
        **fields: Any,
    ) -> Edition:
        page = ChapterPage.objects.get(pk=page.pk)
        draft = changed(page, old, new) if old else page.get_latest_revision_as_object()
        draft.change_what, draft.change_why = what, why
        for name, value in fields.items():
            setattr(draft, name, value)
        revision = draft.save_revision(user=cast.manager.person)
        # As approval does it: by hand nobody publishes.
        revision.publish(user=cast.manager.person, skip_permission_checks=True)
        return Edition.objects.get(revision=revision)

    return publish
