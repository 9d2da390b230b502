"""The registers in the CMS answer what they offer to be asked, and to nothing else."""

import re

import pytest

from caseforms.deadlines.models import DeadlineRule
from caseforms.deadlines.services import install_default_rules
from procedures.sharing.models import Contact
from tests.cast import Cast, client_for

pytestmark = pytest.mark.django_db
REGISTERS = (
    "time-limits",
    "closed-days",
    "status-definitions",
    "synonyms",
    "best-bets",
    "local-boxes",
    "contacts",
)
GUESS = "partnership__memberships__person__password__startswith"


@pytest.mark.parametrize("register", REGISTERS)
@pytest.mark.parametrize(
    "query",
    [
        *("o=99", "o=x&ot=x", "o=-1.99", "p=-1", "p=99999999999999999999", "p=x", "e=1", "export=csv"),
        *("q=%00", "q=%27%22%F0%9F%98%80", "active__exact=x", "urgent__isnull=x", "active__exact=%00"),
        *("nothing=1", "id=x", "pk__in=", "partnership=x", "partnership__pk__regex=(", "__=1", "%00=%00"),
    ],
)
def test_any_query_is_answered_with_the_register(cast: Cast, register: str, query: str) -> None:
    answer = client_for(cast.manager).get(f"/cms/{register}/?{query}", follow=True)
    assert answer.status_code == 200


def test_nobody_guesses_what_stands_in_other_tables(cast: Cast) -> None:
    """How many rows there are for a right and for a wrong guess must not differ."""
    Contact.objects.create(service="Front door", telephone="01632 960000", partnership=cast.tarn)
    manager = client_for(cast.manager)
    secret = cast.practitioner.person.password
    assert len(secret) > 20
    address = "/cms/contacts/"
    right, wrong = (manager.get(address, {GUESS: guess}).content.decode() for guess in (secret[:20], "no"))
    assert "Front door" in right
    assert "Front door" in wrong


def test_the_filters_that_are_offered_work(cast: Cast) -> None:
    manager = client_for(cast.manager)
    install_default_rules(cast.tarn)
    rule = DeadlineRule.objects.filter(partnership=cast.tarn)[:1].get()
    DeadlineRule.objects.filter(pk=rule.pk).update(active=False, task="Not in use any more")
    shown = manager.get("/cms/time-limits/", {"active__exact": "0"}).content.decode()
    assert "Not in use any more" in shown
    hidden = manager.get("/cms/time-limits/", {"active__exact": "1"}).content.decode()
    assert "Not in use any more" not in hidden
    assert re.search(r"active__exact=0", hidden)
