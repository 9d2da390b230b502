"""Free text is unreadable in the database, bound to its row, and never shown as ciphertext."""

import base64
import uuid

import pytest
from django.db import connection
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from caseforms.cases.models import Case, Child
from portal.encryption import DecryptionError, EncryptedLookupError, blind_index, decrypt, encrypt
from tests.cast import Cast


@pytest.fixture
def child(cast: Cast) -> Child:
    case = Case.objects.create(partnership=cast.tarn, referred_by=cast.practitioner)
    return Child.objects.create(
        case=case, first_name="Marigold", last_name="Fenwick", date_of_birth="2019-05-04"
    )


def raw_row(child: Child) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT first_name, last_name, date_of_birth, details FROM cases_child")
        return b"|".join(bytes(value) for value in cursor.fetchone())


def test_a_childs_name_is_read_back_by_the_portal_but_not_by_somebody_with_the_database(child: Child) -> None:
    again = Child.objects.get(pk=child.pk)
    assert (again.first_name, again.last_name) == ("Marigold", "Fenwick")
    assert b"Marigold" not in raw_row(child)
    assert b"2019" not in raw_row(child)


def test_a_wrong_key_is_an_error_and_never_ciphertext(child: Child) -> None:
    other = "b:" + base64.b64encode(bytes(32)).decode()
    with override_settings(FIELD_KEYS=[other]):
        stored = Child.objects.get(pk=child.pk)
        with pytest.raises(DecryptionError):
            _ = stored.first_name
    assert str(stored.__dict__["first_name"]) == "(encrypted)"


def test_an_old_key_still_reads_and_a_new_key_writes(child: Child) -> None:
    new = "new:" + base64.b64encode(bytes(range(32))).decode()
    from django.conf import settings  # noqa: PLC0415

    with override_settings(FIELD_KEYS=[new, *settings.FIELD_KEYS]):
        stored = Child.objects.get(pk=child.pk)
        assert stored.first_name == "Marigold"
        stored.first_name = "Rowan"
        stored.save()
        assert b"new" in raw_row(child)[:8]
        assert Child.objects.get(pk=child.pk).first_name == "Rowan"


def test_a_value_copied_to_another_row_cannot_be_read_there(child: Child) -> None:
    other = Child.objects.create(case=child.case, first_name="Rowan", last_name="Ash", order=2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, first_name FROM cases_child")
        rows = {uuid.UUID(str(key)): value for key, value in cursor.fetchall()}
        cursor.execute(
            "UPDATE cases_child SET first_name = %s"
            " WHERE last_name = (SELECT last_name FROM cases_child WHERE id = %s)",
            [rows[child.pk], other.pk.hex if connection.vendor == "sqlite" else other.pk],
        )
    with pytest.raises(DecryptionError):
        _ = Child.objects.get(pk=other.pk).first_name


@pytest.mark.parametrize(
    "use",
    [
        lambda: list(Child.objects.values("first_name")),
        lambda: list(Child.objects.values_list("last_name", flat=True)),
        lambda: list(Child.objects.filter(last_name="Fenwick")),
        lambda: list(Child.objects.order_by("last_name")),
        lambda: Child.objects.update(last_name="Fenwick"),
    ],
    ids=["values", "values_list", "filter", "order_by", "update"],
)
def test_an_encrypted_field_cannot_be_listed_filtered_ordered_or_updated_in_bulk(child: Child, use) -> None:  # noqa: ANN001
    with pytest.raises(EncryptedLookupError):
        use()


def test_a_list_that_shows_no_names_decrypts_none(child: Child) -> None:
    with override_settings(FIELD_KEYS=["b:" + base64.b64encode(bytes(32)).decode()]):
        assert [str(row) for row in Child.objects.all()] == ["Child 1"]


def test_a_person_is_found_by_surname_whatever_its_case_but_not_by_part_of_it() -> None:
    assert blind_index("surname", " FENWICK ") == blind_index("surname", "Fenwick")
    assert blind_index("surname", "Fenwic") != blind_index("surname", "Fenwick")
    assert blind_index("surname", "Fenwick") != blind_index("first name", "Fenwick")
    assert blind_index("surname", "") == ""


@given(st.binary(max_size=3000), st.binary(max_size=60))
def test_whatever_is_encrypted_is_read_back_and_any_changed_byte_is_noticed(plain: bytes, row: bytes) -> None:
    token = encrypt(plain, row)
    assert decrypt(token, row) == plain
    with pytest.raises(DecryptionError):
        decrypt(token[:-1] + bytes([token[-1] ^ 1]), row)
    with pytest.raises(DecryptionError):
        decrypt(token, row + b"x")
