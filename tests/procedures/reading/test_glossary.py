"""Which words of a text are glossary terms: a pure function over HTML."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.glossary import Glossary, Term


def glossary(*terms: tuple[str, ...]) -> Glossary:
    return Glossary(tuple(Term(f"t{place}", forms[0], "Meaning", forms) for place, forms in enumerate(terms)))


def marked(html: str, *terms: tuple[str, ...]) -> list[str]:
    """The words that became buttons."""
    return re.findall(r"<button[^>]*popovertarget[^>]*>(.*?)</button>", glossary(*terms).mark(html)[0], re.S)


def test_only_the_first_occurrence_is_marked() -> None:
    assert marked("<p>quorum and Quorum</p>", ("Quorum",)) == ["quorum"]


def test_the_longest_form_wins() -> None:
    terms = (("review",), ("rapid review",))
    assert marked("<p>A rapid review, a review.</p>", *terms) == ["rapid review", "review"]


@pytest.mark.parametrize("words", ["reviewer", "preview", "re_view", "reviews"])
def test_a_part_of_a_word_is_no_term(words: str) -> None:
    assert marked(f"<p>{words}</p>", ("review",)) == []


def test_letters_are_found_in_exactly_their_case_and_words_in_any() -> None:
    assert marked("<p>a cat and CAT</p>", ("CAT",)) == ["CAT"]
    assert marked("<p>LADOs lado</p>", ("LADO", "LADOs")) == ["LADOs"]
    assert marked("<p>QUORUM</p>", ("quorum",)) == ["QUORUM"]


@pytest.mark.parametrize(
    "html",
    [
        '<a href="/x">quorum</a>',
        "<h3>quorum <em>now</em></h3>",
        '<p class="govuk-heading-s">quorum</p>',
        "<button>quorum</button>",
        '<img alt="quorum">',
        "<th>quorum</th>",
    ],
)
def test_nothing_is_marked_in_headings_links_buttons_and_tags(html: str) -> None:
    assert marked(html, ("quorum",)) == []
    assert marked(f"{html}<p>quorum</p>", ("quorum",)) == ["quorum"]


def test_spaces_and_entities_do_not_matter() -> None:
    assert marked("<p>rapid\n  review</p>", ("rapid review",)) == ["rapid\n  review"]
    assert marked("<p>health &amp; care</p>", ("health & care",)) == ["health &amp; care"]


def test_a_term_that_begins_with_no_word_is_left_alone() -> None:
    assert marked("<p>(x) y</p>", ("(x)",), ("",), ("y",)) == ["y"]


WORDS = st.lists(
    st.sampled_from(["quorum", "rapid", "review", "LADO", "a", "&amp;", "<em>", "</em>"]), max_size=30
)


@given(WORDS)
def test_the_text_itself_is_never_changed(words: list[str]) -> None:
    html = f"<p>{' '.join(words)}</p>"
    found, terms = glossary(("quorum",), ("rapid review", "review"), ("LADO",)).mark(html)
    assert re.sub(r"</?button[^>]*>", "", found) == html
    assert len(terms) == len({term.key for term in terms}) == found.count("<button")
