"""What people searched and did not find, by month, without who searched.

How it is decided what is kept in words. Nothing is, where the question has a digit (numbers, dates, references,
addresses), an @ or an address of the web, more than eight words or 80 characters, or a word that is a common first name
or surname, the name of somebody with an account here, or written with a capital inside the question as names are.
A question of nothing but words that stand in the manual is kept at once. One with a single other word is kept when
three people have asked it within the month (until then only a keyed digest of it is stored); one with more never is,
since two unknown words are how a name looks.
"""

import re
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from portal.accounts.models import Partnership, User
from portal.accounts.throttle import allowed
from portal.encryption import blind_index
from procedures.finding.asking import COMMON, WORD, clean, singular
from procedures.finding.models import Missed, Word

LONGEST, MOST_WORDS = 80, 8
ASKED_BY = 3  # people, before a word that the manual does not have is kept
MOST_ROWS = 500  # of one partnership in one month; what comes after is only counted
PER_ADDRESS = 30  # searches without an answer that count, within SECONDS
SECONDS = 600
A_DAY = 24 * 60 * 60
NAME = re.compile(r"\b[A-Z][a-z]")
# The commonest in England, without those that are everyday words (Mark, Grace, Hope, May, Will, Young, Price …).
NAMES = frozenset(
    """
    aaron abdul abigail adam adams ahmed aidan aisha alan albert alex alexander alfie ali alice alison allen
    amelia amir amy andrew angela anna anne anthony archie arthur ava bailey barbara barry begum bella ben
    benjamin bennett beth bethany brandon brian callum cameron campbell carl carol caroline catherine charles
    charlie charlotte chelsea chloe chris christine christopher claire clark clarke colin connor courtney craig
    daisy daniel danielle darren david davies davis dawn dean deborah debbie declan denise dennis derek diane
    donna dorothy dylan edward edwards eleanor elijah elizabeth ella ellie elliot elsie emily emma eric ethan
    eva evans evie faith fatima fiona florence francis frank freddie freya gareth gary gavin george georgia
    gemma gillian graham green griffiths hall hamza hannah harriet harris harrison harry harvey hassan hayley
    heather helen henry holly hughes hussain ian ibrahim imogen isaac isabel isabella isla jack jackson jacob
    jade jake james jamie jane janet jasmine jason jayden jean jenkins jennifer jenny jessica jill jim joan
    joanna joanne joe john johnson jones jordan joseph josh joshua joyce judith julia julie karen kate katherine
    kathleen katie kayleigh keith kelly kenneth kevin khan kieran kim kimberley kirsty kyle laura lauren leah
    lee leo leon lewis liam lily linda lisa logan louis louise lucas lucy luke lynn maisie malik margaret maria
    marie martin mary mason matthew maureen max megan melissa mia michael michelle mitchell mohamed mohammad
    mohammed molly morgan morris muhammad naomi natalie natasha nathan neil nicholas nicola nigel noah oliver
    olivia omar oscar owen paige pamela patel patricia patrick paul pauline peter philip phillips phoebe rachel
    rebecca reece rhys richard richards riley robert roberts robinson roger ronald rosie ross roy ruby russell
    ryan sally sam samantha samuel sandra sara sarah scarlett scott sean sebastian shannon sharon sheila shirley
    simon singh smith sofia sophia sophie stacey stephanie stephen steve steven stewart stuart susan suzanne
    tanya taylor teddy teresa thomas thompson tim timothy toby tom tony tracey tracy tyler valerie vanessa
    veronica victoria vincent walker walsh watson wendy wesley whitehead wilkinson william williams wilson
    yasmin yusuf zachary zainab zoe
    """.split()  # noqa: SIM905  (a list of hundreds of lines otherwise)
)


def note(question: str, partnership: Partnership, address: str) -> None:
    """Count a question that nothing answered. `address` only keeps one visitor from filling the report, and is not
    stored with it."""
    if partnership._state.adding or not allowed("search", address, times=PER_ADDRESS, seconds=SECONDS):
        return
    month = timezone.localdate().replace(day=1)
    words = normal(question)
    unknown = _unknown(words) if words and not looks_personal(question) else None
    if unknown is None or len(unknown) > 1:
        _count(partnership, month, "", "")
        return
    digest = blind_index("missed search", words)
    if not unknown:
        _count(partnership, month, digest, words)
    # With a word that may yet be a name: counted once a day for each address, in words from the third on.
    elif allowed("search-asked", f"{address} {digest}", times=1, seconds=A_DAY):
        row = _count(partnership, month, digest, "")
        if row and row.times >= ASKED_BY and not row.words:
            Missed.objects.filter(pk=row.pk).update(words=words)


def normal(question: str) -> str:
    """A question as it is counted: words in lower case, single blanks."""
    return " ".join(WORD.findall(clean(question).lower()))


def looks_personal(question: str) -> bool:
    """Whether anything about a question says that it may be about somebody."""
    text = clean(question).strip()
    words = WORD.findall(text.lower())
    if len(text) > LONGEST or len(words) > MOST_WORDS or re.search(r"\d|@|://|www\.", text):
        return True
    if NAME.search(text[1:]) or not NAMES.isdisjoint(words):
        return True
    names = User.objects.filter(first_name__in=[word.title() for word in words])
    surnames = User.objects.filter(last_name__in=[word.title() for word in words])
    return names.exists() or surnames.exists()


def _unknown(words: str) -> list[str]:
    """The words that are neither everyday ones nor in the manual."""
    telling = [word for word in words.split() if word not in COMMON]
    forms = {form for word in telling for form in (word, singular(word), f"{word}s")}
    known = set(Word.objects.filter(word__in=forms).values_list("word", flat=True))
    return [word for word in telling if known.isdisjoint({word, singular(word), f"{word}s"})]


def _count(partnership: Partnership, month: date, digest: str, words: str) -> Missed | None:
    """One more; in the row without words where the month is full. None where the row could not be told."""
    rows = Missed.objects.filter(partnership=partnership, month=month)
    row = rows.filter(digest=digest)
    if not row.update(times=F("times") + 1):
        if digest and rows.count() >= MOST_ROWS:
            return _count(partnership, month, "", "")
        try:
            with transaction.atomic():
                return Missed.objects.create(partnership=partnership, month=month, digest=digest, words=words)
        except IntegrityError:  # somebody else's search was first
            row.update(times=F("times") + 1)
    return row.first() if digest else None
