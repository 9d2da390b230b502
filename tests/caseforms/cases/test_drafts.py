"""Drafts: one per form, case and agency, saved only on top of what was seen, sent once."""

import threading

import pytest
from django.db import connection, connections

from caseforms.cases import drafts
from caseforms.cases.models import Draft
from caseforms.questions.answers import InvalidAnswers
from portal.accounts.models import Membership, Role
from tests.caseforms.cases import world
from tests.cast import Cast

CODE = "agency-information"


def test_colleagues_of_one_agency_share_a_draft_and_another_agency_has_its_own(cast: Cast) -> None:
    case = world.gathering(cast)
    colleague = Membership.objects.create(
        person=cast.administrator.person,
        agency=cast.agency("POL"),
        partnership=cast.tarn,
        role=Role.AGENCY_LEAD,
    )
    draft = world.stored(case, CODE, cast.lead_pol, world.NIL)
    assert drafts.of_agency(case, CODE, colleague) == draft
    assert drafts.of_agency(case, CODE, cast.lead_csc) is None
    assert drafts.of_agency(case, "scope", cast.lead_pol) is None
    assert drafts.of_agency(world.gathering(cast), CODE, cast.lead_pol) is None
    with pytest.raises(drafts.StaleDraft):
        drafts.save(drafts.blank(case, CODE, colleague), 0, world.INVOLVED)
    assert Draft.objects.count() == 1


def test_a_draft_is_saved_only_on_top_of_the_version_that_was_seen(cast: Cast) -> None:
    case = world.gathering(cast)
    draft = world.stored(case, CODE, cast.lead_pol, world.NIL)
    drafts.save(draft, 1, world.INVOLVED)
    assert draft.version == 2
    for seen in (1, 3, 99):
        with pytest.raises(drafts.StaleDraft):
            drafts.save(Draft.objects.get(pk=draft.pk), seen, world.NIL)
    assert Draft.objects.get(pk=draft.pk).answers == world.INVOLVED


def test_a_draft_is_sent_once_and_only_as_it_was_last_saved(cast: Cast) -> None:
    case = world.gathering(cast)
    draft = world.stored(case, CODE, cast.lead_pol, world.NIL)
    old = Draft.objects.get(pk=draft.pk)
    drafts.save(draft, 1, world.INVOLVED)
    with pytest.raises(drafts.StaleDraft):
        drafts.send(old, world.NIL, cast.lead_pol)
    submission = drafts.send(draft, draft.answers, cast.lead_pol)
    assert submission.version == 1
    assert submission.question_set == draft.question_set
    with pytest.raises(drafts.StaleDraft):
        drafts.send(draft, world.NIL, cast.lead_pol)
    with pytest.raises(drafts.StaleDraft):
        drafts.save(draft, draft.version, world.NIL)
    stored = Draft.objects.get(pk=draft.pk)
    assert (stored.state, stored.answers) == (Draft.State.SUBMITTED, {})


def test_answers_that_do_not_fit_their_questions_are_not_sent_and_the_draft_stays(cast: Cast) -> None:
    case = world.gathering(cast)
    wrong = {"involvement": {"involved": "perhaps"}}
    draft = world.stored(case, CODE, cast.lead_pol, wrong)
    with pytest.raises(InvalidAnswers):
        drafts.send(draft, wrong, cast.lead_pol)
    stored = Draft.objects.get(pk=draft.pk)
    assert (stored.state, stored.answers) == (Draft.State.DRAFT, wrong)
    assert not case.submissions.filter(question_set__code=CODE).exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_eight_first_saves_at_once_make_one_draft() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite in memory, as the tests have it, lets no two connections write")
    cast = world.load_cast()
    case = world.gathering(cast)
    barrier, outcomes = threading.Barrier(8), []

    def act() -> None:
        draft = drafts.blank(case, CODE, cast.lead_pol)
        barrier.wait()
        try:
            drafts.save(draft, 0, world.NIL)
            outcomes.append("saved")
        except drafts.StaleDraft:
            outcomes.append("stale")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved", *["stale"] * 7]
    assert Draft.objects.filter(case=case).count() == 1
