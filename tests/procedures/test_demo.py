"""The demo's manual: a few chapters, loaded once, with a button to the referral form."""

import pytest

from procedures.demo import load_demo_manual
from procedures.models import ChapterPage
from procedures.services import site_root

pytestmark = pytest.mark.django_db


def test_loading_the_demo_twice_makes_one_manual() -> None:
    first = load_demo_manual(site_root())
    chapters = list(ChapterPage.objects.values_list("pk", "live", "number").order_by("number"))
    assert load_demo_manual(site_root()).pk == first.pk
    assert list(ChapterPage.objects.values_list("pk", "live", "number").order_by("number")) == chapters
    assert {(live, number) for _, live, number in chapters} == {(True, str(n)) for n in range(1, 16)}


def test_an_editors_work_is_not_undone() -> None:
    load_demo_manual(site_root())
    ChapterPage.objects.get(number="6").delete()
    load_demo_manual(site_root())
    assert not ChapterPage.objects.filter(number="6").exists()


def test_the_appendix_of_the_referral_chapter_opens_the_referral_form() -> None:
    load_demo_manual(site_root())
    appendix = ChapterPage.objects.get(number="2").sections()[-1]
    assert appendix.number == "Appendix A"
    assert [block.value["code"] for block in appendix.content if block.block_type == "form"] == [
        "case-referral"
    ]
