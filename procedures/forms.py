"""How a chapter is edited in the CMS."""

from typing import Any

from procedures.local import LocalPageForm

NOTE = ("change_what", "change_why")
WITHOUT_PUBLISHING = ("action-cancel-workflow",)


class AmendmentNoteForm(LocalPageForm):
    """Asks for the amendment note. The note of the last publication does not linger: where there is no unpublished
    change, the note starts empty. A chapter that has been published before is neither published nor submitted without
    one; the first publication needs none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance.has_unpublished_changes:
            self.initial |= {"change_what": "", "change_why": "", "must_read": False}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if self._needs_note():
            said = {"change_what": "Say what has changed", "change_why": "Say why it has changed"}
            for name, message in said.items():
                if name in self.fields and not str(cleaned.get(name) or "").strip():
                    self.add_error(name, f"{message}: readers see it among the amendments")
        return cleaned

    def _needs_note(self) -> bool:
        """Whether what is posted would publish, schedule, submit or approve (Wagtail defers what is required where a
        draft is saved), or change what has been submitted."""
        if self.instance.first_published_at is None:
            return False
        if any(name in self.data for name in WITHOUT_PUBLISHING):
            return False
        if self.data.get("workflow-action-name") == "reject":
            return False
        return not self.is_deferred_validation or bool(self.instance.workflow_in_progress)
