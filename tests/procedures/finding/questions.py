# ruff: noqa: E501  (one question a line)
"""Questions as practitioners type them, with the sections that answer each.

(question, answers): an answer is "number of the chapter › section", or the chapter alone for its head. Any one of them is
right. SHIPPED and SEEDS were written before search was tuned, and every third of them is held out: nobody looks at those
while tuning. LATER and EVERYDAY (hard ones, in everyday words) were asked once before they were tuned on as well. BLIND was
written by somebody who knew neither the search nor the other questions, and search was never tuned on it: keep it so.
docs/decisions/0022 has all shares.
"""

import json
from pathlib import Path

Question = tuple[str, tuple[str, ...]]


def written(name: str) -> list[Question]:
    """The questions of a file beside this one."""
    found = json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
    return [(one["question"], tuple(one["answers"])) for one in found]


EVERYDAY = written("everyday_questions.json")
BLIND = written("blind_questions.json")

SHIPPED: list[Question] = [
    ("quorum", ("3 › 3.1 Quorum",)),
    ("how many agencies have to be at the panel", ("3 › 3.1 Quorum",)),
    ("bruise on a baby who cannot crawl yet", ("1 › 1.1 Signs in the child",)),
    ("what do I do if I'm worried about a child", ("1 › 2 If you are worried about a child now", "6 › 2 Worried about a child")),
    ("phone number for out of hours social work", ("6 › 2 Worried about a child",)),
    ("emergency duty team", ("6 › 2 Worried about a child",)),
    ("LADO", ("5 › 2.2 Tell the designated officer", "6 › 3 Advice", "5 › 3 The meeting")),
    ("allegation against a teacher", ("5 › 1 What counts as an allegation", "5 › 2.2 Tell the designated officer", "5 › 2.1 Keep children safe", "5")),
    ("should I suspend somebody who is accused", ("5 › 3 The meeting",)),
    ("does a false allegation go in a reference", ("5 › 4 Afterwards",)),
    ("how to refer a case for review", ("2 › 1 Who may refer", "2 › 2 When to refer", "2 › Appendix A Case referral form", "2")),
    ("referral form", ("2 › Appendix A Case referral form",)),
    ("can I withdraw a referral", ("2 › 3 What happens, and when",)),
    ("how long have I got to send the referral after the consultation", ("2 › 3 What happens, and when", "2 › 1 Who may refer")),
    ("my manager says not to refer", ("2 › 5 If somebody asks you not to refer",)),
    ("rapid review time limit", ("3 › 4 Time limits", "2 › 3 What happens, and when")),
    ("criteria for a safeguarding practice review", ("3 › 2 Criteria", "2 › 2 When to refer")),
    ("conflict of interest", ("3 › 3.3 Conflicts of interest",)),
    ("I worked with the family, can I sit on the panel", ("3 › 3.3 Conflicts of interest",)),
    ("can the deadline be extended", ("3 › 4 Time limits", "12 › 7 Late reports")),
    ("terms of reference", ("3 › Appendix A Terms of reference",)),
    ("who makes the final decision", ("3 › 5.2 Decision",)),
    ("what does amber mean", ("4 › 3 What the colours mean",)),
    ("RAG rating", ("4 › 3 What the colours mean",)),
    ("what do I have to write in the quarterly update", ("4 › 2.1 Update",)),
    ("sign off actions", ("4 › 2.2 Sign-off",)),
    ("action is blocked, who do I tell", ("4 › 4 Delay",)),
    ("report to the board", ("4 › 2.3 Report to the board",)),
    ("strategy meeting", ("7 › 1 The strategy discussion",)),
    ("section 47 enquiry how long", ("7 › 2 The enquiry", "7 › 1 The strategy discussion")),
    ("who can consent to a child protection medical", ("7 › 2.1 Medical examination",)),
    ("ICPC report deadline", ("7 › 3.2 Written reports",)),
    ("who gets invited to initial conference", ("7 › 3.1 Who comes",)),
    ("CP plan", ("7 › 4 The child protection plan", "7 › 3.3 Deciding on a plan", "7 › 4.1 Core group", "7")),
    ("how often does the core group meet", ("7 › 4.1 Core group",)),
    ("how often should the social worker see the child", ("7 › 4.2 Visits",)),
    ("when does a plan end", ("7 › 5 The review conference",)),
    ("family has moved to another county", ("7 › 6 If a family moves",)),
    ("parent wants to complain about the conference", ("7 › 7 Complaints about a conference",)),
    ("thresholds", ("8 › 1 Levels of need",)),
    ("CAF form", ("8 › 2 Early help assessment",)),
    ("parents refuse early help", ("8 › 2.1 Agreement of the family",)),
    ("TAF meeting how often", ("8 › 3 Team around the family",)),
    ("step down from social care", ("8 › 4 Stepping up and stepping down",)),
    ("young carers assessment", ("8 › 5 Young carers",)),
    ("child missing from care home", ("9 › 1.1 What to do first", "9 › 1.2 What the police need to know", "9")),
    ("return home interview", ("9 › 1.3 When the child is back",)),
    ("CSE signs", ("9 › 2 Sexual exploitation",)),
    ("county lines", ("9 › 3 Criminal exploitation and county lines",)),
    ("NRM referral", ("9 › 3 Criminal exploitation and county lines",)),
    ("sexting in school", ("9 › 4.1 Pictures shared by young people",)),
    ("nude photos on phone", ("9 › 4.1 Pictures shared by young people",)),
    ("prevent extremism", ("9 › 5 Radicalisation",)),
    ("MARAC", ("10 › 1 Domestic abuse",)),
    ("domestic violence safety plan", ("10 › 1.1 Making a safety plan", "10 › 1 Domestic abuse")),
    ("mum has been sectioned", ("10 › 2 Parental mental illness",)),
    ("pregnant woman using heroin", ("10 › 3.1 In pregnancy",)),
    ("pre birth assessment", ("10 › 4 Unborn children",)),
    ("FII", ("10 › 5 Fabricated or induced illness",)),
    ("FGM reporting duty", ("10 › 6 Female genital mutilation",)),
    ("girl being taken abroad to be married", ("10 › 7 Forced marriage",)),
    ("co-sleeping", ("10 › 8 Safe sleep",)),
    ("do I need consent to share information", ("11 › 1.1 Is consent needed?", "11 › 1 Before you share")),
    ("GDPR", ("11 › 1 Before you share", "11", "11 › 1.1 Is consent needed?", "11 › 5 When something goes wrong")),
    ("data breach", ("11 › 5 When something goes wrong",)),
    ("police want our records", ("11 › 3 Requests from the police and the courts",)),
    ("how long do we keep files", ("11 › 6 How long records are kept",)),
    ("subject access request", ("11 › 7 A family asks to see its records",)),
    ("can I email a child's name", ("11 › 4 E-mail, messages and post", "2 › 4 What not to put in an e-mail")),
    ("IMR author", ("12 › 1 Choosing an author", "12")),
    ("secure files", ("12 › 2 Securing the files", "2 › 3 What happens, and when", "3 › 4 Time limits")),
    ("chronology headings", ("12 › 3.1 Columns",)),
    ("anonymise names in the chronology", ("12 › 3.3 Replacing names by codes",)),
    ("staff interview is it disciplinary", ("12 › 4 Interviewing staff",)),
    ("debrief for staff after a child dies", ("12 › 4.1 Support for practitioners",)),
    ("genogram symbols", ("12 › 6 Genogram",)),
    ("escalation policy", ("13 › 2 The four steps", "13", "13 › 1 Speak first")),
    ("social care won't accept my referral", ("13 › 3 When a referral is not accepted",)),
    ("whistle blowing", ("13 › 5 Whistleblowing",)),
    ("when is the report published", ("14 › 3.1 When",)),
    ("a journalist rang me", ("14 › 4 The press",)),
    ("notify national panel", ("14 › 5 Telling the national panel",)),
    ("how are parents involved in the review", ("14 › 1 Involving the family",)),
    ("overview report", ("14 › 2 The overview report", "14 › 2.1 What it looks like", "14 › 2.2 Who approves it")),
    ("domestic homicide review at the same time", ("14 › 7 Other reviews beside ours",)),
    ("lost my phone can't sign in", ("6 › 4 Getting help with the portal",)),
    ("safegarding lead", ("1 › 2 If you are worried about a child now", "9 › 4.1 Pictures shared by young people")),
    ("cronology columns", ("12 › 3.1 Columns",)),
    ("quorem", ("3 › 3.1 Quorum",)),
    ("fabricated ilness", ("10 › 5 Fabricated or induced illness",)),
]  # fmt: skip

