"""What the queue calls: ids in, rows claimed, services called."""

from uuid import UUID

from django.utils import timezone

from caseforms.quarterly import services
from caseforms.quarterly.models import Export


def run_export(export_id: str) -> None:
    """Makes one workbook that was asked for; running it again does nothing once it is made."""
    services.make(UUID(export_id))


def resume() -> int:
    """Takes up workbooks whose worker was killed or whose task was lost; returns how many it finished."""
    stuck = list(Export.objects.stuck(timezone.now()).values_list("pk", flat=True))
    return sum(services.make(export_id) for export_id in stuck)


def remove_expired() -> int:
    """Removes workbooks that are past their time; returns how many."""
    return services.remove_expired()
