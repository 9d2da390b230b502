"""The verbs of accounts: invite, accept, enrol, check a code, reset, end. Each writes its audit event with
its row."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import TypeVar

import django_otp
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts import groups, notices
from portal.accounts.devices import RecoveryDevice, TOTPDevice
from portal.accounts.models import Agency, Invitation, Membership, Partnership, Role, User
from portal.accounts.selectors import memberships_of
from portal.accounts.throttle import allowed
from portal.audit.services import record

INVITATION_LASTS = timedelta(days=7)
WRONG_CODES_TO_TELL = 8
Factor = TypeVar("Factor", TOTPDevice, RecoveryDevice)


class InvitationError(Exception):
    """The invitation has been used, replaced, has run out, or is for somebody else."""


class NotPossible(Exception):
    """What was asked cannot be done as things stand; the message says why, in words for a page."""


# ---- Codes ------------------------------------------------------------------------------------------------


def check_code(person: User, code: str) -> TOTPDevice | None:
    """The authenticator app that accepts this code now, else None. A code is accepted once."""
    device = TOTPDevice.objects.filter(user=person, confirmed=True).first()
    return _verified(person, device, code)


def check_recovery_code(person: User, code: str) -> RecoveryDevice | None:
    """The recovery codes among which this one was still unused, else None; it is used up and the person is
    told."""
    device = RecoveryDevice.objects.filter(user=person, confirmed=True).first()
    if _verified(person, device, code) is None or device is None:
        return None
    record(
        "recovery_code_used", actor=None, kind="person", ref=str(person.pk), detail=f"{device.left()} left"
    )
    notices.recovery_code_used(person, device.left())
    return device


def _verified(person: User, device: Factor | None, code: str) -> Factor | None:
    if device is None:
        return None
    accepted: Factor | None = django_otp.verify_token(person, device.persistent_id, code)
    if accepted is None:
        record("sign_in_failed", actor=None, kind="person", ref=str(person.pk), detail="wrong code")
        device.refresh_from_db(fields=["throttling_failure_count"])
        if device.throttling_failure_count == WRONG_CODES_TO_TELL:
            notices.wrong_codes(person)
    return accepted


def record_session(verb: str, person: User) -> None:
    """Writes down that this person's session began, was unlocked or ended, in a current membership."""
    member = memberships_of(person).first()
    record(verb, actor=member, kind="person", ref=str(person.pk))


# ---- Enrolment --------------------------------------------------------------------------------------------


def begin_enrolment(person: User) -> TOTPDevice:
    """The authenticator app that is being set up: the same until it is finished, so that a reload changes
    nothing."""
    device = TOTPDevice.objects.filter(user=person, confirmed=False).first()
    return device or TOTPDevice.objects.create(user=person, name="Authenticator app", confirmed=False)


def prove_app(person: User, device: TOTPDevice, code: str) -> bool:
    """Whether the new app knows its key: the code is accepted, once."""
    proved = django_otp.verify_token(person, device.persistent_id, code) is not None
    device.refresh_from_db(fields=["throttling_failure_count", "throttling_failure_timestamp", "last_step"])
    return proved


def new_recovery_codes(person: User) -> list[str]:
    """Ten new codes, to be shown until the person has confirmed keeping them; earlier ones work until
    then."""
    device, _ = RecoveryDevice.objects.get_or_create(
        user=person, defaults={"name": "Recovery codes", "confirmed": False}
    )
    return device.replace_codes()


@transaction.atomic
def finish_enrolment(person: User, device: TOTPDevice) -> None:
    """The new app is proved and the recovery codes are kept: both count from now on, an earlier app no
    longer does."""
    replaced, _ = TOTPDevice.objects.filter(user=person, confirmed=True).exclude(pk=device.pk).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    keep_recovery_codes(person, tell=False)
    record("enrolled", actor=None, kind="person", ref=str(person.pk), detail="replaced" if replaced else "")
    notices.second_factor_changed(person)


@transaction.atomic
def keep_recovery_codes(person: User, *, tell: bool = True) -> None:
    """The person has kept the new recovery codes; the old ones stop working. `tell` by e-mail."""
    RecoveryDevice.objects.get(user=person).keep_new_codes()
    if tell:
        record("enrolled", actor=None, kind="person", ref=str(person.pk), detail="new recovery codes")
        notices.second_factor_changed(person)


def enrol_demo(person: User, seed: str) -> TOTPDevice:
    """For load_demo: the person's authenticator app with a known seed (hex). Does nothing where they have
    one."""
    device = TOTPDevice.objects.filter(user=person, confirmed=True).first()
    return device or TOTPDevice.objects.create(user=person, name="Demo", confirmed=True, seed=seed)


@transaction.atomic
def reset_second_factor(person: User, actor: Membership, *, checked: str) -> None:
    """An administrator has checked who asks (`checked` says how): app and codes go, every session ends,
    the person is told. The password stays as it is, and the next sign-in leads to enrolment."""
    TOTPDevice.objects.filter(user=person).delete()
    RecoveryDevice.objects.filter(user=person).delete()
    end_sessions(person)
    record("second_factor_reset", actor=actor, kind="person", ref=str(person.pk), detail=checked)
    notices.second_factor_reset(person)


# ---- Passwords and sessions -------------------------------------------------------------------------------


def end_sessions(person: User) -> None:
    """Every session of this person is over at its next request."""
    User.objects.filter(pk=person.pk).update(session_generation=F("session_generation") + 1)
    person.refresh_from_db(fields=["session_generation"])


