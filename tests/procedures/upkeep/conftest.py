"""The manual with its editors: forms of the CMS as the browser posts them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Page, WorkflowState
from wagtail.test.utils.form_data import nested_form_data, streamfield

from procedures.models import ChapterPage
from tests.cast import Cast, client_for

Post = Callable[..., Any]
SUBMITTED = {"action-submit": "yes", "change_what": "Ring sooner.", "change_why": "A day is too long."}


@pytest.fixture
def bea(cast: Cast) -> Client:
    """Bea Lindqvist, business manager of Tarnbrook."""
    return client_for(cast.manager)


@pytest.fixture
def adil(cast: Cast) -> Client:
    """Adil Shah, administrator of Tarnbrook."""
    return client_for(cast.administrator)


@pytest.fixture
def jo(cast: Cast) -> Client:
    """Jo Finch, business manager of Ellerfold."""
    return client_for(cast.eller_manager)


def edit_url(page: Page) -> str:
    return f"/cms/pages/{page.pk}/edit/"


def approve_url(page: Page) -> str:
    return f"/cms/upkeep/approve/{page.pk}/"


def fields(page: ChapterPage, **changes: Any) -> dict[str, Any]:
    """What the editor's form posts for a chapter as its latest draft stands, with changes."""
    draft = Page.objects.get(pk=page.pk).specific.get_latest_revision_as_object()
    latest = draft.get_latest_revision()
    data = nested_form_data(
        {
            "title": draft.title,
            "slug": draft.slug,
            "number": draft.number,
            "partnership": str(draft.partnership_id or ""),
            "change_what": draft.change_what,
            "change_why": draft.change_why,
            "edition_date": "",
            "review_by": draft.review_by.isoformat() if draft.review_by else "",
            "kept_by": draft.kept_by,
            "keeper": str(draft.keeper_id or ""),
            "boxes": streamfield([]),
            "body": streamfield([_section(block) for block in draft.body]),
            "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000},
            "seo_title": "",
            "search_description": "",
            "go_live_at": "",
            "expire_at": "",
        }
    )
    for number, block in enumerate(draft.body):
        data[f"body-{number}-id"] = block.id
    data["loaded_revision_id"] = str(latest.pk)
    data["loaded_revision_created_at"] = latest.created_at.isoformat()
    return {**data, **changes}


def _section(block: Any) -> tuple[str, dict[str, Any]]:
    value = block.value
    return (
        "section",
        {
            "numbering": value["numbering"],
            "number": value["number"],
            "heading": value["heading"],
            "level": str(value["level"]),
            "content": streamfield([]),
        },
    )


def save(client: Client, page: ChapterPage, **changes: Any) -> Any:
    """Saves a draft in the editor."""
    return client.post(edit_url(page), fields(page, **changes), follow=True)


def submit(client: Client, page: ChapterPage, **changes: Any) -> Any:
    """Changes a chapter in the editor, says what and why, and submits it for approval."""
    return save(client, page, **{**SUBMITTED, **changes})


def decide(client: Client, page: ChapterPage, decision: str = "approve", comment: str = "") -> Any:
    """Decides on the page that asks the second person."""
    latest = Page.objects.get(pk=page.pk).get_latest_revision()
    version = f"{latest.pk} {latest.created_at.isoformat()}"
    return client.post(
        approve_url(page), {"version": version, "decision": decision, "comment": comment}, follow=True
    )


def title_of(page: Page) -> str:
    """What readers see."""
    return str(Page.objects.get(pk=page.pk).title)


def waits(page: Page) -> bool:
    """Whether a change of the page waits for approval."""
    return WorkflowState.objects.filter(object_id=str(page.pk), status="in_progress").exists()


def draft_of(page: Page) -> ChapterPage:
    """The latest draft, as it is stored."""
    draft: ChapterPage = Page.objects.get(pk=page.pk).specific.get_latest_revision_as_object()
    return draft
