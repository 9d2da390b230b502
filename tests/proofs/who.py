"""Who may see what, written by hand: nothing here asks policy.py, so a change of a rule there shows here.

People are the keys of the cast (home/demo_people.py) and those whom tests/world.py adds. A right is a word of this
table; an object is a case (or another row) of the world. Whoever is not named may not.
"""

Rights = dict[str, str]

# ---- The people -------------------------------------------------------------------------------------------

TARN = (
    "practitioner lead_csc lead_pol lead_icb lead_hos lead_edu manager administrator chair panel conflicted "
    "independent_chair author auditor"
)
ELLER = "eller_manager eller_lead_pol eller_practitioner eller_chair eller_panel eller_independent_chair"
MEMBERS = f"{TARN} {ELLER}"  # everybody whose session is verified and who holds a membership today

# Sessions that are not verified, and the page to which the portal leads each of them.
WAY_IN = {
    "anonymous": "/sign-in/",
    "password_only": "/sign-in/code/",  # enrolled, password given, no code yet
    "unverified": "/sign-in/set-up/",  # signed in, no confirmed second factor
    "locked": "/sign-in/locked/",  # the manager after sixteen idle minutes
    "over": "/sign-in/",  # the manager nine hours after the code
    "ended": "/sign-in/no-access/",  # a business manager whose membership ended yesterday
    "disabled": "/sign-in/",  # a business manager whose account was closed
    "superuser": "/sign-in/no-access/",  # Django's superuser, without a membership
}
OUTSIDE = " ".join(WAY_IN)
EVERYBODY = f"{OUTSIDE} {MEMBERS}"

MANAGERS = "manager administrator eller_manager"  # of people, and of the manual
LEADS = "lead_csc lead_pol lead_icb lead_hos lead_edu eller_lead_pol"  # of agencies

READS_TARN = f"{OUTSIDE} {TARN}"  # Tarnbrook's manual is open to anyone at its host name

# ---- The cases --------------------------------------------------------------------------------------------
# see: that it exists, its stage, its history        names: people and referral, and the words of its events
# returns: every agency's information, panel papers  decision: the decision with reasons, the scope
# plan: the page of the plan                         the other words are acts

