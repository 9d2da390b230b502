from django.apps import AppConfig


class ReadersConfig(AppConfig):
    name = "procedures.readers"
    verbose_name = "Readers of the manual"

    def ready(self) -> None:
        # Models cannot be imported before ready().
        from portal import schedule  # noqa: PLC0415
        from portal.outbox import guards  # noqa: PLC0415
        from procedures import desk  # noqa: PLC0415
        from procedures.readers import jobs, notices, trays  # noqa: PLC0415

        guards.register(notices.RECEIVED, notices.may_still_answer)
        guards.register(notices.ANSWERED, notices.may_still_hear)
        guards.register(notices.DIGEST, notices.may_still_read_all)
        guards.register(notices.MUST_READ, notices.is_still_asked)
        schedule.register("send-manual-digests", jobs.send_digests, minutes=15)
        desk.register("feedback-open", trays.reports_open, order=10)
