"""What the page of a case offers: acts, tabs and facts that higher apps put there without being imported
here.

Each app registers its own from AppConfig.ready. Who sees an entry is still the policy's word alone: every
entry names the action that a person must be allowed, and the stages in which it makes sense.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from caseforms.cases.models import Case, Stage
from caseforms.cases.policy import ALL_STAGES, Action
from portal.accounts.models import User

TASKS_BEFORE = 60


def always(case: Case, user: User) -> bool:
    """The condition of an act that needs no other than right and stage."""
    return True


@dataclass(frozen=True)
class Act:
    """Something a person may do with a case now. `url_name` takes the reference; `order` decides which one is
    green."""

    label: str
    url_name: str
    action: Action
    stages: frozenset[Stage] = ALL_STAGES
    order: int = 50
    when: Callable[[Case, User], bool] = always

    @property
    def is_task(self) -> bool:
        """Whether the act is somebody's next task, not merely possible (withdraw, declare an interest)."""
        return self.order < TASKS_BEFORE


@dataclass(frozen=True)
class Tab:
    """A page about one side of the case. `url_name` takes the reference."""

    title: str
    url_name: str
    action: Action = Action.SEE
    stages: frozenset[Stage] = ALL_STAGES
    order: int = 50


@dataclass(frozen=True)
class ListLink:
    """A page beside the list of cases, such as the meetings, for those for whom `when` holds."""

    label: str
    url_name: str
    when: Callable[[User], bool]


Facts = Callable[[Case, User], Iterable[dict[str, Any]]]

_acts: dict[tuple[str, str], Act] = {}
_tabs: dict[str, Tab] = {}
_facts: list[Facts] = []
_links: dict[str, ListLink] = {}


def register_act(act: Act) -> None:
    """Offers an act on the page of every case and in lists."""
    _acts[act.url_name, act.label] = act


def register_tab(tab: Tab) -> None:
    """Adds a tab to every case page."""
    _tabs[tab.url_name] = tab


def register_facts(facts: Facts) -> None:
    """Adds rows ({key, value, url?, action?}) to the overview; the function gets the case and the reader."""
    if facts not in _facts:
        _facts.append(facts)


def register_list_link(link: ListLink) -> None:
    """Puts a link above the list of cases."""
    _links[link.url_name] = link


def list_links(user: User) -> list[ListLink]:
    """The links above the list of cases that are for this person."""
    return [link for link in _links.values() if link.when(user)]


def acts_now(case: Case, user: User, granted: set[Action]) -> list[Act]:
    """What the person may do with the case at this stage, the most likely first. `granted` are their rights
    in it."""
    open_acts = [
        act
        for act in _acts.values()
        if act.action in granted and case.stage in act.stages and act.when(case, user)
    ]
    return sorted(open_acts, key=lambda act: act.order)


def tabs_for(case: Case, granted: set[Action]) -> list[Tab]:
    """The tabs that this reader has, in order."""
    shown = [tab for tab in _tabs.values() if tab.action in granted and case.stage in tab.stages]
    return sorted(shown, key=lambda tab: tab.order)


def facts_for(case: Case, user: User) -> list[dict[str, Any]]:
    """The rows that other apps add to the overview."""
    return [row for facts in _facts for row in facts(case, user)]
