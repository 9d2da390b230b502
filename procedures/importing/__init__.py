"""Reads a chapter that somebody saved as plain text, and says what each line of it is.

Pure Python: nothing here knows Django, so that the same reader can serve a command, an upload page or a test.
`parse.parse_chapter(text)` gives a `structure.Chapter`; `report.report(chapter)` gives what is printed as
JSON.
"""
