from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from wagtail.signals import page_published, page_unpublished


class ProceduresConfig(AppConfig):
    name = "procedures"
    verbose_name = "Procedures manual"

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from wagtail.documents.models import Document  # noqa: PLC0415
        from wagtail.images.models import Image, Rendition  # noqa: PLC0415
        from wagtail.models import Page, PageViewRestriction, Site  # noqa: PLC0415

        from procedures import generation, index  # noqa: PLC0415

        chapter = self.get_model("ChapterPage")
        page_published.connect(index.on_published, sender=chapter, dispatch_uid="manual-sections")
        page_unpublished.connect(index.on_unpublished, sender=chapter, dispatch_uid="manual-sections")

        # Saving a draft writes none of these columns of a page.
        generation.watch(Page, ("title", "slug", "url_path", "path", "live", "search_description"))
        private = (PageViewRestriction, PageViewRestriction.groups.through)
        for model in (*private, Site, Document, Image, Rendition):
            generation.watch(model)
        for name in ("ChapterPage", "ManualIndexPage", "Section", "GlossaryTerm"):
            generation.watch(self.get_model(name))
        pre_migrate.connect(generation.lift, sender=self, dispatch_uid="manual-generation-lift")
        post_migrate.connect(generation.install, sender=self, dispatch_uid="manual-generation")
