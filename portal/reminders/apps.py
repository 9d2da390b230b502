from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate


class RemindersConfig(AppConfig):
    name = "portal.reminders"
    verbose_name = "Reminders"

    def ready(self) -> None:
        # Models cannot be imported before ready().
        from portal import schedule  # noqa: PLC0415
        from portal.reminders import jobs  # noqa: PLC0415

        schedule.register("beat", jobs.beat, minutes=1)
        schedule.register("chase", jobs.chase, minutes=5)
        schedule.register("publish-scheduled", jobs.publish_scheduled, minutes=5)

        def start(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
            tables = connections[using].introspection.table_names()
            if using == DEFAULT_DB_ALIAS and {"django_q_schedule", "reminders_heartbeat"} <= set(tables):
                schedule.sync()
                jobs.expect_worker()

        post_migrate.connect(start, sender=self, weak=False, dispatch_uid="reminders.start")
