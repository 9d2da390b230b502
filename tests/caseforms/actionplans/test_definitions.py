"""The key to the colours: what ships, and the register in which each business manager words their own."""

from typing import Any

import pytest

from caseforms.actionplans.models import RagDefinition, Status
from caseforms.actionplans.rag import install_key, rag_key
from portal.accounts import groups
from portal.accounts.models import Membership
from tests.cast import Cast, client_for

REGISTER = "/cms/status-definitions/"


@pytest.fixture(autouse=True)
def _managers_may_enter_the_cms(cast: Cast) -> None:
    for member in (cast.manager, cast.eller_manager, cast.administrator):
        groups.sync(member.person)
    for partnership in (cast.tarn, cast.eller):
        install_key(partnership)


def reword(member: Membership, row: RagDefinition, words: str) -> int:
    response: Any = client_for(member).post(
        f"{REGISTER}edit/{row.pk}/", {"colour": "amber", "definition": words}
    )
    return int(response.status_code)


def definition(cast: Cast, status: str = "at_risk") -> RagDefinition:
    return RagDefinition.objects.get(partnership=cast.tarn, status=status)


def test_every_status_has_a_colour_and_words_before_anybody_wrote_any(cast: Cast) -> None:
    RagDefinition.objects.all().delete()
    key = rag_key(cast.tarn)
    assert list(key) == Status.values
    assert all(row.definition and row.tag for row in key.values())


def test_installing_twice_adds_nothing_and_keeps_local_words(cast: Cast) -> None:
    RagDefinition.objects.filter(partnership=cast.tarn, status="at_risk").update(definition="Local words")
    assert install_key(cast.tarn) == 0
    assert rag_key(cast.tarn)["at_risk"].definition == "Local words"
    assert rag_key(cast.eller)["at_risk"].definition != "Local words"


def test_a_manager_rewords_their_own_partnerships_definition(cast: Cast) -> None:
    assert reword(cast.manager, definition(cast), "Ours: late but with a plan.") == 302
    assert rag_key(cast.tarn)["at_risk"].definition == "Ours: late but with a plan."


def test_a_manager_neither_lists_nor_rewords_anothers(cast: Cast) -> None:
    before = definition(cast).definition
    RagDefinition.objects.filter(partnership=cast.tarn).update(definition="TARNWORDS")
    assert "TARNWORDS" not in client_for(cast.eller_manager).get(REGISTER).content.decode()
    assert "TARNWORDS" in client_for(cast.manager).get(REGISTER).content.decode()
    assert reword(cast.eller_manager, definition(cast), before) == 404
    assert definition(cast).definition == "TARNWORDS"


def test_nobody_else_reaches_the_register(cast: Cast) -> None:
    for member in (cast.lead_csc, cast.chair, cast.auditor, cast.practitioner):
        assert reword(member, definition(cast), "x") in (302, 403)
    assert definition(cast).definition != "x"


def test_a_status_is_neither_added_nor_deleted(cast: Cast) -> None:
    row = definition(cast)
    client = client_for(cast.manager)
    client.post(f"{REGISTER}delete/{row.pk}/")
    client.post(f"{REGISTER}create/", {"status": "at_risk", "colour": "red", "definition": "x"})
    assert RagDefinition.objects.filter(partnership=cast.tarn).count() == len(Status)
