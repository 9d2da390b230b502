"""Files that become chapters: uploads, previews, runs."""
