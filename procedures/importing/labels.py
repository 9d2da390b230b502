"""What stands at the start of a line: a bullet, a number, a letter, "Appendix A", "SCOPE OF THIS CHAPTER"."""

import re
from dataclasses import dataclass

GLYPHS = "•●◦▪▫■□‣⁃∙·○➢➤►▶❖✓✔\uf0b7\uf0a7\uf0d8"
BULLET = re.compile(rf"(?P<mark>[{GLYPHS}]|[-–—*+>§o](?=\s|$)|-(?=[A-Za-z]))\s*(?P<rest>.*)", re.S)
MONTHS = {
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct",
    "nov", "dec",
}  # fmt: skip

NUMBER = re.compile(
    r"(?P<printed>(?P<open>\()?(?P<path>[0-9]{1,3}(?:\.[0-9]{1,3}){0,5})(?P<close>\.\)|[.):])?)"
    r"(?:\s*[-–—](?=\s))?(?P<space>\s+|$|(?=[A-Z]))(?P<rest>.*)",
    re.S,
)
LETTERED = re.compile(
    r"(?P<printed>(?P<open>\()?(?P<name>[A-Za-z]|[ivxlIVXL]{2,6})(?P<close>[.)]))"
    r"(?P<space>\s+|$|(?<=\))(?=\w))(?P<rest>.*)",
    re.S,
)
LETTER_NUMBER = re.compile(
    r"(?P<printed>(?P<letter>[A-Z])\.?(?P<path>[0-9]{1,2}(?:\.[0-9]{1,2}){0,3})[.)]?)(?:\s+|$)(?P<rest>.*)",
    re.S,
)
KEYWORD = re.compile(
    r"(?P<printed>(?P<word>appendix|annexe?|schedule|section|part|stage|step|phase|standard|principle|level|tier|module)\s+"
    r"(?P<name>[A-Z](?!\w)|[0-9]{1,2}(?!\.?[0-9])|[IVX]{1,5}(?!\w)|"
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?!\w)))"
    r"(?P<separator>\s*[:.)]|\s*[-–—]+(?=\s|[A-Z]|$))?(?P<space>\s+|$|(?<=[-:–—])(?=\S))(?P<rest>.*)",
    re.S | re.I,
)
WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
MINOR = {
    "stage",
    "step",
    "phase",
    "standard",
    "principle",
    "level",
    "tier",
    "module",
}  # stand inside whatever section is open
ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}


@dataclass(frozen=True)
class Label:
    """A number or letter at the start of a line. A single i, v or x may be a letter or a roman number."""

    printed: str  # as printed, with brackets and full stop
    path: tuple[int, ...] = ()  # 4.1 is (4, 1)
    letter: int = 0  # a is 1
    roman: int = 0
    lead: str = ""  # the A of A1 or A.1
    capital: bool = False
    delimited: bool = True  # followed by a full stop, bracket or colon
    bracketed: bool = False  # (a) or a)
    glued: bool = False  # (a)text; "(s)he" looks the same

    @property
    def number(self) -> str:
        """The number as it is quoted: without brackets and closing full stop."""
        return self.printed.strip("().: ")


@dataclass(frozen=True)
class Keyword:
    """Appendix A, Annex 1, Section B, Part 2."""

    printed: str
    word: str
    value: int
    separated: bool

    @property
    def number(self) -> str:
        name = self.printed.split()[1].strip(".:)-–—")
        if len(name) == 1:
            name = name.upper()
        elif name.lower() in WORDS:
            name = name.capitalize()
        return f"{self.word.capitalize()} {name}"

    @property
    def is_appendix(self) -> bool:
        return self.word in {"appendix", "annex", "annexe", "schedule"}

    @property
    def series(self) -> str:
        """Which headings are counted together: appendix, stage or part."""
        return "appendix" if self.is_appendix else "stage" if self.word in MINOR else "part"


def roman_value(name: str) -> int:
    """The value of a roman number up to lxxxix, 0 when it is none."""
    values = [ROMAN.get(letter, 0) for letter in name.lower()]
    if not values or 0 in values:
        return 0
    total = 0
    for value, following in zip(values, [*values[1:], 0], strict=True):
        total += -value if value < following else value
    return total if name.lower() == to_roman(total) else 0


