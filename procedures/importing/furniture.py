"""What surrounds a chapter on the page it was copied from: print headers and footers, a site's menu and foot.

Each function gives line numbers with the reason for which the line is left out.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from procedures.importing.labels import split_keyword
from procedures.importing.lines import Line
from procedures.importing.noise import TRAIL, reason_to_drop, without_reference

PAGE_OF = re.compile(r"(?:^|.*\s)page\s+[0-9]{1,4}(?:\s*(?:of|/)\s*[0-9]{1,4})?(?:\s.*)?", re.I)
FOLIO = re.compile(r"\D*?[^\W\d].*\D(?P<last>[0-9]{1,4})|(?P<first>[0-9]{1,4})\s.*[^\W\d]\D*")
APART = 8  # lines between two footers; the rows of a form stand nearer to each other
BARE = re.compile(r"[-–—|\s]*[0-9]{1,4}[-–—|\s]*")
DATED = re.compile(
    r"(?:page\s+|last\s+)*(?:updated|reviewed|modified)(?:\s+on)?\s*:?\s+[0-9]{1,2}(?:st|nd|rd|th)?\s+\w+\s+[0-9]{4}",
    re.I,
)
ON_A_SITE = {"page furniture", "menu", "trail of links", "text size", "top of page"}
LONGEST = 120  # characters of a page's header or footer
NEAR = 3  # lines between a page's edge and its header or footer
TITLE_LINES = 5  # lines at the head of the file in which the title stands, though each page repeats it
HEAD = 60  # lines in which a site's menu is looked for
MENU = re.compile(
    r"(?:(?:accept|reject|manage|view)\s+(?:all\s+|additional\s+)?cookies?(?:\s+\w+)?|cookies?(?:\s+\w+){0,3}|home|menu|search|"
    r"skip\s+to\s+.{3,30}|about(?:\s+us)?|contact(?:\s+us|s)?|sign\s?in|log\s?in|register|site\s?map|accessibility|a\s?(?:-|to)\s?z|"
    r"navigation|close|open\s+menu|news|events|training|resources|local\s+resources|glossary|help|report\s+a\s+concern|"
    r"print|share|e-?mail|facebook|twitter|linkedin|whatsapp|instagram|youtube|x|bookmark(?:\s+this\s+page)?|"
    r"you\s+are\s+here:?|back|next|previous|toggle\s+\w+|languages?|translate|contents|>|»|›|/)",
    re.I,
)
WEB = re.compile(
    r"(?:accept|reject|manage)\s.*cookies?|skip\s+to\s.*|menu|home|toggle\s+navigation|you\s+are\s+here:?",
    re.I,
)
CRUMB = {">", "»", "›", "/"}
SHARING = re.compile(
    r"(?:share|print|e-?mail|bookmark|download|save|listen(?:\s+to)?)(?:\s+(?:this|the)\s+(?:page|chapter|section))?|facebook|twitter|"
    r"linkedin|whatsapp|instagram|youtube|copy\s+link|share\s+on\s+\w+",
    re.I,
)
FOOT = re.compile(
    r"(?:was|is|did\s+you\s+find)\s+this\s+(?:page|chapter|information)\s+(?:useful|helpful)\??|yes|no|"
    r"(?:page\s+)?last\s+(?:updated|reviewed|modified)(?:\s+on)?:?.{0,40}|cookies?(?:\s+(?:policy|settings|notice))?|"
    r"privacy(?:\s+(?:notice|policy|statement))?|accessibility(?:\s+statement)?|terms(?:\s+(?:and|&)\s+conditions|\s+of\s+use)?|"
    r"disclaimer|site\s?map|contact\s+us|feedback|(?:©|\(c\)|copyright)\s.{0,120}|all\s+rights\s+reserved\.?|"
    r"this\s+page\s+is\s+correct\s+as\s+printed\s.{0,60}|powered\s+by\s.{0,60}|printed\s+(?:on|from)\s.{0,80}|follow\s+us(?:\s+on\s.{0,40})?|facebook|twitter|linkedin|instagram|youtube|"
    r"back\s+to\s+(?:contents|home|chapters?)|(?:next|previous)(?:\s+(?:page|chapter))?",
    re.I,
)


def page_edges(lines: Sequence[Line]) -> dict[int, str]:
    """Headers and footers of printed pages: lines with a page number that come again on each page, bare
    numbers at a page's edge, and whatever is repeated word for word beside them."""
    shapes = Counter(_shape(line) for line in lines)
    texts = Counter(line.text for line in lines)
    edges: set[int] = set()
    dropped: dict[int, str] = {}
    for position, line in enumerate(lines):
        if line.page_start and position:
            edges.update({position - 1, position})
        paged = PAGE_OF.fullmatch(line.text) and len(line.text) <= LONGEST
        if paged and (
            shapes[_shape(line)] > 1 or re.fullmatch(r"page\s+\S+(?:\s+of\s+\S+)?", line.text, re.I)
        ):
            dropped[line.number] = "page number" if texts[line.text] == 1 else "page header or footer"
            edges.add(position)
    lone = _lone_folios(lines, texts)
    for position in lone:
        dropped[lines[position].number] = "page number"
        edges.add(position)
    for position in _folios(lines):
        dropped[lines[position].number] = "page header or footer"
        edges.add(position)
    if not edges:
        return {}
    edges.add(len(lines) - 1)
    starts = [position for position, line in enumerate(lines) if line.page_start]
    ends = [len(lines) - 1] if starts else []
    for position in sorted({one for start in starts for one in (start - 1, start) if one >= 0}.union(ends)):
        if BARE.fullmatch(lines[position].text):
            dropped[lines[position].number] = "page number"
    for edge in edges:
        for position in range(max(0, edge - NEAR), min(len(lines), edge + NEAR + 1)):
            line = lines[position]
            above = [other.text for other in lines[: min(position, TITLE_LINES)]]
            title = position < TITLE_LINES and line.text not in above
            if title and position + 1 in lone and any(texts[text] == 1 for text in above):
                title = False  # the foot of a short first page
            if title or texts[line.text] == 1 or len(line.text) > LONGEST:
                continue
            if len(line.text.split()) > 1 and _unbroken(lines, edge, position, dropped, texts):
                dropped[line.number] = "page header or footer"
    return dropped


