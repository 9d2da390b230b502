"""Web pages: the text and its structure, never a script; what surrounds the text is listed."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures.importing import stream
from procedures.importing.files import UnreadableChapter, read_chapter
from procedures.importing.report import report
from procedures.importing.structure import Chapter, ListOfItems, Paragraph, Table


def read(html: str) -> Chapter:
    chapter = read_chapter("chapter.html", html.encode())
    assert chapter.words_in == chapter.words_placed + chapter.words_dropped
    return chapter


def outline(chapter: Chapter) -> list[tuple[str, str, int]]:
    return [(one.number, one.title, one.level) for one in chapter.sections]


def blocks(chapter: Chapter, kind: type) -> list[Any]:
    return [block for one in chapter.sections for block in one.blocks if isinstance(block, kind)]


def written(chapter: Chapter) -> str:
    """The rich text of all sections."""
    return str([stream.content(one.blocks) for one in chapter.sections])


HOSTED = """<!DOCTYPE html><html><head><title>Manual | Missing children</title><style>p {color: red}</style>
<script>alert("gone")</script></head><body onload="steal()">
<a class="skip-link" href="#c">Skip to content</a>
<nav><ul><li><a href="/">Home</a></li><li><a href="/az">A to Z</a></li></ul></nav>
<div class="breadcrumb">Home &gt; Chapters</div>
<main id="c">
<h1>6.2 Children who go missing</h1>
<h2>Scope of this chapter</h2><p>For everybody.</p>
<h2>Relevant guidance</h2><p><a href="https://example.org/g">Statutory guidance</a></p>
<h2>Contents</h2><ol><li><a href="#s1">Words we use</a></li><li><a href="#s2">First day</a></li></ol>
<h2 id="s1">1. Words we use</h2>
<p onclick="alert(1)">Missing means that nobody knows where a child is. See <a href="#s2">First day</a>
or <a href="javascript:alert(1)">this</a>.</p>
<p><a href="#top">Back to top</a></p>
<h2 id="s2">2. First day</h2>
<ol type="a" start="3"><li>Ring the police<ul><li>on 999</li></ul></li><li><p>Tell the social worker</p></li></ol>
<dl><dt>Strategy discussion</dt><dd>Within one day.</dd></dl>
<h3>2.1 Return interview</h3><p>Within 72 hours.<br><br>It is done by somebody independent.</p>
</main>
<footer>Copyright of the partnership</footer></body></html>"""


def test_a_hosted_chapter_keeps_its_text_and_loses_what_surrounds_it() -> None:
    chapter = read(HOSTED)
    assert (chapter.number, chapter.title) == ("6.2", "Children who go missing")
    assert outline(chapter) == [
        ("1", "Words we use", 1),
        ("2", "First day", 1),
        ("2.1", "Return interview", 2),
    ]
    assert [box.kind for box in chapter.boxes] == ["scope", "guidance"]
    assert Counter(piece.reason for piece in chapter.dropped) == {
        "title of the web page": 1,
        "page furniture": 5,
        "contents list": 3,
        "top of page": 1,
    }
    texts = written(chapter)
    assert "Strategy discussion" in texts
    assert [one.text for one in blocks(chapter, Paragraph)][-2:] == [
        "Within 72 hours.",
        "It is done by somebody independent.",
    ]


def test_no_script_and_no_event_handler_survives() -> None:
    chapter = read(HOSTED)
    everything = str(report(chapter)) + written(chapter)
    for bad in ("alert", "steal", "javascript", "onclick", "color: red", "<script"):
        assert bad not in everything
    assert "scripts left out" in {one.kind for one in chapter.problems}


def test_a_lettered_list_that_starts_at_c_keeps_its_letters() -> None:
    (items,) = blocks(read(HOSTED), ListOfItems)
    assert [(item.marker, item.depth, item.value) for item in items.items] == [
        ("c.", 0, 3),
        ("•", 1, 0),
        ("d.", 0, 4),
    ]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//evil.example/x",
    ],
)
def test_only_harmless_links_are_kept(address: str) -> None:
    chapter = read(f'<h1>Title</h1><h2>One</h2><p>Go <a href="{address}">there</a> now.</p><h2>Two</h2>')
    assert "<a " not in written(chapter)
    assert "there" in written(chapter)


def test_merged_cells_lists_and_links_in_cells() -> None:
    chapter = read(
        "<h1>T</h1><h2>One</h2><table><tr><th>Who<th>When<tr><td rowspan=2>Police<td>Day 1"
        '<tr><td>Day 2 <ul><li>or <a href="https://example.org/">later</a></ul><tr><td colspan=2>All'
        "</table><h2>Two</h2>"
    )
    (table,) = blocks(chapter, Table)
    assert table.headed
    assert [row.cells for row in table.rows] == [
        ["Who", "When"],
        ["Police", "Day 1"],
        ["", "Day 2\n• or later (https://example.org/)"],
        ["All", ""],
    ]


def test_a_table_that_only_places_things_is_not_a_table() -> None:
    chapter = read(
        '<table role="presentation"><tr><td><h1>Title</h1><h2>One</h2><p>Text of it.</p></td>'
        "<td><h2>Two</h2><p>More.</p></td></tr></table>"
    )
    assert blocks(chapter, Table) == []
    assert [one.title for one in chapter.sections] == ["One", "Two"]


def test_the_soup_that_word_saves_as_html_is_read_line_by_line() -> None:
    chapter = read(
        '<html xmlns:o="urn:x"><body lang=EN-GB><div class=WordSection1><p class=MsoTitle>Allegations</p>'
        "<p class=MsoNormal><b>1.<span style='font:7.0pt'>&nbsp;&nbsp;&nbsp; </span>Purpose</b><o:p></o:p></p>"
        "<p class=MsoNormal>This is what we do.<br>And so do they.</p>"
        "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'>·<span>&nbsp;&nbsp; </span>one thing</p>"
        "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'>·<span>&nbsp;&nbsp; </span>another thing</p>"
        "<p class=MsoNormal><b>2. Roles</b></p><p class=MsoNormal>Everybody has one.</p></div></body></html>"
    )
    assert chapter.title == "Allegations"
    assert outline(chapter) == [("1", "Purpose", 1), ("2", "Roles", 1)]
    (items,) = blocks(chapter, ListOfItems)
    assert [item.text for item in items.items] == ["one thing", "another thing"]


def test_a_page_in_the_charset_that_it_declares_is_read_and_another_is_refused() -> None:
    page = '<meta charset="windows-1252"><h1>Title</h1><p>Café “quoted”.</p>'
    assert "Café “quoted”." in written(read_chapter("x.html", page.encode("cp1252")))
    with pytest.raises(UnreadableChapter, match="UTF-8"):
        read_chapter("x.html", "<h1>Title</h1><p>Café</p>".encode("latin-1"))


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (b"", "empty"),
        (b"<html><body></body></html>", "no text"),
        (b"<p>" + b"word " * 1_000_000, "5 MB"),
        (b"<div>" * 3_000 + b"x", "deeply|HTML|no text"),
    ],
)
def test_what_is_no_page_is_refused_with_a_sentence(page: bytes, reason: str) -> None:
    with pytest.raises(UnreadableChapter, match=reason):
        read_chapter("x.html", page)


TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="<>&\x00", exclude_categories=["C"]), max_size=12
)
TAGS = [
    "p",
    "div",
    "b",
    "h2",
    "h3",
    "ul",
    "ol",
    "li",
    "table",
    "tr",
    "td",
    "nav",
    "br",
    "a",
    "dl",
    "dt",
    "span",
    "footer",
]
SOUP = st.lists(
    st.one_of(TEXT, st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS])),
    max_size=60,
).map("".join)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(SOUP)
def test_any_soup_of_tags_is_read_or_refused_and_loses_no_word(soup: str) -> None:
    try:
        chapter = read_chapter("x.html", f"<html><body>{soup}</body></html>".encode())
    except UnreadableChapter:
        return
    assert chapter.words_in == chapter.words_placed + chapter.words_dropped
    report(chapter)
