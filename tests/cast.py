"""The fixed cast: the demo's people, by what they do, and a browser for each who has signed in with two factors."""

from dataclasses import dataclass

from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY

from home.demo_people import PEOPLE, load_people
from portal.accounts.models import Agency, Membership, Partnership, TOTPDevice, User


@dataclass
class Cast:
    """The people of both partnerships; `cast.manager` is a Membership, `cast.manager.person` the user."""

    members: dict[str, Membership]

    def __getattr__(self, key: str) -> Membership:
        try:
            return self.__dict__["members"][key]
        except KeyError as missing:
            raise AttributeError(key) from missing

    @property
    def tarn(self) -> Partnership:
        return Partnership.objects.get(code="TARN")

    @property
    def eller(self) -> Partnership:
        return Partnership.objects.get(code="ELLER")

    def agency(self, code: str) -> Agency:
        return Agency.objects.get(code=code)


def load_cast() -> Cast:
    """Both partnerships with everybody in them, and no case. They are in the database from the start
    (tests/database.py), and are made only where a test has taken somebody away."""
    rows = Membership.objects.select_related("person", "agency", "partnership")
    held = {(row.person.email, row.role): row for row in rows.order_by("-starts_on")}
    members = {one.key: held.get((one.email, one.role)) for one in PEOPLE}
    return Cast(members if all(members.values()) else load_people())


def client_for(member: Membership | User) -> Client:
    """A browser in which this person has signed in with password and code; asks for their partnership's host."""
    user = member if isinstance(member, User) else member.person
    client = password_only_client_for(user)
    device = device_of(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    now = timezone.now().timestamp()
    session["verified_at"] = session["seen_at"] = session["code_at"] = now
    session.save()
    if isinstance(member, Membership):
        client.defaults["HTTP_HOST"] = member.partnership.hostname
    return client


def password_only_client_for(member: Membership | User) -> Client:
    """A browser in which this person has given the password but no code yet."""
    user = member if isinstance(member, User) else member.person
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def device_of(user: User) -> TOTPDevice:
    """The person's confirmed second factor; made where there is none."""
    device = TOTPDevice.objects.filter(user=user, confirmed=True).first()
    return device or TOTPDevice.objects.create(user=user, name="app", confirmed=True)


__all__ = ["Cast", "client_for", "device_of", "load_cast", "password_only_client_for"]
