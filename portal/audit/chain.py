"""The hash chain over append-only rows: one sealer signs batches; writers never wait for it (decision 0040).

A seal must never pass an id that may still be uncommitted, or that row would look inserted afterwards. On
SQLite there is one writer, so what is visible is complete. On PostgreSQL a transaction that holds a lower id
began before any higher id was given out; rows recorded before the oldest running transaction began (less a
margin for the moment between the clock and the INSERT) therefore have no unseen row below them.
"""

import base64
import hashlib
import hmac
import json
import logging
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.audit import triggers
from portal.audit.models import AppendOnly, Seal, chained_columns, row_digest

logger = logging.getLogger("portal.audit")

BATCH = 500
MARGIN = timedelta(seconds=2)
NO_SEAL = "0" * 64
PROBLEMS_SHOWN = 20
ROW = struct.Struct(">q32s")

_models: dict[str, type[AppendOnly]] = {}


def register(model: type[AppendOnly]) -> None:
    """Puts a model's rows under the chain; called from the AppConfig.ready of the app that owns it."""
    _models[model._meta.label_lower] = model


def registered() -> list[type[AppendOnly]]:
    """The models whose rows are sealed."""
    return list(_models.values())


def seal() -> int:
    """Seals every row that is safely committed; returns how many. A second sealer at the same time stops at
    once.
    """
    horizon = _horizon()
    sealed = 0
    for model in registered():
        while count := _seal_batch(model, horizon):
            sealed += count
    return sealed


