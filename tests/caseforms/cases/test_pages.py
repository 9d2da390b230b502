"""The pages of a case: what each shows, to whom, and what they leave in the audit trail."""

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from caseforms.cases import services
from caseforms.cases.models import Case, Interest
from portal.audit.models import AccessEvent
from portal.encryption import DecryptionError
from tests.caseforms.cases import world
from tests.cast import Cast, client_for

PAGES = (
    "detail",
    "people",
    "agencies",
    "forms",
    "timeline",
    "print",
    "access",
    "declare_interest",
    "record_interest",
)
NAMES = (world.CHILD, world.SURNAME, "Oriel", "Tamsin-Voss", "Marram")


def url(case: Case, page: str) -> str:
    return reverse(f"cases:{page}", args=[case.reference])


def test_a_stranger_reads_the_same_words_for_a_foreign_case_and_for_one_that_does_not_exist(
    cast: Cast,
) -> None:
    case = world.gathering(cast)
    for key in ("eller_manager", "eller_lead_pol", "lead_edu", "administrator", "auditor", "author"):
        client = client_for(cast.members[key])
        for page in PAGES:
            real = client.get(url(case, page))
            none = client.get(url(case, page).replace(case.reference, "CR-2345-6789"))
            assert real.status_code == none.status_code == 404, (key, page)
            assert real.content == none.content, (key, page)
            assert case.reference.encode() not in real.content


def test_a_participant_without_the_right_is_refused_and_learns_nothing(cast: Cast) -> None:
    case = world.referred(cast, "practitioner", "CSC")
    for key, pages in {
        "lead_csc": ("people", "access", "record_interest"),
        "practitioner": ("access", "record_interest"),
    }.items():
        client = client_for(cast.members[key])
        for page in pages:
            response = client.get(url(case, page))
            assert response.status_code == 403, (key, page)
            assert not any(name in response.content.decode() for name in NAMES)


def test_a_declared_conflict_closes_every_page_at_once(cast: Cast) -> None:
    case = world.gathering(cast)
    client = client_for(cast.conflicted)
    assert client.get(url(case, "detail")).status_code == 200
    response = client.post(url(case, "declare_interest"), {"reason": "I supervised the officer"}, follow=True)
    assert response.status_code == 200
    assert case.reference not in response.content.decode()
    for page in PAGES:
        assert client.get(url(case, page)).status_code == 404, page
    assert case.reference not in client.get(reverse("cases:list")).content.decode()
    typed = client.get(reverse("cases:list"), {"reference": case.reference})
    assert typed.status_code == 200
    assert "no case with that reference" in typed.content.decode()
    # The others see it as before, and the panel is not told who stepped back or why.
    timeline = client_for(cast.panel).get(url(case, "timeline")).content.decode()
    assert "Interest" not in timeline
    page = client_for(cast.manager).get(url(case, "access")).content.decode()
    assert "Nina Kowal: declared interest" in page
    assert "supervised" not in page


def test_an_interest_that_the_manager_records_keeps_that_person_out(cast: Cast) -> None:
    case = world.gathering(cast)
    lead = client_for(cast.lead_pol)
    assert lead.get(url(case, "detail")).status_code == 200
    response = client_for(cast.manager).post(
        url(case, "record_interest"), {"person": str(cast.lead_pol.person_id), "reason": "First at the scene"}
    )
    assert response.status_code == 302
    assert lead.get(url(case, "detail")).status_code == 404
    interest = case.interests.get()
    assert (interest.kind, interest.reason) == (Interest.Kind.INVOLVED, "First at the scene")


def test_only_the_independent_chair_can_allow_an_appeal(cast: Cast) -> None:
    case = world.gathering(cast)
    interest = services.exclude(
        case, cast.panel.person, Interest.Kind.DECLARED, "We trained together", cast.panel
    )
    lift = reverse("cases:lift_interest", args=[case.reference, interest.pk])
    assert client_for(cast.manager).post(lift).status_code == 403
    assert client_for(cast.panel).post(lift).status_code == 404
    chair = client_for(cast.independent_chair)
    assert "We trained together" in chair.get(url(case, "appeals")).content.decode()
    assert chair.get(lift).status_code == 405
    assert client_for(cast.panel).get(url(case, "detail")).status_code == 404
    assert chair.post(lift).status_code == 302
    assert client_for(cast.panel).get(url(case, "detail")).status_code == 200


def test_an_appeal_is_lifted_only_through_its_own_case(cast: Cast) -> None:
    case, other = world.gathering(cast), world.gathering(cast)
    interest = services.exclude(case, cast.panel.person, Interest.Kind.DECLARED, "", cast.panel)
    mixed = reverse("cases:lift_interest", args=[other.reference, interest.pk])
    assert client_for(cast.independent_chair).post(mixed).status_code == 404
    interest.refresh_from_db()
    assert interest.lifted_at is None


