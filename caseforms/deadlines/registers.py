"""The registers of time limits and closed days in the CMS admin: each keeper sees their own rows."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib.admin import display
from django.db.models import Max
from django.utils import timezone
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail_modeladmin.options import ModelAdminGroup

from caseforms.deadlines.limits import short_day
from caseforms.deadlines.models import ClosedDay, DeadlineRule
from portal.accounts.policy import partnerships_managed_by
from portal.registers import KeeperPermissions, Register


class RulePermissions(KeeperPermissions):
    """Rules are never deleted, since deadlines say which one they follow: they are made inactive."""

    def user_can_delete_obj(self, user: Any, obj: Any) -> bool:
        return False


class KeeperForm(WagtailAdminModelForm):
    """Offers only the partnerships that the person keeps; a row never moves to another partnership."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["partnership"]
        assert isinstance(field, forms.ModelChoiceField)
        kept = [partnership.pk for partnership in partnerships_managed_by(self.for_user)]
        field.queryset = field.queryset.filter(pk__in=kept)  # type: ignore[union-attr]
        if not self.instance._state.adding:
            field.disabled = True
        elif len(kept) == 1:
            self.initial["partnership"] = kept[0]


class RuleForm(KeeperForm):
    """Changing a rule that was used makes its next version; deadlines keep the one they began with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields["code"].disabled = True
            self.initial["valid_from"] = timezone.localdate()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        same_code = DeadlineRule.objects.filter(
            partnership=cleaned.get("partnership"), code=cleaned.get("code", "")
        )
        if self.instance._state.adding and same_code.exists():
            self.add_error("code", "There is a time limit with this code: change that one.")
        return cleaned

    def save(self, commit: bool = True) -> Any:
        rule: DeadlineRule = self.instance
        if not rule._state.adding and rule.deadlines.exists():
            versions = DeadlineRule.objects.filter(partnership=rule.partnership, code=rule.code)
            rule.version = versions.aggregate(latest=Max("version"))["latest"] + 1
            rule.pk = uuid4()
            rule._state.adding = True
        return super().save(commit)


class RuleRegister(Register):
    model = DeadlineRule
    permission_helper_class = RulePermissions
    menu_label = "Rules"
    menu_icon = "time"
    base_url_path = "time-limits"
    list_display = ("task", "within", "source", "standing", "of")
    list_filter = ("active",)
    search_fields = ("task", "source", "code")
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [FieldPanel("partnership"), FieldPanel("code"), FieldPanel("task")],
                heading="What must be done",
            ),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("length"), FieldPanel("unit")]),
                    FieldRowPanel([FieldPanel("starts_on"), FieldPanel("stops_on")]),
                    FieldPanel("lapses_on"),
                    FieldPanel("only_for_reviews"),
                ],
                heading="Within what time",
            ),
            MultiFieldPanel(
                [
                    FieldPanel("owner_role"),
                    FieldRowPanel([FieldPanel("escalates_to"), FieldPanel("then_to")]),
                ],
                heading="Who is reminded",
            ),
            MultiFieldPanel([FieldPanel("authority"), FieldPanel("source")], heading="Whose rule it is"),
            MultiFieldPanel(
                [FieldPanel("valid_from"), FieldPanel("active")],
                heading="From when",
                help_text="Deadlines that are running keep the limit that they began with.",
            ),
        ],
        base_form_class=RuleForm,
    )

    @display(description="Within", ordering="length")
    def within(self, rule: DeadlineRule) -> str:
        return rule.length_in_words

    # In words: for a tick modeladmin takes a picture of django.contrib.admin, which is not installed.
    @display(description="Version", ordering="version")
    def standing(self, rule: DeadlineRule) -> str:
        since = short_day(rule.valid_from)
        return f"{rule.version}, from {since}" if rule.active else f"{rule.version}, not used from {since}"


class ClosedDayRegister(Register):
    model = ClosedDay
    menu_label = "Closed days"
    menu_icon = "date"
    base_url_path = "closed-days"
    list_display = ("date", "reason", "of")
    edit_handler = ObjectList(
        [FieldPanel("partnership"), FieldPanel("date"), FieldPanel("reason")], base_form_class=KeeperForm
    )


class TimeGroup(ModelAdminGroup):
    menu_label = "Time limits"
    menu_icon = "time"
    menu_order = 300
    items = (RuleRegister, ClosedDayRegister)
