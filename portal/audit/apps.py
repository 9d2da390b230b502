from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "portal.audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        # Models cannot be imported before ready().
        from portal import schedule  # noqa: PLC0415
        from portal.audit import chain, jobs, models  # noqa: PLC0415

        chain.register(models.AccessEvent)
        schedule.register("seal-audit", jobs.seal, minutes=1)
