from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    """Has deadlines chased, guards their reminders, and tells the case page and its timeline about them."""

    name = "caseforms.deadlines"
    verbose_name = "deadlines"

    def ready(self) -> None:
        # Models cannot be imported before ready().
        from caseforms.cases import page, timeline  # noqa: PLC0415
        from caseforms.deadlines import reminders, selectors  # noqa: PLC0415
        from caseforms.deadlines.models import Deadline  # noqa: PLC0415
        from portal.outbox import guards  # noqa: PLC0415
        from portal.reminders import registry  # noqa: PLC0415

        registry.register(Deadline, reminders.PLAN)
        guards.register(reminders.GUARD, reminders.may_still_be_told)
        page.register_facts(selectors.facts)
        for verb, words in (
            ("deadline_started", "Time limit began"),
            ("deadline_met", "Done in time"),
            ("deadline_met_late", "Done, but late"),
            ("deadline_extended", "Time limit extended"),
            ("deadline_cancelled", "Time limit no longer needed"),
        ):
            timeline.register(verb, timeline.Sentence(words, timeline.TIME_LIMITS))
