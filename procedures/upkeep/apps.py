from django.apps import AppConfig
from django.db.models.signals import post_migrate
from wagtail.signals import page_published, page_unpublished, task_submitted


class UpkeepConfig(AppConfig):
    """The manual's workflow, its reminders, its links, and what the editor's desk says of them."""

    name = "procedures.upkeep"
    verbose_name = "Upkeep of the manual"

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from portal import schedule  # noqa: PLC0415
        from portal.outbox import guards  # noqa: PLC0415
        from portal.reminders import registry  # noqa: PLC0415
        from procedures import approval, desk, publishing  # noqa: PLC0415
        from procedures.models import ChapterPage, ManualIndexPage  # noqa: PLC0415
        from procedures.upkeep import forms, jobs, notices, services, trays  # noqa: PLC0415
        from procedures.upkeep.models import Review, SecondPerson  # noqa: PLC0415

        approval.register(services.manual_workflow)
        publishing.register(services.publish_approved)
        post_migrate.connect(services.install, dispatch_uid="manual-workflow")
        task_submitted.connect(
            notices.ask_for_approval,
            sender=SecondPerson.get_task_state_class(),
            dispatch_uid="manual-approval",
        )
        # The page models know no forms of ours.
        ManualIndexPage.base_form_class = forms.ManualPageForm
        ChapterPage.base_form_class = forms.ChapterForm

        page_published.connect(services.on_published, sender=ChapterPage, dispatch_uid="manual-upkeep")
        page_unpublished.connect(services.on_unpublished, sender=ChapterPage, dispatch_uid="manual-upkeep")
        registry.register(Review, notices.PLAN)
        guards.register(notices.GUARD, notices.may_still_be_told)
        schedule.register("check-links", jobs.check_links, minutes=15)

        desk.register("reviews", trays.reviews_due, order=20)
        desk.register("links", trays.broken_links, order=40)
