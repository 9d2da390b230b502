"""A page that one app offers under a code and another links to."""

from collections.abc import Iterator

import pytest

from portal import entrypoints


@pytest.fixture(autouse=True)
def _registry_as_found() -> Iterator[None]:
    before = dict(entrypoints._registered)
    entrypoints._registered.clear()
    yield
    entrypoints._registered.clear()
    entrypoints._registered.update(before)


def test_a_registered_page_is_found_by_its_code() -> None:
    entrypoints.register("case-referral", "Refer a case", "referrals:start")
    found = entrypoints.get("case-referral")
    assert found is not None
    assert (found.code, found.label, found.url_name) == ("case-referral", "Refer a case", "referrals:start")


def test_an_unknown_code_finds_nothing() -> None:
    assert entrypoints.get("no-such-form") is None


def test_registering_the_same_page_twice_changes_nothing() -> None:
    entrypoints.register("case-referral", "Refer a case", "referrals:start")
    entrypoints.register("case-referral", "Refer a case", "referrals:start")
    assert len(entrypoints.all()) == 1


def test_two_pages_cannot_take_one_code() -> None:
    entrypoints.register("case-referral", "Refer a case", "referrals:start")
    with pytest.raises(ValueError, match="case-referral"):
        entrypoints.register("case-referral", "Refer a case", "elsewhere:start")
    assert [entry.url_name for entry in entrypoints.all()] == ["referrals:start"]


def test_all_pages_come_in_the_order_of_their_codes() -> None:
    entrypoints.register("b", "B", "b:b")
    entrypoints.register("a", "A", "a:a")
    assert [entry.code for entry in entrypoints.all()] == ["a", "b"]
