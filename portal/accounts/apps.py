from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    verbose_name = "People and agencies"

    def ready(self) -> None:
        # Models cannot be imported before ready().
        from django.contrib.auth.signals import user_logged_in  # noqa: PLC0415
        from django.db.models.signals import post_migrate  # noqa: PLC0415

        from portal import schedule  # noqa: PLC0415
        from portal.accounts import groups, jobs, sessions  # noqa: PLC0415

        user_logged_in.connect(sessions.password_given, dispatch_uid="portal.accounts.sessions")
        post_migrate.connect(groups.grant_registers, dispatch_uid="portal.accounts.groups")
        schedule.register("tidy-accounts", jobs.tidy, minutes=60)
