"""People, the agencies they work for, and the partnerships in which they hold a role."""

import uuid
from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.accounts.devices import RecoveryCode, RecoveryDevice, TOTPDevice
from portal.encryption import EncryptedJSONField

__all__ = [
    "Agency",
    "Attempt",
    "Invitation",
    "KeptPost",
    "Membership",
    "Partnership",
    "RecoveryCode",
    "RecoveryDevice",
    "Role",
    "Sector",
    "TOTPDevice",
    "TextSize",
    "User",
]


class Role(models.TextChoices):
    """What a person does in a partnership (domain.md, People)."""

    PRACTITIONER = "practitioner", "Practitioner"
    AGENCY_LEAD = "agency_lead", "Agency lead"
    BUSINESS_MANAGER = "business_manager", "Business manager"
    ADMINISTRATOR = "administrator", "Administrator"
    CHAIR = "chair", "Review group chair"
    PANEL_MEMBER = "panel_member", "Review group member"
    INDEPENDENT_CHAIR = "independent_chair", "Independent chair"
    AUTHOR = "author", "Independent author"
    AUDITOR = "auditor", "Auditor"


class Sector(models.TextChoices):
    """Which part of the safeguarding system an agency belongs to; health counts once towards a quorum."""

    POLICE = "police", "Police"
    HEALTH = "health", "Health"
    SOCIAL_CARE = "social_care", "Children's social care"
    EDUCATION = "education", "Education"
    PROBATION = "probation", "Probation"
    VOLUNTARY = "voluntary", "Voluntary sector"
    PARTNERSHIP = "partnership", "Partnership business unit"
    OTHER = "other", "Other"


class TextSize(models.TextChoices):
    """How large the portal's text is for a person."""

    SMALL = "small", "Small"
    MEDIUM = "medium", "Medium"
    LARGE = "large", "Large"


class UserManager(BaseUserManager["User"]):
    """People are known by their e-mail address, which is kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractUser):  # type: ignore[django-manager-missing]  # django-otp has no types
    """A person who signs in with an e-mail address; what they may do follows from memberships alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)
    session_generation = models.PositiveIntegerField(default=0, editable=False)
    text_size = models.CharField(
        max_length=10, choices=TextSize, blank=True, help_text="Empty until they have chosen one"
    )
    high_visibility = models.BooleanField(default=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[misc,assignment]

    class Meta:
        ordering = ["last_name", "first_name", "email"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """As Django's, with `session_generation`: raising that number ends every session of this person."""
        value = f"{self.password}|{self.session_generation}"
        return salted_hmac("portal.accounts.session", value, secret=secret, algorithm="sha256").hexdigest()


class Partnership(models.Model):
    """A local safeguarding children partnership; several may share one installation and one manual."""

    class ManualAccess(models.TextChoices):
        ANYONE = "anyone", "Anyone may read the manual"
        SIGNED_IN = "signed_in", "Only people who are signed in may read the manual"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40)
    hostname = models.CharField(
        max_length=120, unique=True, help_text="Tells partnerships apart, for example tarn.example.org"
    )
    manual_access = models.CharField(max_length=10, choices=ManualAccess, default=ManualAccess.SIGNED_IN)
    business_unit_email = models.EmailField(blank=True)
    business_unit_phone = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Agency(models.Model):
    """An organisation that takes part; one agency may belong to several partnerships, as a police force
    does."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    sector = models.CharField(max_length=20, choices=Sector)
    active = models.BooleanField(default=True)
    partnerships = models.ManyToManyField(Partnership, related_name="agencies")

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, on: date | None = None) -> "MembershipQuerySet":
        """Memberships in force on a day (default today, local time) of people and agencies that are
        active."""
        day = on or timezone.localdate()
        return self.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=day),
            starts_on__lte=day,
            ended_at__isnull=True,
            person__is_active=True,
            agency__active=True,
        )

    def past(self) -> "MembershipQuerySet":
        """Memberships that have ended, at once or by their last day."""
        return self.filter(Q(ended_at__isnull=False) | Q(ends_on__lt=timezone.localdate()))


class Membership(models.Model):
    """A person's role for an agency in a partnership, from a day until a day; every right comes from one
    of these."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="memberships")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    starts_on = models.DateField(default=timezone.localdate)
    ends_on = models.DateField(null=True, blank=True, help_text="The last day of access")
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["person", "partnership", "role"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="membership_ends_after_it_starts",
            )
        ]
        indexes = [models.Index(fields=["person", "role", "partnership"])]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.agency.name} ({self.partnership.short_name})"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def usable(self) -> "InvitationQuerySet":
        """Invitations that have been neither accepted nor replaced and have not run out."""
        return self.filter(accepted_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """A one-use link that gives one person one membership. The link's secret is stored as a digest only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail address")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="invitations")
    role = models.CharField(max_length=20, choices=Role)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    membership = models.OneToOneField(
        Membership, null=True, on_delete=models.PROTECT, related_name="invitation"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"Invitation to {self.partnership.short_name} as {self.get_role_display()}"


class KeptPost(models.Model):
    """What a person was sending when their session was found locked or over; offered again after the next
    code."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="kept_posts")
    path = models.CharField(max_length=500)
    fields = EncryptedJSONField()  # list of [name, value] in the order in which the browser sent them
    had_files = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["person", "path"], name="one_kept_post_for_each_page")]

    def __str__(self) -> str:
        return f"Kept post to {self.path}"


class Attempt(models.Model):
    """One use of something that may be used only so often (a password reset, say); `key` is a keyed
    digest."""

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["kind", "key", "at"])]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%H:%M}"
