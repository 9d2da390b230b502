"""A chapter in plain text becomes sections, lists, boxes and tables, and no word is lost on the way."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures.importing.lines import INVISIBLE
from procedures.importing.parse import parse_chapter
from procedures.importing.reading import UnreadableChapter, read_text
from procedures.importing.report import as_text, report
from procedures.importing.structure import Box, Chapter, ListOfItems, Paragraph, Table

CHAPTERS = Path(__file__).parent / "chapters"


def read(name: str) -> Chapter:
    return parse_chapter((CHAPTERS / f"{name}.txt").read_text(encoding="utf-8"))


def outline(chapter: Chapter) -> list[tuple[str, str, int]]:
    return [(one.number, one.title, one.level) for one in chapter.sections]


def lists(chapter: Chapter, title: str) -> list[ListOfItems]:
    section = next(one for one in chapter.sections if one.title == title)
    return [block for block in section.blocks if isinstance(block, ListOfItems)]


def problems(chapter: Chapter, kind: str) -> list[str]:
    return [one.text for one in chapter.problems if one.kind == kind]


def test_a_web_page_with_menu_and_contents_keeps_its_sections_and_loses_its_furniture() -> None:
    chapter = read("trail_and_contents")
    assert (chapter.number, chapter.title) == ("4.3", "Children who go missing")
    assert outline(chapter) == [
        ("1", "Words we use", 1),
        ("2", "Before a child goes missing", 1),
        ("2.1", "Knowing the child", 2),
        ("2.2", "Planning together", 2),
        ("3", "First day", 1),
        ("4", "When the child comes back", 1),
        ("Appendix 1", "Checklist for the first hour", 1),
        ("Appendix 2", "Risk table", 1),
    ]
    reasons = [piece.reason for piece in chapter.dropped]
    assert reasons.count("contents list") == 9
    assert reasons.count("top of page") == 3
    assert {"trail of links", "text size", "logo", "end mark"} < set(reasons)


def test_the_boxes_at_the_head_are_told_apart() -> None:
    chapter = read("trail_and_contents")
    assert [(box.kind, box.all_words) for box in chapter.boxes] == [
        ("scope", 16),
        ("related", 7),
        ("guidance", 8),
        ("amendment", 13),
    ]


def test_a_numbered_list_a_date_and_a_quoted_regulation_are_no_headings() -> None:
    chapter = read("trail_and_contents")
    (items,) = lists(chapter, "Planning together")
    assert [item.value for item in items.items] == [1, 2, 3]
    texts = [block.text for one in chapter.sections for block in one.blocks if isinstance(block, Paragraph)]
    assert any(text.startswith("18 months is") for text in texts)
    assert any(text.startswith("10 June 2019") for text in texts)
    assert any(text.startswith("5 (2) (b) of") for text in texts)


def test_bullets_inside_bullets_keep_their_depth() -> None:
    (items,) = lists(read("trail_and_contents"), "Knowing the child")
    assert [item.depth for item in items.items] == [0, 0, 1, 1, 0]


def test_a_gap_in_letters_and_a_lost_link_are_reported_not_repaired() -> None:
    chapter = read("trail_and_contents")
    assert problems(chapter, "gap in numbering") == ["d. follows b. in a list."]
    assert "Click here for the form." in problems(chapter, "lost link")
    assert "Exploitation Procedure" in problems(chapter, "lost link")


def test_tabs_make_a_table_with_headings() -> None:
    (table,) = [
        block
        for one in read("trail_and_contents").sections
        for block in one.blocks
        if isinstance(block, Table)
    ]
    assert table.headed
    assert [row.cells for row in table.rows][1] == ["High", "Danger now", "Police"]


def test_numbers_on_lines_of_their_own_belong_to_what_follows() -> None:
    chapter = read("numbers_alone")
    assert outline(chapter) == [
        ("1", "Why we review", 1),
        ("2", "Who decides", 1),
        ("3", "Writing the report", 1),
        ("Appendix A", "Letter", 1),
    ]
    numbered = [
        block.number
        for one in chapter.sections
        for block in one.blocks
        if isinstance(block, Paragraph) and block.number
    ]
    assert numbered == ["1.1", "1.2", "2.1", "2.2", "3.1", "3.3"]
    assert problems(chapter, "gap in numbering") == ["3.3 follows 3.1: the numbers between them are missing."]
    styles = [
        block.style for one in chapter.sections for block in one.blocks if isinstance(block, ListOfItems)
    ]
    assert styles == ["letter", "roman"]


def test_wrapped_lines_are_joined_and_headings_are_not_swallowed() -> None:
    chapter = read("wrapped")
    assert (chapter.number, chapter.title) == ("6", "Bruises on babies")
    assert [one[0] for one in outline(chapter)] == ["6.1", "6.2", "6.3", "Appendix 1", "Appendix 2"]
    assert chapter.sections[1].title.endswith("not yet able to crawl")
    assert chapter.sections[0].paragraphs == 1
    assert chapter.sections[3].title == "Body map"
    (items,) = lists(chapter, chapter.sections[1].title)
    assert items.items[0].text.endswith("the words the parent used")


def test_numbering_that_starts_again_makes_children() -> None:
    assert outline(read("restarts")) == [
        ("Part 1", "Before the meeting", 1),
        ("1", "Calling it", 2),
        ("2", "Inviting", 2),
        ("Part 2", "At the meeting", 1),
        ("1", "Chairing", 2),
        ("2", "Minutes", 2),
        ("Part 3", "Afterwards", 1),
        ("A", "Telling the family", 2),
        ("B", "Starting the enquiry", 2),
    ]


def test_after_the_children_the_outer_numbering_goes_on() -> None:
    text = "Group\n\n" + "".join(f"{n}. Topic {n}\n\nSome text about it, long enough.\n\n" for n in (1, 2))
    text += "".join(f"{n}. Inner {n}\n\nText of the inner part.\n\n" for n in (1, 2))
    text += "3. Topic three\n\nText again.\n\n5. Topic five\n\nThe end of it.\n"
    chapter = parse_chapter(text)
    assert [(one.number, one.level) for one in chapter.sections] == [
        ("1", 1),
        ("2", 1),
        ("1", 2),
        ("2", 2),
        ("3", 1),
        ("5", 1),
    ]
    assert problems(chapter, "gap in numbering") == ["5 follows 3: the numbers between them are missing."]


def test_headings_without_numbers_are_found_and_have_no_number() -> None:
    chapter = read("no_numbers")
    assert outline(chapter) == [
        ("", "Introduction", 1),
        ("", "What the carer must do", 1),
        ("", "Telling the council", 1),
    ]
    assert [box.kind for box in chapter.all_boxes()] == ["amendment"]


def test_an_appendix_that_is_only_mentioned_is_no_section() -> None:
    text = (
        "Title here\n\n1. First part\n\nSee:\n\nAppendix B - Letters\n\n2. Second part\n\nSome text.\n\n"
        "Appendix A - Forms\n\nForm text.\n\nAppendix B - Letters\n\nLetter text. Also look at Appendix D.\n"
    )
    chapter = parse_chapter(text)
    assert [one.number for one in chapter.sections] == ["1", "2", "Appendix A", "Appendix B"]
    assert len(problems(chapter, "appendix not in the file")) == 1


def test_a_section_of_letters_stands_above_its_numbers() -> None:
    text = "Title\n\nSection A\n\n1. One thing\n\nText.\n\nSection B\n\n1. Another thing\n\nText.\n"
    chapter = parse_chapter(text)
    assert [(one.number, one.level) for one in chapter.sections] == [
        ("Section A", 1),
        ("1", 2),
        ("Section B", 1),
        ("1", 2),
    ]
    assert report(chapter)["sections"][0]["title"] == "Section A"


def test_section_47_at_the_start_of_a_line_is_law_and_not_a_heading() -> None:
    chapter = parse_chapter(
        "Title\n\n1. Enquiries\n\nSection 47 enquiries start at once.\n\nSection 17 help goes on.\n"
    )
    assert [one.number for one in chapter.sections] == ["1"]


@pytest.mark.parametrize("mark", ["•", "-", "o", "*", "–", "▪", "·"])
def test_every_kind_of_bullet_makes_a_list(mark: str) -> None:
    chapter = parse_chapter(f"Title\n\n1. Part\n\nThese:\n\n{mark} first thing\n{mark} second thing\n")
    (items,) = lists(chapter, "Part")
    assert [item.text for item in items.items] == ["first thing", "second thing"]


@pytest.mark.parametrize(
    "heading", ["3. Timing", "3 Timing", "3.Timing", "3) Timing", "3 – Timing", "3:\tTiming"]
)
def test_a_number_may_be_printed_in_several_ways(heading: str) -> None:
    chapter = parse_chapter(
        f"Title\n\n1. Start\n\nText one.\n\n2. Middle\n\nText two.\n\n{heading}\n\nText three is longer.\n"
    )
    assert [(one.number, one.title) for one in chapter.sections][-1] == ("3", "Timing")


def test_pipes_make_a_table_whose_rule_is_not_a_row() -> None:
    chapter = parse_chapter("Title\n\n1. Who\n\n| Who | Number |\n|---|---|\n| Desk | 1 |\n")
    (table,) = [block for block in chapter.sections[0].blocks if isinstance(block, Table)]
    assert [row.cells for row in table.rows if row.cells] == [["Who", "Number"], ["Desk", "1"]]
    assert chapter.words_placed == chapter.words_in


def test_a_box_in_the_middle_of_a_chapter_stays_where_it_was() -> None:
    chapter = parse_chapter(
        "Title\n\n1. Part\n\nBefore it.\n\nCAPTION: note box:Mind\n\nThis is noted.\n\nAfter it.\n"
    )
    kinds = [type(block) for block in chapter.sections[0].blocks]
    assert kinds == [Paragraph, Box, Paragraph]
    assert chapter.all_boxes()[0].title == "Mind"


def _bare(text: str) -> str:
    return re.sub(r"[\s*_#|]+", "", INVISIBLE.sub("", text))


def structure_characters(chapter: Chapter) -> list[str]:
    """The sources of all pieces in the order of the file."""
    pieces: list[tuple[int, str]] = []
    for box in chapter.all_boxes():
        pieces.append((box.line, box.source))
        pieces += _sources(box.blocks)
    for section in chapter.sections:
        pieces.append((section.line, section.source))
        pieces += _sources([block for block in section.blocks if not isinstance(block, Box)])
    pieces += [(piece.line, piece.source) for piece in chapter.dropped]
    return [source for _, source in sorted(pieces, key=lambda piece: piece[0])]


def _sources(blocks: list) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for block in blocks:
        leaves = (
            [block]
            if isinstance(block, Paragraph)
            else block.items
            if isinstance(block, ListOfItems)
            else block.rows
        )
        found += [(leaf.line, leaf.source) for leaf in leaves]
    return found


PIECES = st.sampled_from(
    [
        "1.", "2.", "1.1", "2.1 Title", "Appendix A", "Appendix B - Letter", "•", "- item", "o", "a)",
        "(i)", "i.", "\t", "a\tb\tc", "|", "| a | b |", "Contents", "Top of page", "End", "SCOPE",
        "RELATED CHAPTERS:", "Amendment: x", "# Head", "**Bold**", "Section A", "Part 1:", "word",
        "Another Title", "A sentence ends here.", "\n", "\n\n", "  ", "12", "A.", "---|---", "Click here",
        "CAPTION: note box: Mind", "Chapter 3", "\x0c", "\x85", "\u2028", "\xa0", "☃", "A1 Aims",
        "https://example.org/x", "page 3", "1. Introduction", "2. Criteria", "logo",
    ]
)  # fmt: skip
ANY_TEXT = st.one_of(
    st.text(),
    st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=50).map(" ".join),
    st.lists(PIECES, max_size=50).map("\n".join),
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(ANY_TEXT)
def test_words_placed_and_words_left_out_are_the_words_of_the_file_whatever_the_text(text: str) -> None:
    chapter = parse_chapter(text)
    facts = report(chapter)
    left_out = sum(len(piece["text"].split()) for piece in facts["dropped"])
    assert facts["words_in"] == len(text.split()) == facts["words_placed"] + left_out
    parts = sum(one["words"] for one in facts["sections"]) + sum(one["words"] for one in facts["boxes"])
    assert facts["words_placed"] == parts + len(chapter.title_source.split())
    as_text(facts)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(ANY_TEXT)
def test_every_word_stays_in_its_order_and_text_and_marker_make_up_the_source(text: str) -> None:
    chapter = parse_chapter(text)
    words = " ".join(structure_characters(chapter)).split()
    expected = text.split()
    for word in chapter.title_source.split():
        expected.remove(word)
    assert sorted(words) == sorted(expected)
    for section in chapter.sections:
        for block in section.blocks:
            leaves = (
                [block]
                if isinstance(block, Paragraph)
                else block.items
                if isinstance(block, ListOfItems)
                else []
            )
            for leaf in leaves:
                assert _bare(leaf.source) == _bare(leaf.marker + leaf.text), leaf


def test_an_empty_a_binary_a_latin_1_and_a_5_mb_file_are_refused_with_a_reason() -> None:
    for data, reason in (
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"\x00\x01\x02 text", "binary"),
        (b"\x89PNG\r\n\x1a\n", "UTF-8"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04....", "Word"),
        ("Caf\xe9".encode("latin-1"), "UTF-8"),
        (b"word " * 1_000_000, "5.0 MB"),
        (b"a\n" * 150_000, "lines"),
        (b"\x01\x02\x03\x04 ok", "binary"),
    ):
        with pytest.raises(UnreadableChapter, match=reason):
            read_text(data)


def test_a_byte_order_mark_is_not_part_of_the_title() -> None:
    assert parse_chapter(read_text("\ufeffTitle\n\nText.".encode())).title == "Title"


def test_a_page_saved_from_a_browser_loses_its_buttons_and_keeps_its_numbered_paragraphs() -> None:
    chapter = read("browser_dump")
    assert (chapter.number, chapter.title) == ("7.1", "Learning reviews")
    assert outline(chapter) == [
        ("1", "Introduction", 1),
        ("2", "Criteria", 1),
        ("3", "Recommendation of the Panel and Decision of the Chair", 1),
        ("4", "Institutional Abuse", 1),
        ("Appendix 1", "Letter to agencies", 1),
        ("Appendix 2", "Flow chart", 1),
    ]
    reasons = [piece.reason for piece in chapter.dropped]
    assert {reason: reasons.count(reason) for reason in reasons} == {
        "logo": 1,
        "top of page": 2,
        "text size": 1,
        "menu": 1,
        "contents list": 7,
        "end mark": 1,
    }
    assert [one.kind for one in chapter.problems] == [
        "gap in numbering",
        "picture not in the file",
        "appendix not in the file",
        "lost link",
    ]


def test_a_short_numbered_paragraph_among_long_ones_is_no_heading() -> None:
    introduction = read("browser_dump").sections[0]
    numbers = [block.number for block in introduction.blocks if isinstance(block, Paragraph)]
    assert numbers == ["1.1", "", "1.2"]


def test_a_time_an_initial_and_s_he_are_no_numbers() -> None:
    lines = ("10.30 is when we start.", "A. Smith keeps the minutes of it.", "(s)he who chairs decides.")
    text = "\n\n".join(["Title", "1. Start", *lines])
    (section,) = parse_chapter(text).sections
    assert [(block.number, block.text) for block in section.blocks if isinstance(block, Paragraph)] == [
        ("", "10.30 is when we start."),
        ("", "A. Smith keeps the minutes of it."),
        ("", "(s)he who chairs decides."),
    ]


def test_letters_that_touch_their_text_make_a_list() -> None:
    (_, items) = lists(read("browser_dump"), "Criteria")
    assert [(item.value, item.text.split()[0]) for item in items.items] == [(1, "the"), (2, "somebody")]


def test_a_chapter_without_any_blank_line_is_read_as_well() -> None:
    assert [(one.number, one.level) for one in read("no_blank_lines").sections] == [
        ("1", 1),
        ("2", 1),
        ("3", 1),
        ("3.1", 2),
        ("3.2", 2),
        ("4", 1),
    ]


def test_numbers_of_paragraphs_may_run_on_under_headings_that_have_none() -> None:
    chapter = read("paragraph_numbers")
    assert outline(chapter)[1:] == [("", "Introduction", 1), ("", "Notification", 1)]
    numbers = [
        block.number for one in chapter.sections for block in one.blocks if isinstance(block, Paragraph)
    ]
    assert [number for number in numbers if number] == ["10.1.1", "10.1.2", "10.1.3"]
    assert "Contents" in [piece.source for piece in chapter.dropped]


def test_an_office_document_with_page_numbers_in_its_contents_and_broken_entries() -> None:
    chapter = read("office_export")
    assert [one.number for one in chapter.sections] == ["", "1", "2", "3", "Appendix 1", "Appendix 2"]
    assert sum(piece.reason == "contents list" for piece in chapter.dropped) == 8
    assert [one.kind for one in chapter.problems] == ["HTML marks in the text"]
    (items,) = lists(chapter, "Checklist for the panel")
    assert [item.value for item in items.items] == [1, 2]
