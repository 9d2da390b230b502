from django.apps import AppConfig
from wagtail.signals import page_published


class EditingConfig(AppConfig):
    name = "procedures.editing"
    verbose_name = "Editions of the manual"

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from procedures.editing import services  # noqa: PLC0415
        from procedures.models import ChapterPage  # noqa: PLC0415

        page_published.connect(services.on_published, sender=ChapterPage, dispatch_uid="manual-editions")
