"""What every page carries, what error pages say, and the tags and includes that pages are made of."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace as Made
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup, Tag
from django import forms
from django.core.paginator import Paginator
from django.http import QueryDict
from django.template import Context, Engine, Template, engines
from django.template.loader import get_template
from django.test import RequestFactory
from django.urls import reverse

from portal.forms import DateField
from portal.templatetags.portal import due_words, is_past, long_date, long_datetime, short_date, status_tag

ROOT = Path(__file__).resolve().parent.parent.parent
TARN = Made(
    name="Tarnbrook Safeguarding Children Partnership",
    short_name="Tarnbrook",
    business_unit_email="unit@tarnbrook.example",
    business_unit_phone="01632 960 101",
)
ERROR_PAGES = ("400.html", "403.html", "403_csrf.html", "404.html", "500.html")


class Person(Made):
    is_authenticated = True

    def __str__(self) -> str:
        return "Kofi Mensah"


class Held(Made):
    """A membership, as far as the header looks at one."""

    def __str__(self) -> str:
        return f"{self.get_role_display}, {self.agency.name} (Tarnbrook)"


LEAD = Held(pk="1", get_role_display="Agency lead", agency=Made(name="Tarnbrook Police"), partnership=TARN)
MEMBER = Held(pk="2", get_role_display="Panel member", agency=Made(name="Tarnbrook Police"), partnership=TARN)


def engine() -> Engine:
    backend: Any = engines["django"]
    found: Engine = backend.engine
    return found


def page(
    source: str = '{% extends "base.html" %}', *, signed_in: bool = True, **context: Any
) -> BeautifulSoup:
    """A page drawn without context processors, for the person and context given."""
    request: Any = RequestFactory().get("/cases/")
    request.user = Person() if signed_in else Made(is_authenticated=False)
    request.partnership = TARN
    known: dict[str, Any] = {"request": request}
    if signed_in:
        known |= {"verified": True, "memberships": [LEAD], "acting": LEAD, "csrf_token": "token"}
    return BeautifulSoup(engine().from_string(source).render(Context(known | context)), "html.parser")


def include(name: str, **context: Any) -> BeautifulSoup:
    return BeautifulSoup(
        engine().get_template(f"includes/{name}.html").render(Context(context)), "html.parser"
    )


def one(tag: Any, selector: str) -> Tag:
    found = tag.select(selector)
    assert len(found) == 1, f"{selector}: {len(found)}"
    return found[0]


def words(tag: Any) -> str:
    return " ".join(tag.get_text(" ").split())


# ---- Every page -----------------------------------------------------------------------


def test_a_page_says_who_i_am_for_which_agency_and_where() -> None:
    drawn = page()
    assert (
        words(one(drawn, ".portal-identity__who"))
        == "Kofi Mensah · Agency lead, Tarnbrook Police · Tarnbrook"
    )
    assert words(one(drawn, ".portal-header__partnership")) == TARN.name


def test_a_person_with_one_membership_is_offered_no_switch() -> None:
    assert len(page().select("select[name=membership]")) == 0


def test_a_person_with_two_memberships_may_switch_by_a_post() -> None:
    drawn = page(memberships=[LEAD, MEMBER], acting=MEMBER)
    select = one(drawn, "select[name=membership]")
    assert one(select, "option[selected]")["value"] == "2"
    form = select.find_parent("form")
    assert form is not None
    assert (form["method"], form["action"]) == ("post", reverse("accounts:act_as"))
    one(form, "input[name=csrfmiddlewaretoken]")


def test_signing_out_is_a_post_with_a_token() -> None:
    form = one(page(), f"form[action='{reverse('accounts:sign_out')}']")
    assert form["method"] == "post"
    one(form, "input[name=csrfmiddlewaretoken]")


def test_a_stranger_sees_no_name_no_menu_no_session_and_a_way_to_sign_in() -> None:
    drawn = page(signed_in=False)
    assert "Kofi" not in str(drawn)
    assert len(drawn.select("nav, form, dialog, [data-stay-url]")) == 0
    one(drawn, f"a[href='{reverse('accounts:sign_in')}']")


def test_a_person_who_has_not_given_a_code_sees_neither_account_nor_warning() -> None:
    drawn = page(verified=False, memberships=[], acting=None)
    assert len(drawn.select("dialog, [data-stay-url]")) == 0
    assert len(drawn.select(f"a[href='{reverse('accounts:account')}']")) == 0
    one(drawn, f"form[action='{reverse('accounts:sign_out')}']")


def test_a_verified_session_carries_its_clock() -> None:
    drawn = page(session_idle_seconds=900, session_warning_seconds=120)
    body = one(drawn, "body")
    assert body["data-session-idle-seconds"] == "900"
    assert body["data-session-warning-seconds"] == "120"
    form = one(drawn, "dialog form")
    assert form["action"] == body["data-stay-url"] == reverse("accounts:stay_signed_in")


def test_the_menu_shows_what_it_is_given_and_marks_where_i_am() -> None:
    entries = [
        {"label": "Manual", "url": "/manual/", "current": False},
        {"label": "Cases", "url": "/cases/", "current": True},
    ]
    menu = one(page(navigation=entries), "nav[aria-label=Menu]")
    assert [words(link) for link in menu.select("a")] == ["Manual", "Cases"]
    assert words(one(menu, "[aria-current]")) == "Cases"


def test_only_case_pages_are_marked() -> None:
    marked = '{% extends "base.html" %}{% block marking %}{% include "includes/marking.html" %}{% endblock %}'
    assert words(one(page(marked), ".portal-marking")) == "OFFICIAL-SENSITIVE"
    assert "OFFICIAL" not in str(page())


def test_a_stopped_worker_and_the_demo_are_said_so_only_then() -> None:
    quiet, loud = str(page()), str(page(worker_late=True, demo_mode=True))
    for sentence in ("Background reminders have stopped", "Everything here is invented"):
        assert sentence in loud
        assert sentence not in quiet


def test_messages_become_banners_and_are_escaped() -> None:
    class Said(Made):
        def __str__(self) -> str:
            return str(self.text)

    drawn = page(
        messages=[Said(level_tag="success", text="Saved"), Said(level_tag="error", text="<b>No</b>")]
    )
    assert [words(tag) for tag in drawn.select(".govuk-notification-banner__heading")] == [
        "Saved",
        "<b>No</b>",
    ]
    assert len(drawn.select(".govuk-notification-banner--success")) == 1


def test_the_foot_says_whom_to_ask() -> None:
    foot = words(one(page(), "footer"))
    assert "01632 960 101" in foot
    assert "unit@tarnbrook.example" in foot


def test_the_title_tells_of_errors() -> None:
    class Ask(forms.Form):
        name = forms.CharField()

    titled = '{% extends "base.html" %}{% block title %}Refer a case{% endblock %}'
    assert words(one(page(titled, form=Ask(QueryDict(mutable=True))), "title")).startswith(
        "Error: Refer a case"
    )
    assert words(one(page(titled, form=Ask()), "title")) == "Refer a case – Tarnbrook"


@pytest.mark.parametrize("path", sorted(ROOT.glob("templates/**/*.html")), ids=lambda p: str(p.name))
def test_no_template_of_ours_has_inline_script_style_or_handler(path: Path) -> None:
    source = path.read_text()
    if "emails" in path.parts:
        return
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    assert "<style" not in source
    assert not re.search(r"""\s(style|on[a-z]+)\s*=\s*["']""", source)
    assert "javascript:" not in source


