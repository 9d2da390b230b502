"""Rows that are written once and never changed: who looked, who exported, and the seals that prove it."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NoReturn

from django.db import models

from portal.encryption import EncryptedTextField


class AppendOnlyError(TypeError):
    """An append-only row was to be changed or deleted."""


class InsertOnlyQuerySet(models.QuerySet[Any]):
    """Rows can be read and added; the database refuses the rest too (portal.audit.triggers)."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(f"{self.model._meta.label} is append-only.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(f"{self.model._meta.label} is append-only.")

    def delete(self) -> NoReturn:
        raise AppendOnlyError(f"{self.model._meta.label} is append-only.")


class InsertOnly(models.Model):
    """A row that is saved once. Its encrypted texts may still be erased, or encrypted with a new key."""

    objects = InsertOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            kwargs["force_insert"] = True
        elif not set(kwargs.get("update_fields") or [""]) <= erasable_fields(type(self)):
            raise AppendOnlyError(f"{self._meta.label} is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(f"{self._meta.label} is append-only.")


class AppendOnly(InsertOnly):
    """An event. Its digest covers every column but the encrypted ones, which enter by a stored text digest.

    `recorded_at` is the wall clock at the moment of the INSERT: the sealer relies on that
    (portal.audit.chain). A column added later must be nullable, so that the digests of older rows stay what
    they were.
    """

    id = models.BigAutoField(primary_key=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    def digest(self) -> str:
        """SHA-256 (hex) over the canonical JSON of the row's columns as they are in the database."""
        model = type(self)
        columns = model._base_manager.values(*chained_columns(model)).get(pk=self.pk)
        return row_digest(model, columns).hex()


def erasable_fields(model: type[models.Model]) -> set[str]:
    """The encrypted columns: they may be emptied, or written again under another key, without breaking a
    seal.
    """
    return {field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)}


def chained_columns(model: type[models.Model]) -> list[str]:
    """The columns that a row's digest covers, in alphabetical order."""
    erasable = erasable_fields(model)
    return sorted(field.attname for field in model._meta.concrete_fields if field.name not in erasable)


def row_digest(model: type[models.Model], columns: Mapping[str, Any]) -> bytes:
    """SHA-256 of a row given as column -> value; empty (None) columns are left out."""
    present = {name: value for name, value in columns.items() if value is not None}
    return hashlib.sha256(canonical([model._meta.label_lower, present])).digest()


def canonical(value: Any) -> bytes:
    """The one JSON spelling of a value: sorted keys, no blanks, times in UTC with microseconds."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)
    return text.encode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date | uuid.UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form.")


class Verb(models.TextChoices):
    """What people do that is worth knowing afterwards; the sentence is what the audit page shows."""

    VIEWED = "viewed", "Looked at"
    PRINTED = "printed", "Printed"
    EXPORTED = "exported", "Exported"
    REFUSED = "refused", "Was refused"
    SEARCHED_CASE = "searched_case", "Looked for a case"
    SIGNED_IN = "signed_in", "Signed in"
    SIGN_IN_FAILED = "sign_in_failed", "Failed to sign in"
    SIGNED_OUT = "signed_out", "Signed out"
    LOCKED = "locked", "Was locked out"
    UNLOCKED = "unlocked", "Unlocked the session"
    ENROLLED = "enrolled", "Set up a second factor"
    SECOND_FACTOR_RESET = "second_factor_reset", "Reset a second factor"
    RECOVERY_CODE_USED = "recovery_code_used", "Used a recovery code"
    PASSWORD_RESET = "password_reset", "Reset a password"
    INVITED = "invited", "Invited a person"
    MEMBERSHIP_ENDED = "membership_ended", "Ended a membership"
    MESSAGE_RETRIED = "message_retried", "Sent a message again"


class AccessEvent(AppendOnly):
    """Somebody looked, printed, exported, signed in or was refused. No name of anybody, no address."""

    verb = models.CharField(max_length=40)
    actor_id = models.UUIDField(null=True, blank=True)
    actor_label = models.CharField(max_length=80, help_text="Role and agency code, never a name")
    membership_id = models.UUIDField(null=True, blank=True)
    object_kind = models.CharField(max_length=40)
    object_ref = models.CharField(
        max_length=80, help_text="A case reference or another id that identifies nobody"
    )
    partnership_id = models.UUIDField(null=True, blank=True)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["partnership_id", "-id"])]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_kind} {self.object_ref}"

    @property
    def who(self) -> str:
        """Role and agency code in words, such as "Business manager, BUS"."""
        role, _, agency = self.actor_label.partition(" ")
        words = role.replace("_", " ").capitalize()
        return f"{words}, {agency}" if agency else words

    @property
    def sentence(self) -> str:
        """The verb in words."""
        words = dict(Verb.choices)
        return str(words.get(self.verb, self.verb.replace("_", " ").capitalize()))


class Seal(InsertOnly):
    """A link of the chain: one batch of one model's rows, tied to the seal before it and signed with an audit
    key.
    """

    sequence = models.BigIntegerField(primary_key=True)
    model = models.CharField(max_length=80)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    row_count = models.PositiveIntegerField()
    rows = models.BinaryField(
        help_text="Id (8 bytes) and digest (32 bytes) of each row, so that damage has a place"
    )
    rows_digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    key_id = models.CharField(max_length=40)
    mac = models.CharField(max_length=64)

    class Meta:
        ordering = ["sequence"]
        indexes = [models.Index(fields=["model", "sequence"])]

    def __str__(self) -> str:
        return f"Seal {self.sequence}"

    def signed_content(self) -> bytes:
        """What the HMAC covers."""
        names = [
            "sequence",
            "model",
            "first_id",
            "last_id",
            "row_count",
            "rows_digest",
            "previous",
            "sealed_at",
            "key_id",
        ]
        return canonical({name: getattr(self, name) for name in names})

    def digest(self) -> str:
        """SHA-256 (hex) of the seal with its HMAC: the next seal's `previous`, and the head to anchor
        outside.
        """
        return hashlib.sha256(self.signed_content() + b"|" + self.mac.encode()).hexdigest()
