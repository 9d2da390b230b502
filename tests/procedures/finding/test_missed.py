"""What nobody found is counted by month, and never says who searched or whom for."""

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures.finding import missed
from procedures.finding.models import Missed
from procedures.models import ChapterPage
from tests.cast import Cast, client_for

pytestmark = pytest.mark.django_db
REPORT = "/cms/reports/not-found/"


def search(query: str, address: str = "10.0.0.1") -> None:
    Client().get("/search/", {"q": query}, headers={"host": "localhost"}, REMOTE_ADDR=address)


def words() -> dict[str, int]:
    return dict(Missed.objects.exclude(words="").values_list("words", "times"))


def test_a_question_in_the_manuals_own_words_is_counted_at_once(bruises: ChapterPage, cast: Cast) -> None:
    for _ in range(2):
        search('"desk duty"')
    assert words() == {"desk duty": 2}


def test_what_was_found_is_not_counted(bruises: ChapterPage, cast: Cast) -> None:
    search("bruise")
    search("bruize")
    assert not Missed.objects.exists()


def test_a_new_word_is_kept_when_three_people_have_asked_it(bruises: ChapterPage, cast: Cast) -> None:
    for address in ("10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2"):
        search("sextortion", address)
    assert words() == {}
    search("Sextortion", "10.0.0.3")
    assert words() == {"sextortion": 3}


@pytest.mark.parametrize(
    "query",
    [
        "olivia",
        "callum sextortion",
        "the Zbrniak family",
        "zbrniak qwertov",
        "lindqvist",
        "CR-7F3K-9QXA",
        "07700900123",
        "12/03/2019",
        "xyz@example.org",
        "www.zbrniak.example",
        "zbrniak " * 30,
        "bruise xqz " * 9,
    ],
)
def test_what_may_be_about_somebody_is_never_kept_in_words(
    bruises: ChapterPage, cast: Cast, query: str
) -> None:
    for place in range(5):
        missed.note(query, cast.tarn, f"10.0.1.{place}")
    assert words() == {}
    assert not Missed.objects.exclude(digest="").exists(), "not as a digest either"
    assert Missed.objects.get().times == 5


def test_nobody_is_named_with_what_was_searched(bruises: ChapterPage, cast: Cast) -> None:
    assert {field.name for field in Missed._meta.get_fields()} == {
        *("id", "partnership", "month", "digest", "words", "times")
    }


def test_one_visitor_cannot_fill_the_report(bruises: ChapterPage, cast: Cast) -> None:
    for place in range(missed.PER_ADDRESS + 5):
        missed.note(f"duty {chr(97 + place % 26)}{chr(97 + place // 26)}", cast.tarn, "10.0.0.1")
    assert sum(Missed.objects.values_list("times", flat=True)) <= missed.PER_ADDRESS


def test_a_full_month_only_counts(bruises: ChapterPage, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missed, "MOST_ROWS", 2)
    for place, query in enumerate(("duty desk baby", "desk duty", "baby desk", "desk baby")):
        missed.note(query, cast.tarn, f"10.0.0.{place}")
    assert len(words()) == 2
    assert Missed.objects.get(digest="").times == 2


def test_the_report_shows_each_business_manager_their_own_partnership(
    bruises: ChapterPage, cast: Cast
) -> None:
    missed.note("desk duty", cast.tarn, "10.0.0.1")
    missed.note("baby desk", cast.eller, "10.0.0.1")
    page = client_for(cast.manager).get(REPORT).content.decode()
    assert "desk duty" in page
    assert "baby desk" not in page
    assert client_for(cast.practitioner).get(REPORT).status_code == 403


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(query=st.text(max_size=120))
def test_any_question_can_be_noted(bruises: ChapterPage, cast: Cast, query: str) -> None:
    missed.note(query, cast.tarn, "10.9.9.9")
    assert all(not any(map(str.isdigit, kept)) for kept in words())
