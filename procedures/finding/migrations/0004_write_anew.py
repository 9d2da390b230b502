"""What is indexed of a section now holds its chapter's summary too: `catch_up` writes every chapter's rows anew."""

from django.db import migrations


def forget_revisions(apps, schema_editor):
    rows = apps.get_model("finding", "Entry").objects.filter(position=0, box__isnull=True, page__isnull=False)
    rows.update(revision=None)


class Migration(migrations.Migration):
    dependencies = [("finding", "0003_starting_synonyms")]

    operations = [migrations.RunPython(forget_revisions, migrations.RunPython.noop)]
