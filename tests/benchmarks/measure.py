"""Measuring as quality.md says: CPU seconds of this process and its children, alternating, median of at least five.

Not collected by pytest. Each benchmark is a script of its own and adds its entry to build/bench.json.
"""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from time import process_time

RESULTS = Path(__file__).resolve().parents[2] / "build" / "bench.json"
ROUNDS = 5


def cpu_of_children_and_self() -> float:
    """User and system seconds that this process and its children have used so far: its own by the fine clock, theirs
    in ticks of ten milliseconds."""
    return process_time() + sum(os.times()[2:4])


def cpu_seconds(work: Callable[[], object], clock: Callable[[], float] = cpu_of_children_and_self) -> float:
    """CPU seconds of one run, by a clock that counts them."""
    before = clock()
    work()
    return clock() - before


def alternate(
    works: Mapping[str, Callable[[], object]],
    rounds: int = ROUNDS,
    clock: Callable[[], float] = cpu_of_children_and_self,
) -> dict[str, float]:
    """The median CPU seconds of each work; in every round each runs once, so that a slow minute hits all alike."""
    for work in works.values():
        work()
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(cpu_seconds(work, clock))
    return {name: median(seconds) for name, seconds in taken.items()}


def record(name: str, *, ratio_to_limit: float, ratio_to_peer: float, growth: float) -> None:
    """Puts the entry into build/bench.json in place of the one of the same name, and prints it."""
    entry = {
        "name": name,
        "ratio_to_limit": round(ratio_to_limit, 2),
        "ratio_to_peer": round(ratio_to_peer, 2),
        "growth": round(growth, 2),
    }
    entries = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([*(one for one in entries if one["name"] != name), entry], indent=2) + "\n")
    print(json.dumps(entry))
