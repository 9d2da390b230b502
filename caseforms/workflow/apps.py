from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    """Lays the steps out on the case page and tells the timeline how they read."""

    name = "caseforms.workflow"
    verbose_name = "workflow"

    def ready(self) -> None:
        # Models cannot be imported before ready().
        from caseforms.cases import page, timeline  # noqa: PLC0415
        from caseforms.cases.policy import Action  # noqa: PLC0415
        from caseforms.questions import bindings  # noqa: PLC0415
        from caseforms.questions.schema import AnswerType  # noqa: PLC0415
        from caseforms.workflow import selectors, transitions  # noqa: PLC0415

        for row in reversed(transitions.TABLE):  # of rows with one name the first says how it reads
            timeline.register(row.name, timeline.Sentence(row.label.partition(":")[0]))
        timeline.register("give_information", timeline.Sentence("Agency information sent", "Forms"))
        acts = (
            ("Look at the referral", "workflow:triage", "triage", 10),
            ("Answer the question", "workflow:answer", "answer_question", 10),
            ("Ask agencies for information", "workflow:ask", "ask_agencies", 10),
            ("Withdraw the referral", "workflow:withdraw", "withdraw", 80),
            ("Close the case", "workflow:close", "close", 70),
        )
        for label, url_name, name, order in acts:
            row = transitions.find(name)
            page.register_act(page.Act(label, url_name, row.action, row.from_stages, order))
        page.register_act(
            page.Act(
                "Give your agency's information",
                "workflow:information",
                Action.GIVE_INFORMATION,
                transitions.find("recommend").from_stages,
                20,
                selectors.owes_information,
            )
        )
        bindings.register("agency-information", {"return.involved": AnswerType.YES_NO})
