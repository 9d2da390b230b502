"""From what somebody typed to what the index is asked: words, phrases in quotation marks, and what means the same."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db.models import Q

from procedures.finding.everyday import EVERYDAY, LONGEST
from procedures.finding.models import BestBet, Synonym
from procedures.finding.ranking import Term, stem
from procedures.models import GlossaryTerm
from procedures.privacy import Reader

LONGEST_QUERY = 1_000  # characters that are looked at
MOST_TERMS = 16
MOST_FORMS = 8
LONGEST_WORD = 60
LONGEST_PHRASE = 6  # words in a synonym
KEPT_SECONDS = 600
ASKING = {"who", "when", "where", "why", "how", "whom"}
ASKS_FOR_TIME = re.compile(
    r"\b(?:how (?:long|soon|quick\w*|many (?:hours|days|weeks|months))|by when|when|deadline\w*)\b"
)
PHRASE = re.compile(r'"([^"]*)"')
WORD = re.compile(r"[^\W_]+")
COMMON = {
    "a", "about", "am", "an", "and", "any", "are", "as", "at", "be", "been", "being", "but", "by", "can",
    "cannot", "could", "did", "do", "does", "don", "for", "from", "get", "gets", "give", "go", "goes", "got",
    "had", "has", "have", "he", "her", "hers", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its",
    "just", "let", "many", "may", "me", "might", "much", "must", "my", "need", "needs", "no", "not", "of", "on",
    "one", "or", "our", "out", "s", "say", "says", "shall", "she", "should", "so", "some", "somebody",
    "someone", "t", "tell", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those",
    "to", "too", "up", "us", "use", "want", "wants", "was", "we", "were", "what", "when", "where", "which",
    "who", "whom", "whose", "why", "will", "with", "won", "would", "yet", "you", "your", "ve", "re", "ll", "m",
    "d", "make", "makes", "making", "made", "mean", "means", "please",
}  # fmt: skip

# Words of one family that the stemmers of the databases keep apart.
FAMILIES = (
    ("publish", "published", "publishing", "publication"),
    ("decide", "decided", "deciding", "decision"),
    ("marry", "married", "marriage"),
    ("discipline", "disciplined", "disciplinary"),
    ("die", "died", "dies", "death", "dead"),
    ("suspect", "suspected", "suspicion"),
    ("disclose", "disclosed", "disclosing", "disclosure"),
    ("inform", "informed", "information"),
    ("retain", "retained", "retention"),
    ("dispose", "disposal"),
    ("destroy", "destroyed", "destruction"),
    ("exclude", "excluded", "exclusion"),
    ("conclude", "concluded", "conclusion"),
    ("enquire", "enquiry", "enquiries"),
    ("inquire", "inquiry", "inquiries"),
    ("apply", "applied", "applying", "application"),
    ("notify", "notified", "notification"),
    ("identify", "identified", "identification"),
    ("pregnant", "pregnancy"),
    ("escalate", "escalated", "escalation"),
    ("supervise", "supervised", "supervision"),
    ("divide", "division"),
    ("receive", "received", "receipt"),
    ("attend", "attended", "attendance"),
)


@dataclass(frozen=True)
class Bet:
    """A best bet, before it is known whether this reader may see it."""

    questions: tuple[str, ...]
    page_id: int | None
    anchor: str
    document_id: int | None
    form: str


@dataclass(frozen=True)
class Lexicon:
    """What a partnership's readers mean by words: phrase -> all that mean the same; and the best bets."""

    same: Mapping[str, tuple[str, ...]]
    bets: tuple[Bet, ...]


@dataclass(frozen=True)
class Question:
    """What was typed, made out. `terms` is what an answer should have all of; `wider` adds the single words of
    phrases, for answers that have only some; `words` are the single words that were typed."""

    typed: str
    terms: tuple[Term, ...]
    wider: tuple[Term, ...]
    words: tuple[str, ...]
    related: Mapping[Term, Term] = field(default_factory=dict)
    asking: tuple[str, ...] = ()
    for_time: bool = False


def clean(text: str) -> str:
    """What any database takes: no NUL, no half of a pair of surrogates, no mark of ours; shortened."""
    text = text[:LONGEST_QUERY].replace("\x00", " ").replace("\ue000", " ").replace("\ue001", " ")
    return text.encode("utf-8", "ignore").decode("utf-8")


