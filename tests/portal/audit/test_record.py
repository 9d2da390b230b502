"""An access event says who (by role and agency), what and when, and its log line carries ids only."""

import json
import logging

from portal.audit.services import record
from tests.cast import Cast


def test_an_event_knows_the_membership_in_which_the_act_was_done(cast: Cast) -> None:
    event = record("exported", actor=cast.manager, kind="quarter", ref="2026-27-Q2", detail="12 rows")
    manager = cast.manager
    assert (event.actor_id, event.membership_id) == (manager.person_id, manager.id)
    assert event.partnership_id == manager.partnership_id
    assert event.actor_label == f"business_manager {manager.agency.code}"
    assert event.recorded_at.tzinfo is not None


def test_the_console_is_called_system_and_belongs_to_no_partnership(cast: Cast) -> None:
    event = record("exported", actor=None, kind="quarter", ref="2026-27-Q2")
    assert (event.actor_label, event.actor_id, event.partnership_id) == ("system", None, None)


def test_the_log_line_names_ids_and_no_person(cast: Cast, caplog) -> None:
    person = cast.manager.person
    with caplog.at_level(logging.INFO, logger="portal.audit"):
        record("viewed", actor=cast.manager, kind="case", ref="CR-2222-3333", detail="timeline")
    (line,) = [r.getMessage() for r in caplog.records if r.name == "portal.audit"]
    assert json.loads(line)["actor"] == str(person.id)
    for name in (person.first_name, person.last_name, person.email):
        assert name not in line


def test_a_detail_that_is_too_long_is_cut_rather_than_lost(db: None) -> None:
    assert len(record("refused", actor=None, kind="case", ref="x" * 100, detail="d" * 500).detail) == 200