# ---- Error pages ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ERROR_PAGES)
def test_an_error_page_needs_neither_request_nor_context(name: str) -> None:
    drawn = BeautifulSoup(get_template(name).render(), "html.parser")
    one(drawn, "h1")
    one(drawn, "title")
    one(drawn, "main a[href='/']")
    assert len(drawn.select("form, script, nav")) == 0


def test_an_error_page_is_drawn_even_where_the_list_of_assets_is_missing(settings: Any) -> None:
    hashed = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": hashed}}
    settings.STATIC_ROOT = "/nowhere"
    assert "/static/portal/portal.css" in get_template("500.html").render()


@pytest.mark.parametrize("name", ERROR_PAGES)
def test_an_error_page_says_the_same_whoever_asks(name: str) -> None:
    template: Template = engine().get_template(name)
    bodies = {
        template.render(
            Context({"request": Made(user=user, partnership=TARN, acting=acting), "exception": "x"})
        )
        for user, acting in ((Person(), LEAD), (Made(is_authenticated=False), None))
    }
    assert len(bodies) == 1
    assert "01632 960 101" in bodies.pop()


def test_a_page_not_found_does_not_tell_whether_it_exists() -> None:
    told = words(BeautifulSoup(get_template("404.html").render(), "html.parser")).lower()
    for word in ("does not exist", "permission", "not allowed", "deleted"):
        assert word not in told


