"""The whole manual at a glance: every page with its address, its place and its partnership, kept in memory.

What is asked on every view (where a link leads, which chapter comes next, what is local) is answered from here without
a query, until a page changes. It knows nothing of who may read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.urls import get_script_prefix
from wagtail.models import Page, Site

from procedures import generation
from procedures.numbering import natural

STEP = Page.steplen  # characters of a tree path for each level
PAGES = ("wagtailcore_page", "procedures_chapterpage", "procedures_manualindexpage")
SITES = ("wagtailcore_site",)


@dataclass(frozen=True, slots=True)
class Place:
    """A page: `address` is its URL (empty outside every site), `manual` says that it is a manual or part of one,
    `chapter` that it is a chapter; `partnership_id` is the one that it is itself local to."""

    pk: int
    path: str
    address: str
    live: bool
    title: str
    number: str
    chapter: bool
    manual: bool
    partnership_id: UUID | None
    summary: str
    withdrawn: bool

    @property
    def name(self) -> str:
        """Number and title, as a reader would name it."""
        return " ".join(part for part in (self.number, self.title) if part)


class Tree:
    """Every page by key, by address and, for live chapters, in the order in which one reads."""

    def __init__(self, places: list[Place], one_site: bool) -> None:
        self.one_site = one_site
        self.by_pk = {place.pk: place for place in places}
        self.by_address = {place.address: place for place in places if place.live and place.address}
        self.local = [(place.path, place.partnership_id) for place in places if place.partnership_id]
        self._children: dict[str, list[Place]] = {}
        self._by_path = {place.path: place for place in places}
        for place in places:
            if place.chapter or place.manual:
                self._children.setdefault(place.path[:-STEP], []).append(place)
        tops = [one for one in places if one.manual and not self._is_manual(one.path[:-STEP])]
        self.chapters = [chapter for top in tops for chapter in self._reading_order(top.path)]
        self._position = {chapter.pk: place for place, chapter in enumerate(self.chapters)}

    def _is_manual(self, path: str) -> bool:
        place = self._by_path.get(path)
        return place is not None and place.manual

    def chapters_in(self, path: str) -> list[Place]:
        """The live chapters right under a manual that are not withdrawn, by number."""
        found = [
            one for one in self._children.get(path, ()) if one.chapter and one.live and not one.withdrawn
        ]
        return sorted(found, key=lambda one: natural(one.number))

    def parts_in(self, path: str) -> list[Place]:
        """The live parts right under a manual, in the order of the tree."""
        return [one for one in self._children.get(path, ()) if one.manual and one.live]

    def _reading_order(self, path: str) -> Iterator[Place]:
        yield from self.chapters_in(path)
        for part in self.parts_in(path):
            yield from self._reading_order(part.path)

    def parent(self, place: Place) -> Place | None:
        """The page above; None for the root."""
        return self._by_path.get(place.path[:-STEP])

    def top(self, place: Place) -> Place:
        """The outermost manual that a page lies in; the page itself where it lies in none."""
        above = self.parent(place)
        while above is not None and above.manual:
            place, above = above, self.parent(above)
        return place

    def after(self, pk: int) -> Iterator[Place]:
        """The chapters that follow one, nearest first."""
        here = self._position.get(pk)
        return iter(()) if here is None else iter(self.chapters[here + 1 :])

    def before(self, pk: int) -> Iterator[Place]:
        """The chapters that come before one, nearest first."""
        here = self._position.get(pk, 0)
        return (self.chapters[place] for place in range(here - 1, -1, -1))


def tree(known: generation.Numbers | None = None) -> Tree:
    """The tree as it is now. `known` are generation.numbers() that were read earlier in this request."""
    numbers = generation.numbers() if known is None else known
    sites = generation.remembered("sites", SITES, _sites, numbers)
    return generation.remembered(
        "tree", (*PAGES, *SITES), lambda: Tree(_places(sites), len(sites) == 1), numbers
    )


def _sites() -> list[tuple[str, str]]:
    """(url_path of its root page, start of its addresses) for each site, the deepest root first."""
    sites = list(Site.objects.select_related("root_page"))
    base = get_script_prefix().rstrip("/")
    roots = [
        (site.root_page.url_path, base if len(sites) == 1 else f"{site.root_url}{base}") for site in sites
    ]
    return sorted(roots, key=lambda root: -len(root[0]))


def _places(sites: list[tuple[str, str]]) -> list[Place]:
    rows = Page.objects.order_by("path").values_list(
        "pk", "path", "url_path", "live", "title", "search_description", "chapterpage__page_ptr_id",
        "manualindexpage__page_ptr_id", "chapterpage__number", "chapterpage__partnership_id",
        "manualindexpage__partnership_id", "chapterpage__withdrawn_at",
    )  # fmt: skip
    found = []
    for row in rows.iterator(chunk_size=2000):
        pk, path, url_path, live, title, summary, chapter, manual, number, of_chapter, of_part, withdrawn = (
            row
        )
        found.append(
            Place(
                pk=pk,
                path=path,
                address=_address(url_path, sites),
                live=live,
                title=title,
                number=number or "",
                chapter=chapter is not None,
                manual=manual is not None,
                partnership_id=of_chapter or of_part,
                summary=summary,
                withdrawn=withdrawn is not None,
            )
        )
    return found


def _address(url_path: str, sites: list[tuple[str, str]]) -> str:
    for root, start in sites:
        if url_path.startswith(root):
            return f"{start}/{url_path[len(root) :]}"
    return ""
