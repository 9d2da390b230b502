"""Business managers keep synonyms and best bets in the CMS: everybody's and their own partnership's, nobody else's."""

import pytest

from procedures.finding.models import BestBet, Synonym
from procedures.finding.search import search_manual
from procedures.models import ChapterPage, Section
from tests.cast import Cast, client_for

pytestmark = pytest.mark.django_db


def test_a_synonym_written_in_the_cms_counts_at_the_next_search(missing: ChapterPage, cast: Cast) -> None:
    browser = client_for(cast.manager)
    assert not search_manual("homecoming")
    answer = browser.post(
        "/cms/synonyms/create/", {"words": "homecoming\nreturn interview", "partnership": ""}
    )
    assert answer.status_code == 302
    assert search_manual("homecoming")
    refused = browser.post("/cms/synonyms/create/", {"words": "alone", "partnership": ""})
    assert "at least two lines" in refused.content.decode()


def test_a_best_bet_is_given_the_link_of_a_section(missing: ChapterPage, cast: Cast) -> None:
    section = Section.objects.get(heading="Return interview")
    link = f"http://localhost{missing.get_url()}#{section.anchor}"
    asked = {
        "questions": "homecoming",
        "page": missing.pk,
        "anchor": link,
        "document": "",
        "form": "",
        "partnership": "",
    }
    browser = client_for(cast.manager)
    assert browser.post("/cms/best-bets/create/", asked).status_code == 302
    assert search_manual("homecoming")[0].section == "2 Return interview"
    refused = browser.post("/cms/best-bets/create/", {**asked, "anchor": "s-0000000000"})
    assert "no section with this link" in refused.content.decode()
    both = browser.post("/cms/best-bets/create/", {**asked, "form": "case-referral"})
    assert "Choose one of page, document and form" in both.content.decode()
    assert BestBet.objects.count() == 1


def test_another_partnerships_rows_are_not_there(cast: Cast) -> None:
    row = Synonym.objects.create(words="ours\ntheirs", partnership=cast.eller)
    browser = client_for(cast.manager)
    assert "theirs" not in browser.get("/cms/synonyms/").content.decode()
    assert browser.get(f"/cms/synonyms/edit/{row.pk}/").status_code == 404
    assert browser.post(f"/cms/synonyms/delete/{row.pk}/").status_code == 404
    assert browser.get("/cms/synonyms/edit/x/").status_code == 404
    taken = browser.post("/cms/synonyms/create/", {"words": "a\nb", "partnership": str(cast.eller.pk)})
    assert taken.status_code == 200
    assert not Synonym.objects.filter(words="a\nb").exists()
    assert client_for(cast.practitioner).get("/cms/synonyms/").status_code == 403