K = "Serious Incident Review Group (SIRG) Procedures"
B = "Notification of Child Protection Incident / Serious Case Reviews"
# The seeds' chapters are named by the start of their titles: K, B, and "" for the toolkit, which has none.
SEEDS: list[Question] = [
    ("SIRG quorum", (f"{K} › 7 Quorum and attendance",)),
    ("who sits on the serious incident review group", (f"{K} › 6 Core agency membership",)),
    ("criteria serious case review", (f"{K} › 2 Criteria for a Serious Case Review", f"{B} › 2 Criteria for Undertaking Serious Case Reviews")),
    ("notify ofsted of a death", (f"{K} › 5 Notification of Incidents to Secretary of State, Safeguarding Group (DfE) and Ofsted", f"{K} › Appendix A Notification of Incidents to Secretary of State, Safeguarding Group (DfE) and Ofsted", f"{K} › 4 Action when a Child Dies/ is Seriously Injured")),
    ("child has died what do I do", (f"{K} › 4 Action when a Child Dies/ is Seriously Injured",)),
    ("institutional abuse", (f"{K} › 14 Reviewing Institutional Abuse or where there are Multiple Abusers",)),
    ("media enquiries", (f"{K} › 9 Media coverage/ Enquiries", "Media coverage")),
    ("criteria for child protection incident review", (f"{B} › 3 Criteria for Undertaking Child Protection Incident Reviews",)),
    ("single agency review", (f"{B} › i Single Agency Reviews",)),
    ("CPIR", (f"{B} › 1 Child Protection Incident Review Case Notification", f"{B} › 3 Criteria for Undertaking Child Protection Incident Reviews", f"{B} › CPIR / SCR Decision Making Process")),
    ("twins on a genogram", ("Twins", "k Genogram")),
    ("will I be named in the report", ("Will I be named in the Overview Report?",)),
    ("can I be disciplined", ("Will disciplinary action be taken against me?", "Is this part of a disciplinary procedure?")),
    ("how long does a serious case review take", ("How long will a Serious Case Review take?", f"{K} › 8 Timescales")),
    ("IMR format", ("d Format for Individual Management Reviews (IMR)",)),
    ("interviewing staff", ("g Guidance when interviewing staff as part of an IMR", "Interviewing of staff", "Matters to be covered in interviews")),
    ("chronology guidance", ("e Guidance Notes for Agency Chronology -", "Other Important Points to Note about the Chronology")),
    ("author fees and expenses", ("6 Fees", "7 Expenses")),
    ("ofsted grade descriptors", ("f Ofsted Descriptors for the Evaluation of Serious Case Reviews",)),
    ("copyright of the report", ("9 Copyright",)),
    ("parallel reviews", ("Other parallel reviews", f"{B} › 5 Parallel Processes", f"{K} › 4 Other parallel reviews (e.g. PPO/ homicide or suicide reviews)")),
    ("skills of an independent author", ("Core essential skills", "Desirable skills", "Analytical Skills", "Standards why have them?")),
    ("coroner", (f"{K} › 6 Coroner's Inquiries/ Criminal Investigations", "Coroner's inquiries / criminal investigations")),
    ("referral form SIRG", (f"{K} › Appendix F Referral Form for Serious Incident Review Group Consideration of a Case Review",)),
]  # fmt: skip

