# ruff: noqa: PLC0415  (models can be imported only when Django has been set up)
"""The share of questions whose answer stands among the first three results.

    python -m tests.procedures.finding.quality [--seeds] [--misses]

prints the shares over the demo manual, or over the seeds beside it. `--misses` names the questions that miss; those
that are held out and the blind ones are counted and never named.
"""

import os
import sys
from pathlib import Path

SEED_FILES = Path(os.environ.get("SEEDS") or Path(__file__).resolve().parents[4] / "shared" / "seeds")
FIRST = 3


def names(title: str, section: str) -> set[str]:
    """How an answer may be written down: by the chapter's number and by its title."""
    number, _, words = title.partition(" ")
    heads = {number, words, title}
    return {section} | ({f"{head} › {section}" for head in heads} if section != title else heads)


def hits(questions, search) -> list[bool]:
    """For each question, whether one of the first three results is among its answers."""
    return [
        any(names(found.title, found.section) & set(answers) for found in search(question, FIRST))
        for question, answers in questions
    ]


def share(found: list[bool]) -> float:
    """Of those that are true."""
    return sum(found) / len(found)


def load_seeds(parent) -> None:
    """Import the seed documents beside what is there."""
    from procedures.importing.parse import parse_chapter
    from procedures.services import import_chapter

    for path in sorted(SEED_FILES.glob("*.txt")):
        import_chapter(parse_chapter(path.read_text(encoding="utf-8")), parent=parent, publish=True)


def main() -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import setup_databases

    setup_databases(0, False)
    call_command("migrate", verbosity=0)
    from procedures.demo import load_demo_manual
    from procedures.finding.search import search_manual
    from procedures.services import site_root
    from tests.procedures.finding import questions as asked

    manual = load_demo_manual(site_root())
    sets = {
        "shipped, open": asked.open_ones(asked.SHIPPED),
        "shipped, held out": asked.held_out(asked.SHIPPED),
        "later": asked.LATER,
        "everyday": asked.EVERYDAY,
        "blind": asked.BLIND,
    }
    if "--seeds" in sys.argv:
        load_seeds(manual)
        seeds = {"open": asked.open_ones(asked.SEEDS), "held out": asked.held_out(asked.SEEDS)}
        sets = {f"seeds, {name}": questions for name, questions in seeds.items()} | {
            f"{name}, beside the seeds": questions for name, questions in sets.items()
        }
    for name, questions in sets.items():
        found = hits(questions, search_manual)
        print(f"{connection.vendor} {name}: {share(found):.1%} of {len(questions)}")
        if "--misses" in sys.argv and not name.startswith("blind") and "held out" not in name:
            for (question, answers), right in zip(questions, found, strict=True):
                if not right:
                    print(f"  {question!r} wants {answers}")
                    for one in search_manual(question, 5):
                        print(f"      {one.title} › {one.section}")


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")
    django.setup()
    main()
