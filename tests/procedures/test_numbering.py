"""Numbers that make themselves: what follows what, and what an editor or an import has fixed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.numbering import (
    AUTOMATIC,
    FIXED,
    NONE,
    Numbered,
    as_numbered,
    following,
    paragraph_numbers,
    roman,
    roman_value,
    section_numbers,
)


def numbers(*sections: Numbered) -> list[str]:
    return list(section_numbers(sections))


def test_sections_count_by_level() -> None:
    assert numbers(Numbered(1), Numbered(2), Numbered(2), Numbered(3), Numbered(1)) == [
        "1", "1.1", "1.2", "1.2.1", "2",
    ]  # fmt: skip


def test_a_fixed_number_is_kept_and_what_follows_goes_on_from_it() -> None:
    assert numbers(Numbered(1), Numbered(1, FIXED, "4"), Numbered(1), Numbered(2)) == ["1", "4", "5", "5.1"]


def test_numbering_that_starts_again_inside_a_section_goes_on_as_it_started() -> None:
    seven = (Numbered(1, FIXED, "7"), Numbered(2, FIXED, "1"), Numbered(2), Numbered(1))
    assert numbers(*seven) == ["7", "1", "2", "8"]


def test_appendices_go_on_by_letter() -> None:
    assert numbers(Numbered(1), Numbered(1, FIXED, "Appendix A"), Numbered(1)) == [
        "1",
        "Appendix A",
        "Appendix B",
    ]


def test_a_section_without_a_number_does_not_end_the_count() -> None:
    assert numbers(Numbered(1), Numbered(1, NONE), Numbered(1), Numbered(2, NONE), Numbered(2)) == [
        "1", "", "2", "", "2.1",
    ]  # fmt: skip


def test_no_number_stands_twice_where_paragraphs_and_sections_are_numbered() -> None:
    assert numbers(Numbered(1, paragraphs=3), Numbered(2)) == ["1", "1.4"]
    assert list(paragraph_numbers("1", ["", "", ""])) == ["1.1", "1.2", "1.3"]


def test_paragraphs_follow_on_from_a_printed_number() -> None:
    assert list(paragraph_numbers("4", ["4.2", "", "4.7", ""])) == ["4.2", "4.3", "4.7", "4.8"]
    assert list(paragraph_numbers("", ["", ""])) == ["1", "2"]


@pytest.mark.parametrize(
    ("number", "after"),
    [
        ("4", "5"),
        ("2.9", "2.10"),
        ("(c)", "(d)"),
        ("iv", "v"),
        ("i", "ii"),
        ("h", "i"),
        ("z", "z"),
        ("–", "–"),
    ],
)
def test_what_follows(number: str, after: str) -> None:
    assert following(number) == after


@given(st.integers(1, 3999))
def test_roman_numerals_come_back(value: int) -> None:
    assert roman_value(roman(value)) == value


@given(st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=30))
def test_numbers_that_were_printed_come_out_as_printed_after_an_import(shape: list[tuple[int, bool]]) -> None:
    printed = numbers(*(Numbered(level, AUTOMATIC if counted else NONE) for level, counted in shape))
    known = as_numbered((level, number, 0) for (level, _), number in zip(shape, printed, strict=True))
    assert numbers(*known) == printed
    assert all(one.numbering != FIXED for one in known), "nothing that counts by itself is nailed down"


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from(["", "1", "4", "2.1", "b", "iv", "Annex C"])),
        max_size=20,
    )
)
def test_any_printed_numbers_survive(printed: list[tuple[int, str]]) -> None:
    known = as_numbered((level, number, 0) for level, number in printed)
    assert numbers(*known) == [number for _, number in printed]
