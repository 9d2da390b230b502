"""The words of a time limit: what starts it, what stops it, whose rule it is."""

from django.db import models


class Start(models.TextChoices):
    """What happened when the clock began; the label is how a date's explanation begins."""

    CONSULTATION = "consultation", "consulted"
    NOTIFICATION = "notification", "notified"
    ASKED = "asked", "asked"
    DECISION = "decision", "decided"
    PLAN = "plan", "plan adopted"


class Stop(models.TextChoices):
    """What fulfils a task: a step of the workflow by its name, or an act that is recorded by hand."""

    SUBMIT = "submit", "The referral is sent"
    TRIAGE = "triage", "The referral is accepted"
    ASK_AGENCIES = "ask_agencies", "Agencies are asked for information"
    GIVE_INFORMATION = "give_information", "The agency gives its information"
    RECOMMEND = "recommend", "The panel's recommendation is recorded"
    DECIDE = "decide", "The decision is recorded"
    AGREE_SCOPE = "agree_scope", "The scope is agreed"
    GIVE_REPORT = "give_report", "The agency's report is in"
    ADOPT_PLAN = "adopt_plan", "The action plan is adopted"
    WITHDRAW = "withdraw", "The referral is withdrawn"
    CLOSE = "close", "The case is closed"
    NOTIFY = "notify", "The national body is notified"


BY_HAND = frozenset({Stop.NOTIFY, Stop.GIVE_REPORT})
"""Acts that happen outside the portal for now: a business manager records that they were done."""

ENDS_EVERYTHING = frozenset({Stop.WITHDRAW, Stop.CLOSE})
"""Steps after which no task of the case is left: what still runs is cancelled."""


class Authority(models.TextChoices):
    """Whose rule a limit is; only a statutory one may be called statutory (field-notes 1)."""

    STATUTORY = "statutory", "Statute"
    GUIDANCE = "guidance", "Statutory or national guidance"
    LOCAL = "local", "Local procedure"