def to_roman(value: int) -> str:
    """1 to 89 in small roman letters."""
    text = ""
    for amount, letters in ((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        while value >= amount:
            text += letters
            value -= amount
    return text


def split_bullet(text: str) -> tuple[str, str]:
    """("•", rest) for a bulleted line, ("", text) for any other."""
    match = BULLET.fullmatch(text)
    if match is None or (match["mark"] == ">" and not match["rest"]):
        return "", text
    return match["mark"], match["rest"]


def split_label(text: str) -> tuple[Label | None, str]:
    """The number or letter at the start of `text`, and the rest. A year, date, sum or quoted regulation
    is none."""
    match = NUMBER.match(text)
    if match is not None:
        return _number_label(match, text)
    match = LETTERED.match(text)
    if match is not None:
        name = match["name"]
        letter = ord(name.lower()) - 96 if len(name) == 1 else 0
        roman = roman_value(name)
        glued = not match["space"] and bool(match["rest"])
        if (letter or roman) and (match["open"] or not glued):
            label = Label(
                match["printed"],
                letter=letter,
                roman=roman,
                capital=name.isupper(),
                bracketed=match["close"] == ")",
                glued=glued,
            )
            return label, match["rest"]
    match = LETTER_NUMBER.match(text)
    if match is not None:
        path = tuple(int(part) for part in match["path"].split("."))
        return Label(match["printed"], path=path, lead=match["letter"], capital=True), match["rest"]
    return None, text


def _number_label(match: re.Match[str], text: str) -> tuple[Label | None, str]:
    path = tuple(int(part) for part in match["path"].split("."))
    rest = match["rest"]
    delimited = bool(match["close"])
    glued = not match["space"] and bool(rest)
    bracketed = (match["close"] or "").endswith(")")
    refused = (
        (match["open"] and not bracketed)
        or (glued and not delimited and len(path) == 1)
        or max(path) > 999
        or rest.startswith(("(", "%", "/", "&"))  # "5 (1) (e) requires", "5. (1)" stays a paragraph too
    )
    if not delimited and len(path) == 1 and rest:
        first = re.split(r"\W", rest, maxsplit=1)[0].lower()
        # "10 June", "24 hours", "3 x", "5 - 7": a quantity or a date, not the number of a section
        refused = refused or first in MONTHS or not rest[0].isupper()
    if refused:
        return None, text
    if match["path"].endswith(".0") and len(path) > 1:
        path = path[:-1]  # 1.0 and 2.0 stand where others print 1 and 2
    label = Label(match["printed"], path=path, delimited=delimited, bracketed=bracketed)
    return label, rest


def split_keyword(text: str) -> tuple[Keyword | None, str]:
    """("Appendix A", title) for a line that may head an appendix or lettered section."""
    match = KEYWORD.fullmatch(text)
    if match is None:
        return None, text
    name = match["name"]
    if name.isdigit():
        value = int(name)
    elif name.lower() in WORDS:
        value = WORDS.index(name.lower()) + 1
    elif len(name) == 1 and name.upper() not in "IVX":
        value = ord(name.upper()) - 64
    else:
        value = roman_value(name) if len(name) > 1 or name.upper() == "I" else ord(name.upper()) - 64
    separated = bool(match["separator"]) or not match["rest"]
    if not value or (match["rest"] and not separated and not match["rest"][0].isupper()):
        return None, text
    if match["word"].lower() in {"section", "part", *MINOR} and not separated:
        return None, text  # "Section 47 Enquiries", "Part 8 of the Act"
    printed = text[: match.end("separator")] if match["separator"] else match["printed"]
    return Keyword(printed, match["word"].lower(), value, separated), match["rest"]


_OF_THIS = (
    r"(?:\s+(?:of|to|for|in)\s+(?:this|the)\s+"
    r"(?:chapter|procedure|policy|guidance|manual|document|section|page)s?)?"
)
_KIN = r"(?:related|relevant|linked|associated|supporting)"
BOXES = (
    ("scope", re.compile(rf"scope{_OF_THIS}", re.I)),
    (
        "amendment",
        re.compile(
            rf"(?:amendments?|amendment\s+(?:history|log|record|list|note)s?|recent\s+amendments?){_OF_THIS}",
            re.I,
        ),
    ),
    (
        "related",
        re.compile(
            rf"{_KIN}\s+(?:local\s+|other\s+|national\s+)?"
            r"(?:sections?|chapters?|procedures?|polic(?:y|ies)|documents?|protocols?|information|links?|pages?)"
            rf"(?:\s*(?:,|and|&|/|or)\s*\w+)*{_OF_THIS}",
            re.I,
        ),
    ),
    (
        "guidance",
        re.compile(
            rf"(?:(?:{_KIN}|statutory|national|key|further|government)\s+(?:national\s+|statutory\s+|local\s+)?"
            r"(?:(?:legislation|regulations?|law|statutory|national|standards?|research)(?:\s*(?:,|and|&|/)\s*|\s+))*"
            r"(?:guidance|legislation|law|regulations?|standards?)(?:\s*(?:and|&)\s*\w+)*"
            rf"|legislation\s*(?:and|&)\s*guidance|guidance\s*(?:and|&)\s*legislation){_OF_THIS}",
            re.I,
        ),
    ),
)
NOTE_BOX = re.compile(
    r"(?P<mark>caption:\s*(?:note|information|text)?\s*box\s*:)\s*(?P<title>.*)", re.I | re.S
)
INLINE_BOX = re.compile(r"(?P<label>[^:\-–—]{3,60}?)\s*[:–—-]\s+(?P<rest>\S.*)", re.S)


def box_kind(text: str) -> str:
    """scope, related, guidance or amendment for the label of a box; empty for any other line."""
    label = text.strip().strip("*#_ ").rstrip(":").rstrip()
    if len(label) > 80:
        return ""
    return next((kind for kind, pattern in BOXES if pattern.fullmatch(label)), "")
