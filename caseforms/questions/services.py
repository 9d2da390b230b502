"""What is done with question sets: find the one to ask, publish a version, install the shipped ones."""

from contextlib import suppress

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from caseforms.questions import bindings, shipped
from caseforms.questions.models import QuestionSet, Status
from caseforms.questions.schema import SchemaError, validate_successor
from portal.accounts.models import Partnership


def install_shipped_sets() -> int:
    """Publishes the sets that ship and are not installed yet; says how many. Safe to call again and again."""
    return shipped.install(QuestionSet)


def current_set(code: str, partnership: Partnership | None) -> QuestionSet:
    """The version to ask today: the partnership's own latest, else the latest that ships.

    Raises QuestionSet.DoesNotExist where neither is published.
    """
    found = (
        QuestionSet.objects.filter(
            Q(partnership=None) | Q(partnership=partnership), code=code, status=Status.PUBLISHED
        )
        .order_by(F("partnership").asc(nulls_last=True), "-version")
        .first()
    )
    if found is None:
        raise QuestionSet.DoesNotExist(f"No question set “{code}” is published.")
    return found


@transaction.atomic
def publish(question_set: QuestionSet) -> QuestionSet:
    """Publishes a draft version and retires the one before it, in one transaction.

    Raises SchemaError where the draft drops or retypes a bound question, or binds to a column that does not
    exist; ValueError where it is not a draft. Answers already given keep the version they were asked with.
    """
    if question_set.status != Status.DRAFT:
        raise ValueError("Only a draft can be published.")
    schema = question_set.parsed
    if wrong := bindings.problems(question_set.code, schema):
        raise SchemaError(wrong)
    earlier = QuestionSet.objects.filter(
        code=question_set.code, partnership=question_set.partnership, status=Status.PUBLISHED
    )
    with suppress(QuestionSet.DoesNotExist):  # the first set of its kind has nothing to keep
        validate_successor(current_set(question_set.code, question_set.partnership).parsed, schema)
    earlier.update(status=Status.RETIRED)
    question_set.status = Status.PUBLISHED
    question_set.published_at = timezone.now()
    question_set.save()
    return question_set
