"""How well a text answers a question, and the piece of it that shows why: the same on every database.

The database's index chooses the candidates; it does not have the last word on their order, because bm25 and ts_rank
differ and know neither headings that answer the whole question nor words that stand together.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from operator import itemgetter

import snowballstemmer

Term = tuple[str, ...]
START, END = "\ue000", "\ue001"  # around a found word, until the text has been escaped
WORD = re.compile(r"[^\W_]+")
MOST_PLACES = 40  # of one form in one text that are looked at
SHOWN_CHARACTERS = 260  # of a snippet
PHRASE = 0.4  # of a word's weight, for each further word of a phrase
NEAR = 60  # characters between words that stand together
AVERAGE = 900  # characters of a section, beyond which a word in it counts for less
DURATION = re.compile(r"\b(?:hours?|days?|weeks?|months?|years?|minutes?)\b")
WHOLE = {"reporter", "reporters", "reference", "references"}
ENGLISH = snowballstemmer.stemmer("english")


@dataclass(frozen=True)
class Weights:
    """What a place in which a word stands is worth, by trial on the open questions (docs/decisions/0022)."""

    heading: float = 5.4
    above: float = 0.55
    chapter: float = 0.85
    saturation: float = 1.5
    length: float = 0.5
    coverage: float = 0.7
    heading_share: float = 0.45
    near: float = 0.1
    apart: float = 0.15
    same: float = 0.9
    related: float = 0.85
    asked_word: float = 0.4
    duration: float = 0.3
    head: float = 0.7
    plain: float = 0.25


WEIGHTS = Weights()


@dataclass(frozen=True)
class Text:
    """A candidate's texts: its chapter, the headings above it, its own heading, and what it says."""

    chapter: str
    above: str
    heading: str
    text: str


@dataclass(frozen=True)
class Form:
    """A word or phrase that will do: a pattern for where it may stand, and the stems that its words must have there."""

    pattern: re.Pattern[str]
    stems: tuple[str, ...]


@dataclass(frozen=True)
class Sought:
    """A question's term: what was typed, what means the same, what is only related to it; the single words of each
    phrase, which count for something where they do not stand together; how telling it is (0 upwards), and whether its
    word is one of any talk."""

    typed: Form
    same: tuple[Form, ...]
    related: tuple[Form, ...]
    apart: tuple[tuple[Form, ...], ...]
    weight: float
    plain: bool = False

    @property
    def forms(self) -> tuple[Form, ...]:
        """All that will do."""
        return (self.typed, *self.same, *self.related)


@dataclass(frozen=True)
class Asked:
    """A question as it is compared: its terms, and what it asks for (words such as "who", and whether for a time)."""

    terms: tuple[Sought, ...]
    words: tuple[str, ...] = ()
    for_time: bool = False


@dataclass(frozen=True)
class Standing:
    """Where a form stands in a candidate: starts in its text, words of its heading (0: it is not there), and whether in
    the headings above and in the chapter's name."""

    text: tuple[int, ...]
    heading: int
    above: bool
    chapter: bool


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of a word in lower case, as PostgreSQL's English dictionary takes it; a few words that mean something
    else than what they come from are left whole."""
    return word if word in WHOLE else str(ENGLISH.stemWord(word))


@lru_cache(maxsize=8_000)
def form(text: str) -> Form:
    """Makes out a word or phrase."""
    stems = tuple(stem(word) for word in WORD.findall(text.lower()))
    # A final y is an i in the stem.
    begin = [re.escape(one[:-1] if one[-1] == "i" and len(one) > 2 else one) for one in stems]
    return Form(re.compile(r"[^\W_]*[\W_]+".join(begin) + r"[^\W_]*"), stems)


def forms_of(texts: Sequence[str]) -> tuple[Form, ...]:
    """Those that have a word in them."""
    return tuple(form(text) for text in texts if WORD.search(text))


def rarity(count: float, entries: int) -> float:
    """How telling a word is that so many of the entries have."""
    return log(1 + (entries + 1) / (count + 0.5))


def sought(
    terms: Sequence[Term],
    having: Sequence[int],
    entries: int,
    related: Mapping[Term, Term],
    plain: Container[str] = (),
) -> tuple[Sought, ...]:
    """Terms with how rare they are: `having` says how many of the `entries` have each."""
    found = []
    for term, count in zip(terms, having, strict=True):
        typed, *same = forms_of(term) or (form("-"),)
        # What was typed as several words is worth more than one word.
        weight = rarity(count, entries) * (1 + PHRASE * max(len(typed.stems) - 1, 0))
        apart = tuple(forms_of(words) for one in term if len(words := WORD.findall(one)) > 1)
        found.append(
            Sought(
                typed,
                tuple(same),
                forms_of(related.get(term, ())),
                apart,
                weight,
                typed.stems[0] in plain and len(typed.stems) == 1,
            )
        )
    return tuple(found)


def standing(one: Form, text: str) -> list[tuple[int, int]]:
    """Where a form stands in a text in lower case, as (start, end) in order."""
    found = []
    for match in one.pattern.finditer(text):
        start, end = match.span()
        if start and text[start - 1].isalnum():
            continue
        if tuple(stem(word) for word in WORD.findall(match.group())) == one.stems:
            found.append((start, end))
            if len(found) >= MOST_PLACES:
                break
    return found


def places(forms: Sequence[Form], text: str) -> list[tuple[int, int]]:
    """Where any of these stands, in order."""
    found = [place for one in forms for place in standing(one, text)]
    return sorted(found) if len(forms) > 1 else found


def stand(one: Form, parts: tuple[str, str, str, str]) -> Standing | None:
    """Where a form stands in a candidate's texts in lower case; None where it does not."""
    heading, above, chapter, text = parts
    in_heading = standing(one, heading)
    found = Standing(
        tuple(start for start, _ in standing(one, text)),
        len(WORD.findall(heading[slice(*in_heading[0])])) if in_heading else 0,
        bool(standing(one, above)),
        bool(standing(one, chapter)),
    )
    return found if found.text or found.heading or found.above or found.chapter else None


