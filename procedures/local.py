"""A page of the manual that may be local to one partnership: who edits it, and which partnership it may be given."""

from typing import Any

from django import forms
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.models import Page, PagePermissionTester

from portal.accounts.policy import partnerships_managed_by
from procedures.policy import KeptPermissions, local_to, part_local_to

AS_ITS_PART = "As the part of the manual in which it stands."
FIXED = "Cannot be changed once the page has been published, or by anybody but who made it."


class LocalPage:
    """What the two kinds of pages of the manual have in common; stands before Page."""

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        """What a person may do with this page in the CMS."""
        return KeptPermissions(user, self)

    def clean(self) -> None:
        """A page in a local part is local too, whatever it says itself."""
        super().clean()  # type: ignore[misc]
        owner = part_local_to(self)
        if owner is not None:
            self.partnership_id = owner


class LocalPageForm(WagtailAdminPageForm):
    """Offers only the partnerships that the editor manages. What is regional stays everybody's and what is local stays
    its partnership's from the first publication on, so that nobody hides or takes another's page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("partnership")
        if not isinstance(field, forms.ModelChoiceField):
            return
        choices: Any = field.queryset
        field.empty_label = "Everybody's (regional)"
        owner = local_to(self.parent_page) if self.parent_page else None
        stored = type(self.instance)._default_manager.filter(pk=self.instance.pk).first()
        if owner is not None or not self._may_choose(stored):
            fixed = owner if owner is not None else stored.partnership_id
            field.queryset = choices.filter(pk=fixed)
            field.disabled = True
            field.help_text = AS_ITS_PART if owner is not None else FIXED
            self.initial["partnership"] = fixed
        else:
            kept = [partnership.pk for partnership in partnerships_managed_by(self.for_user)]
            field.queryset = choices.filter(pk__in=kept)

    def _may_choose(self, stored: Page | None) -> bool:
        if stored is None:
            return True
        new = stored.first_published_at is None and stored.numchild == 0
        return bool(new and stored.owner_id == self.for_user.pk)
