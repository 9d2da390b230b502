"""The rows of upkeep: approvals, reviews, links."""

from procedures.upkeep.links import Address, Kind, Link, ReadChapter, Standing
from procedures.upkeep.reviews import Review
from procedures.upkeep.tasks import SecondPerson

__all__ = ["Address", "Kind", "Link", "ReadChapter", "Review", "SecondPerson", "Standing"]