Stands = Mapping[Form, Standing]


def stands(asked: Asked, parts: tuple[str, str, str, str]) -> dict[Form, Standing]:
    """Where the forms of a question stand in a candidate."""
    found = {}
    for term in asked.terms:
        for one in (*term.forms, *(word for words in term.apart for word in words)):
            if one not in found and (there := stand(one, parts)):
                found[one] = there
    return found


def score(
    asked: Asked,
    parts: tuple[str, str, str, str],
    found: Stands,
    rare: Mapping[Form, float],
    weights: Weights,
) -> float:
    """How well a candidate answers, 0 upwards: rare words count for more than frequent ones, words of headings for more
    than those of the text, and having all words of the question for more than having one of them often. `rare` says of
    related words how telling they are themselves."""
    heading, _, _, text = parts
    norm = 1 - weights.length + weights.length * max(len(text), 200) / AVERAGE
    total = covered = everything = named = 0.0
    before: tuple[tuple[int, ...], float] = ((), 0.0)
    heading_words = 0
    for one in asked.terms:
        weight = one.weight * (weights.plain if one.plain else 1)
        everything += weight
        best = best_worth = 0.0
        best_there: Standing | None = None
        for each, share in (
            (one.typed, 1.0),
            *((other, weights.same) for other in one.same),
            *((other, weights.related * min(1.0, rare[other] / one.weight)) for other in one.related),
        ):
            if there := found.get(each):
                worth = len(there.text) / norm
                worth += weights.heading * bool(there.heading)
                worth += weights.above * there.above + weights.chapter * there.chapter
                value = share * worth / (worth + weights.saturation)
                if value > best:
                    best, best_there, best_worth = value, there, share * min(1.0, worth)
                    best_share = share
        if best_there is None and one.apart:
            part = weights.apart * max(share_of(words, found) for words in one.apart)
            best, best_worth = part / (part + weights.saturation), part
        covered += weight * best_worth
        total += weight * best
        if best_there and best_there.heading:
            heading_words += best_there.heading
            named += weight * best_share
        starts = best_there.text if best_there else ()
        if starts and before[0] and together(before[0], starts):
            total += weights.near * (weight + before[1])
        before = (starts, weight)
    if not everything or not total:
        return 0.0
    heading_list = WORD.findall(heading)
    if named:
        length = len([word for word in heading_list if len(word) > 3 or word.isdigit()]) or 1
        total += weights.heading_share * named * min(1.0, heading_words / length)
    mean = everything / len(asked.terms)
    total += weights.asked_word * mean * sum(word in heading_list for word in asked.words)
    if asked.for_time and DURATION.search(text):
        total += weights.duration * mean
    if not heading:
        total *= weights.head
    return float(total * (covered / everything) ** weights.coverage)


def share_of(words: Sequence[Form], found: Stands) -> float:
    """How many of these words stand in a candidate, squared: a phrase of which half is there counts for little."""
    return (sum(word in found for word in words) / len(words)) ** 2


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


def best_first(
    asked: Asked,
    candidates: Mapping[int, Text],
    order: Sequence[int],
    entries: int,
    weights: Weights = WEIGHTS,
) -> list[int]:
    """Candidates by score; those that score alike stay in the order of the database."""
    parts = {pk: lowered(candidates[pk]) for pk in order if pk in candidates}
    found = {pk: stands(asked, texts) for pk, texts in parts.items()}
    # How many of all entries have a related word is taken from how many of the candidates have it.
    having = Counter(one for there in found.values() for one in there)
    rare = {
        one: rarity(having[one] * entries / max(len(parts), 1), entries)
        for term in asked.terms
        for one in term.related
    }
    scores = [
        (-score(asked, parts[pk], found[pk], rare, weights), place, pk) for place, pk in enumerate(parts)
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
        (start, end, number) for number, one in enumerate(terms) for start, end in places(one.forms, low)
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
