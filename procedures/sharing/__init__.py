"""What is local to a partnership: boxes, contacts, chapters."""
