"""What happens to editions: one is kept whenever a chapter is published; one is restored as a draft; a chapter is
withdrawn and comes into force again."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateformat import format as format_date
from wagtail.log_actions import get_active_log_context, log
from wagtail.models import Page, PageLogEntry, Revision

from procedures import index
from procedures.editing.models import Edition, KeptPicture, Kind, TakenDown
from procedures.editing.pictures import with_kept_pictures
from procedures.finding import publishing
from procedures.finding import services as finding
from procedures.models import ChapterPage
from procedures.rendering import render_chapter
from procedures.sharing.services import have_boxes_found

FIRST = "Published for the first time."
NO_NOTE = "Changed. No note was written."
# What Wagtail writes down when somebody decides that a revision be published, now or at a time that they set.
DECISIONS = ("wagtail.publish", "wagtail.publish.schedule", "wagtail.workflow.approve")
NOT_TODAYS = ("slug", "partnership", "keeper", "kept_by", "review_by", "go_live_at", "expire_at")


class Overtaken(Exception):
    """Somebody else was there first; the message says so."""


def keep_edition(page: ChapterPage, revision: Revision | None) -> Edition | None:
    """Keep a published chapter as it stands; None where this revision has been kept already.

    A revision that was taken down and is published again comes into force again: an edition without a revision.
    """
    with transaction.atomic():
        _one_at_a_time(page)
        latest = Edition.objects.filter(page=page).order_by("-published_at").first()
        if revision is None and latest is not None:
            return None
        if revision is not None and Edition.objects.filter(revision=revision).exists():
            down = TakenDown.objects.filter(page=page, at__gte=latest.published_at) if latest else None
            if down is None or not down.exists():
                return None
            return _kept(page, revision, Kind.REINSTATED, what="Published again.", why="")
        note = page.change_what.strip() or (NO_NOTE if latest else FIRST)
        return _kept(page, revision, Kind.PUBLISHED, what=note, why=page.change_why)


def _kept(
    page: ChapterPage, revision: Revision | None, kind: Kind, *, what: str, why: str, by: Any = None
) -> Edition:
    rendered, pictures = with_kept_pictures(render_chapter(page).as_json())
    published = kind == Kind.PUBLISHED
    edition = Edition.objects.create(
        kind=kind,
        page=page,
        revision=revision if published else None,
        partnership=page.partnership,
        published_at=page.last_published_at if published and page.last_published_at else timezone.now(),
        published_by=by or (who_published(revision) if revision else None),
        number=page.number,
        title=page.title,
        what=what,
        why=why,
        must_read=published and page.must_read,
        rendered=rendered,
        source=revision.content if revision else page.serializable_data(),
    )
    KeptPicture.objects.bulk_create([KeptPicture(edition=edition, name=name) for name in pictures])
    return edition


def _one_at_a_time(page: ChapterPage) -> None:
    """Whoever else keeps, restores or withdraws this page waits until we have committed."""
    Page.objects.select_for_update().get(pk=page.pk)


def who_published(revision: Revision) -> Any:
    """Who published or approved a revision: whoever is at work in the CMS now; else who last decided that it be
    published (a time was set, an approval given); else who wrote it; nobody where it was the console."""
    here = get_active_log_context().user
    if here is not None and here.is_authenticated:
        return here
    decided = PageLogEntry.objects.filter(
        revision=revision, action__in=DECISIONS, user__isnull=False
    ).order_by("-timestamp", "-pk")
    entry = decided.first()
    return entry.user if entry else revision.user


def on_published(
    sender: type, instance: ChapterPage, revision: Revision | None = None, **kwargs: Any
) -> None:
    """Wagtail's page_published."""
    if not instance.alias_of_id:
        keep_edition(instance, revision)


def on_unpublished(sender: type, instance: ChapterPage, **kwargs: Any) -> None:
    """Wagtail's page_unpublished; sent too for a page that is about to be deleted, whose row is still live then."""
    if ChapterPage.objects.not_live().filter(pk=instance.pk, editions__isnull=False).exists():
        TakenDown.objects.create(page_id=instance.pk)


def missing() -> Any:
    """The live chapters whose live revision has no edition: whoever published them was killed in between."""
    live = ChapterPage.objects.live().filter(alias_of__isnull=True)
    of_revision = live.filter(live_revision__isnull=False, live_revision__edition__isnull=True)
    never = live.filter(live_revision__isnull=True, editions__isnull=True)
    return (of_revision | never).distinct()


def keep_missing(page: ChapterPage) -> Edition | None:
    """Keep the edition that was missed, after what else follows a publication and is done again without harm."""
    index.on_published(ChapterPage, page)
    publishing.on_published(ChapterPage, page)
    return keep_edition(page, page.live_revision)


def restore(edition: Edition, *, user: Any, draft_seen: int | None) -> Revision:
    """Make a draft of an edition's text; never publishes. What belongs to the page rather than to its text (address,
    partnership, owner, review date) stays as it is today. `draft_seen` is the page's latest revision when the person
    decided: raises Overtaken where there is a later one, so that a second click makes no second draft."""
    page = edition.page
    assert page is not None
    with transaction.atomic():
        _one_at_a_time(page)
        page.refresh_from_db()
        if page.latest_revision_id != draft_seen:
            raise Overtaken("This chapter has a newer draft by now. Nothing was changed.")
        today = page.get_latest_revision_as_object()
        draft = page.with_content_json(dict(edition.source))
        for name in NOT_TODAYS:
            setattr(draft, name, getattr(today, name))
        draft.edition_date = None
        draft.change_what = f"Restores the edition of {format_date(edition.day, 'j F Y')}."
        draft.change_why, draft.must_read = "", False
        return draft.save_revision(
            user=user, changed=True, log_action="wagtail.revert", previous_revision=edition.revision
        )


def withdraw(page: ChapterPage, *, user: Any, notice: str, replaced_by: ChapterPage | None) -> Edition:
    """Withdraw a live chapter: readers see the notice and what replaces it above its text, and find it no more.

    Raises Overtaken where it is withdrawn already, or no longer published.
    """
    with transaction.atomic():
        _one_at_a_time(page)
        in_force = ChapterPage.objects.live().filter(pk=page.pk, withdrawn_at__isnull=True)
        if not in_force.update(withdrawn_at=timezone.now(), withdrawn_notice=notice, replaced_by=replaced_by):
            raise Overtaken("This chapter has been withdrawn already, or is not published.")
        page.refresh_from_db()
        finding.index_chapter(page)
        have_boxes_found(page)
        what = f"Withdrawn and replaced by {replaced_by.name}." if replaced_by else "Withdrawn."
        edition = _kept(page, None, Kind.WITHDRAWN, what=what, why=notice, by=user)
        log(instance=page, action="procedures.withdraw", user=user)
    return edition


def reinstate(page: ChapterPage, *, user: Any, why: str) -> Edition:
    """Bring a withdrawn chapter into force again. Raises Overtaken where it is not withdrawn."""
    with transaction.atomic():
        _one_at_a_time(page)
        withdrawn = ChapterPage.objects.live().filter(pk=page.pk, withdrawn_at__isnull=False)
        if not withdrawn.update(withdrawn_at=None, withdrawn_notice="", replaced_by=None):
            raise Overtaken("This chapter is not withdrawn, or is not published.")
        page.refresh_from_db()
        finding.index_chapter(page)
        have_boxes_found(page)
        edition = _kept(page, None, Kind.REINSTATED, what="In force again.", why=why, by=user)
        log(instance=page, action="procedures.reinstate", user=user)
    return edition