def set_password(person: User, password: str, *, reset: bool) -> None:
    """A new password: every session ends, second factors stay, the person is told. `reset`: by the
    e-mailed link."""
    with transaction.atomic():
        person.set_password(password)
        person.save(update_fields=["password"])
        record(
            "password_reset", actor=None, kind="person", ref=str(person.pk), detail="" if reset else "changed"
        )
        notices.password_changed(person)


def request_password_reset(email: str) -> None:
    """Sends the link to an active person of this address; does the same work, and says nothing, for any
    other."""
    person = User.objects.filter(email=email, is_active=True).first()
    if not allowed("reset", email, times=3, seconds=3600):
        return
    somebody = person or User(email=email, password=make_password(None))
    message = notices.password_reset_message(somebody, default_token_generator.make_token(somebody))
    if person is None:
        notices.render(message[0], message[2])
    else:
        notices.password_reset(person, default_token_generator.make_token(person))


# ---- Invitations and memberships --------------------------------------------------------------------------


@transaction.atomic
def invite(
    *, email: str, agency: Agency, partnership: Partnership, role: Role | str, actor: Membership | None
) -> tuple[Invitation, str]:
    """Sends a one-use link and returns the invitation and the link's secret, which is stored as a digest
    only.

    Earlier invitations of this address to the same role stop working. Raises NotPossible where the agency
    does not belong to the partnership or is no longer active.
    """
    email = email.strip().lower()
    if not agency.active or not agency.partnerships.filter(pk=partnership.pk).exists():
        raise NotPossible("This agency does not take part in this partnership.")
    earlier = Invitation.objects.usable().filter(
        email=email, agency=agency, partnership=partnership, role=role
    )
    earlier.update(withdrawn_at=timezone.now())
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email,
        agency=agency,
        partnership=partnership,
        role=role,
        digest=digest_of(secret),
        invited_by=actor,
        expires_at=timezone.now() + INVITATION_LASTS,
    )
    record(
        "invited",
        actor=actor,
        kind="invitation",
        ref=str(invitation.id),
        partnership_id=partnership.id,
        detail=f"{role} {agency.code}",
    )
    notices.invitation(invitation, secret)
    return invitation, secret


def digest_of(secret: str) -> str:
    """What is stored of an invitation's secret; it has 256 random bits, so a fast digest is enough."""
    return sha256(secret.encode()).hexdigest()


def withdraw_invitation(invitation: Invitation, actor: Membership) -> None:
    """The link stops working."""
    if Invitation.objects.usable().filter(pk=invitation.pk).update(withdrawn_at=timezone.now()):
        record("invited", actor=actor, kind="invitation", ref=str(invitation.id), detail="withdrawn")


@transaction.atomic
def accept_as_new(invitation: Invitation, *, first_name: str, last_name: str, password: str) -> User:
    """Makes the person and their membership. Raises InvitationError where the link has been used
    meanwhile, or the address has an account already (who then has to sign in)."""
    if User.objects.filter(email=invitation.email).exists():
        raise InvitationError
    person = User.objects.create_user(invitation.email, password, first_name=first_name, last_name=last_name)
    _accept(invitation, person)
    return person


@transaction.atomic
def accept_as(person: User, invitation: Invitation) -> Membership:
    """Adds the membership to a person who has signed in. Raises InvitationError where it is for another
    address."""
    if person.email != invitation.email:
        raise InvitationError
    return _accept(invitation, person)


def _accept(invitation: Invitation, person: User) -> Membership:
    # Claim the invitation first: of two requests with the same link, one finds nothing to claim.
    if not Invitation.objects.usable().filter(pk=invitation.pk).update(accepted_at=timezone.now()):
        raise InvitationError
    membership = start_membership(person, invitation.agency, invitation.partnership, invitation.role)
    Invitation.objects.filter(pk=invitation.pk).update(membership=membership)
    record(
        "invited",
        actor=membership,
        kind="invitation",
        ref=str(invitation.id),
        partnership_id=invitation.partnership_id,
        detail="accepted",
    )
    return membership


def start_membership(person: User, agency: Agency, partnership: Partnership, role: Role | str) -> Membership:
    """The current membership of this kind, begun today where there is none; CMS groups follow."""
    same = memberships_of(person).filter(agency=agency, partnership=partnership, role=role).first()
    membership = same or Membership.objects.create(
        person=person, agency=agency, partnership=partnership, role=role
    )
    groups.sync(person)
    return membership


@transaction.atomic
def end_membership(membership: Membership, actor: Membership | None) -> None:
    """Access in this membership ends now. Where it was the last one, every session ends as well.

    Raises NotPossible where it has ended already.
    """
    now = timezone.now()
    today = timezone.localdate()
    unended = Membership.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today), ended_at__isnull=True
    )
    if not unended.filter(pk=membership.pk).update(ended_at=now, ends_on=max(today, membership.starts_on)):
        raise NotPossible("This membership has ended already.")
    person = membership.person
    groups.sync(person)
    if not memberships_of(person).exists():
        end_sessions(person)
    record(
        "membership_ended",
        actor=actor,
        kind="membership",
        ref=str(membership.id),
        partnership_id=membership.partnership_id,
        detail=f"{membership.role} {membership.agency.code}",
    )
    notices.membership_ended(person, membership.partnership)


@transaction.atomic
def disable(person: User, actor: Membership | None) -> None:
    """The account is closed: nobody signs in to it, and its sessions are over at their next request."""
    User.objects.filter(pk=person.pk).update(is_active=False)
    person.is_active = False
    end_sessions(person)
    groups.sync(person)
    record("membership_ended", actor=actor, kind="person", ref=str(person.pk), detail="account disabled")
