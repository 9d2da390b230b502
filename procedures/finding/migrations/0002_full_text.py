"""The database's own full-text index over Entry, kept up to date by the database itself.

SQLite: two FTS5 tables that read their text from the rows, one stemmed for search and one by beginnings of words for
suggestions, and three triggers. PostgreSQL: two generated tsvector columns with GIN indexes. What `procedures` had
indexed is carried over, to be written anew by the next `catch_up`.
"""

from django.db import migrations

NEW = (
    "INSERT INTO finding_fts(rowid, chapter, above, heading, text)"
    " VALUES (new.id, new.chapter, new.above, new.heading, new.text);"
    "INSERT INTO finding_names(rowid, chapter, heading) VALUES (new.id, new.chapter, new.heading);"
)
OLD = (
    "INSERT INTO finding_fts(finding_fts, rowid, chapter, above, heading, text)"
    " VALUES ('delete', old.id, old.chapter, old.above, old.heading, old.text);"
    "INSERT INTO finding_names(finding_names, rowid, chapter, heading)"
    " VALUES ('delete', old.id, old.chapter, old.heading);"
)
SQLITE = (
    """CREATE VIRTUAL TABLE finding_fts USING fts5(
        chapter, above, heading, text, content='finding_entry', content_rowid='id',
        tokenize='porter unicode61 remove_diacritics 2')""",
    """CREATE VIRTUAL TABLE finding_names USING fts5(
        chapter, heading, content='finding_entry', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2', prefix='2 3')""",
    f"CREATE TRIGGER finding_entry_insert AFTER INSERT ON finding_entry BEGIN {NEW} END",
    f"CREATE TRIGGER finding_entry_delete AFTER DELETE ON finding_entry BEGIN {OLD} END",
    f"CREATE TRIGGER finding_entry_update AFTER UPDATE ON finding_entry BEGIN {OLD} {NEW} END",
)
SQLITE_BACK = (
    "DROP TRIGGER finding_entry_insert",
    "DROP TRIGGER finding_entry_delete",
    "DROP TRIGGER finding_entry_update",
    "DROP TABLE finding_fts",
    "DROP TABLE finding_names",
)
POSTGRESQL = (
    """ALTER TABLE finding_entry ADD COLUMN search tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('english'::regconfig, heading), 'A') ||
        setweight(to_tsvector('english'::regconfig, chapter), 'B') ||
        setweight(to_tsvector('english'::regconfig, above), 'C') ||
        setweight(to_tsvector('english'::regconfig, text), 'D')) STORED""",
    """ALTER TABLE finding_entry ADD COLUMN names tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple'::regconfig, heading), 'A') ||
        setweight(to_tsvector('simple'::regconfig, chapter), 'B')) STORED""",
    "CREATE INDEX finding_entry_search ON finding_entry USING gin (search)",
    "CREATE INDEX finding_entry_names ON finding_entry USING gin (names)",
)
POSTGRESQL_BACK = (
    "ALTER TABLE finding_entry DROP COLUMN search",
    "ALTER TABLE finding_entry DROP COLUMN names",
)
CARRY_OVER = (
    "INSERT INTO finding_entry (page_id, anchor, position, chapter, above, heading, text)"
    " SELECT page_id, anchor, position, chapter, '', heading, text FROM procedures_sectionindex"
)


def make(apps, schema_editor):
    run(schema_editor, {"sqlite": SQLITE, "postgresql": POSTGRESQL})
    schema_editor.execute(CARRY_OVER, params=None)


def remove(apps, schema_editor):
    run(schema_editor, {"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK})


def run(schema_editor, statements):
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("finding", "0001_initial"), ("procedures", "0004_section_rows")]

    operations = [migrations.RunPython(make, remove)]
