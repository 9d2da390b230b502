from django.apps import AppConfig
from wagtail.signals import page_published, post_page_move


class SharingConfig(AppConfig):
    name = "procedures.sharing"
    verbose_name = "Shared manual"

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from wagtail.models import AbstractPage  # noqa: PLC0415
        from wagtail.permissions import register_permission_policy  # noqa: PLC0415

        from portal.accounts.models import Partnership  # noqa: PLC0415
        from procedures import generation  # noqa: PLC0415
        from procedures.models import ChapterPage  # noqa: PLC0415
        from procedures.policy import PagePolicy  # noqa: PLC0415
        from procedures.sharing import services  # noqa: PLC0415
        from procedures.sharing.models import BoxVersion, Contact  # noqa: PLC0415

        register_permission_policy(AbstractPage, PagePolicy())
        generation.watch(BoxVersion)
        generation.watch(Contact)  # they stand in the offline copy
        shown = ("name", "short_name", "business_unit_phone", "business_unit_email", "manual_access")
        generation.watch(Partnership, shown)  # around every page, and above every box
        page_published.connect(services.on_published, sender=ChapterPage, dispatch_uid="manual-local-boxes")
        post_page_move.connect(services.on_moved, dispatch_uid="manual-local-parts")
