"""The table of recurring jobs and its sync to django-q2: the one module that knows it (decision 0040)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import import_string
from django_q.models import Schedule
from django_q.signals import post_execute_in_worker
from django_q.tasks import async_task

# Arguments stay in the queue's tables and in its log lines: an id passes, a name or an address does not.
AN_ID = re.compile(r"[A-Za-z0-9_:.-]{1,64}")
PLACE = re.compile(r'^  File "([^"]+)", line (\d+), in (\w+)$', re.MULTILINE)
ERROR = re.compile(r"^([A-Za-z_][\w.]*)(?=:|$)", re.MULTILINE)


@dataclass(frozen=True)
class Job:
    """A job that runs every so many minutes; `path` is the dotted name under which the worker finds it."""

    name: str
    path: str
    minutes: int


_jobs: dict[str, Job] = {}


def register(name: str, func: Callable[..., Any], *, minutes: int) -> None:
    """Puts a module-level function on the table of recurring jobs; called from AppConfig.ready."""
    _jobs[name] = Job(name, dotted_path(func), minutes)


def registered() -> list[Job]:
    """The table of recurring jobs, by name."""
    return [_jobs[name] for name in sorted(_jobs)]


def sync() -> None:
    """Makes django-q2's schedules what the table says: adds, corrects, deletes; keeps when each runs next."""
    for job in registered():
        wanted = {
            "func": job.path,
            "schedule_type": Schedule.MINUTES,
            "minutes": job.minutes,
            "repeats": -1,
        }
        if not Schedule.objects.filter(name=job.name, **wanted).exists():
            Schedule.objects.update_or_create(name=job.name, defaults=wanted)
    Schedule.objects.exclude(name__in=_jobs).delete()


def enqueue(func: Callable[..., Any], *args: str | int) -> None:
    """Asks the worker to run a module-level function soon, at least once. Arguments are ids only.

    Raises ValueError for an argument that does not look like an id, or a function without a dotted name.
    """
    for arg in args:
        if not AN_ID.fullmatch(str(arg)):
            raise ValueError("A queue argument must be an id.")
    async_task(dotted_path(func), *args)


def dotted_path(func: Callable[..., Any]) -> str:
    """The name by which a worker imports the function. Raises ValueError where it could not."""
    path = f"{func.__module__}.{func.__qualname__}"
    if "<" in path or import_string(path) is not func:
        raise ValueError(f"{path} cannot be run by the queue: it is not a module-level function.")
    return path


def keep_no_words(task: dict[str, Any], **kwargs: Any) -> None:
    """Cuts what a job returned, and what its error said, before the queue stores and logs it.

    An error may repeat what somebody typed. What stays is its kind and the places in the code that led to it.
    """
    if task.get("success"):
        task["result"] = None
        return
    said = str(task.get("result") or "")
    places = list(PLACE.finditer(said))
    kinds = ERROR.findall(said[places[-1].end() :]) if places else []
    lines = [f"{found[1]}:{found[2]} {found[3]}" for found in places]
    task["result"] = "\n".join([kinds[0] if kinds else "Error", *lines])


# Sent by the worker after each job, before the result leaves the process.
post_execute_in_worker.connect(keep_no_words, dispatch_uid="portal.schedule.keep_no_words")
