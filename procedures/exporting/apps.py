from django.apps import AppConfig


class ExportingConfig(AppConfig):
    name = "procedures.exporting"
    verbose_name = "Copies of the manual"

    def ready(self) -> None:
        # Models cannot be imported before ready().
        from portal import schedule  # noqa: PLC0415
        from procedures.exporting import jobs  # noqa: PLC0415

        schedule.register("resume-manual-copies", jobs.resume, minutes=1)
        schedule.register("remove-old-manual-copies", jobs.remove_old, minutes=15)
