"""What lies around reports and digests: the editor's desk, the tabs, the demo, addresses in mails."""

from typing import Any

import pytest
from django.core.management import call_command

from procedures.models import ChapterPage
from procedures.readers import selectors
from procedures.readers.links import origin_of, page_link
from procedures.readers.models import Confirmation, Feedback, FeedbackState, Subscription
from tests.cast import Cast, client_for
from tests.procedures.readers.scenes import CANARY, amend, answered, make_private, reported

pytestmark = pytest.mark.django_db


def test_the_editors_desk_counts_the_reports_that_this_manager_may_answer(
    cast: Cast, bruises: ChapterPage, missing: ChapterPage
) -> None:
    bea = client_for(cast.manager)
    assert "No report waits for an answer" in bea.get("/cms/").content.decode()
    feedback = reported(bruises, cast.practitioner)
    reported(missing, cast.eller_practitioner)
    answered(reported(missing, cast.practitioner), cast.manager)
    html = bea.get("/cms/").content.decode()
    assert "Reports from readers (1)" in html
    assert f'href="/readers/feedback/{feedback.pk}/"' in html
    assert "7 Children who go missing" not in html
    assert CANARY not in html
    make_private(bruises)
    assert "No report waits for an answer" in bea.get("/cms/").content.decode()


@pytest.mark.parametrize(
    ("key", "first", "shown"),
    [
        ("manager", "/readers/feedback/", ["Reports from readers", "Read and understood", "What you follow"]),
        ("lead_csc", "/readers/must-read/", ["Read and understood", "What you follow"]),
        ("practitioner", "/readers/mine/", []),
    ],
)
def test_each_person_has_the_tabs_that_open_to_them(
    cast: Cast, key: str, first: str, shown: list[str]
) -> None:
    client = client_for(getattr(cast, key))
    assert client.get("/readers/")["Location"] == first
    html = client.get(first).content.decode()
    for label in ("Reports from readers", "Read and understood"):
        assert (f">{label}</a>" in html) == (label in shown)
    assert ('href="/readers/"' in html) == bool(shown)


def test_the_demo_has_a_report_that_waits_one_answered_and_a_change_that_half_have_read() -> None:
    for _ in range(2):
        call_command("load_demo")
        states = Feedback.objects.values_list("state", flat=True)
        assert sorted(states) == [FeedbackState.ANSWERED, FeedbackState.OPEN]
        assert Confirmation.objects.count() == 7
        assert Subscription.objects.count() == 1


def test_addresses_in_mails_are_on_the_readers_own_host_where_the_portal_answers_there(
    cast: Cast, bruises: ChapterPage, settings: Any
) -> None:
    settings.BASE_URL = "https://portal.example:8443"
    assert page_link(bruises, cast.eller, "s-1") == f"https://ellerfold.localhost:8443{bruises.get_url()}#s-1"
    settings.ALLOWED_HOSTS = ["portal.example"]
    assert origin_of(cast.eller) == origin_of(None) == "https://portal.example:8443"


def test_my_work_asks_about_the_manual_with_a_few_queries_however_much_there_is(
    cast: Cast, bruises: ChapterPage, missing: ChapterPage, django_assert_max_num_queries: Any
) -> None:
    for page in (bruises, missing):
        amend(page, must_read=True)
        for _ in range(3):
            reported(page, cast.practitioner)
    with django_assert_max_num_queries(16):
        assert len(selectors.tasks(cast.manager.person, cast.manager)) == 3
