from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "portal.outbox"
    verbose_name = "Outbox"

    def ready(self) -> None:
        # Models cannot be imported before ready().
        from portal import schedule  # noqa: PLC0415
        from portal.outbox import jobs  # noqa: PLC0415

        schedule.register("deliver-messages", jobs.deliver, minutes=1)