# ---- Dates and statuses in words --------------------------------------------------------


def test_dates_in_words() -> None:
    assert long_date(date(2026, 12, 4)) == "Friday 4 December 2026"
    assert short_date(date(2026, 12, 4)) == "Fri 4 Dec 2026"
    assert long_datetime(datetime(2026, 6, 22, 17, 10, tzinfo=UTC)) == "Monday 22 June 2026, 18:10"
    assert long_date(datetime(2026, 6, 22, 23, 30, tzinfo=UTC)) == "Tuesday 23 June 2026"
    assert long_date(None) == short_date(None) == long_datetime(None) == due_words(None) == ""


@pytest.mark.parametrize(
    ("due", "told"),
    [
        (date(2026, 12, 1), "Tuesday 1 December 2026 (in 3 working days)"),
        (date(2026, 11, 26), "Thursday 26 November 2026 (today)"),
        (date(2026, 11, 27), "Friday 27 November 2026 (tomorrow)"),
        (date(2026, 11, 25), "Wednesday 25 November 2026 (yesterday)"),
        (date(2026, 11, 24), "Tuesday 24 November 2026 (2 working days ago)"),
        (date(2026, 11, 30), "Monday 30 November 2026 (in 2 working days)"),
        (datetime(2026, 11, 27, 18, 10, tzinfo=UTC), "Friday 27 November 2026, 18:10 (tomorrow)"),
        (datetime(2026, 11, 27, 23, 59, tzinfo=UTC), "Friday 27 November 2026 (tomorrow)"),
        # Christmas Day falls on a Friday and Boxing Day's substitute on the Monday: neither is worked.
        (date(2026, 12, 29), "Tuesday 29 December 2026 (in 21 working days)"),
    ],
)
@time_machine.travel("2026-11-26T09:00:00Z", tick=False)
def test_a_due_date_says_how_far_off_it_is(due: date, told: str) -> None:
    assert due_words(due) == told


@time_machine.travel("2026-11-28T09:00:00Z", tick=False)
def test_from_a_saturday_no_working_day_may_lie_between() -> None:
    assert due_words(date(2026, 11, 26)) == "Thursday 26 November 2026 (1 working day ago)"
    assert due_words(date(2026, 11, 30)) == "Monday 30 November 2026 (in 1 working day)"


@time_machine.travel("2026-11-29T09:00:00Z", tick=False)
def test_a_span_without_a_working_day_is_told_in_plain_days() -> None:
    assert due_words(date(2026, 11, 27)) == "Friday 27 November 2026 (2 days ago)"


@time_machine.travel("2026-11-26T09:00:00Z", tick=False)
def test_today_is_not_past_but_an_hour_ago_is() -> None:
    assert not is_past(date(2026, 11, 26))
    assert is_past(date(2026, 11, 25))
    assert is_past(datetime(2026, 11, 26, 8, 0, tzinfo=UTC))
    assert not is_past(datetime(2026, 11, 26, 10, 0, tzinfo=UTC))
    assert not is_past(None)


def test_a_status_is_a_word_and_a_colour_and_is_escaped() -> None:
    assert status_tag("On track", "green") == '<strong class="govuk-tag govuk-tag--green">On track</strong>'
    assert "<script>" not in status_tag("<script>")
    with pytest.raises(ValueError, match="No tag colour"):
        status_tag("On track", "amber")


# ---- Includes -------------------------------------------------------------------------


class ReferralForm(forms.Form):
    name = forms.CharField(label="Your name")
    born = DateField(label="Date of birth")
    source = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> None:
        raise forms.ValidationError("A colleague has just changed this")


def test_the_error_summary_leads_to_every_field_at_fault_and_names_each_problem_once() -> None:
    data = QueryDict(mutable=True)
    data.update({"born_day": "4", "born_month": "12"})
    links = [
        (link["href"], words(link)) for link in include("error_summary", form=ReferralForm(data)).select("a")
    ]
    assert links == [
        ("#id_name", "A colleague has just changed this"),
        ("#id_name", "Enter your name"),
        ("#id_born_year", "Date of birth must include a year"),
        ("#id_name", "This field is required."),
    ]


