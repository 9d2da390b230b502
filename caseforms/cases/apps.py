from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Puts the events of cases under the audit chain, guards their e-mails, and lays out the case page."""

    name = "caseforms.cases"
    verbose_name = "cases"

    def ready(self) -> None:
        # Models cannot be imported before ready().
        from caseforms.cases import notices, page, selectors  # noqa: PLC0415
        from caseforms.cases.models import CaseEvent  # noqa: PLC0415
        from caseforms.cases.policy import PANEL_STAGES, Action  # noqa: PLC0415
        from portal.audit import chain  # noqa: PLC0415
        from portal.outbox import guards  # noqa: PLC0415

        chain.register(CaseEvent)
        guards.register(notices.GUARD, notices.may_still_see)
        for tab in (
            page.Tab("Overview", "cases:detail", order=10),
            page.Tab("People", "cases:people", Action.SEE_PEOPLE, order=20),
            page.Tab("Agencies", "cases:agencies", order=30),
            page.Tab("Forms", "cases:forms", order=40),
            page.Tab("Timeline", "cases:timeline", order=90),
            page.Tab("Who may see it", "cases:access", Action.GIVE_ACCESS, order=95),
            page.Tab("Appeals", "cases:appeals", Action.LIFT_INTEREST, PANEL_STAGES, order=96),
        ):
            page.register_tab(tab)
        page.register_list_link(
            page.ListLink("Find a person", "cases:find_person", selectors.may_find_people)
        )
        page.register_act(
            page.Act("Declare an interest", "cases:declare_interest", Action.DECLARE_INTEREST, order=99)
        )
