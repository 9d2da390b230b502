"""How well a text answers a question, and the piece of it that shows why: the same on every database.

The database's index chooses the candidates; it does not have the last word on their order, because bm25 and ts_rank
differ and know neither headings that answer the whole question nor words that stand together.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from operator import itemgetter

Term = tuple[str, ...]
START, END = "\ue000", "\ue001"  # around a found word, until the text has been escaped
WORD = re.compile(r"[^\W_]+")
MOST_PLACES = 40  # of one form in one text that are looked at
SHOWN_CHARACTERS = 260  # of a snippet
PHRASE = 0.4  # of a word's weight, for each further word of a phrase
NEAR = 60  # characters between words that stand together
AVERAGE = 900  # characters of a section, beyond which a word in it counts for less
# What English adds to the root of a word, so that "refer" finds "referrals" as the databases' stemmers do.
ENDINGS = (
    "(?:e|es|s|d|ed|er|ers|ing|ings|al|als|ally|ion|ions|ional|or|ors|ation|ations|ment|ments|ly|able|ance|ence|ences"
    "|ent|ents|ant|ive|y|ies|ied|ying|ier)?"
)
STRIPPED = re.compile(
    "(?:ational|ations|ation|ments|ment|ional|ions|ion|ences|ence|ances|ance|ings|ing|ally|able|als|al|ies|ied|ying|ers|er"
    "|ors|or|ed|es|ly|s|e|y)$"
)


@dataclass(frozen=True)
class Weights:
    """What a place in which a word stands is worth, by trial on the open questions (docs/decisions/0022)."""

    heading: float = 10.0
    above: float = 0.5
    chapter: float = 1.0
    saturation: float = 1.5
    length: float = 0.35
    coverage: float = 1.0
    heading_share: float = 0.6
    near: float = 0.1
    apart: float = 1.0


WEIGHTS = Weights()


@dataclass(frozen=True)
class Text:
    """A candidate's texts: its chapter, the headings above it, its own heading, and what it says."""

    chapter: str
    above: str
    heading: str
    text: str


@dataclass(frozen=True)
class Sought:
    """A question's term: patterns of the words and phrases that will do, how telling it is (0 upwards), and the single
    words of each phrase, which count for something where they do not stand together."""

    patterns: tuple[re.Pattern[str], ...]
    weight: float
    apart: tuple[tuple[re.Pattern[str], ...], ...] = ()


def root(word: str) -> str:
    """A word without its ending; at least three letters are left."""
    stripped = word
    for _ in range(2):
        match = STRIPPED.search(stripped)
        if match is None or match.start() < 3:
            break
        stripped = stripped[: match.start()]
    if len(stripped) > 3 and stripped[-1] == stripped[-2] and stripped[-1] not in "lsz":
        stripped = stripped[:-1]
    return stripped


@lru_cache(maxsize=4_000)
def pattern(form: str) -> re.Pattern[str]:
    """Finds a word or phrase in lower-case text by the roots of its words; what stands before it is not looked at."""
    parts = []
    for word in WORD.findall(form.lower()):
        base = root(word)
        if base == word and len(word) < 4:
            parts.append(re.escape(word) + "s?")
        else:
            parts.append(f"{re.escape(base)}{re.escape(base[-1])}?{ENDINGS}")
    return re.compile(r"[\W_]+".join(parts) + r"(?![^\W_])")


def sought(terms: Sequence[Term], having: Sequence[int], entries: int) -> list[Sought]:
    """Terms with how rare they are: `having` says how many of the `entries` have each."""
    return [
        Sought(
            tuple(pattern(form) for form in term if WORD.search(form)),
            # What was typed as several words is worth more than one word.
            log(1 + (entries + 1) / (count + 0.5)) * (1 + PHRASE * (len(WORD.findall(term[0])) - 1)),
            tuple(tuple(map(pattern, words)) for form in term if len(words := WORD.findall(form)) > 1),
        )
        for term, count in zip(terms, having, strict=True)
    ]


def places(one: Sought, text: str) -> list[tuple[int, int]]:
    """Where a term stands in a text in lower case, as (start, end) in order; of forms that overlap, the first."""
    found: list[tuple[int, int]] = []
    for each in one.patterns:
        for count, match in enumerate(each.finditer(text)):
            start = match.start()
            if start and text[start - 1].isalnum():
                continue
            found.append(match.span())
            if count >= MOST_PLACES:
                break
    if len(one.patterns) > 1:
        found.sort()
    return found


