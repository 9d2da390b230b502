"""The numbers and bullets that Word makes by itself: they are not in the text but in numbering.xml."""

from dataclasses import dataclass, field, replace
from typing import Any

from procedures.importing.labels import to_roman

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MOST = 9  # levels of a list


@dataclass
class Level:
    """One level of a list: how its number looks ("%1.%2"), and where it starts."""

    form: str = "decimal"
    text: str = "%1."
    start: int = 1
    indent: int = -1  # in twips; -1 where it is not said


@dataclass
class Numbering:
    """The lists of a document, and how far each has counted."""

    abstract: dict[str, dict[int, Level]] = field(default_factory=dict)
    lists: dict[str, tuple[str, dict[int, Level]]] = field(default_factory=dict)
    counts: dict[str, list[int]] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, root: Any | None) -> "Numbering":
        """From the root of numbering.xml; empty without one."""
        made = cls()
        if root is None:
            return made
        for abstract in root.iter(f"{W}abstractNum"):
            levels = {}
            for one in abstract.iter(f"{W}lvl"):
                levels[whole(one.get(f"{W}ilvl"))] = _level(one)
            made.abstract[abstract.get(f"{W}abstractNumId") or ""] = levels
        for number in root.iter(f"{W}num"):
            reference = number.find(f"{W}abstractNumId")
            own: dict[int, Level] = {}
            name = reference.get(f"{W}val") or "" if reference is not None else ""
            for change in number.iter(f"{W}lvlOverride"):
                depth = whole(change.get(f"{W}ilvl"))
                base = made.abstract.get(name, {}).get(depth, Level())
                inner = change.find(f"{W}lvl")
                start = change.find(f"{W}startOverride")
                level = _level(inner) if inner is not None else replace(base)
                if start is not None:
                    level.start = whole(start.get(f"{W}val"), 1)
                own[depth] = level
            made.lists[number.get(f"{W}numId") or ""] = (name, own)
        return made

    def indent(self, identity: str, depth: int) -> int:
        """How far a level of a list is indented, in twips (a twentieth of a point)."""
        name, own = self.lists.get(identity, ("", {}))
        level = {**self.abstract.get(name, {}), **own}.get(depth, Level())
        return level.indent if level.indent >= 0 else (depth + 1) * 720

    def next(self, identity: str, depth: int) -> str:
        """What is printed before the next paragraph of this list at this level; empty where nothing is."""
        if identity not in self.lists or not 0 <= depth < MOST:
            return ""
        name, own = self.lists[identity]
        levels = {**self.abstract.get(name, {}), **own}
        level = levels.get(depth)
        if level is None or level.form == "none":
            return ""
        if level.form == "bullet":
            return "•"
        counts = self.counts.setdefault(name, [])
        if own and identity not in self.begun:
            # a list that starts its own count, though it shares its looks with another
            del counts[min(own) :]
        self.begun.add(identity)
        while len(counts) <= depth:
            counts.append(levels.get(len(counts), Level()).start - 1)
        del counts[depth + 1 :]
        counts[depth] += 1
        for above in range(depth):
            if counts[above] < levels.get(above, Level()).start:
                counts[above] = levels.get(above, Level()).start
        text = level.text
        for above in range(depth + 1):
            form = levels.get(above, Level()).form
            text = text.replace(f"%{above + 1}", in_form(counts[above], form))
        return text.strip()


def _level(element: Any) -> Level:
    def value(tag: str, default: str) -> str:
        found = element.find(f"{W}{tag}")
        return (found.get(f"{W}val") or "") if found is not None else default

    indent = element.find(f"{W}pPr/{W}ind")
    left = (indent.get(f"{W}left") or indent.get(f"{W}start")) if indent is not None else None
    return Level(
        value("numFmt", "decimal"), value("lvlText", ""), whole(value("start", "1"), 1), whole(left, -1)
    )


def in_form(value: int, form: str) -> str:
    """A number as Word prints it in this form."""
    if form in {"lowerLetter", "upperLetter"} and value > 0:
        letters = chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)
        return letters.upper() if form == "upperLetter" else letters
    if form in {"lowerRoman", "upperRoman"} and 0 < value < 90:
        return to_roman(value).upper() if form == "upperRoman" else to_roman(value)
    if form == "decimalZero":
        return f"{value:02d}"
    return str(value)


def whole(text: str | None, default: int = 0) -> int:
    """A number from an attribute; the default for anything else. Between -1 and 30,000."""
    try:
        return max(-1, min(int(text or ""), 30_000))
    except ValueError:
        return default
