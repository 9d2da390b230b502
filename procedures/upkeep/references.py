"""Cross references must not dangle: what would be left pointing at nothing."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from wagtail.models import Page

from procedures.models import ChapterPage, Section
from procedures.policy import local_to
from procedures.privacy import narrower_than
from procedures.rendering import anchors_referred_to
from procedures.upkeep.links import Kind, Link


def held_by(pages: Iterable[Page]) -> list[Link]:
    """Cross references of other live chapters into these pages or what lies below them: while there are any, the pages
    can be neither deleted nor unpublished."""
    inside = Q()
    for page in pages:
        inside |= Q(page__path__startswith=page.path)
    if not inside:
        return []
    anchors = set(Section.objects.filter(inside, live=True, page__live=True).values_list("anchor", flat=True))
    elsewhere = Section.objects.exclude(inside).filter(anchor__in=anchors, live=True, page__live=True)
    anchors -= set(elsewhere.values_list("anchor", flat=True))
    return list(_to(anchors).exclude(inside))


def lost(draft: ChapterPage) -> list[Link]:
    """Cross references of other live chapters to sections that this chapter has now and its draft has not."""
    has = {section.anchor for section in draft.sections()}
    now = Section.objects.filter(page_id=draft.pk, live=True).values_list("anchor", flat=True)
    gone = set(now) - has
    elsewhere = Section.objects.filter(anchor__in=gone, live=True, page__live=True).exclude(page_id=draft.pk)
    gone -= set(elsewhere.values_list("anchor", flat=True))
    return list(_to(gone).exclude(page_id=draft.pk))


def _to(anchors: set[str]) -> QuerySet[Link]:
    links = Link.objects.of_live().filter(kind=Kind.SECTION, target__in=anchors)
    return links.select_related("page").order_by("page__path", "pk")


def unusable(draft: ChapterPage) -> list[str]:
    """What is wrong with the cross references of a draft itself, in sentences: the section is gone, or not everybody
    who reads this chapter may read that one. A section that has never been published is let through, so that two new
    chapters may refer to each other; until then its words are no link."""
    own = {section.anchor for section in draft.sections()}
    anchors = set(anchors_referred_to(draft)) - own
    if not anchors:
        return []
    sections = Section.objects.filter(anchor__in=anchors).exclude(page_id=draft.pk).select_related("page")
    rows = list(sections) + list(Section.objects.filter(anchor__in=anchors, page_id=draft.pk))
    closed = narrower_than(draft.path, local_to(draft) or draft.partnership_id)
    said = []
    for anchor in sorted(anchors):
        known = [one for one in rows if one.anchor == anchor]
        usable = [one for one in known if one.live and one.page.live and one.page_id != draft.pk]
        if known and not usable:
            said.append(f"It refers to “{known[0].name}”, which is no longer in the manual.")
        elif usable and all(one.page.path.startswith(closed) for one in usable):
            said.append(
                f"It refers to “{usable[0].name}”, which not everybody who reads this chapter may read."
            )
    return said
