"""What the queue calls: ids in, rows claimed, services called."""

from uuid import UUID

from django.utils import timezone

from procedures.exporting import services
from procedures.exporting.models import Copy


def make_copy(copy_id: str) -> None:
    """Makes one copy that was asked for; running it again does nothing once it is made."""
    services.make(UUID(copy_id))


def resume() -> int:
    """Takes up copies whose worker was killed or whose task was lost; returns how many it finished."""
    stuck = list(Copy.objects.stuck(timezone.now()).values_list("pk", flat=True))
    return sum(services.make(copy_id) for copy_id in stuck)


def remove_old() -> int:
    """Removes copies that are past their time or no longer true; returns how many."""
    return services.remove_old()
