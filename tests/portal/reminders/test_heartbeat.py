"""Everybody concerned can see when the worker has stopped; and it publishes what editors scheduled."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Page

from portal.reminders import jobs
from portal.reminders.models import Heartbeat, worker_is_late


def test_a_worker_that_beats_each_minute_is_not_late(db: None) -> None:
    jobs.beat()
    jobs.beat()
    assert Heartbeat.objects.count() == 1
    assert not worker_is_late()


@pytest.mark.parametrize(("minutes", "late"), [(2, False), (4, True)])
def test_after_three_minutes_of_silence_it_is_late(db: None, minutes: int, late: bool) -> None:
    Heartbeat.objects.update(beaten_at=timezone.now() - timedelta(minutes=minutes))
    assert worker_is_late() is late


def test_a_new_installation_gives_the_worker_its_first_three_minutes(db: None) -> None:
    Heartbeat.objects.all().delete()
    assert worker_is_late()
    call_command("migrate", verbosity=0)
    assert not worker_is_late()


def test_migrating_again_does_not_hide_that_the_worker_is_dead(db: None) -> None:
    Heartbeat.objects.update(beaten_at=timezone.now() - timedelta(days=1))
    call_command("migrate", verbosity=0)
    assert worker_is_late()


def test_asking_costs_one_query(db: None, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        worker_is_late()


def test_a_page_whose_time_has_come_is_published_by_the_queue(db: None) -> None:
    home = Page.objects.filter(depth=2).first() or Page.objects.get(depth=1)
    soon = timezone.now() + timedelta(hours=1)
    page = home.add_child(instance=Page(title="Later", slug="later", live=False, go_live_at=soon))
    page.save_revision().publish()
    jobs.publish_scheduled()
    assert not Page.objects.get(pk=page.pk).live
    with time_machine.travel(soon + timedelta(minutes=1)):
        jobs.publish_scheduled()
    assert Page.objects.get(pk=page.pk).live
