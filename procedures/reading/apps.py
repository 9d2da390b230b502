from django.apps import AppConfig

from procedures import serving


class ReadingConfig(AppConfig):
    name = "procedures.reading"
    verbose_name = "Reading the manual"

    def ready(self) -> None:
        # Views import models, which can be imported only now that all apps are loaded.
        from portal.accounts import groups  # noqa: PLC0415
        from procedures.models import GlossaryTerm  # noqa: PLC0415
        from procedures.reading import views  # noqa: PLC0415

        serving.register("live", views.chapter)
        serving.register("preview", views.preview)
        groups.register(GlossaryTerm)