def score(terms: Sequence[Sought], candidate: Text, weights: Weights = WEIGHTS) -> float:
    """How well a candidate answers, 0 upwards: rare words count for more than frequent ones, words of headings for more
    than those of the text, and having all words of the question for more than having one of them often."""
    heading, above, chapter, text = lowered(candidate)
    norm = 1 - weights.length + weights.length * max(len(text), 200) / AVERAGE
    total = covered = everything = named = 0.0
    stand: list[tuple[list[int], float]] = []
    heading_words = 0
    for one in terms:
        everything += one.weight
        in_heading = places(one, heading) if heading else ()
        in_text = places(one, text)
        worth = len(in_text) / norm
        if in_heading:
            worth += weights.heading
            heading_words += len(WORD.findall(heading[in_heading[0][0] : in_heading[0][1]]))
            named += one.weight
        if above and places(one, above):
            worth += weights.above
        if chapter and places(one, chapter):
            worth += weights.chapter
        if not worth and one.apart:
            worth += weights.apart * max(
                share_of(words, f"{heading} {above} {chapter} {text}") for words in one.apart
            )
        if worth:
            covered += one.weight * min(1.0, worth)
            total += one.weight * worth / (worth + weights.saturation)
        stand.append(([start for start, _ in in_text], one.weight))
    if not everything or not total:
        return 0.0
    for (first, weight), (second, other) in zip(stand, stand[1:], strict=False):
        if first and second and together(first, second):
            total += weights.near * (weight + other)
    if named:
        length = len([word for word in WORD.findall(heading) if len(word) > 3 or word.isdigit()]) or 1
        total += weights.heading_share * named * min(1.0, heading_words / length)
    return float(total * (covered / everything) ** weights.coverage)


def share_of(words: Sequence[re.Pattern[str]], text: str) -> float:
    """How many of these words stand in a text, squared so that a phrase of which half is there counts for little."""
    there = sum(
        any(match.start() == 0 or not text[match.start() - 1].isalnum() for match in word.finditer(text))
        for word in words
    )
    return (there / len(words)) ** 2


def together(first: Sequence[int], second: Sequence[int]) -> bool:
    """Whether a place of the one is near a place of the other; both in order."""
    for place in first:
        at = bisect_left(second, place - NEAR)
        if at < len(second) and second[at] <= place + NEAR:
            return True
    return False


def lowered(candidate: Text) -> tuple[str, str, str, str]:
    """Its heading, the headings above, its chapter and its text in lower case."""
    parts = (candidate.heading, candidate.above, candidate.chapter, candidate.text)
    heading, above, chapter, text = (part.lower() for part in parts)
    return heading, above, chapter, text


def best_first(terms: Sequence[Sought], candidates: Mapping[int, Text], order: Sequence[int]) -> list[int]:
    """Candidates by score; those that score alike stay in the order of the database."""
    scores = [
        (-score(terms, candidates[pk]), place, pk) for place, pk in enumerate(order) if pk in candidates
    ]
    return [pk for _, _, pk in sorted(scores)]


def snippet(terms: Sequence[Sought], text: str) -> str:
    """The piece of a text in which most of the question stands, START and END around the found words."""
    low = text.lower()
    if len(low) != len(
        text
    ):  # a letter that is two in lower case: better no marks than marks in the wrong place
        return shortened(text, 0, [])
    found = sorted(
        (start, end, number) for number, one in enumerate(terms) for start, end in places(one, low)
    )
    begin = best_window(found, terms)
    return shortened(text, begin, found)


def best_window(found: Sequence[tuple[int, int, int]], terms: Sequence[Sought]) -> int:
    """Where the window starts that has the most telling terms; of several, the first."""
    best, where = -1.0, 0
    for first, (start, _, _) in enumerate(found):
        within = {
            number
            for begin, end, number in found[first : first + MOST_PLACES]
            if end <= start + SHOWN_CHARACTERS - 40
        }
        worth = sum(terms[number].weight for number in within)
        if worth > best + 1e-9:
            best, where = worth, start
    return where


def shortened(text: str, first: int, found: Sequence[tuple[int, int, int]]) -> str:
    """So many characters of the text around the place `first`, whole words, with the found ones marked."""
    begin = 0
    if first > SHOWN_CHARACTERS // 3:
        begin = text.rfind(" ", 0, first - 40) + 1
        sentence = text.rfind(". ", max(0, first - SHOWN_CHARACTERS // 3), first)
        begin = sentence + 2 if sentence >= 0 else begin
    end = len(text)
    if begin + SHOWN_CHARACTERS < end:
        end = text.rfind(" ", begin, begin + SHOWN_CHARACTERS)
        end = end if end > first else begin + SHOWN_CHARACTERS
    pieces, at = ["…" if begin else ""], begin
    for start, stop, _ in sorted(found, key=itemgetter(0)):
        if start >= at and stop <= end:
            pieces += [text[at:start], START, text[start:stop], END]
            at = stop
    pieces += [text[at:end], "…" if end < len(text) else ""]
    return "".join(pieces)