def test_no_error_no_summary() -> None:
    assert words(include("error_summary", form=ReferralForm())) == ""
    assert words(include("error_summary")) == ""


def test_errors_of_several_forms_come_in_one_summary() -> None:
    empty = QueryDict(mutable=True)
    both = [ReferralForm(empty, prefix="a"), ReferralForm(empty, prefix="b")]
    targets = [link["href"] for link in include("error_summary", forms=both).select("a")]
    assert "#id_a-name" in targets
    assert "#id_b-name" in targets


def test_errors_of_a_formset_come_in_the_summary() -> None:
    class Child(forms.Form):
        name = forms.CharField(label="Name")

    sets = forms.formset_factory(Child, min_num=1, validate_min=True, extra=0)
    data = QueryDict(mutable=True)
    data.update({"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-name": ""})
    assert "Enter name" in words(include("error_summary", formset=sets(data)))


def test_a_summary_list_shows_lines_and_names_what_change_changes() -> None:
    drawn = include(
        "summary_list",
        rows=[{"key": "Address", "value": "1 Mill\nLane", "url": "/x"}, {"key": "Media", "value": ""}],
    )
    assert words(one(drawn, "a")) == "Change Address"
    assert "Not given" in words(drawn)
    one(drawn, ".govuk-summary-list__row--no-actions")


def test_a_task_that_cannot_start_yet_is_no_link() -> None:
    drawn = include(
        "task_list",
        tasks=[
            {"title": "About you", "url": "/1", "status": "In progress", "colour": "blue", "hint": "1 of 2"},
            {"title": "Why", "status": "Cannot start yet"},
        ],
    )
    assert words(one(drawn, "a")) == "About you"
    assert str(one(drawn, "a")["aria-describedby"]).split() == ["task-1-hint", "task-1-status"]
    one(drawn, ".govuk-tag--blue")


def test_pages_of_a_list_keep_the_filters() -> None:
    request = RequestFactory().get("/cases/?stage=triaged&page=4")
    pages = Paginator(range(200), 10)
    drawn = include("pagination", request=request, page_obj=pages.page(4))
    assert one(drawn, "a[rel=next]")["href"] == "?stage=triaged&page=5"
    assert words(one(drawn, "[aria-current]")) == "4"
    assert len(drawn.select(".govuk-pagination__item--ellipsis")) == 1
    single = include("pagination", request=request, page_obj=Paginator(range(3), 10).page(1))
    assert words(single) == ""


def test_a_timeline_says_when_who_and_what() -> None:
    event = Made(
        title="Referral received", at=datetime(2026, 6, 22, 17, 10, tzinfo=UTC), by="Practitioner, Police"
    )
    told = words(include("timeline", events=[event]))
    assert told == "Referral received Monday 22 June 2026, 18:10 · Practitioner, Police"


def test_stages_tabs_and_empty_places() -> None:
    stages = include(
        "stages", stages=[{"label": "Referred", "state": "done"}, {"label": "Triaged", "state": "current"}]
    )
    assert words(one(stages, "[aria-current=step]")) == "Triaged"
    assert "Referred (done)" in words(stages)
    tabs = include("sub_navigation", tabs=[{"label": "Plan", "url": "/p", "current": True}])
    assert one(tabs, "a")["aria-current"] == "page"
    assert words(include("empty", text="No meetings yet.")) == "No meetings yet."
    crumbs = include("breadcrumbs", crumbs=[{"label": "Manual", "url": "/manual/"}, {"label": "Chapter 4"}])
    assert words(one(crumbs, "a")) == "Manual"
    assert words(one(include("back", url="/cases/"), "a[href='/cases/']")) == "Back"


# ---- What is built --------------------------------------------------------------------


def test_the_lock_names_no_registry() -> None:
    lock = (ROOT / "package-lock.json").read_text()
    assert "resolved" not in lock
    assert "registry" not in lock


def test_neither_the_crown_nor_the_gds_typeface_is_ours() -> None:
    built = ROOT / "build" / "assets" / "portal" / "portal.css"
    if not built.exists():
        pytest.skip("The assets are not built: npm ci && npm run build")
    css = built.read_text()
    assert "GDS Transport" not in css
    assert "url(" not in css
    assert "#0b5351" in css
