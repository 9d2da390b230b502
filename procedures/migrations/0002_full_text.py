"""The database's own full-text index over SectionIndex, kept up to date by the database itself.

SQLite: an FTS5 table with the porter stemmer that reads its text from the rows, and three triggers. PostgreSQL: a
generated tsvector column (heading, then chapter, then text) with a GIN index.
"""

from django.db import migrations

SQLITE = (
    """CREATE VIRTUAL TABLE procedures_section_fts USING fts5(
        chapter, heading, text, content='procedures_sectionindex', content_rowid='id',
        tokenize='porter unicode61 remove_diacritics 2')""",
    """CREATE TRIGGER procedures_section_fts_insert AFTER INSERT ON procedures_sectionindex BEGIN
        INSERT INTO procedures_section_fts(rowid, chapter, heading, text)
        VALUES (new.id, new.chapter, new.heading, new.text);
    END""",
    """CREATE TRIGGER procedures_section_fts_delete AFTER DELETE ON procedures_sectionindex BEGIN
        INSERT INTO procedures_section_fts(procedures_section_fts, rowid, chapter, heading, text)
        VALUES ('delete', old.id, old.chapter, old.heading, old.text);
    END""",
    """CREATE TRIGGER procedures_section_fts_update AFTER UPDATE ON procedures_sectionindex BEGIN
        INSERT INTO procedures_section_fts(procedures_section_fts, rowid, chapter, heading, text)
        VALUES ('delete', old.id, old.chapter, old.heading, old.text);
        INSERT INTO procedures_section_fts(rowid, chapter, heading, text)
        VALUES (new.id, new.chapter, new.heading, new.text);
    END""",
    "INSERT INTO procedures_section_fts(procedures_section_fts) VALUES ('rebuild')",
)
SQLITE_BACK = (
    "DROP TRIGGER procedures_section_fts_insert",
    "DROP TRIGGER procedures_section_fts_delete",
    "DROP TRIGGER procedures_section_fts_update",
    "DROP TABLE procedures_section_fts",
)
POSTGRESQL = (
    """ALTER TABLE procedures_sectionindex ADD COLUMN search tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('english'::regconfig, heading), 'A') ||
        setweight(to_tsvector('english'::regconfig, chapter), 'B') ||
        setweight(to_tsvector('english'::regconfig, text), 'D')) STORED""",
    "CREATE INDEX procedures_sectionindex_search ON procedures_sectionindex USING gin (search)",
)
POSTGRESQL_BACK = ("ALTER TABLE procedures_sectionindex DROP COLUMN search",)


def make(apps, schema_editor):
    run(schema_editor, {"sqlite": SQLITE, "postgresql": POSTGRESQL})


def remove(apps, schema_editor):
    run(schema_editor, {"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK})


def run(schema_editor, statements):
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("procedures", "0001_initial")]

    operations = [migrations.RunPython(make, remove)]
