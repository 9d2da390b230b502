"""A referral that can be sent, and how a drafter fills one in through the pages."""

from copy import deepcopy
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from caseforms.cases.models import Case, Draft
from caseforms.questions.services import current_set
from caseforms.referrals.items import keyed
from portal.accounts.models import Agency, Membership
from tests.caseforms.questions.posting import posted

# Words that appear nowhere but in the answers; no address, title, message or log may hold one of them.
FIRST, LAST, STREET = "Zephyrine", "Quillfeather", "9 Marrowbone Rise"
CONSULTED_AT = "2026-11-21T18:10:00+00:00"


def full(*, police: bool = True) -> dict[str, Any]:
    """Answers to everything that submission needs, and a little more."""
    agencies: list[dict[str, Any]] = [{"listed": "no", "other_agency": "Hillmouth Nursery, Northmere"}]
    if police:
        agencies.insert(0, {"listed": "yes", "agency": str(Agency.objects.get(code="POL").pk)})
    return {
        "about-you": {
            "job_title": "Ward sister",
            "telephone": "01632 960 111",
            "consulted_name": "Orla Fennimore",
            "consulted_role": "Named nurse",
            "consulted_at": CONSULTED_AT,
        },
        "children": [
            {
                "first_name": FIRST,
                "last_name": LAST,
                "date_of_birth": "2024-03",
                "died": "yes",
                "date_of_death": "2026-11-20",
                "sex": "female",
                "address": STREET,
            },
            {
                "first_name": "Second",
                "last_name": LAST,
                "date_of_birth": "2020-01-31",
                "died": "no",
                "address": STREET,
            },
        ],
        "family": [
            {"first_name": "Ambrosine", "last_name": LAST, "relationship": "Mother", "same_address": "yes"}
        ],
        "what-happened": {
            "incident_date": "2026-11-20",
            "account": "An account that stays encrypted.",
            "others_safe": {"answer": "yes", "comment": "Staying with an aunt"},
        },
        "agencies": agencies,
        "criteria": {
            "criteria": ["died"],
            "reasons": "Neglect is suspected.",
            "working_together": {"answer": "not_known"},
        },
        "proceedings": {"proceedings": ["police", "coroner"]},
    }


def draft_with(owner: Membership, answers: dict[str, Any], **more: Any) -> Draft:
    """A stored draft of this person that holds these answers."""
    question_set = current_set("case-referral", owner.partnership)
    stored = keyed(question_set.parsed, deepcopy(answers))
    return Draft.objects.create(owner=owner, question_set=question_set, answers=stored, version=5, **more)


def address(name: str, draft: Draft, *args: Any) -> str:
    """The address of a page of this draft."""
    return reverse(f"referrals:{name}", args=[draft.pk, *args])


def hidden(page: HttpResponse, name: str) -> str:
    """The value of a hidden field of a page."""
    text = page.content.decode()
    return unescape(text.split(f'name="{name}" value="')[1].split('"')[0])


def main_of(page: HttpResponse) -> str:
    """The words of the page's own part, entities decoded."""
    text = page.content.decode()
    return unescape(text.split("<main", 1)[1].split("</main>", 1)[0])


def fill(
    client: Client, url: str, draft: Draft, code: str, values: dict[str, Any], **more: Any
) -> HttpResponse:
    """Opens a page of questions and posts these answers with what the page carries."""
    page = client.get(url)
    assert page.status_code == 200
    data = posted(draft.question_set.parsed.section(code), values) | {"seen": hidden(page, "seen")}
    if b'name="key"' in page.content:
        data["key"] = hidden(page, "key")
    return client.post(url, data | more)


def send(client: Client, draft: Draft, **more: Any) -> HttpResponse:
    """Opens the check page and presses its button."""
    page = client.get(address("check", draft))
    return client.post(address("check", draft), {"version": hidden(page, "version")} | more)


def sent_case(draft: Draft) -> Case:
    """The case that a draft became."""
    draft.refresh_from_db()
    assert draft.case is not None
    return draft.case
