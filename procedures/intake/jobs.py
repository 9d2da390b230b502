"""What the queue calls: ids in, rows claimed, services called."""

from uuid import UUID

from django.utils import timezone

from procedures.intake import services
from procedures.intake.models import Run, RunState


def read(run_id: str) -> None:
    """Reads the files of one run; running it again does nothing once they are read."""
    services.read(UUID(run_id))


def import_run(run_id: str) -> None:
    """Imports the files of one run; running it again does nothing once they are imported."""
    services.import_run(UUID(run_id))


def resume() -> int:
    """Takes up runs whose worker was killed or whose task was lost; returns how many it finished."""
    finished = 0
    for run_id, state in list(Run.objects.stuck(timezone.now()).values_list("pk", "state")):
        finished += services.read(run_id) if state == RunState.READING else services.import_run(run_id)
    return finished


def remove_expired() -> int:
    """Removes files that are past their time; returns how many runs expired."""
    return services.remove_expired()
