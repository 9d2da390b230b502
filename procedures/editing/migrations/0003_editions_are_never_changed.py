from django.db import migrations

from portal.audit.triggers import append_only


class Migration(migrations.Migration):
    """A later migration that makes SQLite remake one of these tables has to protect it again."""

    dependencies = [("editing", "0002_kinds_pictures_taken_down")]

    operations = [
        append_only("editing_edition", erasable=("page_id", "revision_id", "published_by_id")),
        append_only("editing_keptpicture"),
    ]
