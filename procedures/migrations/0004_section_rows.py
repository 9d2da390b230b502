"""The rows of sections that were published before sections had rows."""

from django.db import migrations


def write(apps, schema_editor):
    ChapterPage = apps.get_model("procedures", "ChapterPage")
    Section = apps.get_model("procedures", "Section")
    for page in ChapterPage.objects.filter(live=True):
        rows = []
        for position, block in enumerate(page.body.raw_data, start=1):
            value = block["value"]
            rows.append(
                Section(
                    page=page,
                    anchor=f"s-{block['id'].replace('-', '')[:10]}",
                    position=position,
                    number=(value.get("number") or "")[:40],
                    heading=value.get("heading") or "",
                )
            )
        Section.objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("procedures", "0003_numbers_editions_partnerships")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
