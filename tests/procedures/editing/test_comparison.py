"""Two editions side by side: nothing is lost, nothing is invented, and it takes no time."""

import random
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.editing.comparison import (
    Fate,
    Mark,
    compare_chapters,
    compare_lines,
    compare_words,
    lines_of,
    words_of,
)
from procedures.rendering import RenderedChapter, RenderedSection

WORDS = st.lists(st.sampled_from(["the", "duty", "desk", "rings", "a", "child", "24", "hours"]), max_size=40)
PARAGRAPHS = st.lists(WORDS.map(lambda words: f"<p>{' '.join(words)}</p>"), max_size=8).map("".join)
ANCHORS = st.lists(st.integers(0, 12), unique=True, max_size=8)


@st.composite
def chapters(draw: st.DrawFn) -> RenderedChapter:
    sections = tuple(
        RenderedSection(f"s-{anchor}", str(place), " ".join(draw(WORDS)), 2, draw(PARAGRAPHS))
        for place, anchor in enumerate(draw(ANCHORS), start=1)
    )
    return RenderedChapter(" ".join(draw(WORDS)), "6", draw(PARAGRAPHS), sections)


def chapter(*sections: tuple[str, str, str, str], title: str = "Bruises", boxes: str = "") -> RenderedChapter:
    return RenderedChapter(
        title, "6", boxes, tuple(RenderedSection(a, n, h, 2, t) for a, n, h, t in sections)
    )


@given(WORDS, WORDS)
@settings(deadline=None)
def test_without_the_insertions_it_is_the_old_text_and_without_the_deletions_the_new(
    old: list[str], new: list[str]
) -> None:
    runs = compare_words(old, new)
    assert [word for run in runs if run.mark is not Mark.INSERTED for word in run.words] == old
    assert [word for run in runs if run.mark is not Mark.DELETED for word in run.words] == new
    assert all(run.words for run in runs)


@given(PARAGRAPHS, PARAGRAPHS)
@settings(deadline=None)
def test_the_same_holds_for_lines(old: str, new: str) -> None:
    rows = compare_lines(lines_of(old), lines_of(new))
    assert [word for row in rows for run in row.left for word in run.words] == words_of(old)
    assert [word for row in rows for run in row.right for word in run.words] == words_of(new)
    assert [row.old for row in rows if row.old] == lines_of(old)
    assert [row.new for row in rows if row.new] == lines_of(new)


@given(chapters(), chapters())
@settings(deadline=None)
def test_the_same_holds_for_whole_chapters(old: RenderedChapter, new: RenderedChapter) -> None:
    compared = compare_chapters(old, new)
    by_anchor = {one.anchor: one for one in compared.sections}
    assert len(by_anchor) == len(compared.sections)
    for edition, left in ((old, True), (new, False)):
        for section in edition.sections:
            rows = by_anchor[section.anchor].rows
            words = [word for row in rows for run in (row.left if left else row.right) for word in run.words]
            assert words == words_of(section.html)
    order = [one.anchor for one in compared.sections if one.fate is not Fate.REMOVED]
    assert order == [one.anchor for one in new.sections]


@given(chapters())
@settings(deadline=None)
def test_a_chapter_compared_with_itself_marks_nothing(one: RenderedChapter) -> None:
    compared = compare_chapters(one, one)
    assert compared.nothing_changed
    assert compared.words == (0, 0)
    assert not compared.added
    assert not compared.removed
    assert not compared.moved


@given(st.text(max_size=300))
@settings(deadline=None)
def test_any_text_at_all_is_read(html: str) -> None:
    assert compare_lines(lines_of(html), lines_of(html)) == compare_lines(lines_of(html), lines_of(html))


def test_a_word_is_marked_and_its_neighbours_are_not() -> None:
    old = chapter(("s-1", "1", "Referring", "<p>Ring the duty desk within 24 hours, day or night.</p>"))
    new = chapter(("s-1", "1", "Referring", "<p>Ring the duty desk within 4 hours, day or night.</p>"))
    (section,) = compare_chapters(old, new).sections
    assert section.fate is Fate.CHANGED
    marked = {run.mark: run.text for run in section.rows[0].runs if run.mark is not Mark.SAME}
    assert marked == {Mark.DELETED: "24", Mark.INSERTED: "4"}


