"""Glossary terms explained where they stand: which words of a text are terms, and the button that opens the meaning.

Pure. A term is a whole word or words; the longest form wins; letters such as LADO are found in exactly that case, other
words in any. In each section the first occurrence is marked, never inside a heading, a link or a button.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

TAG = re.compile(r"(<[^>]*>)")
TAG_NAME = re.compile(r"</?([a-zA-Z0-9]+)")
SIGN = re.compile(
    r"[,.;:!?…)’”'\"]+"
)  # a browser would break the line before it, because a button is no word
WORD = re.compile(r"\w+")
ACRONYM = re.compile(r"[A-Z][A-Z0-9&]")
CLOSED = {"a", "button", "h1", "h2", "h3", "h4", "h5", "h6", "caption", "th", "summary", "title", "svg"}


@dataclass(frozen=True)
class Term:
    """A term with its meaning; `forms` are its spellings, itself among them; `key` names its pop-up."""

    key: str
    term: str
    meaning: str
    forms: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data, to be kept."""
        return {"key": self.key, "term": self.term, "meaning": self.meaning, "forms": list(self.forms)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Term":
        """What `as_json` gave."""
        return cls(kept["key"], kept["term"], kept["meaning"], tuple(kept["forms"]))


@dataclass(frozen=True)
class Glossary:
    """Every term that is explained; what it is looked up by is made once."""

    terms: tuple[Term, ...] = field(default=())

    @cached_property
    def _by_first_word(self) -> dict[str, list[tuple[re.Pattern[str], Term]]]:
        found: dict[str, list[tuple[int, re.Pattern[str], Term]]] = {}
        for term in self.terms:
            for form in term.forms:
                source = escape(form.strip(), quote=False)
                first = WORD.search(source)
                if first is None or first.start():
                    continue
                words = r"\s+".join(re.escape(word) for word in source.split())
                flags = re.NOFLAG if ACRONYM.search(source) else re.IGNORECASE
                pattern = re.compile(rf"{words}(?!\w)", flags)
                found.setdefault(first[0].lower(), []).append((len(source), pattern, term))
        return {
            word: [(pattern, term) for _, pattern, term in sorted(forms, key=lambda one: -one[0])]
            for word, forms in found.items()
        }

    def mark(self, html: str, seen: set[str] | None = None) -> tuple[str, list[Term]]:
        """A section's HTML with a button for the first occurrence of each term, and the terms that were marked.
        `seen` are keys of terms that are not marked again; those marked are added to it."""
        done: set[str] = set() if seen is None else seen
        here = self._by_first_word.keys() & WORD.findall(html.lower())
        if not here:
            return html, []
        # Most words begin no term: the text is searched only for those that begin one and occur in it.
        starts = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(here)))})(?!\w)", re.IGNORECASE)
        marked: list[Term] = []
        out: list[str] = []
        closed: list[str] = []
        for place, piece in enumerate(TAG.split(html)):
            if place % 2:
                _follow(piece, closed)
                out.append(piece)
            elif closed or not piece:
                out.append(piece)
            else:
                out.append(_marked(piece, starts, self._by_first_word, done, marked))
        return "".join(out), marked


def _follow(tag: str, closed: list[str]) -> None:
    """Keep count of the elements in which nothing is marked."""
    match = TAG_NAME.match(tag)
    name = match[1].lower() if match else ""
    if tag.startswith("</"):
        if closed and closed[-1] == name:
            closed.pop()
    elif (name in CLOSED or (name == "p" and "govuk-heading" in tag)) and not tag.endswith("/>"):
        closed.append(name)


def _marked(
    text: str,
    starts: re.Pattern[str],
    first_words: Mapping[str, Sequence[tuple[re.Pattern[str], Term]]],
    done: set[str],
    marked: list[Term],
) -> str:
    out: list[str] = []
    end = 0
    for word in starts.finditer(text):
        start = word.start()
        if start < end:
            continue
        for pattern, term in first_words.get(word[0].lower(), ()):
            match = pattern.match(text, start)
            if match is None:
                continue
            if term.key not in done:
                done.add(term.key)
                marked.append(term)
                sign = SIGN.match(text, match.end())
                out += (text[end:start], button(term, match[0], sign[0] if sign else ""))
                end = sign.end() if sign else match.end()
            break
    out.append(text[end:])
    return "".join(out)


def button(term: Term, words: str, sign: str = "") -> str:
    """The words as a button that opens their meaning; `words` are HTML. A sign after them stays in their line."""
    made = f'<button type="button" class="portal-term" popovertarget="{escape(term.key)}">{words}</button>'
    return f'<span class="portal-term-and-sign">{made}{sign}</span>' if sign else made


def in_order(terms: Iterable[Term]) -> list[Term]:
    """Each once, by alphabet."""
    return sorted({term.key: term for term in terms}.values(), key=lambda term: term.term.lower())
