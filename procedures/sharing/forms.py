"""The forms of the registers of local boxes and contacts."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from wagtail.admin.forms import WagtailAdminModelForm

from portal.accounts.policy import partnerships_managed_by
from procedures.models import ChapterPage, Section
from procedures.policy import without_kept_elsewhere
from procedures.sharing import services
from procedures.sharing.models import Contact, LocalBox

WHOLE_CHAPTER = "Head of the chapter"
CHANGED = (
    "A colleague has saved or removed this box since you opened it. What you typed is still here: copy it, open the "
    "box again, and put it in there."
)


class KeeperForm(WagtailAdminModelForm):
    """Offers only the partnerships that the person manages; a row never moves to another one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = partnerships_managed_by(self.for_user)
        field = self.partnership
        choices: Any = field.queryset
        field.queryset = choices.filter(pk__in=[partnership.pk for partnership in self.kept])
        field.disabled = not self.instance._state.adding

    @property
    def partnership(self) -> forms.ModelChoiceField:
        field = self.fields["partnership"]
        assert isinstance(field, forms.ModelChoiceField)
        return field


class BoxForm(KeeperForm):
    """A box at one chapter, which is known when the form opens. `key` is the row that saving makes, so that a double
    click makes one; `seen` is the version that the editor read."""

    anchor = forms.ChoiceField(label="Section", required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and len(self.kept) == 1:
            self.initial["partnership"] = self.kept[0].pk
        page = self._chapter()
        field = self.fields["page"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = ChapterPage.objects.filter(pk=page.pk if page else None)
        field.empty_label = None
        field.disabled = not self.instance._state.adding
        field.required = self.instance._state.adding
        section = self.fields["anchor"]
        assert isinstance(section, forms.ChoiceField)
        section.choices = self._sections(page)
        self.initial |= {"key": uuid4(), "seen": self.instance.version}

    def _chapter(self) -> ChapterPage | None:
        """Of the instance (the address says which), else of what was posted; never another partnership's."""
        pk = self.instance.page_id or self.data.get("page") or 0
        chapters = without_kept_elsewhere(self.for_user, ChapterPage.objects.all())
        found: ChapterPage | None = chapters.filter(pk=pk).first() if str(pk).isdigit() else None
        return found

    def _sections(self, page: ChapterPage | None) -> list[tuple[str, str]]:
        rows = Section.objects.filter(page=page) if page else Section.objects.none()
        here = [(row.anchor, row.name or "Before the first heading") for row in rows if row.live]
        gone = [
            (row.anchor, f"Gone from the chapter: {row.name}")
            for row in rows
            if not row.live and row.anchor == self.instance.anchor
        ]
        return [("", WHOLE_CHAPTER), *here, *gone]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if not self.instance._state.adding and cleaned.get("seen") != self._stored_version():
            raise forms.ValidationError(CHANGED)
        return cleaned

    def _stored_version(self) -> int | None:
        rows = LocalBox.objects.filter(pk=self.instance.pk, removed_at__isnull=True)
        return rows.values_list("version", flat=True).first()

    def save(self, commit: bool = True) -> LocalBox:
        box: LocalBox = self.instance
        if not box._state.adding:
            return services.save_box(box, self.for_user, self.cleaned_data["seen"])
        key: UUID | None = self.cleaned_data.get("key")
        if key is not None:
            if LocalBox.objects.filter(pk=key).exists():
                return box  # the second of two clicks: the first has saved it
            box.pk = key
        return services.save_box(box, self.for_user)


class ContactForm(KeeperForm):
    """A contact of a partnership, or everybody's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partnership.empty_label = "Everybody's (regional)"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        owner, name = cleaned.get("partnership"), cleaned.get("service", "")
        same = Contact.objects.filter(partnership=owner, service__iexact=name).exclude(pk=self.instance.pk)
        if name and same.exists():
            self.add_error("service", "There is a contact with this name already: change that one.")
        if not any(cleaned.get(field) for field in ("telephone", "email", "address")):
            self.add_error("telephone", "Enter a telephone number, an e-mail address or an address.")
        return cleaned
