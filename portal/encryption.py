"""Encryption of free text at rest: AES-256-GCM, bound to the model, the field and the row (decision 0007).

A stored value is `key id length (1 byte) | key id | nonce (12 bytes) | ciphertext and tag`. The key list comes from
FIELD_KEYS; the first key encrypts, every key may decrypt, so that keys can be rotated without touching rows.
"""

import base64
import hashlib
import hmac
import json
import os
import unicodedata
import uuid
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core import checks
from django.db import models

NONCE_BYTES = 12


class DecryptionError(Exception):
    """The value was encrypted with a key that is not in the list, or for another row, or was changed."""


class EncryptedLookupError(TypeError):
    """An encrypted field cannot be filtered, ordered, listed by `.values()` or set by `.update()`."""


@lru_cache(maxsize=4)
def _ciphers(keys: tuple[str, ...]) -> dict[bytes, AESGCM]:
    pairs = (key.partition(":") for key in keys)
    return {key_id.encode(): AESGCM(base64.b64decode(secret)) for key_id, _, secret in pairs}


def encrypt(plaintext: bytes, associated: bytes) -> bytes:
    """Encrypts with the first key of FIELD_KEYS; `associated` must be given again to decrypt."""
    key_id, cipher = next(iter(_ciphers(tuple(settings.FIELD_KEYS)).items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = cipher.encrypt(nonce, plaintext, key_id + b"|" + associated)
    return bytes([len(key_id)]) + key_id + nonce + sealed


def decrypt(token: bytes, associated: bytes) -> bytes:
    """The plaintext. Raises DecryptionError where the key is unknown, the row is another, or the bytes were changed."""
    length = token[0] if token else 0
    key_id, rest = token[1 : 1 + length], token[1 + length :]
    cipher = _ciphers(tuple(settings.FIELD_KEYS)).get(key_id)
    if cipher is None or len(rest) <= NONCE_BYTES:
        raise DecryptionError("No key for this value.")
    try:
        return cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], key_id + b"|" + associated)
    except InvalidTag:
        raise DecryptionError("This value cannot be read with the keys at hand.") from None


def blind_index(kind: str, value: str) -> str:
    """A keyed digest (hex) by which a surname or date of birth can be found again without storing it.

    `kind` keeps the same word in two fields apart; case, accents and outer blanks do not matter. Empty stays empty.
    """
    folded = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode() or value
    folded = " ".join(folded.casefold().split())
    if not folded:
        return ""
    key = base64.b64decode(settings.BLIND_INDEX_KEY)
    return hmac.new(key, f"{kind}|{folded}".encode(), hashlib.sha256).hexdigest()


def text_digest(value: str) -> str:
    """A keyed digest (hex) of a text, which stays valid in the audit chain after the text itself is erased."""
    key = base64.b64decode(settings.BLIND_INDEX_KEY)
    return hmac.new(key, b"text|" + value.encode(), hashlib.sha256).hexdigest()


class _Sealed(bytes):
    """What the database holds, kept apart from plain values until somebody reads the attribute."""

    def __str__(self) -> str:
        return "(encrypted)"

    __repr__ = __str__


class _Decrypting:
    """Decrypts when the attribute is read, so that a list which shows no names decrypts none."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type[models.Model]) -> Any:
        if instance is None:
            return self
        if self.field.attname not in instance.__dict__:
            instance.refresh_from_db(fields=[self.field.attname])
        value = instance.__dict__[self.field.attname]
        if isinstance(value, _Sealed):
            plaintext = decrypt(bytes(value), self.field.associated(instance))
            value = instance.__dict__[self.field.attname] = self.field.from_plaintext(plaintext)
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.Field):
    """A text that is encrypted at rest, bound to its row by a UUID that exists before the first save.

    That is the primary key, or the UUID field named by `bound_to` where the key is a number (append-only rows).
    """

    empty_strings_allowed = True

    def __init__(self, *args: Any, bound_to: str = "pk", **kwargs: Any) -> None:
        self.bound_to = bound_to
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", self.empty_default)
        super().__init__(*args, **kwargs)

    @staticmethod
    def empty_default() -> Any:
        return ""

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("default", None)
        kwargs.pop("blank", None)
        if self.bound_to != "pk":
            kwargs["bound_to"] = self.bound_to
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "BinaryField"

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Decrypting(self))

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        errors = super().check(**kwargs)
        meta = self.model._meta
        row = meta.pk if self.bound_to == "pk" else meta.get_field(self.bound_to)
        if not isinstance(row, models.UUIDField):
            errors.append(
                checks.Error("An encrypted field needs a UUID for its row.", obj=self, id="portal.E020")
            )
        return errors

    def associated(self, instance: models.Model) -> bytes:
        bound = getattr(instance, self.bound_to)
        row = bound if isinstance(bound, uuid.UUID) else uuid.UUID(str(bound))
        return f"{instance._meta.concrete_model._meta.label_lower}|{self.name}|{row.hex}".encode()  # type: ignore[union-attr]

    def to_plaintext(self, value: Any) -> bytes:
        return str(value).encode()

    def from_plaintext(self, plaintext: bytes) -> Any:
        return plaintext.decode()

    @property
    def path_infos(self) -> Any:
        # Django asks this of every field that a query names (`.values()`, filters, ordering), and not when it
        # loads rows; a plain column would not have it.
        raise EncryptedLookupError(f"{self.name} is encrypted: it cannot be listed, filtered or ordered.")

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else _Sealed(bytes(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, _Sealed):
            return value
        return _Sealed(encrypt(self.to_plaintext(value), self.associated(model_instance)))

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, _Sealed):
            raise EncryptedLookupError(f"{self.name} is encrypted: save the row, do not update it in bulk.")
        return connection.Database.Binary(bytes(value))

    def get_prep_value(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))


class EncryptedJSONField(EncryptedTextField):
    """A JSON value (dict, list, text, number) that is encrypted at rest; empty is an empty dict."""

    @staticmethod
    def empty_default() -> Any:
        return {}

    def to_plaintext(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def from_plaintext(self, plaintext: bytes) -> Any:
        return json.loads(plaintext)
