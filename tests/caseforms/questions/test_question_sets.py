"""Question sets in the database: shipped ones are there, published ones stay, new ones replace them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from caseforms.questions import bindings, shipped
from caseforms.questions.models import FrozenQuestionSet, QuestionSet, Status
from caseforms.questions.schema import AnswerType, SchemaError, parse
from caseforms.questions.services import current_set, install_shipped_sets, publish
from tests.cast import Cast

CODES = ["agency-information", "case-referral", "panel-recommendation", "scope"]
pytestmark = pytest.mark.django_db


def small(label: str = "Where?", **changes: Any) -> dict[str, Any]:
    question = {"code": "place", "type": "short_text", "label": label, "binds_to": "case.place"} | changes
    return {"sections": [{"code": "what", "title": "What happened", "questions": [question]}]}


def make(version: int = 1, *, code: str = "small", schema: Any = None, **more: Any) -> QuestionSet:
    return QuestionSet.objects.create(
        code=code, version=version, title="Small", schema=schema or small(), **more
    )


@pytest.fixture(autouse=True)
def _columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bindings, "_columns", {"small": {"case.place": AnswerType.SHORT_TEXT}})


# ---- The sets that ship ----------------------------------------------------------------------------------


def test_a_migrated_database_has_every_shipped_set_published() -> None:
    shipped_sets = QuestionSet.objects.filter(partnership=None)
    assert sorted(shipped_sets.values_list("code", "version", "status")) == [
        (code, 1, "published") for code in CODES
    ]
    for question_set in shipped_sets:
        assert question_set.parsed.sections
        assert question_set.published_at is not None


def test_installing_again_changes_nothing() -> None:
    before = list(QuestionSet.objects.values())
    assert install_shipped_sets() == 0
    assert list(QuestionSet.objects.values()) == before


def test_a_set_that_is_missing_is_installed() -> None:
    QuestionSet.objects.filter(code="scope").update(status=Status.DRAFT)
    QuestionSet.objects.get(code="scope").delete()
    assert install_shipped_sets() == 1
    assert QuestionSet.objects.get(code="scope").status == Status.PUBLISHED


def test_a_shipped_file_that_was_edited_without_a_new_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"code": "scope", "version": 1, "title": "Scope", "schema": small()}
    (tmp_path / "scope.json").write_text(json.dumps(entry))
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    with pytest.raises(shipped.ShippedSetChanged, match="scope v1"):
        install_shipped_sets()
    assert QuestionSet.objects.get(code="scope").parsed.section("key-issues")


def test_a_shipped_file_that_is_no_question_set_installs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "new.json").write_text(
        json.dumps({"code": "new", "version": 1, "title": "New", "schema": {}})
    )
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    with pytest.raises(SchemaError):
        install_shipped_sets()
    assert not QuestionSet.objects.filter(code="new").exists()


def test_every_name_address_and_date_of_birth_in_the_shipped_sets_is_marked_as_identifying() -> None:
    for entry in shipped.read_files():
        for section in parse(entry["schema"]).sections:
            for question in section.questions:
                telling = ("name", "address", "date_of_birth", "date_of_death")
                if question.code.startswith(("first_", "last_")) or question.code in telling:
                    assert question.identifies, f"{entry['code']} {section.code} {question.code}"


def test_the_referral_asks_for_the_consultation_that_starts_the_clock() -> None:
    question = current_set("case-referral", None).parsed.section("about-you").question("consulted_at")
    assert (question.type, question.binds_to) == (AnswerType.DATETIME, "case.consulted_at")
    assert question.required_to_submit
    assert question.not_in_future


# ---- A published version never changes -------------------------------------------------------------------

CHANGES: list[Callable[[QuestionSet], None]] = [
    lambda row: setattr(row, "schema", small("Elsewhere?")),
    lambda row: row.schema["sections"][0].update(title="Changed in place"),
    lambda row: setattr(row, "title", "Other"),
    lambda row: setattr(row, "code", "other"),
    lambda row: setattr(row, "version", 9),
    lambda row: setattr(row, "status", Status.DRAFT),
    lambda row: setattr(row, "published_at", None),
]


@pytest.mark.parametrize("status", [Status.PUBLISHED, Status.RETIRED])
@pytest.mark.parametrize("change", CHANGES)
def test_a_published_version_cannot_be_changed(change: Callable[[QuestionSet], None], status: str) -> None:
    row = make(status=Status.PUBLISHED)
    if status == Status.RETIRED:
        row.status = Status.RETIRED
        row.save()
    before = QuestionSet.objects.filter(pk=row.pk).values().get()
    row = QuestionSet.objects.get(pk=row.pk)
    change(row)
    with pytest.raises(FrozenQuestionSet):
        row.save()
    assert QuestionSet.objects.filter(pk=row.pk).values().get() == before


def test_a_published_version_cannot_be_deleted_or_changed_in_bulk() -> None:
    row = make(status=Status.PUBLISHED)
    rows = QuestionSet.objects.filter(pk=row.pk)
    with pytest.raises(FrozenQuestionSet):
        row.delete()
    with pytest.raises(FrozenQuestionSet):
        rows.delete()
    with pytest.raises(FrozenQuestionSet):
        rows.update(title="Other")
    with pytest.raises(FrozenQuestionSet):
        QuestionSet.objects.bulk_update([row], ["title"])
    assert QuestionSet.objects.get(pk=row.pk).title == "Small"


def test_a_draft_may_be_changed_and_deleted() -> None:
    row = make()
    assert row.parsed.section("what").question("place").label == "Where?"
    row.schema = small("Elsewhere?")
    row.save()
    assert row.parsed.section("what").question("place").label == "Elsewhere?"
    QuestionSet.objects.filter(pk=row.pk).update(title="Other")
    row.delete()
    assert not QuestionSet.objects.filter(code="small").exists()


def test_a_draft_with_a_faulty_schema_is_not_saved() -> None:
    with pytest.raises(SchemaError, match="“label” is missing"):
        make(schema=small(""))
    assert not QuestionSet.objects.filter(code="small").exists()


# ---- Publishing ------------------------------------------------------------------------------------------


def test_publishing_a_new_version_retires_the_one_before_and_keeps_it() -> None:
    first = publish(make())
    second = publish(make(2, schema=small("In which place?")))
    first.refresh_from_db()
    assert (first.status, second.status) == (Status.RETIRED, Status.PUBLISHED)
    assert current_set("small", None) == second
    assert first.parsed.section("what").question("place").label == "Where?"


def test_a_new_version_that_drops_a_bound_question_is_refused_and_the_old_one_stays() -> None:
    first = publish(make())
    later = make(2, schema=small(code="elsewhere", binds_to=""))
    with pytest.raises(SchemaError, match="cannot be removed"):
        publish(later)
    later.refresh_from_db()
    assert later.status == Status.DRAFT
    assert current_set("small", None) == first


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"binds_to": "case.colour"}, "the portal has no column case.colour for this form"),
        ({"type": "date"}, "case.place takes a short_text answer"),
    ],
)
def test_a_set_cannot_bind_to_a_column_that_is_not_there_or_takes_another_answer(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(SchemaError, match=said):
        publish(make(schema=small(**changes)))
    with pytest.raises(QuestionSet.DoesNotExist):
        current_set("small", None)


def test_only_a_draft_can_be_published() -> None:
    row = publish(make())
    with pytest.raises(ValueError, match="Only a draft"):
        publish(row)


def test_a_partnership_asks_its_own_set_and_the_other_partnership_never_sees_it(cast: Cast) -> None:
    common = publish(make())
    own = publish(make(schema=small("Where in Tarnbrook?"), partnership=cast.tarn))
    assert current_set("small", cast.tarn) == own
    assert current_set("small", cast.eller) == common
    assert current_set("small", None) == common


def test_a_partnerships_own_set_must_keep_what_the_shipped_one_binds(cast: Cast) -> None:
    publish(make())
    with pytest.raises(SchemaError, match="cannot be removed"):
        publish(make(schema=small(code="elsewhere", binds_to=""), partnership=cast.tarn))


def test_an_unknown_code_is_said_clearly() -> None:
    with pytest.raises(QuestionSet.DoesNotExist, match="No question set “colours” is published"):
        current_set("colours", None)
