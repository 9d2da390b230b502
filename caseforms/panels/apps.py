from django.apps import AppConfig


class PanelsConfig(AppConfig):
    """Lays recommendation and decision out on the case page."""

    name = "caseforms.panels"
    verbose_name = "panels"

    def ready(self) -> None:
        # Models cannot be imported before ready().
        from caseforms.cases import page  # noqa: PLC0415
        from caseforms.cases.policy import PANEL_STAGES, Action  # noqa: PLC0415
        from caseforms.panels import policy  # noqa: PLC0415
        from caseforms.questions import bindings  # noqa: PLC0415
        from caseforms.questions.schema import AnswerType  # noqa: PLC0415
        from caseforms.workflow.transitions import find  # noqa: PLC0415

        page.register_tab(
            page.Tab("Panel and decision", "panels:paper", Action.READ_DECISION, PANEL_STAGES, order=50)
        )
        for label, url_name, name, outcome in (
            ("Record the panel's recommendation", "panels:recommendation", "recommend", ""),
            ("Decide", "panels:decision", "decide", "review"),
        ):
            row = find(name, outcome)
            page.register_act(page.Act(label, url_name, row.action, row.from_stages, 10))
        page.register_list_link(
            page.ListLink("Meetings of the review group", "panels:meetings", policy.reads_meetings)
        )
        bindings.register("panel-recommendation", {"recommendation.outcome": AnswerType.ONE_OF})
