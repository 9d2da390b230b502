"""A whole question set on one page: every section a form, repeating sections with one empty item to fill."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from caseforms.questions.answers import Answers, is_blank, items_of, missing
from caseforms.questions.forms import SectionForm, section_form
from caseforms.questions.models import QuestionSet
from caseforms.questions.schema import Section


@dataclass(frozen=True)
class SheetSection:
    """A section and its forms: one, or one for each item and an empty one more."""

    section: Section
    forms: tuple[SectionForm, ...]

    @property
    def count_name(self) -> str:
        """The hidden field that says how many items the page shows."""
        return f"{self.section.code}-count"

    @property
    def has_room(self) -> bool:
        """Whether the section repeats and may hold more items than the page shows."""
        return self.section.repeating is not None and len(self.forms) < self.section.repeating.maximum


class Sheet:
    """The forms of a question set. With `data` it is what was typed; else it shows `answers`."""

    def __init__(
        self,
        question_set: QuestionSet,
        answers: Answers,
        *,
        data: Mapping[str, Any] | None = None,
        agencies: Mapping[str, str] | None = None,
    ) -> None:
        self.question_set = question_set
        self._data = data
        self._agencies = agencies or {}
        self.sections = [self._section(section, answers) for section in question_set.parsed.sections]

    def _section(self, section: Section, answers: Answers) -> SheetSection:
        stored = items_of(section, answers)
        count = 1
        if section.repeating:
            most = section.repeating.maximum
            count = min(most, max(len(stored) + 1, section.repeating.minimum))
            if self._data is not None:
                typed = str(self._data.get(f"{section.code}-count", ""))
                count = min(most, int(typed)) if typed.isascii() and typed.isdigit() else count
        forms = tuple(
            section_form(
                self.question_set,
                section.code,
                data=self._data,
                initial=stored[number] if number < len(stored) else {},
                agencies=self._agencies,
                prefix=f"{section.code}-{number}",
            )
            for number in range(count)
        )
        return SheetSection(section, forms)

    @property
    def forms(self) -> list[SectionForm]:
        """Every form, for the error summary."""
        return [form for section in self.sections for form in section.forms]

    def is_valid(self) -> bool:
        """Whether everything typed fits its question; nothing is required in order to save."""
        valid = [form.is_valid() for form in self.forms]  # each, so that every error shows
        return all(valid)

    @property
    def answers(self) -> dict[str, Any]:
        """What was typed, by section. Only after `is_valid()` is true."""
        given: dict[str, Any] = {}
        for section in self.sections:
            items = [form.answers for form in section.forms]
            if section.section.repeating:
                given[section.section.code] = [item for item in items if not is_blank(item)]
            else:
                given[section.section.code] = items[0]
        return given

    def is_complete(self) -> bool:
        """Whether the answers can be sent; puts an error at each question that still needs one."""
        gaps = missing(self.question_set, self.answers)
        # An error takes a value out of a form's cleaned data, so who is filled in must be known before the
        # first.
        filled = {
            part.section.code: [
                form for form in part.forms if not part.section.repeating or not is_blank(form.answers)
            ]
            or [part.forms[0]]
            for part in self.sections
        }
        for gap in gaps:
            form = filled[gap.section][gap.item - 1 if gap.item else 0]
            form.add_error(gap.question or None, f"Answer “{gap.label}”" if gap.question else gap.label)
        return not gaps

    def add_error(self, binding: str, words: str) -> None:
        """Puts an error at the question that is bound to this column, on its first form."""
        for part in self.sections:
            for question in part.section.questions:
                if question.binds_to == binding:
                    part.forms[0].add_error(question.code, words)
                    return
