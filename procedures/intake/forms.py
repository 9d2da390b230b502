"""The form that takes files."""

from typing import Any
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile

from procedures.importing.files import is_chapter_file
from procedures.importing.word import MAXIMUM_BYTES
from procedures.intake import policy
from procedures.models import ManualIndexPage

MOST_FILES = 300
MOST_BYTES = 200_000_000
ACCEPTED = ".txt,.md,.docx,.docm,.html,.htm,.zip"


class ManyFiles(forms.ClearableFileInput):
    """A field for several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list | tuple) else [data]
        if not any(files):
            raise forms.ValidationError("Choose a file, several files, or a zip of a folder.")
        return [super(FilesField, self).clean(one, initial) for one in files]


class ParentField(forms.ModelChoiceField):
    """The manual or part under which chapters are placed, indented as the tree is."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{'— ' * max(0, obj.depth - 3)}{obj.title}"


class PlaceForm(forms.Form):
    """Where chapters are placed."""

    parent = ParentField(
        queryset=ManualIndexPage.objects.none(),
        label="Place them under",
        empty_label=None,
        error_messages={
            "required": "Choose where to place them.",
            "invalid_choice": "Choose where to place them.",
        },
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["parent"]
        assert isinstance(field, ParentField)
        allowed = [page.pk for page in policy.parents_for(user)]
        field.queryset = ManualIndexPage.objects.filter(pk__in=allowed).order_by("path")


class UploadForm(PlaceForm):
    """Files, and where their chapters go. `run` names the run, so that a form that is sent twice makes one."""

    run = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    chapters = FilesField(
        label="Files",
        help_text="Text (UTF-8, shorter than 5 MB), Word (.docx) or HTML; one file, several, or a zip of a folder.",
        error_messages={"empty": "The file is empty.", "missing": "The file is empty."},
    )
    field_order = ["run", "chapters", "parent"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chapters"].widget.attrs["accept"] = ACCEPTED

    def clean_chapters(self) -> list[UploadedFile]:
        files: list[UploadedFile] = self.cleaned_data["chapters"]
        if len(files) > MOST_FILES or sum(one.size or 0 for one in files) > MOST_BYTES:
            raise forms.ValidationError(
                f"Send at most {MOST_FILES} files and {MOST_BYTES // 1_000_000} MB at once: one part of the manual."
            )
        for one in files:
            name = one.name or ""
            if not (is_chapter_file(name) or name.lower().endswith(".zip")):
                raise forms.ValidationError(
                    f"{name}: choose text (.txt), Word (.docx), HTML or a zip of these."
                )
            if (one.size or 0) > MAXIMUM_BYTES:
                raise forms.ValidationError(f"{name} is larger than {MAXIMUM_BYTES // 1_000_000} MB.")
        return files