def _folios(lines: Sequence[Line]) -> set[int]:
    """Lines such as "Bruising Protocol v3   7" on each page: the same words with the number of the page behind or
    before them, which rises by one. Beside a form feed two are enough, elsewhere it takes three, well apart."""
    runs: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for position, line in enumerate(lines):
        match = FOLIO.fullmatch(line.text) if len(line.text) <= LONGEST and line.table is None else None
        if match is None or split_keyword(line.text)[0] or len(line.text.split()) < 3:
            continue
        where = "last" if match["last"] else "first"
        words = line.text[: match.start("last")] if match["last"] else line.text[match.end("first") :]
        runs.setdefault((where, " ".join(words.split())), []).append((int(match[where]), position))
    starts = [position for position, line in enumerate(lines) if line.page_start]
    beside = {one for start in starts for one in (start - 1, start)} | ({len(lines) - 1} if starts else set())
    found: set[int] = set()
    for run in runs.values():
        rises = all(after[0] == before[0] + 1 for before, after in zip(run, run[1:], strict=False))
        apart = all(after[1] - before[1] >= APART for before, after in zip(run, run[1:], strict=False))
        positions = {position for _, position in run}
        if rises and ((len(run) >= 2 and positions <= beside) or (len(run) >= 3 and apart)):
            found |= positions
    return found


def _lone_folios(lines: Sequence[Line], texts: Counter[str]) -> set[int]:
    """Bare numbers that rise by one through the file, each beside a line that every page repeats, or far from each
    other and not above titles, as the numbers of sections are."""
    found: set[int] = set()
    run: list[int] = []
    for position, line in enumerate(lines):
        if not re.fullmatch("[0-9]{1,4}", line.text) or line.table is not None:
            continue
        if run and int(line.text) != int(lines[run[-1]].text) + 1:
            found |= _if_folios(lines, run, texts)
            run = []
        run.append(position)
    return found | _if_folios(lines, run, texts)


