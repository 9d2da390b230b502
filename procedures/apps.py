from django.apps import AppConfig
from wagtail.signals import page_published, page_unpublished


class ProceduresConfig(AppConfig):
    name = "procedures"
    verbose_name = "Procedures manual"

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from procedures import index  # noqa: PLC0415

        chapter = self.get_model("ChapterPage")
        page_published.connect(index.on_published, sender=chapter, dispatch_uid="procedures.index")
        page_unpublished.connect(index.on_unpublished, sender=chapter, dispatch_uid="procedures.index")
