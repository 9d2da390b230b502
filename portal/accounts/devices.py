"""Second factors: an authenticator app, and ten recovery codes for the day when the phone is lost (decision
0030).

Both are django-otp devices, so `django_otp.verify_token` locks them and the session remembers which one was
used. Unlike the devices that ship with django-otp, nothing here can be used by whoever steals the database.
"""

import hashlib
import hmac
import secrets
import time
import uuid
from base64 import b32encode
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from django.db import models
from django.utils import timezone
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP

from portal.encryption import EncryptedTextField, blind_index

SEED_BYTES = 20
STEP_SECONDS = 30
DIGITS = 6
TOLERANCE_STEPS = 1  # one step early or late: phones are rarely more than half a minute wrong
LONGEST_WAIT = timedelta(hours=1)
RECOVERY_CODES = 10
RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
RECOVERY_LENGTH = 12  # 58 bits


def new_seed() -> str:
    """A random seed for an authenticator app, as hex (RFC 4226 asks for 160 bits)."""
    return secrets.token_hex(SEED_BYTES)


def new_salt() -> str:
    """128 random bits, as hex."""
    return secrets.token_hex(16)


class _Factor(ThrottlingMixin, TimestampMixin, Device):
    """What both kinds share: a UUID, and a wait after wrong codes that doubles up to an hour."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True

    @property
    def persistent_id(self) -> str:
        """As django-otp writes it, with the UUID as the whole number that its lookup insists on."""
        return f"{self.model_label()}/{self.id.int}"

    def get_throttle_factor(self) -> int:
        return 1

    def waits_until(self) -> datetime | None:
        """When the next code will be looked at; None where that is now. Doubles with each wrong code, to
        an hour."""
        if not self.throttling_failure_count or self.throttling_failure_timestamp is None:
            return None
        wait = min(timedelta(seconds=2 ** min(self.throttling_failure_count - 1, 20)), LONGEST_WAIT)
        until: datetime = self.throttling_failure_timestamp + wait
        return until if until > timezone.now() else None

    def verify_is_allowed(self) -> tuple[bool, dict[str, object] | None]:
        until = self.waits_until()
        return (True, None) if until is None else (False, {"locked_until": until})

    def _remember_failure(self) -> None:
        self.throttle_increment(commit=False)
        self.save(update_fields=["throttling_failure_count", "throttling_failure_timestamp"])

    def _remember_success(self) -> None:
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save(update_fields=["throttling_failure_count", "throttling_failure_timestamp", "last_used_at"])


class TOTPDevice(_Factor):
    """An authenticator app (RFC 6238: SHA-1, six digits, 30 seconds, as every app supports)."""

    seed = EncryptedTextField(default=new_seed)
    last_step = models.BigIntegerField(
        default=-1, help_text="The time step of the last code that was accepted"
    )

    class Meta:
        verbose_name = "authenticator app"
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(confirmed=True), name="one_authenticator_app_each"
            )
        ]

    def __str__(self) -> str:
        return f"Authenticator app of {self.user_id}"

    def code_at(self, step: int) -> str:
        """The six digits of a time step."""
        totp = TOTP(bytes.fromhex(self.seed), step=STEP_SECONDS, digits=DIGITS)
        totp.time = step * STEP_SECONDS
        return f"{totp.token():0{DIGITS}d}"

    def verify_token(self, token: str) -> bool:
        """Whether these six digits are accepted; each code is, at most once, however many requests bring it.

        1. Wait where earlier codes were wrong.
        2. Find the time step that the digits belong to.
        3. Move `last_step` to it where it is still earlier: only one request can.
        """
        if self.waits_until() is not None:
            return False
        now = int(time.time()) // STEP_SECONDS
        steps = range(now - TOLERANCE_STEPS, now + TOLERANCE_STEPS + 1)
        matching = [
            step for step in steps if hmac.compare_digest(self.code_at(step).encode(), token.encode())
        ]
        claimed = any(
            TOTPDevice.objects.filter(pk=self.pk, last_step__lt=step).update(last_step=step)
            for step in matching
        )
        if claimed:
            self._remember_success()
        else:
            self._remember_failure()
        return claimed

    @property
    def typed_key(self) -> str:
        """The seed in groups of four letters, for those who cannot scan."""
        key = b32encode(bytes.fromhex(self.seed)).decode()
        return " ".join(key[start : start + 4] for start in range(0, len(key), 4))

    def enrolment_uri(self, issuer: str) -> str:
        """The otpauth:// address that a QR code carries; `issuer` is the name that the app will show."""
        query = urlencode(
            {"secret": b32encode(bytes.fromhex(self.seed)).decode(), "issuer": issuer}, quote_via=quote
        )
        return f"otpauth://totp/{quote(issuer)}:{quote(self.user.get_username())}?{query}"


class RecoveryDevice(_Factor):
    """A person's recovery codes. `confirmed` once they have said that they keep them."""

    salt = models.CharField(max_length=32, default=new_salt, editable=False)

    class Meta:
        verbose_name = "recovery codes"
        constraints = [models.UniqueConstraint(fields=["user"], name="one_set_of_recovery_codes_each")]

    def __str__(self) -> str:
        return f"Recovery codes of {self.user_id}"

    def digest(self, code: str) -> str:
        """What is stored of a code: scrypt with the person's own salt, then a key that is not in the
        database."""
        plain = "".join(code.lower().split()).replace("-", "")
        slow = hashlib.scrypt(plain.encode(), salt=bytes.fromhex(self.salt), n=2**12, r=8, p=1)
        return blind_index("recovery-code", slow.hex())

    def verify_token(self, token: str) -> bool:
        """Whether this is one of the unused codes; it is used up by asking."""
        if self.waits_until() is not None:
            return False
        unused = self.codes.filter(digest=self.digest(token), pending=False, used_at__isnull=True)
        claimed = unused.update(used_at=timezone.now()) == 1
        if claimed:
            self._remember_success()
        else:
            self._remember_failure()
        return claimed

    def left(self) -> int:
        """How many codes can still be used."""
        return self.codes.filter(pending=False, used_at__isnull=True).count()

    def replace_codes(self) -> list[str]:
        """Ten new codes, to be shown once. The old ones work until `keep_new_codes`."""
        codes = [
            "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_LENGTH))
            for _ in range(RECOVERY_CODES)
        ]
        self.codes.filter(pending=True).delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(device=self, digest=self.digest(code)) for code in codes
        )
        return ["-".join(code[start : start + 4] for start in range(0, len(code), 4)) for code in codes]

    def keep_new_codes(self) -> None:
        """The person has kept the new codes: they work from now on, the old ones no longer do."""
        self.codes.filter(pending=False).delete()
        self.codes.update(pending=False)
        self.confirmed = True
        self.save(update_fields=["confirmed"])


class RecoveryCode(models.Model):
    """One recovery code: its digest, and when it was used. `pending` until the person has confirmed
    keeping it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.ForeignKey(RecoveryDevice, on_delete=models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64)
    pending = models.BooleanField(default=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "digest"], name="recovery_codes_differ")]

    def __str__(self) -> str:
        return f"Recovery code of {self.device_id}"
