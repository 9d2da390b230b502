"""Something to see of editions in the demo: an older edition that said otherwise."""

from datetime import UTC, datetime

from wagtail.blocks import StreamValue

from procedures.editing.models import Edition, KeptPicture
from procedures.editing.pictures import with_kept_pictures
from procedures.editing.services import FIRST
from procedures.models import ChapterPage, ManualIndexPage
from procedures.rendering import render_chapter

LONG_AGO = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
CHAPTER = "1"
WORDS = (  # as they were, as they are
    ("within two working days to confirm", "within one working day to confirm"),
    (
        "If nobody has answered you after five working days,",
        "If nobody has answered you after three working days,",
    ),
    ("Promise to take care.", "Promise to take care, never to keep a secret."),
)
MOVED = "Moved into the portal. No word was changed."
WHAT = "Confirm to the duty desk in writing within one working day, and ask again after three."
WHY = "In two cases nobody noticed for a week that a worry had not arrived."


def as_it_was(text: str) -> str:
    """The text of a chapter's file with the words of last spring."""
    for then, now in WORDS:
        text = text.replace(now, then)
    return text


def load_demo_editions(manual: ManualIndexPage) -> None:
    """Keep an edition of last spring of chapter 1, which was imported as it was then, and publish what has changed
    since. Does nothing the second time."""
    page = ChapterPage.objects.child_of(manual).live().filter(number=CHAPTER).first()
    if page is None or Edition.objects.filter(page=page, published_at=LONG_AGO).exists():
        return
    rendered, pictures = with_kept_pictures(render_chapter(page).as_json())
    edition = Edition.objects.create(
        page=page,
        published_at=LONG_AGO,
        number=page.number,
        title=page.title,
        what=FIRST,
        rendered=rendered,
        source=page.serializable_data(),
    )
    KeptPicture.objects.bulk_create([KeptPicture(edition=edition, name=name) for name in pictures])
    draft = page.get_latest_revision_as_object()
    draft.body = StreamValue(draft.body.stream_block, _as_it_is(draft.body.get_prep_value()), is_lazy=True)
    draft.change_what, draft.change_why = WHAT, WHY
    draft.save_revision().publish()


def _as_it_is(value: object) -> object:
    if isinstance(value, str):
        for then, now in WORDS:
            value = value.replace(then, now)
        return value
    if isinstance(value, dict):
        return {key: _as_it_is(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_it_is(one) for one in value]
    return value