CASES: dict[str, Rights] = {
    # The hospital's practitioner referred it, social care is named; nobody has been asked.
    "submitted": {
        "see": "manager practitioner lead_hos lead_csc",
        "names": "manager practitioner lead_hos",
        "returns": "manager",
        "decision": "manager",
        "plan": "manager",
        "manage": "manager",
        "withdraw": "manager practitioner",
        "refer": "practitioner",
        "scope": "manager",
    },
    "returned": {
        "see": "manager practitioner lead_hos lead_csc",
        "names": "manager practitioner lead_hos",
        "returns": "manager",
        "decision": "manager",
        "plan": "manager",
        "manage": "manager",
        "withdraw": "manager practitioner",
        "refer": "practitioner",
        "scope": "manager",
    },
    "withdrawn": {
        "see": "manager practitioner lead_hos lead_csc",
        "names": "manager practitioner lead_hos",
        "returns": "manager",
        "decision": "manager",
        "plan": "manager",
        "manage": "manager",
        "withdraw": "manager practitioner",
        "refer": "practitioner",
        "scope": "manager",
    },
    # Hospital, social care and police were asked; social care has answered. One panel member declared an interest,
    # and the author has been let in.
    "gathering": {
        "see": "manager practitioner lead_hos lead_csc lead_pol chair panel independent_chair author",
        "names": "manager practitioner lead_hos lead_csc lead_pol chair panel independent_chair author",
        "returns": "manager chair panel independent_chair author",
        "decision": "manager lead_hos lead_csc lead_pol chair panel independent_chair author",
        "plan": "manager lead_hos lead_csc lead_pol chair panel independent_chair author",
        "manage": "manager",
        "withdraw": "manager practitioner",
        "refer": "practitioner",
        "give": "lead_hos lead_csc lead_pol",
        "recommend": "chair",
        "decide": "independent_chair",
        "scope": "manager chair",
    },
    # Referred by the police lead; police and social care were asked.
    "recommended": {
        "see": "manager lead_pol lead_csc chair panel conflicted independent_chair",
        "names": "manager lead_pol lead_csc chair panel conflicted independent_chair",
        "returns": "manager chair panel conflicted independent_chair",
        "decision": "manager lead_pol lead_csc chair panel conflicted independent_chair",
        "plan": "manager lead_pol lead_csc chair panel conflicted independent_chair",
        "manage": "manager",
        "withdraw": "manager lead_pol",
        "refer": "lead_pol",
        "give": "lead_pol lead_csc",
        "recommend": "chair",
        "decide": "independent_chair",
        "scope": "manager chair",
    },
    "decided": {
        "see": "manager lead_pol lead_csc chair panel conflicted independent_chair",
        "names": "manager lead_pol lead_csc chair panel conflicted independent_chair",
        "returns": "manager chair panel conflicted independent_chair",
        "decision": "manager lead_pol lead_csc chair panel conflicted independent_chair",
        "plan": "manager lead_pol lead_csc chair panel conflicted independent_chair",
        "manage": "manager",
        "withdraw": "manager lead_pol",
        "refer": "lead_pol",
        "give": "lead_pol lead_csc",
        "recommend": "chair",
        "decide": "independent_chair",
        "scope": "manager chair",
    },
    # Referred by the social care lead; social care and police were asked. The health board has an action of the
    # plan, and nothing else of the case.
    "planned": {
        "see": "manager lead_csc lead_pol chair panel conflicted independent_chair",
        "names": "manager lead_csc lead_pol chair panel conflicted independent_chair",
        "returns": "manager chair panel conflicted independent_chair",
        "decision": "manager lead_csc lead_pol chair panel conflicted independent_chair",
        "plan": "manager lead_csc lead_pol chair panel conflicted independent_chair lead_icb",
        "manage": "manager",
        "withdraw": "manager lead_csc",
        "refer": "lead_csc",
        "give": "lead_csc lead_pol",
        "recommend": "chair",
        "decide": "independent_chair",
        "scope": "manager chair",
    },
    # Ellerfold's, in which the police that both partnerships share take part.
    "eller": {
        "see": "eller_manager eller_practitioner eller_lead_pol eller_chair eller_panel eller_independent_chair",
        "names": "eller_manager eller_practitioner eller_lead_pol eller_chair eller_panel eller_independent_chair",
        "returns": "eller_manager eller_chair eller_panel eller_independent_chair",
        "decision": "eller_manager eller_lead_pol eller_chair eller_panel eller_independent_chair",
        "plan": "eller_manager eller_lead_pol eller_chair eller_panel eller_independent_chair",
        "manage": "eller_manager",
        "withdraw": "eller_manager eller_practitioner",
        "refer": "eller_practitioner",
        "give": "eller_lead_pol",
        "recommend": "eller_chair",
        "decide": "eller_independent_chair",
        "scope": "eller_manager eller_chair",
    },
    "ellernew": {
        "see": "eller_manager eller_practitioner eller_lead_pol",
        "names": "eller_manager eller_practitioner",
        "returns": "eller_manager",
        "decision": "eller_manager",
        "plan": "eller_manager",
        "manage": "eller_manager",
        "withdraw": "eller_manager eller_practitioner",
        "refer": "eller_practitioner",
        "scope": "eller_manager",
    },
}

# ---- The markers ------------------------------------------------------------------------------------------
# Which right opens each kind of field (the last part of a canary word). A name with a colon is a list of people.

REFERRAL = (  # and the words of the case's events, and why a time limit was extended
    "job telephone consulted consultedrole first last other born address where familyfirst familylast relationship "
    "familyaddress place account injuries safecomment otheragency professional involvedcomment reasons "
    "togethercomment practice hoped details mediacomment toldcomment triagewords asked withdrawal extension askedby "
    "agreedby"
)
KINDS: dict[str, str] = {
    **dict.fromkeys(REFERRAL.split(), "names"),
    **dict.fromkeys(("riskcomment", "sharedcomment", "panelreasons", "dissent"), "returns"),
    **dict.fromkeys(("decisionreasons", "keyissues", "period", "familywho", "familyhow"), "decision"),
    **dict.fromkeys(("parallelhow", "reportasks"), "decision"),
    "interest": "decide",  # why somebody is kept out: the independent chair, to whom one appeals
}

