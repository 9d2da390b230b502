"""The generation has one number for each watched table (procedures/generation.py seeds them after every migration), and
a section's row knows how deep it is."""

from django.db import migrations, models


def empty(apps, schema_editor):
    apps.get_model("procedures", "Generation").objects.all().delete()


def write_levels(apps, schema_editor):
    Section = apps.get_model("procedures", "Section")
    for page in apps.get_model("procedures", "ChapterPage").objects.filter(live=True):
        for block in page.body.raw_data:
            anchor = f"s-{block['id'].replace('-', '')[:10]}"
            level = max(1, int(block["value"].get("level") or 1))
            Section.objects.filter(page=page, anchor=anchor).update(level=level)


class Migration(migrations.Migration):
    dependencies = [("procedures", "0006_section_link_feature")]

    operations = [
        migrations.RunPython(empty, empty),
        migrations.AddField(
            model_name="generation",
            name="name",
            field=models.CharField(default="", max_length=63, unique=True),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="section",
            name="level",
            field=models.PositiveSmallIntegerField(default=1, help_text="1 for a section, 2 for one inside it"),
        ),
        migrations.RunPython(write_levels, migrations.RunPython.noop),
    ]
