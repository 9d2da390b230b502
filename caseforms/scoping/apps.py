from django.apps import AppConfig


class ScopingConfig(AppConfig):
    """Lays the scope out on the case page."""

    name = "caseforms.scoping"
    verbose_name = "scoping"

    def ready(self) -> None:
        # Models cannot be imported before ready().
        from caseforms.cases import page, timeline  # noqa: PLC0415
        from caseforms.cases.models import Stage  # noqa: PLC0415
        from caseforms.cases.policy import Action  # noqa: PLC0415
        from caseforms.questions import bindings  # noqa: PLC0415
        from caseforms.questions.schema import AnswerType  # noqa: PLC0415
        from caseforms.scoping.services import AMENDABLE  # noqa: PLC0415

        after = AMENDABLE | {Stage.DECIDED, Stage.CLOSED}
        page.register_tab(page.Tab("Scope", "scoping:scope", Action.READ_DECISION, after, order=60))
        decided = frozenset({Stage.DECIDED})
        page.register_act(page.Act("Agree the scope", "scoping:agree", Action.AGREE_SCOPE, decided, 20))
        page.register_act(page.Act("Amend the scope", "scoping:agree", Action.AGREE_SCOPE, AMENDABLE, 75))
        timeline.register("amend_scope", timeline.Sentence("Scope amended"))
        columns = {
            "scope.period_from": AnswerType.DATE,
            "scope.period_to": AnswerType.DATE,
            "report.agency": AnswerType.AGENCY,
        }
        bindings.register("scope", columns)
