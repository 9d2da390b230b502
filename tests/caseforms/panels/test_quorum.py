"""When a meeting is quorate: three different agencies, all health bodies counting as one."""

import pytest

from caseforms.panels.quorum import quorum

POLICE, CARE, SCHOOL = ("POL", "police"), ("CSC", "social_care"), ("EDU", "education")
BOARD, HOSPITAL, HEALTH3 = ("ICB", "health"), ("HOS", "health"), ("MHT", "health")
UNIT = ("BUS", "partnership")


@pytest.mark.parametrize(
    ("present", "count", "quorate"),
    [
        ([], 0, False),
        ([POLICE], 1, False),
        ([POLICE, CARE], 2, False),
        ([POLICE, CARE, SCHOOL], 3, True),
        ([POLICE, CARE, BOARD], 3, True),
        ([BOARD, HOSPITAL, HEALTH3], 1, False),
        ([BOARD, HOSPITAL, POLICE], 2, False),
        ([BOARD, HOSPITAL, POLICE, CARE], 3, True),
        ([POLICE, POLICE, POLICE], 1, False),
        ([CARE, CARE, POLICE, BOARD], 3, True),
        ([POLICE, CARE, UNIT], 2, False),
        ([POLICE, CARE, SCHOOL, BOARD, HOSPITAL], 4, True),
    ],
)
def test_different_agencies_are_counted_once_and_health_as_one(
    present: list[tuple[str, str]], count: int, quorate: bool
) -> None:
    found = quorum(present)
    assert (found.count, found.quorate) == (count, quorate)


@pytest.mark.parametrize(
    ("present", "words"),
    [
        ([POLICE, CARE, BOARD, HOSPITAL], "3 agencies count; the 2 health agencies count as one; quorate"),
        ([POLICE], "1 agency counts; not quorate: 3 different agencies are needed"),
        ([BOARD, POLICE], "2 agencies count; not quorate: 3 different agencies are needed"),
    ],
)
def test_the_quorum_is_said_in_words(present: list[tuple[str, str]], words: str) -> None:
    assert quorum(present).words == words