def test_a_paragraph_that_is_added_leaves_the_others_unmarked() -> None:
    old = chapter(("s-1", "1", "One", "<p>First words of it.</p><p>Last words of it.</p>"))
    new = chapter(
        ("s-1", "1", "One", "<p>First words of it.</p><ul><li>A new item</li></ul><p>Last words of it.</p>")
    )
    rows = compare_chapters(old, new).sections[0].rows
    assert [(row.old is None, row.changed) for row in rows] == [(False, False), (True, True), (False, False)]


def test_a_section_that_is_renumbered_by_one_before_it_is_said_to_be_and_its_words_are_not_marked() -> None:
    number = '<div><span class="portal-numbered__number">{}</span><div><p>Keep a note.</p></div></div>'
    old = chapter(("s-1", "1", "Notes", number.format("1.1")))
    new = chapter(("s-9", "1", "New", "<p>New.</p>"), ("s-1", "2", "Notes", number.format("2.1")))
    compared = compare_chapters(old, new)
    assert [one.anchor for one in compared.added] == ["s-9"]
    assert [(one.old_number, one.new_number, one.fate) for one in compared.renumbered] == [
        ("1", "2", Fate.SAME)
    ]
    assert not compared.moved
    (row,) = compared.sections[1].rows
    assert (row.old.number, row.new.number, row.changed) == ("1.1", "2.1", False)  # type: ignore[union-attr]


def test_a_section_that_is_moved_is_said_to_be_and_the_others_are_not() -> None:
    text = "<p>Text</p>"
    old = chapter(*((f"s-{n}", str(n), f"H{n}", text) for n in (1, 2, 3, 4)))
    new = chapter(*((f"s-{n}", str(n), f"H{n}", text) for n in (4, 1, 2, 3)))
    assert [one.anchor for one in compare_chapters(old, new).moved] == ["s-4"]


def test_a_section_that_is_removed_stands_where_it_stood() -> None:
    old = chapter(*((f"s-{n}", str(n), f"H{n}", "<p>Text</p>") for n in (1, 2, 3)))
    new = chapter(*((f"s-{n}", str(n), f"H{n}", "<p>Text</p>") for n in (1, 3)))
    compared = compare_chapters(old, new)
    assert [one.anchor for one in compared.sections] == ["s-1", "s-2", "s-3"]
    assert [one.name for one in compared.removed] == ["2 H2"]


def test_another_picture_under_the_same_words_is_marked() -> None:
    image = '<p><img src="/editions/pictures/{}.png" alt="The steps below"></p>'
    old, new = (chapter(("s-1", "1", "Flow", image.format(name * 8))) for name in ("a", "b"))
    (section,) = compare_chapters(old, new).changed
    shown = [run.text for row in section.rows for run in row.runs]
    assert shown == ["[picture: The steps below]"] * 2  # not the name of a file


def text_of(seed: int, words: int, vocabulary: int) -> RenderedChapter:
    source = random.Random(seed)
    sections = []
    for section in range(40):
        paragraphs = (
            f"<p>{' '.join(f'w{source.randrange(vocabulary)}' for _ in range(40))}</p>"
            for _ in range(words // 40 // 40)
        )
        sections.append((f"s-{section}", str(section), "Heading", "".join(paragraphs)))
    return chapter(*sections)


def test_long_chapters_are_compared_in_less_than_a_second() -> None:
    one_line = [
        chapter(("s-1", "1", "One", "<p>" + " ".join(random.Random(seed).choices("abc", k=8_000)) + "</p>"))
        for seed in (1, 2)
    ]
    short_lines = [
        chapter(
            (
                "s-1",
                "1",
                "One",
                "".join(f"<p>{random.Random(seed + n).choice('abc')} x</p>" for n in range(4_000)),
            )
        )
        for seed in (1, 5_000)
    ]
    for old, new in (
        (text_of(1, 8_000, 1_500), text_of(2, 8_000, 1_500)),
        (text_of(1, 8_000, 3), text_of(2, 8_000, 3)),
        tuple(one_line),
        tuple(short_lines),
    ):
        began = time.process_time()
        compare_chapters(old, new)
        assert time.process_time() - began < 1
