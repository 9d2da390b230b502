"""Slips of the pen: words that no text has which the reader may read, and the nearest that one does have."""

import re
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from procedures.finding.asking import WORD
from procedures.finding.engines import engine
from procedures.finding.models import Entry, Word
from procedures.finding.visibility import Limits

SHORTEST, LONGEST = 4, 40  # letters of a word that is corrected
SURE = 6  # letters of a word with one slip, from which on nothing else can be meant
MOST_WORDS = 3  # that are corrected in one question
MOST_CANDIDATES = 8
LOOKED_AT = 20  # entries in which a word is looked up literally


def corrections(words: Sequence[str], unknown: Iterable[str], limits: Limits) -> dict[str, str]:
    """unknown word -> what it may have meant, each in a text that the limits let through; two words that ought to be
    one have the key "first second"."""
    found: dict[str, str] = {}
    for word in list(unknown)[:MOST_WORDS]:
        joined = _joined(words, word, limits)
        if joined:
            found |= joined
            continue
        nearest = next((one for one in _candidates(word) if stands_somewhere(one, limits)), None)
        if nearest:
            found[word] = nearest
    return found


def certain(changes: dict[str, str]) -> bool:
    """Whether every word is long and one slip away from what it may have meant."""
    return all(len(word) >= SURE and OSA.distance(word, better) == 1 for word, better in changes.items())


def replaced(text: str, changes: dict[str, str]) -> str:
    """The question with words replaced, the rest as it was typed."""
    for word, better in changes.items():
        pattern = r"[\W_]+".join(map(re.escape, word.split()))
        # A word of the manual is letters only, so that nothing in it is special in a replacement.
        text = re.sub(rf"(?<![^\W_]){pattern}(?![^\W_])", better, text, flags=re.I)
    return text


def stands_somewhere(words: str, limits: Limits) -> bool:
    """Whether these very words, and not only their stems, stand in an entry that the limits let through."""
    ids = engine().ranked([(words,)], True, limits, LOOKED_AT)
    wanted = set(words.split())
    for texts in Entry.objects.filter(pk__in=ids).values_list("chapter", "heading", "text"):
        if wanted <= set(WORD.findall(" ".join(texts).lower())):
            return True
    return False


def _joined(words: Sequence[str], word: str, limits: Limits) -> dict[str, str]:
    """Two neighbouring words that the manual writes as one ("whistle blowing")."""
    place = words.index(word) if word in words else -1
    pairs = [(place - 1, place), (place, place + 1)] if place >= 0 else []
    for left, right in pairs:
        if left >= 0 and right < len(words):
            one = words[left] + words[right]
            if Word.objects.filter(word=one).exists() and stands_somewhere(one, limits):
                return {f"{words[left]} {words[right]}": one}
    return {}


def _candidates(word: str) -> list[str]:
    """The nearest words, nearest first: within one slip of short words, three of long ones."""
    if not SHORTEST <= len(word) <= LONGEST or any(letter.isdigit() for letter in word):
        return []
    slips = 1 if len(word) < 6 else 2 if len(word) < 10 else 3
    near = Word.objects.filter(length__range=(len(word) - slips, len(word) + slips))
    found = process.extract(
        word,
        list(near.values_list("word", flat=True)),
        scorer=OSA.distance,
        score_cutoff=slips,
        limit=4 * MOST_CANDIDATES,
    )
    ordered = sorted(found, key=lambda one: (one[1], one[0][0] != word[0], one[0][-1] != word[-1], one[0]))
    return [*_halves(word), *(one[0] for one in ordered)][:MOST_CANDIDATES]


def _halves(word: str) -> list[str]:
    """The word as two words ("bodymap"), where the manual has both."""
    pairs = [(word[:place], word[place:]) for place in range(3, len(word) - 2)]
    known = set(
        Word.objects.filter(word__in={half for pair in pairs for half in pair}).values_list("word", flat=True)
    )
    return [f"{left} {right}" for left, right in pairs if left in known and right in known]