def test_a_deputy_named_by_the_manager_sees_the_case_and_an_author_may_not_come_in_as_one(cast: Cast) -> None:
    case = world.gathering(cast)
    author = client_for(cast.author)
    assert author.get(url(case, "detail")).status_code == 404
    today = timezone.localdate()
    data = {
        "membership": str(cast.author.pk),
        "kind": "deputy",
        "starts_on_day": today.day,
        "starts_on_month": today.month,
        "starts_on_year": today.year,
    }
    manager = client_for(cast.manager)
    wrong = manager.post(url(case, "access"), data)
    assert wrong.status_code == 200
    assert "comes in as author" in wrong.content.decode()
    assert author.get(url(case, "detail")).status_code == 404
    assert manager.post(url(case, "access"), {**data, "kind": "author"}).status_code == 302
    assert author.get(url(case, "people")).status_code == 200


def test_the_names_stand_on_the_people_page_and_in_no_title_link_or_other_page(cast: Cast) -> None:
    case = world.gathering(cast)
    client = client_for(cast.manager)
    assert all(name in client.get(url(case, "people")).content.decode() for name in NAMES)
    for page in ("detail", "agencies", "forms", "timeline", "print", "access"):
        text = client.get(url(case, page)).content.decode()
        assert not any(name in text for name in NAMES), page
        assert case.reference in text
        assert "OFFICIAL-SENSITIVE" in text
    title = client.get(url(case, "people")).content.decode().split("<title>")[1].split("</title>")[0]
    assert case.reference in title
    assert not any(name in title for name in NAMES)


def test_each_page_leaves_one_access_event_with_reference_and_role_and_no_name(cast: Cast) -> None:
    case = world.gathering(cast)
    client = client_for(cast.lead_pol)
    for page, verb in (
        ("detail", "viewed"),
        ("people", "viewed"),
        ("timeline", "viewed"),
        ("print", "printed"),
    ):
        before = AccessEvent.objects.count()
        assert client.get(url(case, page)).status_code == 200
        event = AccessEvent.objects.latest("id")
        assert AccessEvent.objects.count() == before + 1, page
        assert (event.verb, event.object_kind, event.object_ref) == (verb, "case", case.reference)
        assert event.membership_id == cast.lead_pol.pk
        assert event.partnership_id == cast.tarn.pk
        assert event.detail == f"cases:{page}"


def test_the_list_shows_own_cases_with_what_waits_and_no_foreign_one(cast: Cast) -> None:
    own, foreign = world.gathering(cast), world.referred(cast, "eller_practitioner", "POL")
    lead = client_for(cast.lead_pol).get(reverse("cases:list")).content.decode()
    assert own.reference in lead
    assert "Give your agency&#x27;s information" in lead
    assert foreign.reference not in lead
    shared = client_for(cast.eller_lead_pol).get(reverse("cases:list")).content.decode()
    assert foreign.reference in shared
    assert own.reference not in shared
    assert "No case to show" in client_for(cast.lead_edu).get(reverse("cases:list")).content.decode()


def test_the_list_can_be_narrowed_to_a_stage_and_finds_a_case_by_its_reference(cast: Cast) -> None:
    early, late = world.referred(cast), world.gathering(cast)
    client = client_for(cast.manager)
    page = client.get(reverse("cases:list"), {"stage": "gathering"}).content.decode()
    assert late.reference in page
    assert early.reference not in page
    typed = early.reference.lower().replace("-", " ")
    assert client.get(reverse("cases:list"), {"reference": typed}).headers["Location"] == url(early, "detail")
    nothing = client_for(cast.lead_edu).get(reverse("cases:list"), {"reference": early.reference})
    assert nothing.status_code == 200
    assert "no case with that reference" in nothing.content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        {"surname": " quillFEATHER "},
        {"surname": "", "born_day": "14", "born_month": "3", "born_year": "2019"},
        {"surname": "Tamsin-Voss"},
    ],
)
def test_a_person_is_found_by_surname_or_birth_only_where_the_reader_may_see_people(
    cast: Cast, typed: dict[str, str]
) -> None:
    case = world.gathering(cast)
    find = reverse("cases:find_person")
    response = client_for(cast.lead_pol).post(find, typed)
    assert case.reference in response.content.decode()
    for key in ("lead_edu", "eller_manager", "administrator"):
        page = client_for(cast.members[key]).post(find, typed).content.decode()
        assert case.reference not in page, key
        assert "0 cases found" in page


def test_a_search_for_a_person_is_recorded_without_its_words_and_never_sits_in_an_address(cast: Cast) -> None:
    world.referred(cast, "practitioner", "POL")
    client = client_for(cast.lead_pol)  # sees the case, not its people: the police have not been asked
    response = client.post(reverse("cases:find_person"), {"surname": world.SURNAME})
    assert "0 cases found" in response.content.decode()
    event = AccessEvent.objects.filter(verb="searched_case").latest("id")
    assert (event.actor_id, event.object_ref, event.detail) == (cast.lead_pol.person_id, "", "0 found")
    before = AccessEvent.objects.count()
    empty = client.post(reverse("cases:find_person"), {"surname": ""})
    assert "Enter a surname" in empty.content.decode()
    assert AccessEvent.objects.count() == before
    assert (
        "found" not in client.get(reverse("cases:find_person"), {"surname": world.SURNAME}).content.decode()
    )


