from django.apps import AppConfig
from wagtail.signals import page_published, page_unpublished


class EditingConfig(AppConfig):
    name = "procedures.editing"
    verbose_name = "Editing the manual"

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from portal import schedule  # noqa: PLC0415
        from procedures import generation  # noqa: PLC0415
        from procedures.editing import jobs, services  # noqa: PLC0415
        from procedures.editing.models import Edition  # noqa: PLC0415
        from procedures.models import ChapterPage  # noqa: PLC0415

        page_published.connect(services.on_published, sender=ChapterPage, dispatch_uid="manual-editions")
        page_unpublished.connect(services.on_unpublished, sender=ChapterPage, dispatch_uid="manual-editions")
        # A chapter's page lists its latest amendments, and asks for the newest that must be read.
        generation.watch(Edition)
        schedule.register("keep-missing-editions", jobs.keep_missing, minutes=5)
