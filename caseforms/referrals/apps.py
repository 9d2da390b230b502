from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    """Offers the referral to the manual, the answer to a question on the case page, and its columns to bind
    to."""

    name = "caseforms.referrals"
    verbose_name = "referrals"

    def ready(self) -> None:
        # Models cannot be imported before ready().
        from caseforms.cases import page  # noqa: PLC0415
        from caseforms.cases.models import Stage  # noqa: PLC0415
        from caseforms.cases.policy import Action  # noqa: PLC0415
        from caseforms.questions import bindings  # noqa: PLC0415
        from caseforms.referrals.columns import COLUMNS  # noqa: PLC0415
        from portal import entrypoints  # noqa: PLC0415

        entrypoints.register("case-referral", "Refer a case", "referrals:start")
        bindings.register("case-referral", COLUMNS)
        returned = frozenset({Stage.RETURNED})
        page.register_act(
            page.Act(
                "Change the referral", "referrals:change_sent", Action.ANSWER_QUESTION, returned, order=11
            )
        )