def _horizon() -> datetime | None:
    """Rows recorded before this moment have no uncommitted row below them; None where every row has none."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(xact_start) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type IN ('client backend', 'parallel worker')"
        )
        (oldest,) = cursor.fetchone()
    now = timezone.now()
    return min(oldest or now, now) - MARGIN


def _seal_batch(model: type[AppendOnly], horizon: datetime | None) -> int:
    """Seals the next rows of a model; 0 where there are none, or another sealer took the number first."""
    label = model._meta.label_lower
    # The head is read before the place from which this model goes on: a seal made in between takes our
    # number.
    head = Seal.objects.order_by("-sequence").first()
    sequence = head.sequence if head else 0
    after = Seal.objects.filter(model=label, sequence__lte=sequence).order_by("-sequence").first()
    first_unsealed = after.last_id + 1 if after else None
    last = None
    if horizon is not None:
        safe = model._base_manager.filter(recorded_at__lt=horizon)
        if first_unsealed is not None:
            safe = safe.filter(id__gte=first_unsealed)
        last = safe.order_by("-id").values_list("id", flat=True).first()
        if last is None:
            return 0
    rows = list(_digests(model, first_unsealed, last, limit=BATCH))
    if not rows:
        return 0
    packed = b"".join(ROW.pack(*row) for row in rows)
    new = Seal(
        sequence=sequence + 1,
        model=label,
        first_id=rows[0][0],
        last_id=rows[-1][0],
        row_count=len(rows),
        rows=packed,
        rows_digest=hashlib.sha256(packed).hexdigest(),
        previous=head.digest() if head else NO_SEAL,
        sealed_at=timezone.now(),
        key_id=next(iter(_keys())),
    )
    new.mac = _mac(new)
    try:
        with transaction.atomic():
            new.save()
    except IntegrityError:
        return 0
    # Where log lines are kept on another machine, the head is thereby anchored outside.
    logger.info(json.dumps({"audit": "sealed", "sequence": new.sequence, "head": new.digest()}))
    return len(rows)


def _digests(
    model: type[AppendOnly], first: int | None, last: int | None, limit: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """Id and digest of the rows with first <= id <= last (None: no bound), in order of id."""
    rows = model._base_manager.order_by("id").values(*chained_columns(model))
    if first is not None:
        rows = rows.filter(id__gte=first)
    if last is not None:
        rows = rows.filter(id__lte=last)
    for columns in rows[:limit].iterator():
        yield columns["id"], row_digest(model, columns)


def _keys() -> dict[str, bytes]:
    pairs = (key.partition(":") for key in settings.AUDIT_KEYS)
    return {key_id: base64.b64decode(secret) for key_id, _, secret in pairs}


def _mac(one: Seal) -> str:
    key = _keys().get(one.key_id)
    return hmac.new(key, one.signed_content(), hashlib.sha256).hexdigest() if key else ""


@dataclass
class Verification:
    """What a check of the whole chain found; no problems means that nothing sealed has been touched."""

    seals: int = 0
    rows: int = 0
    unsealed: dict[str, int] = field(default_factory=dict)
    head: str = NO_SEAL
    problems: list[str] = field(default_factory=list)


def verify(anchored_head: str = "") -> Verification:
    """Recomputes every digest; `anchored_head`, noted down earlier, must still be in the chain."""
    found = Verification()
    position: dict[str, int] = {}
    seen = {NO_SEAL}
    tables = [model._meta.db_table for model in registered()] + [Seal._meta.db_table]
    for table in triggers.unprotected(connection, tables):
        found.problems.append(f"{table}: the triggers that make it append-only are missing.")
    sequence = 0
    for one in Seal.objects.order_by("sequence").iterator(chunk_size=50):
        if len(found.problems) >= PROBLEMS_SHOWN:
            break
        found.problems += _problems_of_seal(one, sequence + 1, found.head)
        model = _models.get(one.model)
        if model is None:
            found.problems.append(f"Seal {one.sequence}: {one.model} is not a model that is sealed.")
        else:
            first = position[one.model] + 1 if one.model in position else None
            found.problems += _problems_of_rows(one, model, first)
            position[one.model] = one.last_id
        sequence, found.head = one.sequence, one.digest()
        found.seals += 1
        found.rows += one.row_count
        seen.add(found.head)
    if anchored_head and anchored_head not in seen:
        found.problems.append("The given head is not in the chain: seals have been cut off or written anew.")
    for model in registered():
        rows = model._base_manager.all()
        label = model._meta.label_lower
        found.unsealed[label] = (rows.filter(id__gt=position[label]) if label in position else rows).count()
    return found


def _problems_of_seal(one: Seal, expected_sequence: int, head: str) -> list[str]:
    problems = []
    if one.sequence != expected_sequence:
        problems.append(f"Seal {expected_sequence} is missing: the next one is {one.sequence}.")
    if one.previous != head:
        problems.append(f"Seal {one.sequence} does not follow from the seal before it.")
    if one.key_id not in _keys():
        problems.append(f"Seal {one.sequence}: its key ({one.key_id}) is not in AUDIT_KEYS.")
    elif not hmac.compare_digest(one.mac, _mac(one)):
        problems.append(f"Seal {one.sequence} has been changed: its signature is wrong.")
    packed = bytes(one.rows)
    if hashlib.sha256(packed).hexdigest() != one.rows_digest or len(packed) != one.row_count * ROW.size:
        problems.append(f"Seal {one.sequence} has been changed: its list of rows is not the signed one.")
    return problems


def _problems_of_rows(one: Seal, model: type[AppendOnly], first: int | None) -> list[str]:
    sealed = dict(ROW.iter_unpack(bytes(one.rows)[: one.row_count * ROW.size]))
    present = dict(_digests(model, first, one.last_id))
    if sealed == present:
        return []
    problems = []
    for row_id in sorted(sealed.keys() | present.keys()):
        if row_id not in present:
            problems.append(f"Seal {one.sequence}: row {row_id} of {one.model} is missing.")
        elif row_id not in sealed:
            problems.append(f"Seal {one.sequence}: row {row_id} of {one.model} was inserted afterwards.")
        elif sealed[row_id] != present[row_id]:
            problems.append(f"Seal {one.sequence}: row {row_id} of {one.model} has been changed.")
    return problems