def test_both_surname_and_birth_must_fit_the_same_person(cast: Cast) -> None:
    case = world.gathering(cast)
    client = client_for(cast.manager)
    other_day = {"born_day": "15", "born_month": "3", "born_year": "2019"}
    page = client.post(reverse("cases:find_person"), {"surname": world.SURNAME, **other_day}).content.decode()
    assert case.reference not in page
    mothers = {"surname": "Tamsin-Voss", "born_day": "14", "born_month": "3", "born_year": "2019"}
    assert case.reference not in client.post(reverse("cases:find_person"), mothers).content.decode()


def test_the_timeline_filters_by_agency_and_kind_and_keeps_words_from_those_without_the_right(
    cast: Cast,
) -> None:
    case = world.referred(cast, "practitioner", "CSC")
    from_manager = "The grandmother's name is spelt two ways"
    client_for(cast.manager).post(
        reverse("workflow:triage", args=[case.reference]),
        {
            **world.form_data(client_for(cast.manager), reverse("workflow:triage", args=[case.reference])),
            "decision": "return",
            "words": from_manager,
        },
    )
    manager = client_for(cast.manager)
    everything = manager.get(url(case, "timeline")).content.decode()
    assert "grandmother" in everything
    assert "Referral sent" in everything
    assert "Time limit began" in everything
    only_limits = manager.get(url(case, "timeline"), {"kind": "Time limits"}).content.decode()
    assert "grandmother" not in only_limits
    hospital = manager.get(url(case, "timeline"), {"agency": "HOS"}).content.decode()
    assert "Referral sent" in hospital
    assert "grandmother" not in hospital
    assert "Nothing of this kind" in manager.get(url(case, "timeline"), {"agency": "ZZZ"}).content.decode()
    lead = client_for(cast.lead_csc).get(url(case, "timeline")).content.decode()
    assert "Returned with a question" in lead
    assert "grandmother" not in lead


def test_forms_are_listed_for_those_who_may_read_them_and_open_through_their_own_case_alone(
    cast: Cast,
) -> None:
    case, other = world.gathering(cast), world.gathering(cast)
    police = world.give(case, cast.lead_pol)
    social_care = world.give(case, cast.lead_csc, world.NIL)
    referral = case.submissions.get(question_set__code="case-referral")
    readable = {
        "manager": {police, social_care, referral},
        "panel": {police, social_care, referral},
        "lead_pol": {police, referral},
        "lead_csc": {social_care, referral},
        "lead_icb": {referral},
        "practitioner": {referral},
    }
    for key, wanted in readable.items():
        client = client_for(cast.members[key])
        for form in (police, social_care, referral):
            page = reverse("cases:form", args=[case.reference, form.pk])
            expected = 200 if form in wanted else 404
            assert client.get(page).status_code == expected, (key, form)
            mixed = reverse("cases:form", args=[other.reference, form.pk])
            assert client.get(mixed).status_code == 404, (key, form)
        listed = client.get(url(case, "forms")).content.decode()
        assert {form for form in (police, social_care, referral) if str(form.pk) in listed} == wanted, key


def test_nothing_that_a_person_typed_is_in_the_database_in_clear(cast: Cast) -> None:
    case = world.scoped(cast)
    services.exclude(
        case, cast.panel.person, Interest.Kind.DECLARED, "Marram Cottage is next to mine", cast.panel
    )
    stored = b""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.split("_")[0] in {
                "cases",
                "panels",
                "scoping",
                "audit",
                "outbox",
                "deadlines",
                "django",
            }:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                for row in cursor.fetchall():
                    stored += b" ".join(
                        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                        for value in row
                    )
    for word in (*NAMES, world.BORN, "stairgate", "Ward sister", "emergency department", "grandmother"):
        assert word.encode() not in stored, word
    assert case.reference.encode() in stored


def test_a_wrong_key_is_a_clean_error_page_and_never_ciphertext(cast: Cast, settings: object) -> None:
    case = world.gathering(cast)
    client = client_for(cast.manager)
    client.raise_request_exception = False
    settings.FIELD_KEYS = ["other:" + "A" * 43 + "="]  # type: ignore[attr-defined]
    for page in ("people", "timeline"):
        response = client.get(url(case, page))
        assert response.status_code == 500, page
        assert b"OFFICIAL-SENSITIVE" not in response.content
        assert not any(name in response.content.decode() for name in NAMES)
    with pytest.raises(DecryptionError):
        _ = case.children.get().last_name
