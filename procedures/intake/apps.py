from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "procedures.intake"
    verbose_name = "Import of chapters"

    def ready(self) -> None:
        # Models cannot be imported before ready().
        from portal import schedule  # noqa: PLC0415
        from procedures import desk  # noqa: PLC0415
        from procedures.intake import jobs, trays  # noqa: PLC0415

        schedule.register("resume-imports", jobs.resume, minutes=1)
        schedule.register("remove-imported-files", jobs.remove_expired, minutes=60)
        desk.register("imports", trays.imports_to_look_at, order=30)
