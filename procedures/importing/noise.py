"""Lines that belong to the page they were copied from and not to the chapter: left out, and listed."""

import re

LONGEST = 250  # characters
TO_TOP = (
    r"[\^↑▲<\[(\s]*(?:(?:back|return|go)\s+)?(?:to\s+)?(?:the\s+)?top"
    r"(?:\s+of\s+(?:the\s+)?page)?[\s\])>↑▲^.]*"
)
END_MARK = r"[-–—*~\s]*ends?(?:\s+of\s+(?:the\s+)?(?:document|chapter|page|procedure|policy))?[-–—*~\s.]*"
TEXT_SIZE = r"(?:(?:change|increase|decrease|adjust|reset)\s+)?(?:text|font)[\s-]*size\b[^.?]{0,60}"
PICTURE = (
    r"!\[[^\]]*\]\([^)]*\)|\[(?:image|img|inline|picture|graphic|photo)\b[^\]]*\]|"
    r"\[?\S+\.(?:gif|png|jpe?g|svg)\]?"
)
PAGE_BUTTONS = (
    r"skip\s+to\s+(?:main\s+)?(?:content|navigation)|"
    r"(?:print|e-?mail|share|download)\s+this\s+(?:page|chapter|section)|"
    r"(?:expand|collapse|open|close|show|hide)\s+(?:all(?:\s+sections)?|section)|(?:read|show|view)\s+(?:more|less)|"
    r"toggle\s+navigation|show\s+amendments|register\s+for\s+(?:e-?mail\s+)?updates|"
    r"(?:back|return)\s+to\s+(?:the\s+)?(?:(?:list\s+of\s+|chapter\s+)?contents?(?:\s+(?:page|list))?|main\s+menu|index)|"
    r"(?:next|previous)\s+(?:page|chapter)|printer[\s-]friendly(?:\s+version)?"
)
FURNITURE = tuple(
    (reason, re.compile(pattern, flags))
    for reason, pattern, flags in (
        ("top of page", TO_TOP, re.I),
        ("end mark", END_MARK, re.I),
        ("text size", TEXT_SIZE, re.I),
        ("text size", r"size:?\s+view\s.{0,220}", re.I),
        ("text size", r"(?:view this website with [\w ]{1,40}[\s|]*){1,6}", re.I),
        ("text size", r"A[+-]?(?:[\s|]+A[+-]?){1,3}", 0),
        ("text size", r"high\s+visibility(?:\s+(?:settings?|version|mode))?(?:\s+(?:on|off))?", re.I),
        ("page number", r"page\s+[0-9]{1,4}(?:\s*(?:of|/)\s*[0-9]{1,4})?", re.I),
        ("page number", r"[-–—]\s*[0-9]{1,4}\s*[-–—]", 0),
        (
            "page number",
            r"[0-9]{1,4}\s*\|\s*p\s?a\s?g\s?e|p\s?a\s?g\s?e\s*\|\s*[0-9]{1,4}(?:\s*(?:of|/)\s*[0-9]{1,4})?",
            re.I,
        ),
        ("logo", r"\[?(?!Insert)(?:(?:[A-Z0-9&(]\S*|of|and|the|for)\s+){0,8}(?:[Ll]ogo|LOGO)\]?", 0),
        ("logo", r"(?:\[)?logo:?\s+(?:\S+\s*){0,8}", re.I),
        ("picture", PICTURE, re.I),
        ("ruled line", r"(?:[-=_*~–—] ?){3,}", 0),
        ("page furniture", PAGE_BUTTONS, re.I),
    )
)
BEFORE_TITLE = re.compile(
    r"home|menu|search|print|log\s?in|sign\s?in|site\s?map|accessibility|help|a-z|navigation", re.I
)
TWICE = re.compile(r"(\S.{2,60}?)\s+\1")  # a link whose picture says the same as its text
BAR = re.compile(
    r"\|?(?:\s*[\w&'’/-]+(?:\s[\w&'’/-]+){0,3}\s*\|){2,}(?:\s*[\w&'’/-]+(?:\s[\w&'’/-]+){0,3})?\s*"
)
TRAIL = re.compile(r"(?:you\s+are\s+(?:here|in)\s*:?\s*)?home\s*(?:>|»|›|/|\||::)\s*.+", re.I)
REFERENCE = re.compile(
    r"(?:[*+•]\s+)?#?\[[0-9]{1,3}\](?=\S)"
)  # the number of a link, as text browsers print it


def reason_to_drop(text: str) -> str:
    """Why this line is left out, or nothing."""
    if len(text) > LONGEST:
        return ""
    text = without_reference(text)
    return next((reason for reason, pattern in FURNITURE if pattern.fullmatch(text)), "")


def without_reference(text: str) -> str:
    """The text without the "[12]" that a text browser puts before a link."""
    return REFERENCE.sub("", text)


def reason_before_title(text: str) -> str:
    """Why a line above the chapter's title is left out (menu, trail of links), or nothing."""
    text = without_reference(text)
    if BAR.fullmatch(text):
        return "menu"
    if BEFORE_TITLE.fullmatch(text) or TWICE.fullmatch(text):
        return "menu"
    return "trail of links" if len(text) <= 200 and TRAIL.fullmatch(text) else ""
