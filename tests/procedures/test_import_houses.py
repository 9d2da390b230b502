"""Chapters in the house styles of many publishers, each beside its list of sections as a person would write it.

`chapters/houses/NAME.outline` was written from the text before the reader was run: number, title and level of each
section, in order.
"""

from collections import Counter
from pathlib import Path

import pytest

from procedures.importing.parse import parse_chapter
from procedures.importing.reading import read_text
from procedures.importing.report import report
from procedures.importing.structure import Chapter, ListOfItems, Paragraph, Table

HOUSES = Path(__file__).parent / "chapters" / "houses"
NAMES = sorted(path.stem for path in HOUSES.glob("*.outline"))


def read(name: str) -> Chapter:
    return parse_chapter(read_text((HOUSES / f"{name}.txt").read_bytes()))


def reasons(name: str) -> Counter[str]:
    return Counter(piece.reason for piece in read(name).dropped)


def blocks(chapter: Chapter, number: str) -> list[object]:
    return next(one.blocks for one in chapter.sections if one.number == number)  # type: ignore[return-value]


@pytest.mark.parametrize("name", NAMES)
def test_the_sections_are_those_that_a_person_would_list(name: str) -> None:
    found = [f"{one.number}|{one.title}|{one.level}" for one in read(name).sections]
    assert found == (HOUSES / f"{name}.outline").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", NAMES)
def test_no_word_is_lost_and_none_is_added(name: str) -> None:
    data = (HOUSES / f"{name}.txt").read_bytes()
    facts = report(read(name))
    left_out = sum(len(piece["text"].split()) for piece in facts["dropped"])
    assert facts["words_in"] == len(read_text(data).split()) == facts["words_placed"] + left_out


def test_a_hosted_page_loses_its_buttons_and_keeps_its_boxes() -> None:
    chapter = read("hosted_site")
    assert (chapter.number, chapter.title) == ("5.14", "Children of Parents with Learning Disabilities")
    assert [box.kind for box in chapter.boxes] == ["scope", "related", "guidance", "amendment"]
    assert reasons("hosted_site") == {
        "page furniture": 1,
        "name of the organisation or site": 1,
        "menu": 1,
        "trail of links": 1,
        "text size": 2,
        "contents list": 8,
        "top of page": 4,
        "end mark": 1,
    }


def test_the_head_and_foot_of_a_web_page_go_and_its_questions_stay() -> None:
    chapter = read("web_with_menus")
    assert chapter.title == "Bullying"
    assert set(reasons("web_with_menus")) == {"menu", "trail of links", "page furniture", "contents list"}
    assert "Ring the duty desk" in chapter.sections[-1].blocks[0].text  # type: ignore[union-attr]


def test_printed_headers_and_footers_go_and_the_sentence_around_them_is_one() -> None:
    chapter = read("council_print")
    assert chapter.title == "Private Fostering: Procedure for Staff"
    assert reasons("council_print") == {
        "name of the organisation or site": 1,
        "page number": 3,
        "page header or footer": 3,
    }
    first, second = [block.text for block in blocks(chapter, "1") if isinstance(block, Paragraph)]
    assert "close relative, for 28 days" in first
    assert "does not approve carers" in second
    (letters,) = [block for block in blocks(chapter, "2") if isinstance(block, ListOfItems)]
    assert letters.items[1].text.endswith("cultural background;")


def test_a_sentence_that_a_page_break_cuts_goes_on_overleaf() -> None:
    page = "Title of it\n\n1. First\n\nThe child is seen\n\nCouncil  Page {}\n\n"
    text = page.format(1) + "alone by the worker.\n\nCouncil  Page 2\n\n2. Second\n\nText of it here.\n"
    (paragraph,) = blocks(parse_chapter(text), "1")
    assert isinstance(paragraph, Paragraph)
    assert paragraph.text == "The child is seen alone by the worker."


def test_numbered_paragraphs_keep_their_numbers_and_a_missing_one_is_told() -> None:
    chapter = read("numbered_paragraphs")
    numbers = [
        block.number for one in chapter.sections for block in one.blocks if isinstance(block, Paragraph)
    ]
    assert [number for number in numbers if number] == [f"8.2.{n}" for n in (1, 2, 3, 4, 5, 6, 8, 9)]
    gaps = [one.text for one in chapter.problems if one.kind == "gap in numbering"]
    assert gaps == ["8.2.8 follows 8.2.6: the numbers between them are missing."]
    unmatched = [one.text for one in chapter.problems if one.kind == "contents entry without a heading"]
    assert unmatched == ["Initial action"]


def test_letters_inside_roman_inside_letters_keep_their_depth() -> None:
    first = next(block for block in blocks(read("deep_lists"), "1") if isinstance(block, ListOfItems))
    assert [(item.marker, item.depth) for item in first.items] == [
        ("(a)", 0), ("(i)", 1), ("(A)", 2), ("(B)", 2), ("(C)", 2), ("(ii)", 1), ("(iii)", 1), ("(b)", 0), ("(c)", 0),
    ]  # fmt: skip


def test_letters_that_start_again_are_two_lists_and_a_missing_letter_is_told() -> None:
    chapter = read("gaps_and_restarts")
    lists = [block for block in blocks(chapter, "2") if isinstance(block, ListOfItems)]
    assert [[item.marker for item in one.items] for one in lists] == [["a.", "b.", "d."], ["a.", "b."]]
    gaps = [one.text for one in chapter.problems if one.kind == "gap in numbering"]
    assert gaps == ["d. follows b. in a list.", "4 follows 2: the numbers between them are missing."]


def test_invisible_characters_are_not_in_the_text() -> None:
    chapter = read("odd_spaces")
    assert (chapter.number, chapter.title) == ("3.7", "Child Sexual Exploitation")
    assert reasons("odd_spaces") == {"invisible characters": 1}
    bullets, letters = [
        block for one in chapter.sections for block in one.blocks if isinstance(block, ListOfItems)
    ]
    assert (bullets.style, letters.style) == ("bullet", "letter")


def test_a_cell_over_two_lines_stays_in_its_table() -> None:
    chapter = read("tab_tables")
    tables = [block for one in chapter.sections for block in one.blocks if isinstance(block, Table)]
    assert [(one.headed, one.columns, len(one.rows)) for one in tables] == [(True, 3, 6), (True, 2, 5)]


def test_the_steps_of_a_list_are_no_stages() -> None:
    steps = "Step 1: Ring the desk.\nStep 2: Write it down.\nStep 3: Wait for the answer.\n"
    text = f"Title here\n\n1. What to do\n\n{steps}"
    assert [one.number for one in parse_chapter(text).sections] == ["1"]


def test_a_print_with_page_breaks_is_one_text_again() -> None:
    chapter = read("form_feed_print")
    assert reasons("form_feed_print") == {"page number": 4, "page header or footer": 3, "contents list": 4}
    texts = [block.text for one in chapter.sections for block in one.blocks if isinstance(block, Paragraph)]
    assert texts[0].endswith("what we will do about it together.")
    assert texts[1].endswith("impairment of the child's health or development.")


def test_wrapped_bullets_are_whole() -> None:
    (items,) = [
        block
        for one in read("long_wrapped_mail").sections
        for block in one.blocks
        if isinstance(block, ListOfItems)
    ]
    assert items.items[1].text.endswith("including the names of those to whom you spoke")
