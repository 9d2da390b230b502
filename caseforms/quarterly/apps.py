from django.apps import AppConfig


class QuarterlyConfig(AppConfig):
    name = "caseforms.quarterly"
    verbose_name = "Quarters"

    def ready(self) -> None:
        # Models cannot be imported before ready().
        from caseforms.quarterly import jobs, notices  # noqa: PLC0415
        from portal import schedule  # noqa: PLC0415
        from portal.outbox import guards  # noqa: PLC0415

        guards.register("workbook", notices.may_still_fetch)
        schedule.register("resume-exports", jobs.resume, minutes=1)
        schedule.register("remove-expired-exports", jobs.remove_expired, minutes=60)