def folded(phrase: str) -> str:
    """How phrases are compared: words in lower case, without the plural's s."""
    return " ".join(singular(word) for word in WORD.findall(phrase.lower()))


def singular(word: str) -> str:
    """Without a plural's s, of words long enough to have one."""
    return word[:-1] if len(word) > 2 and word.endswith("s") and not word.endswith("ss") else word


def lexicon_of(reader: Reader, number: int) -> Lexicon:
    """Synonyms, the glossary's other forms, and best bets that count for this reader; kept under the manual's
    generation `number`."""
    key = f"finding-lexicon:{number}:{reader.partnership_id}"
    lexicon: Lexicon | None = cache.get(key)
    if lexicon is None:
        ours = Q(partnership__isnull=True) | Q(partnership=reader.partnership_id)
        groups: list[Sequence[str]] = [*FAMILIES, *(one.lines() for one in Synonym.objects.filter(ours))]
        groups += [forms for one in GlossaryTerm.objects.all() if len(forms := one.forms()) > 1]
        bets = [
            Bet(tuple(map(folded, bet.lines())), bet.page_id, bet.anchor, bet.document_id, bet.form)
            for bet in BestBet.objects.filter(ours)
        ]
        lexicon = Lexicon(same_words(groups), tuple(bets))
        cache.set(key, lexicon, KEPT_SECONDS)
    return lexicon


def same_words(groups: Iterable[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Each phrase as it is compared -> the phrases of all groups that it is in."""
    same: dict[str, list[str]] = {}
    for group in groups:
        forms = [" ".join(WORD.findall(form.lower())) for form in group]
        for form in forms:
            if form:
                same.setdefault(folded(form), []).extend(other for other in forms if other)
    return {phrase: tuple(dict.fromkeys(forms))[:MOST_FORMS] for phrase, forms in same.items()}


def question_of(text: str, same: Mapping[str, Sequence[str]]) -> Question:
    """Make out any input at all; common words count only where there are no others."""
    typed = clean(text)
    quoted = [" ".join(WORD.findall(phrase)) for phrase in PHRASE.findall(typed)]
    words = [word.lower()[:LONGEST_WORD] for word in WORD.findall(PHRASE.sub(" ", typed))][: 4 * MOST_TERMS]
    terms: list[Term] = [(phrase,) for phrase in quoted if phrase]
    wider = list(terms)
    related: dict[Term, Term] = {}
    telling = any(word not in COMMON for word in words) or bool(terms)
    stems = [stem(word) for word in words]
    place = 0
    while place < len(words):
        length = _longest(words, place, same)
        plain = _everyday(stems, place)
        phrase = " ".join(words[place : place + max(length, plain)])
        if length >= max(plain, 1):
            term = tuple(dict.fromkeys([phrase, *same[folded(phrase)]]))
        elif plain > 1:
            term = (phrase,)
        elif words[place] not in COMMON or not telling:
            term = (words[place],)
        else:
            place += 1
            continue
        length = max(length, plain, 1)
        terms.append(term)
        wider.append(term)
        if length > 1:
            wider += [(word,) for word in words[place : place + length] if word not in COMMON]
        for one in range(place, place + length):
            if close := _everyday(stems, one, place + length - one):
                key = term if one == place and close == length else (words[one],)
                related[key] = EVERYDAY[tuple(stems[one : one + close])]
        place += length
    return Question(
        typed,
        tuple(dict.fromkeys(terms))[:MOST_TERMS],
        tuple(dict.fromkeys(wider))[:MOST_TERMS],
        tuple(dict.fromkeys(word for word in words if word not in COMMON))[:MOST_TERMS],
        related,
        tuple(word for word in dict.fromkeys(words) if word in ASKING),
        bool(ASKS_FOR_TIME.search(typed.lower())),
    )


def _longest(words: Sequence[str], place: int, same: Mapping[str, Sequence[str]]) -> int:
    """How many words from here are a phrase that other phrases mean the same as; 0 where none is."""
    for length in range(min(LONGEST_PHRASE, len(words) - place), 0, -1):
        if folded(" ".join(words[place : place + length])) in same:
            return length
    return 0


def _everyday(stems: Sequence[str], place: int, most: int = LONGEST) -> int:
    """How many words from here are an everyday phrase for something; 0 where none is."""
    for length in range(min(most, LONGEST, len(stems) - place), 0, -1):
        if tuple(stems[place : place + length]) in EVERYDAY:
            return length
    return 0
