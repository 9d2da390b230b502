from django.apps import AppConfig


class ActionplansConfig(AppConfig):
    name = "caseforms.actionplans"
    verbose_name = "Action plans"

    def ready(self) -> None:
        # Models cannot be imported before ready().
        from caseforms.actionplans import models, notices  # noqa: PLC0415
        from caseforms.cases import page, timeline  # noqa: PLC0415
        from caseforms.cases.models import Stage  # noqa: PLC0415
        from caseforms.cases.policy import Action  # noqa: PLC0415
        from portal.audit import chain  # noqa: PLC0415
        from portal.outbox import guards  # noqa: PLC0415

        chain.register(models.ActionUpdate)
        guards.register("action-plan", notices.still_concerns)
        scoped, planned = frozenset({Stage.SCOPED}), frozenset({Stage.PLANNED, Stage.CLOSED})
        page.register_act(
            page.Act("Adopt the action plan", "actionplans:adopt", Action.ADOPT_PLAN, scoped, order=20)
        )
        page.register_tab(
            page.Tab("Action plan", "actionplans:plan", Action.READ_DECISION, planned, order=65)
        )
        # That an agency said something is known only to those who may read what every agency says.
        timeline.register(
            "action_updated", timeline.Sentence("Action updated", "Plan", seen_by=Action.READ_RETURNS)
        )
