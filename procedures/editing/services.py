"""What happens to editions: one is kept whenever a chapter is published."""

from typing import Any

from django.db import IntegrityError, transaction
from wagtail.models import Revision

from procedures.editing.models import Edition
from procedures.models import ChapterPage
from procedures.rendering import render_chapter


def keep_edition(page: ChapterPage, revision: Revision | None) -> Edition | None:
    """Keep a published chapter as it stands; None where this revision has been kept already."""
    try:
        with transaction.atomic():
            return Edition.objects.create(
                page=page,
                revision=revision,
                partnership=page.partnership,
                published_at=page.last_published_at,
                published_by=revision.user if revision else None,
                number=page.number,
                title=page.title,
                what=page.change_what,
                why=page.change_why,
                must_read=page.must_read,
                rendered=render_chapter(page).as_json(),
            )
    except IntegrityError:
        return None


def on_published(
    sender: type, instance: ChapterPage, revision: Revision | None = None, **kwargs: Any
) -> None:
    """Wagtail's page_published."""
    keep_edition(instance, revision)
