"""Which Wagtail groups a role brings. The rows never expire by themselves; entry to the CMS admin asks for
a current membership each time (`access.cms_entry`), so a row that has been left behind opens nothing."""

from django.contrib.auth.models import Group, Permission
from django.db.models import Model

from portal.accounts.models import User
from portal.accounts.policy import may_enter_cms
from portal.accounts.selectors import memberships_of

MANAGERS = "Business managers"  # the registers: time limits, closed days, agencies …
CMS_GROUPS = (MANAGERS, "Editors", "Moderators")  # the last two come with Wagtail's own migrations
_registers: list[type[Model]] = []


def register(model: type[Model]) -> None:
    """From an app's `ready`: business managers keep this register in the CMS admin (permissions follow
    migrations)."""
    _registers.append(model)


def grant_registers(**kwargs: object) -> None:
    """After migrations: the managers' group may add, change, delete and view every register."""
    group, _ = Group.objects.get_or_create(name=MANAGERS)
    for model in _registers:
        group.permissions.add(
            *Permission.objects.filter(
                content_type__app_label=model._meta.app_label, content_type__model=model._meta.model_name
            )
        )
    access = Permission.objects.filter(content_type__app_label="wagtailadmin", codename="access_admin")
    group.permissions.add(*access)


def sync(person: User) -> None:
    """Puts the person into the CMS groups while they manage a partnership, and takes them out otherwise."""
    managing = may_enter_cms(memberships_of(person))
    groups = [Group.objects.get_or_create(name=name)[0] for name in CMS_GROUPS] if managing else []
    person.groups.set(groups)
