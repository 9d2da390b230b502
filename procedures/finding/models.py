"""What search looks in, the words that it knows, what the business manager tells it, and what nobody found."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from wagtail.models import Page

from portal import entrypoints
from portal.accounts.models import Partnership
from procedures.models import Section

EVERYBODY = "Left empty, it counts for everybody who reads the manual"


class Entry(models.Model):
    """A section of a published chapter (its head has an empty anchor), a local box in one, or a piece of a document.

    Beside it the database keeps its own full-text index, by itself: two FTS5 tables on SQLite, two tsvector columns on
    PostgreSQL (migration 0002). A migration that makes SQLite remake this table must make its triggers again.
    """

    page = models.ForeignKey(Page, null=True, on_delete=models.CASCADE, related_name="+")
    document = models.ForeignKey(
        "wagtaildocs.Document", null=True, on_delete=models.CASCADE, related_name="+"
    )
    box = models.UUIDField(null=True, unique=True)
    partnership = models.ForeignKey(Partnership, null=True, on_delete=models.CASCADE, related_name="+")
    anchor = models.CharField(max_length=20, blank=True)
    position = models.PositiveIntegerField(default=0)
    revision = models.BigIntegerField(null=True)
    chapter = models.TextField()
    above = models.TextField(blank=True, help_text="The headings that this one stands under")
    heading = models.TextField(blank=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["page", "position"], condition=Q(box__isnull=True), name="one_entry_per_section"
            ),
            models.UniqueConstraint(fields=["document", "position"], name="one_entry_per_piece"),
        ]

    def __str__(self) -> str:
        return f"{self.chapter} › {self.heading}"


class Word(models.Model):
    """A word that stands in some entry, as it is written there in lower case: what a slip of the pen is compared with.
    Whether a reader may be told of it is asked of the entries each time."""

    word = models.CharField(max_length=40, primary_key=True)
    length = models.PositiveSmallIntegerField(db_index=True)

    def __str__(self) -> str:
        return self.word


class DocumentLink(models.Model):
    """A chapter that is published and links to this document."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+")
    document = models.ForeignKey("wagtaildocs.Document", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "document"], name="one_link_per_document")]

    def __str__(self) -> str:
        return f"{self.document_id} in {self.page_id}"


class DocumentText(models.Model):
    """Which file of a document was read last, and what came of it."""

    document = models.OneToOneField("wagtaildocs.Document", on_delete=models.CASCADE, related_name="+")
    file = models.CharField(max_length=400)
    problem = models.CharField(max_length=200, blank=True)
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.problem or "read"


class Synonym(models.Model):
    """Words that mean the same in the manual: whoever types one of them finds the others."""

    partnership = models.ForeignKey(
        Partnership, null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text=EVERYBODY
    )
    words = models.TextField(
        max_length=1000, help_text="One a line, letters or words: CP plan, then child protection plan"
    )

    class Meta:
        ordering = ["words"]

    def __str__(self) -> str:
        return " = ".join(self.lines())

    def lines(self) -> list[str]:
        """The words, line by line."""
        return [" ".join(line.split()) for line in self.words.splitlines() if line.strip()]

    def clean(self) -> None:
        if len(self.lines()) < 2:
            raise ValidationError({"words": "Write at least two lines: what people type, and what it means."})


class BestBet(models.Model):
    """What the business manager puts first for some questions: a chapter or a section, a document, or a form."""

    partnership = models.ForeignKey(
        Partnership, null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text=EVERYBODY
    )
    questions = models.TextField(max_length=1000, help_text="What people type, one question a line")
    page = models.ForeignKey(Page, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    anchor = models.CharField(
        "section",
        max_length=300,
        blank=True,
        help_text="Only for a section of the page: copy the link beside its heading and paste it here",
    )
    document = models.ForeignKey(
        "wagtaildocs.Document", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    form = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["questions"]

    def __str__(self) -> str:
        return ", ".join(self.lines())

    def lines(self) -> list[str]:
        """The questions, line by line."""
        return [" ".join(line.split()) for line in self.questions.splitlines() if line.strip()]

    def clean(self) -> None:
        self.anchor = self.anchor.rpartition("#")[2].strip()
        if not self.lines():
            raise ValidationError({"questions": "Write at least one question."})
        if sum(bool(target) for target in (self.page_id, self.document_id, self.form)) != 1:
            raise ValidationError("Choose one of page, document and form.")
        if self.form and entrypoints.get(self.form) is None:
            raise ValidationError({"form": "There is no such form."})
        if (
            self.anchor
            and not Section.objects.filter(page=self.page_id, anchor=self.anchor, live=True).exists()
        ):
            raise ValidationError({"anchor": "The page has no section with this link."})


class Missed(models.Model):
    """What was searched in a month and not found, without who searched. `words` stays empty until it is certain enough
    that it names nobody (missed.py); a row without a digest counts what is never kept in words."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    month = models.DateField()
    digest = models.CharField(max_length=64, blank=True)
    words = models.CharField(max_length=80, blank=True)
    times = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "month", "digest"], name="one_row_per_question")
        ]

    def __str__(self) -> str:
        return self.words or "(not kept)"
