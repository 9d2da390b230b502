from django.apps import AppConfig
from wagtail.signals import page_published, page_unpublished


class FindingConfig(AppConfig):
    name = "procedures.finding"
    verbose_name = "Search of the manual"

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from wagtail.models import Collection, CollectionViewRestriction  # noqa: PLC0415

        from portal import schedule  # noqa: PLC0415
        from portal.accounts import groups  # noqa: PLC0415
        from portal.accounts.models import User  # noqa: PLC0415
        from procedures import generation  # noqa: PLC0415
        from procedures.finding import jobs, models, publishing  # noqa: PLC0415
        from procedures.models import ChapterPage  # noqa: PLC0415

        page_published.connect(publishing.on_published, sender=ChapterPage, dispatch_uid="manual-search")
        page_unpublished.connect(publishing.on_unpublished, sender=ChapterPage, dispatch_uid="manual-search")
        # What a reader may find is kept under this number.
        for model in (
            models.Synonym,
            models.BestBet,
            CollectionViewRestriction,
            CollectionViewRestriction.groups.through,
            User.groups.through,
        ):
            generation.watch(model)
        generation.watch(Collection, ("path",))
        generation.watch(User, ("is_superuser", "is_active", "first_name", "last_name"))
        for register in (models.Synonym, models.BestBet):
            groups.register(register)
        schedule.register("manual-search-catch-up", jobs.catch_up, minutes=5)
        schedule.register("forget-missed-searches", jobs.forget_missed, minutes=24 * 60)
