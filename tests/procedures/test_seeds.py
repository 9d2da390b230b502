"""Three real chapters, read where they are at hand: every numbered section and appendix is there, in
order."""

from collections import Counter
from pathlib import Path

import pytest

from procedures.importing.parse import parse_chapter
from procedures.importing.report import report
from procedures.importing.structure import Chapter

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
KNOWSLEY = "knowsley-sirg-procedures.txt"
BRACKNELL = "bracknell-forest-notification-cpir-scr.txt"
NOTTINGHAM = "nottingham-scr-guidance-toolkit.txt"

pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed documents are not in this checkout")


def read(name: str) -> tuple[str, Chapter]:
    text = (SEEDS / name).read_text(encoding="utf-8")
    return text, parse_chapter(text)


def numbered(chapter: Chapter) -> list[tuple[str, int]]:
    return [(one.number, one.level) for one in chapter.sections if one.number]


def test_knowsley_has_its_fifteen_sections_seven_children_six_appendices_and_ten_questions() -> None:
    _, chapter = read(KNOWSLEY)
    assert chapter.number == "8.1"
    expected = [(str(n), 1) for n in (1, 2, 4, 5, 6, 7)]
    expected += [(str(n), 2) for n in range(1, 8)]
    expected += [(str(n), 1) for n in range(8, 17)]
    expected += [("Appendix A", 1), ("Appendix B", 1)]
    expected += [(str(n), 2) for n in range(1, 11)]
    expected += [(f"Appendix {letter}", 1) for letter in "CDEF"]
    assert numbered(chapter) == expected
    assert [box.kind for box in chapter.all_boxes()] == [
        "scope", "related", "related", "guidance", "amendment", "note",
    ]  # fmt: skip
    problems = Counter(one.kind for one in chapter.problems)
    assert problems == {"lost link": 6, "gap in numbering": 1}
    assert not chapter.dropped


def test_bracknell_has_three_lettered_sections_with_their_own_numbering() -> None:
    _, chapter = read(BRACKNELL)
    assert numbered(chapter) == [
        ("Section A", 1), ("1", 2), ("2", 2), ("3", 2), ("4", 2), ("5", 2),
        ("Section B", 1), ("1", 2), ("i", 3), ("ii", 3),
        ("Section C", 1), ("1", 2),
    ]  # fmt: skip
    assert {one.kind for one in chapter.problems} == {"appendix not in the file", "picture not in the file"}


def test_nottingham_has_twelve_lettered_parts_and_a_contract_of_twenty_five_clauses() -> None:
    _, chapter = read(NOTTINGHAM)
    numbers = [one.number for one in chapter.sections if one.number]
    assert [number for number in numbers if number.isalpha()] == list("abcdefghijkl")
    clauses = [str(n) for n in range(1, 26)]
    start = numbers.index("l")
    assert [number for number in numbers[start + 1 :] if "." not in number][:25] == clauses
    assert Counter(piece.reason for piece in chapter.dropped)["contents list"] == 13


@pytest.mark.parametrize("name", [KNOWSLEY, BRACKNELL, NOTTINGHAM])
def test_no_word_is_lost(name: str) -> None:
    text, chapter = read(name)
    facts = report(chapter)
    left_out = sum(len(piece["text"].split()) for piece in facts["dropped"])
    assert facts["words_in"] == len(text.split()) == facts["words_placed"] + left_out
