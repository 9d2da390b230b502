"""The columns that a referral's questions may bind to are columns that there are."""

import pytest

from caseforms.cases.models import Case, CasePerson, Child
from caseforms.questions import bindings
from caseforms.questions.models import QuestionSet
from caseforms.questions.schema import SchemaError
from caseforms.questions.services import current_set, publish
from caseforms.referrals.columns import COLUMNS
from tests.cast import Cast

MODELS = {"case": Case, "child": Child, "person": CasePerson}


def test_every_column_is_one_of_its_model() -> None:
    for name in COLUMNS:
        row, column = name.split(".")
        if row != "agency":
            assert MODELS[row]._meta.get_field(column), name


@pytest.mark.django_db
def test_the_shipped_referral_binds_only_to_these_columns_and_asks_for_what_the_workflow_needs() -> None:
    schema = current_set("case-referral", None).parsed
    assert bindings.problems("case-referral", schema) == []
    bound = {question.binds_to for _, question in schema.bound()}
    assert {"case.consulted_at", "child.last_name", "child.date_of_birth", "agency.agency"} <= bound


@pytest.mark.parametrize("code", ["agency-information", "panel-recommendation", "scope"])
@pytest.mark.django_db
def test_the_other_shipped_sets_could_be_published_too(code: str) -> None:
    assert bindings.problems(code, current_set(code, None).parsed) == []


def test_a_partnership_cannot_publish_a_referral_that_no_longer_asks_when_the_lead_was_consulted(
    cast: Cast,
) -> None:
    shipped = current_set("case-referral", cast.tarn)
    schema = {"sections": [dict(section) for section in shipped.schema["sections"]]}
    first = schema["sections"][0]
    first["questions"] = [question for question in first["questions"] if question["code"] != "consulted_at"]
    own = QuestionSet.objects.create(code="case-referral", partnership=cast.tarn, title="Ours", schema=schema)
    with pytest.raises(SchemaError, match="case.consulted_at"):
        publish(own)
    assert current_set("case-referral", cast.tarn) == shipped