# Kinds that are somebody's own: what their agency sent or does, and what has been begun and not sent.
OWN: dict[tuple[str, str], str] = {
    ("gathering", "infocsc"): "manager chair panel independent_chair author lead_csc",
    ("gathering", "draftpol"): "lead_pol",
    ("gathering", "draftpanel"): "chair",
    ("recommended", "infopol"): "manager chair panel conflicted independent_chair lead_pol",
    ("decided", "infopol"): "manager chair panel conflicted independent_chair lead_pol",
    ("decided", "draftscope"): "manager",
    ("planned", "infocsc"): "manager chair panel conflicted independent_chair lead_csc",
    ("planned", "infopol"): "manager chair panel conflicted independent_chair lead_pol",
    ("planned", "plancsc"): "manager chair panel conflicted independent_chair lead_csc",
    ("planned", "planpol"): "manager chair panel conflicted independent_chair lead_pol",
    ("planned", "planicb"): "manager chair panel conflicted independent_chair lead_icb",
    ("planned", "updatecsc"): "manager chair panel conflicted independent_chair lead_csc",
    ("eller", "infopol"): "eller_manager eller_chair eller_panel eller_independent_chair eller_lead_pol",
    ("eller", "planpol"): "eller_manager eller_chair eller_panel eller_independent_chair eller_lead_pol",
    ("eller", "planelc"): "eller_manager eller_chair eller_panel eller_independent_chair",
    ("eller", "updatepol"): "eller_manager eller_chair eller_panel eller_independent_chair eller_lead_pol",
    # what readers have typed about the manual: theirs, and those who answer it
    ("report", "tarn"): "manager administrator practitioner",
    ("report", "eller"): "eller_manager eller_practitioner",
    ("report", "private"): "manager administrator",
    # chapters of the manual, where the reader's session is verified
    ("manual", "open"): EVERYBODY,
    ("manual", "openfile"): EVERYBODY,
    ("manual", "login"): MEMBERS,
    ("manual", "private"): MANAGERS,
    ("manual", "privatefile"): MANAGERS,
    ("manual", "unpublished"): "",
    # what is local to a partnership: its own people's, and at a host where anyone may read the manual, anyone's
    **dict.fromkeys((("manual", f"tarn{kind}") for kind in ("local", "box", "contact")), READS_TARN),
    **dict.fromkeys((("manual", f"eller{kind}") for kind in ("local", "box", "contact")), ELLER),
}
DRAFTS = {
    "draft": "practitioner",
    "ellerdraft": "eller_practitioner",
}  # referrals not sent: their drafter's alone

# Where references of all of a partnership's cases stand, without anything else of them.
REFERENCES_OF_TARN = {"/audit/": "administrator auditor", "/messages/": "manager administrator"}
REFERENCES_OF_ELLER = {"/audit/": "", "/messages/": "eller_manager"}


def may_know(person: str, case: str, kind: str) -> bool:
    """Whether this person may meet this marker."""
    if (case, kind) in OWN:
        return person in OWN[case, kind].split()
    if case in DRAFTS:
        return person in DRAFTS[case].split()
    return person in CASES[case].get(KINDS[kind], "").split()


def may_name(person: str, case: str, path: str) -> bool:
    """Whether this person may meet the reference of this case at this address."""
    if case in DRAFTS:
        return False
    rights = CASES[case]
    if person in rights["see"].split() or person in rights["plan"].split():
        return True
    listing = REFERENCES_OF_ELLER if case.startswith("eller") else REFERENCES_OF_TARN
    return any(path.startswith(start) and person in people.split() for start, people in listing.items())
