"""The generation has one number for each watched table; procedures/generation.py seeds them after every migration."""

from django.db import migrations, models


def empty(apps, schema_editor):
    apps.get_model("procedures", "Generation").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("procedures", "0004_section_rows")]

    operations = [
        migrations.RunPython(empty, empty),
        migrations.AddField(
            model_name="generation",
            name="name",
            field=models.CharField(default="", max_length=63, unique=True),
            preserve_default=False,
        ),
    ]
