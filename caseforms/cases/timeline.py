"""A case's events as sentences. Which of them a reader sees, and whose words, is asked of the policy."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from caseforms.cases.models import Case, CaseEvent, CaseParticipant, Interest, Outcome
from caseforms.cases.policy import Action

CONSOLE = "The portal"
# Time limits start and stop with every step, and would hide the steps themselves where only the latest are shown.
TIME_LIMITS = "Time limits"


@dataclass(frozen=True)
class Sentence:
    """What a verb reads as, who sees that it happened, and who may read the words that were typed with it."""

    words: str
    kind: str = "Progress"
    seen_by: Action = Action.SEE
    text_for: Action = Action.SEE_PEOPLE


SENTENCES: dict[str, Sentence] = {
    "interest": Sentence("Interest recorded", "Access", seen_by=Action.GIVE_ACCESS),
    "interest_lifted": Sentence(
        "Interest lifted after an appeal", "Access", seen_by=Action.GIVE_ACCESS, text_for=Action.GIVE_ACCESS
    ),
    "access_given": Sentence("Access given", "Access", seen_by=Action.GIVE_ACCESS),
}


def register(verb: str, sentence: Sentence) -> None:
    """Tells how an event of a higher app reads; called from AppConfig.ready."""
    SENTENCES[verb] = sentence


@dataclass(frozen=True)
class Entry:
    """One line of the timeline, ready for templates/includes/timeline.html."""

    title: str
    at: datetime
    by: str
    text: str
    verb: str
    kind: str
    agency: str
    agency_name: str = ""


def entries(case: Case, granted: set[Action], *, agency: str = "", kind: str = "") -> list[Entry]:
    """The events that this reader may know of, newest first. `agency` is a code, `kind` a sentence's kind."""
    found = []
    for event in case.events.select_related("agency").order_by("-id"):
        sentence = SENTENCES.get(event.verb) or Sentence(event.verb.replace("_", " ").capitalize())
        if sentence.seen_by not in granted:
            continue
        code = event.agency.code if event.agency else ""
        if (agency and code != agency) or (kind and sentence.kind != kind):
            continue
        found.append(
            Entry(
                title=_title(sentence, event.facts),
                at=event.recorded_at,
                by=f"{event.get_role_display()}, {event.agency.name}" if event.agency else CONSOLE,
                text=event.text if sentence.text_for in granted else "",
                verb=event.verb,
                kind=sentence.kind,
                agency=code,
                agency_name=event.agency.name if event.agency else "",
            )
        )
    return found


def kinds() -> list[str]:
    """The kinds by which a timeline can be filtered."""
    return sorted({sentence.kind for sentence in SENTENCES.values()})


def last_change(case: Case) -> CaseEvent | None:
    """The event that brought the case to where it is."""
    return case.events.exclude(to_stage="").select_related("agency").order_by("-id").first()


def last_of(case: Case, verb: str) -> CaseEvent | None:
    """The latest event of one kind."""
    return case.events.filter(verb=verb).order_by("-id").first()


def in_words(event: CaseEvent) -> str:
    """Who did what, by role and agency: for the person who wanted to do it too."""
    sentence = SENTENCES.get(event.verb) or Sentence(event.verb.replace("_", " ").capitalize())
    by = f"{event.get_role_display()}, {event.agency.name}" if event.agency else CONSOLE
    return f"{_title(sentence, event.facts)} ({by})"


def _title(sentence: Sentence, facts: dict[str, Any]) -> str:
    """The sentence with the fact that matters most beside it."""
    labels: dict[str, str] = {
        **{value: str(label) for value, label in Outcome.choices},
        **{value: str(label) for value, label in CaseParticipant.Kind.choices},
        **{value: str(label) for value, label in Interest.Kind.choices},
    }
    fact = labels.get(str(facts.get("outcome") or facts.get("kind") or ""), "")
    return f"{sentence.words}: {fact.lower()}" if fact else sentence.words