def _if_folios(lines: Sequence[Line], run: Sequence[int], texts: Counter[str]) -> set[int]:
    if len(run) < 3:
        return set()
    beside = sum(
        any(0 <= at < len(lines) and texts[lines[at].text] >= len(run) - 1 for at in (one - 1, one + 1))
        for one in run
    )
    apart = all(after - before >= APART for before, after in zip(run, run[1:], strict=False))
    below = [lines[one + 1].text for one in run if one + 1 < len(lines)]
    titles = sum(len(text.split()) <= 12 and text[:1].isupper() and not text.endswith(".") for text in below)
    if beside == len(run) or (apart and titles * 2 < len(below)):
        return set(run)
    return set()


def _unbroken(
    lines: Sequence[Line], edge: int, position: int, dropped: dict[int, str], texts: Counter[str]
) -> bool:
    """Whether only other repeated lines stand between a page's edge and this line."""
    between = lines[min(edge, position) + 1 : max(edge, position)]
    return all(line.number in dropped or texts[line.text] > 1 for line in between)


def _shape(line: Line) -> str:
    return re.sub(r"[0-9]+", "#", line.text)


def site_head(lines: Sequence[Line]) -> tuple[dict[int, str], int]:
    """The menu of a web page above the chapter, and the position of its title (-1 where no menu was found).

    The title is the line that the trail of links ended with, or the first line after the menu's words.
    """
    head = lines[:HEAD]
    texts = [without_reference(line.text) for line in head]
    if not any(WEB.fullmatch(text) for text in texts[:12]):
        return {}, -1
    last_menu = -1
    for position, line in enumerate(head):
        if _is_menu(texts, position):
            if position - last_menu > 8:
                break
            last_menu = position
        elif len(line.text.split()) > 12 or line.text.endswith((".", ";")):
            break
    title = -1
    crumbs = [position for position, line in enumerate(head) if line.text in CRUMB]
    if crumbs and crumbs[-1] + 1 < len(head):
        current = crumbs[-1] + 1
        again = [
            one
            for one in range(current + 1, min(current + 8, len(head)))
            if head[one].text == head[current].text
        ]
        title = again[0] if again else current
    elif last_menu >= 0 and last_menu + 1 < len(head):
        title = last_menu + 1
        while title + 1 < len(head) and (reason_to_drop(texts[title]) or TRAIL.fullmatch(texts[title])):
            title += 1
    if title < 0:
        return {}, -1
    dropped = {
        line.number: "trail of links" if line.text in CRUMB or TRAIL.fullmatch(line.text) else "menu"
        for line in head[:title]
        if len(line.text.split()) <= 12 or TRAIL.fullmatch(line.text)
    }
    return (dropped, title) if len(dropped) == title else ({}, -1)


def page_date(lines: Sequence[Line], dropped: Mapping[int, str]) -> dict[int, str]:
    """ "Updated on 14 March 2024" at the head of a web page; a document's own date is part of it."""
    if ON_A_SITE.isdisjoint(dropped.values()):
        return {}
    return {line.number: "date of the web page" for line in lines[:20] if DATED.fullmatch(line.text)}


def _is_menu(texts: Sequence[str], position: int) -> bool:
    """Whether a line is an entry of a menu. "Contents" is one only among others: it heads a list in most chapters."""
    if not MENU.fullmatch(texts[position]):
        return bool(TRAIL.fullmatch(texts[position])) and len(texts[position]) <= 200
    if texts[position].lower() != "contents":
        return True
    return position + 1 < len(texts) and bool(MENU.fullmatch(texts[position + 1]))


def site_tools(lines: Sequence[Line], title: int) -> dict[int, str]:
    """Buttons to share or print right under a web page's title."""
    dropped = {}
    for line in lines[title + 1 : title + 9]:
        if not SHARING.fullmatch(line.text):
            break
        dropped[line.number] = "page furniture"
    return dropped


def site_foot(lines: Sequence[Line]) -> dict[int, str]:
    """The foot of a web page: from its end backwards, as long as a line is nothing else."""
    dropped: dict[int, str] = {}
    for line in reversed(lines[-30:]):
        parts = [part.strip() for part in line.text.split("|") if part.strip()]
        if not parts or not all(FOOT.fullmatch(part) for part in parts):
            break
        dropped[line.number] = "page furniture"
    # "Yes" or "No" alone may end a form; only with the question that it answers is it furniture
    if not any(len(line.text) > 3 for line in lines if line.number in dropped):
        return {}
    return dropped
