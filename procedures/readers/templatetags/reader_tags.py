"""What the pages of the manual show of readers' own affairs."""

from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from portal.templatetags.portal import status_tag
from procedures.readers import selectors
from procedures.readers.models import Feedback, FeedbackState
from procedures.readers.selectors import Asked

register = template.Library()
COLOURS = {FeedbackState.OPEN: "blue", FeedbackState.ANSWERED: "green", FeedbackState.CLOSED: "grey"}


@register.simple_tag(takes_context=True)
def must_read_banner(context: Context, page_id: int | None) -> Asked | None:
    """The edition of this chapter that the person who looks is asked to confirm; no query for anybody without a
    verified session, nor for a chapter of which `must_read` already says that there is none."""
    request: Any = context.get("request")
    if not getattr(request, "verified", False) or page_id is None:
        return None
    asked = context["must_read"] if "must_read" in context else selectors.asked_of(page_id)
    return asked if asked and not selectors.has_confirmed(request.user, asked) else None


@register.filter
def feedback_tag(feedback: Feedback) -> SafeString:
    """A report's state as a tag."""
    return status_tag(feedback.get_state_display(), COLOURS[FeedbackState(feedback.state)])
