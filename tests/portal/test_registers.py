"""The registers in the CMS answer what they offer to be asked, and to nothing else."""

import re
from datetime import date

import pytest

from caseforms.actionplans.rag import install_key
from caseforms.deadlines.models import ClosedDay, DeadlineRule
from caseforms.deadlines.services import install_default_rules
from procedures.finding.models import BestBet, Synonym
from procedures.importing.parse import parse_chapter
from procedures.services import ensure_manual, import_chapter
from procedures.sharing.models import Contact, LocalBox
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


@pytest.fixture
def filled(cast: Cast) -> None:
    """A row in every register."""
    page = import_chapter(
        parse_chapter("8 Bruises\n\n1. Ring\n\nRing us."), parent=ensure_manual(), publish=True
    ).page
    install_default_rules(cast.tarn)
    install_key(cast.tarn)
    ClosedDay.objects.create(date=date(2026, 12, 24), reason="Office shut", partnership=cast.tarn)
    BestBet.objects.create(questions="refer", form="case-referral")
    LocalBox.objects.create(page=page, partnership=cast.tarn, title="Here")
    Contact.objects.create(service="Front door", telephone="01632 960000", partnership=cast.tarn)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("register", REGISTERS)
def test_no_register_takes_a_question_that_it_does_not_offer(cast: Cast, register: str) -> None:
    manager = client_for(cast.manager)
    row = f"/cms/{register}/edit/"
    plain = manager.get(f"/cms/{register}/").content.decode().count(row)
    assert plain
    for question in ({"pk__isnull": "1"}, {"partnership__short_name": "None of ours"}):
        assert manager.get(f"/cms/{register}/", question).content.decode().count(row) == plain


@pytest.mark.parametrize("register", ["synonyms", "best-bets"])
@pytest.mark.parametrize("pk", ["1_22", "1_2B", "-1", "9" * 40])
def test_an_id_that_is_none_is_not_found(cast: Cast, register: str, pk: str) -> None:
    """1_22 is how modeladmin writes 1 and a quotation mark, and how Python may write 122."""
    Synonym.objects.create(pk=122, words="a\nb")
    BestBet.objects.create(pk=122, questions="refer", form="case-referral")
    assert client_for(cast.manager).get(f"/cms/{register}/edit/{pk}/").status_code == 404


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