# Written after the first tuning, from the chapters' text and before any of them was asked; looked at since.
LATER: list[Question] = [
    (
        "do parents have to agree before I share information",
        ("11 › 1.1 Is consent needed?", "11 › 1 Before you share"),
    ),
    ("I sent a letter to the wrong address", ("11 › 5 When something goes wrong",)),
    ("solicitor has asked for records", ("11 › 3 Requests from the police and the courts",)),
    ("how long do we keep review papers", ("11 › 6 How long records are kept",)),
    ("can I text a child's name", ("11 › 4 E-mail, messages and post",)),
    ("write down why I did not share", ("11 › 2 Recording a decision to share",)),
    ("parent wants a copy of the file", ("11 › 7 A family asks to see its records",)),
    ("how much information should I share", ("11 › 1.2 How much",)),
    ("social care won't accept my referral", ("13 › 3 When a referral is not accepted",)),
    ("steps of escalation and days", ("13 › 2 The four steps",)),
    ("where is a disagreement recorded", ("13 › 4 Keeping a note of it",)),
    ("bad practice in my own agency", ("13 › 5 Whistleblowing",)),
    ("volunteer may have harmed a child", ("5 › 1 What counts as an allegation",)),
    ("can I interview the member of staff who is accused", ("5 › 2.1 Keep children safe",)),
    ("when to ring the LADO", ("5 › 2.2 Tell the designated officer",)),
    ("is the family told about the review", ("14 › 1 Involving the family",)),
    ("newspaper is asking about a case", ("14 › 4 The press",)),
    ("who signs off the overview report", ("14 › 2.2 Who approves it", "14 › 2 The overview report")),
    ("anonymising the report", ("14 › 3.2 Leaving out what identifies people",)),
    ("how are lessons passed on to teams", ("14 › 6 Sharing what was learned",)),
]


def held_out(questions: list[Question]) -> list[Question]:
    """Every third, which nobody looks at while tuning."""
    return questions[2::3]


def open_ones(questions: list[Question]) -> list[Question]:
    """Those that search may be tuned on."""
    return [one for place, one in enumerate(questions) if place % 3 != 2]
