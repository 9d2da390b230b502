"""What a person types: a whole plan with as many rows as it needs, and one action's update."""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.datastructures import MultiValueDict

from caseforms.actionplans.models import Plan, Status
from caseforms.actionplans.selectors import Card
from caseforms.actionplans.services import NewAction, NewRecommendation
from portal.accounts.models import Agency
from portal.forms import DateField, Radios, not_in_the_past

LONG = 4000
MOST_RECOMMENDATIONS = 20
MOST_ACTIONS = 20


def long_text(label: str, *, required: bool = True, help_text: str = "", rows: int = 4) -> forms.CharField:
    """A text area for free text."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONG,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class UpdateForm(forms.Form):
    """This quarter's words about one action. `version` is the one that the page was made from."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    status = forms.ChoiceField(label="How does this action stand?", choices=Status.choices)
    progress = long_text(
        "Progress this quarter", help_text="What was done since the last update. Name nobody."
    )
    evidence = long_text(
        "Evidence",
        required=False,
        help_text="What shows it, and where it is kept. Needed to mark the action complete.",
    )

    def __init__(self, card: Card, *args: Any, **kwargs: Any) -> None:
        # Cards stand beside each other on one page, so every form has ids of its own.
        kwargs.setdefault("auto_id", f"id_{card.action.pk.hex}_%s")
        said = {"progress": card.said.progress, "evidence": card.said.evidence} if card.said else {}
        kwargs.setdefault("initial", {"version": card.action.version, "status": card.action.status, **said})
        super().__init__(*args, **kwargs)
        hints = {status: f"{row.get_colour_display()}: {row.definition}" for status, row in card.key.items()}
        self.fields["status"].widget = Radios(hints=hints)
        self.fields["status"].widget.choices = Status.choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("status") == Status.COMPLETE and not cleaned.get("evidence"):
            self.add_error("evidence", "Say what shows that the action is complete")
        return cleaned


class PlanForm(forms.Form):
    """What the plan is called and what kind it is."""

    title = forms.CharField(
        label="Title of the plan",
        max_length=120,
        help_text="Shown in lists and in the workbook, so it must identify nobody.",
    )
    kind = forms.ChoiceField(label="What kind of plan is it?", choices=Plan.Kind.choices, widget=Radios)


class RecommendationForm(forms.Form):
    """One recommendation."""

    text = long_text("Recommendation")
    outcome = long_text("Outcome wanted", help_text="What will be different for children.", rows=2)


class ActionForm(forms.Form):
    """One action of a recommendation."""

    text = long_text("Action", rows=3)
    lead_agency = forms.ModelChoiceField(label="Lead agency", queryset=Agency.objects.none())
    lead_role = forms.CharField(
        label="Who leads it there",
        max_length=80,
        help_text="A job title, such as head of safeguarding. Not a name.",
    )
    due_on = DateField(
        label="Due date",
        validators=[not_in_the_past],
        help_text="A real date; “ongoing” is none. For example 27 3 2027.",
    )
    evidence_required = long_text(
        "Success measure and evidence",
        help_text="How it will be known that it is done and has worked.",
        rows=2,
    )

    def __init__(self, agencies: QuerySet[Agency], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["lead_agency"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = agencies


@dataclass
class Block:
    """A recommendation's form and the forms of its actions."""

    form: RecommendationForm
    actions: list[ActionForm] = field(default_factory=list)


class PlanSheet:
    """A whole plan as it is being typed. How many rows there are travels in `shape`, for example "2,1".

    Rows are added and removed by ordinary buttons that post everything back, so it works without JavaScript
    and nothing typed is lost.
    """

    def __init__(self, agencies: QuerySet[Agency], data: MultiValueDict[str, str] | None = None) -> None:
        self.agencies = agencies
        self.data = data
        self._build(_read_shape(data.get("shape", "") if data else ""), bound=data is not None)

    def _build(self, shape: list[int], *, bound: bool) -> None:
        data = self.data if bound else None
        self.plan = PlanForm(data, prefix="plan")
        self.blocks = [
            Block(
                RecommendationForm(data, prefix=f"r{number}"),
                [
                    ActionForm(self.agencies, data, prefix=f"r{number}a{position}")
                    for position in range(actions)
                ],
            )
            for number, actions in enumerate(shape)
        ]

    @property
    def shape(self) -> str:
        """How many actions each recommendation has, for the hidden field."""
        return ",".join(str(len(block.actions)) for block in self.blocks)

    @property
    def forms(self) -> list[forms.Form]:
        """Every form in the order of the page, for the error summary."""
        return [self.plan, *(form for block in self.blocks for form in (block.form, *block.actions))]

    @property
    def can_add_recommendation(self) -> bool:
        return len(self.blocks) < MOST_RECOMMENDATIONS

    def is_valid(self) -> bool:
        """True where every row of the plan is."""
        return all(form.is_valid() for form in self.forms)

    def change_rows(self, command: str) -> None:
        """Adds or removes a row and shows everything else as it was typed, without judging it.

        `command` is "add", "add-<recommendation>", "remove-<recommendation>" or
        "remove-<recommendation>-<action>", counted from 0; anything else changes nothing.
        """
        typed = [(_typed(block.form), [_typed(action) for action in block.actions]) for block in self.blocks]
        plan = _typed(self.plan)
        match [int(part) if part.isdecimal() else part for part in command[:20].split("-")]:
            case ["add"] if self.can_add_recommendation:
                typed.append(({}, [{}]))
            case ["add", int(row)] if row < len(typed) and len(typed[row][1]) < MOST_ACTIONS:
                typed[row][1].append({})
            case ["remove", int(row)] if row < len(typed) and len(typed) > 1:
                del typed[row]
            case ["remove", int(row), int(position)] if (
                row < len(typed) and position < len(typed[row][1]) > 1
            ):
                del typed[row][1][position]
        self._build([len(actions) for _, actions in typed], bound=False)
        self.plan.initial = plan
        for block, (recommendation, actions) in zip(self.blocks, typed, strict=True):
            block.form.initial = recommendation
            for form, action in zip(block.actions, actions, strict=True):
                form.initial = action

    def recommendations(self) -> list[NewRecommendation]:
        """What was typed, ready for services.adopt; only after is_valid()."""
        return [
            NewRecommendation(
                **block.form.cleaned_data,
                actions=[NewAction(**action.cleaned_data) for action in block.actions],
            )
            for block in self.blocks
        ]


def _read_shape(text: str) -> list[int]:
    """The hidden field back as numbers, kept within what a page may hold; one row of each where it makes no
    sense.
    """
    counts = [int(part) for part in text[:100].split(",") if part.isdecimal()]
    return [min(max(count, 1), MOST_ACTIONS) for count in counts[:MOST_RECOMMENDATIONS]] or [1]


def _typed(form: forms.Form) -> dict[str, Any]:
    """What stands in the boxes, right or wrong."""
    if not form.is_bound:
        return dict(form.initial)
    return {
        name: bound.field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
        for name, bound in ((name, form[name]) for name in form.fields)
    }
