"""The report of an import: the same facts for a person and as JSON."""

from typing import Any

from procedures.importing.structure import Box, Chapter, ListOfItems, Table


def report(chapter: Chapter) -> dict[str, Any]:
    """The JSON report.

    `sections[].words` are those of the heading and of what stands directly under it; boxes, the chapter's
    title and sub-sections count for themselves. A heading that is only a number ("Section A") has it as its
    title too.
    """
    return {
        "title": chapter.title,
        "number": chapter.number,
        "sections": [
            {
                "number": section.number,
                "title": section.title or section.number,
                "level": section.level,
                "paragraphs": section.paragraphs,
                "words": section.all_words,
            }
            for section in chapter.sections
        ],
        "boxes": [
            {"kind": box.kind, "title": box.title, "words": box.all_words} for box in chapter.all_boxes()
        ],
        "tables": [
            {
                "section": where,
                "columns": block.columns,
                "rows": len([row for row in block.rows if row.cells]),
                "words": block.words,
            }
            for where, block in _blocks(chapter)
            if isinstance(block, Table)
        ],
        "lists": [
            {"section": where, "style": block.style.lower(), "items": len(block.items), "words": block.words}
            for where, block in _blocks(chapter)
            if isinstance(block, ListOfItems)
        ],
        "dropped": [
            {"text": piece.source.strip(), "reason": piece.reason, "line": piece.line}
            for piece in chapter.dropped
        ],
        "problems": [
            {"kind": problem.kind, "section": problem.section, "text": problem.text, "line": problem.line}
            for problem in chapter.problems
        ],
        "words_in": chapter.words_in,
        "words_placed": chapter.words_placed,
    }


def outline(chapter: Chapter) -> list[dict[str, Any]]:
    """The chapter as a tree for a person to look at: headings with what was recognised under each.

    Each entry has `name`, `level` (0 for boxes at the head), `paragraphs`, `words` and `parts`, a list of sentences
    about its lists, tables and boxes.
    """
    head = [
        {
            "name": box.title,
            "level": 0,
            "paragraphs": 0,
            "words": box.all_words,
            "parts": [f"box: {box.kind}"],
        }
        for box in chapter.boxes
    ]
    return head + [
        {
            "name": " ".join(part for part in (section.number, section.title) if part)
            or "(before the first heading)",
            "level": section.level,
            "paragraphs": section.paragraphs,
            "words": section.all_words,
            "parts": [sentence for block in section.blocks if (sentence := _in_words(block))],
        }
        for section in chapter.sections
    ]


STYLES = {
    "bullet": "bullets", "number": "1, 2, 3", "letter": "a, b, c", "LETTER": "A, B, C", "roman": "i, ii, iii",
    "ROMAN": "I, II, III",
}  # fmt: skip


def _in_words(block: object) -> str:
    if isinstance(block, ListOfItems):
        inner = ", nested" if any(item.depth for item in block.items) else ""
        return f"list of {len(block.items)} ({STYLES[block.style]}{inner})"
    if isinstance(block, Table):
        rows = len([row for row in block.rows if row.cells])
        return f"table, {rows} × {block.columns}{', with headings' if block.headed else ''}"
    if isinstance(block, Box):
        return f"box: {block.title or block.kind}"
    return ""


def _blocks(chapter: Chapter) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = [("", block) for box in chapter.boxes for block in box.blocks]
    for section in chapter.sections:
        where = section.number or section.title
        for block in section.blocks:
            inner: list[Any] = list(block.blocks) if isinstance(block, Box) else [block]
            found += [(where, one) for one in inner]
    return found


def as_text(facts: dict[str, Any]) -> str:
    """The report for a terminal."""
    lines = [f"{facts['number']} {facts['title']}".strip() or "(no title)", ""]
    for section in facts["sections"]:
        title = section["title"] if section["title"] != section["number"] else ""
        name = f"{section['number']} {title}".strip() or "(before the first heading)"
        lines.append(f"{'  ' * section['level']}{name}  ({section['words']} words)")
    lines += [
        "",
        f"Boxes: {len(facts['boxes'])}, lists: {len(facts['lists'])}, tables: {len(facts['tables'])}",
        f"Words in the file: {facts['words_in']}; placed: {facts['words_placed']}; "
        f"left out on purpose: {facts['words_in'] - facts['words_placed']}",
    ]
    if facts["dropped"]:
        lines += ["", "Left out on purpose:"]
        lines += [
            f"  line {piece['line']}: {piece['text']} ({piece['reason']})" for piece in facts["dropped"]
        ]
    if facts["problems"]:
        lines += ["", "To be looked at:"]
        lines += [f"  line {one['line']}: {one['kind']}: {one['text']}" for one in facts["problems"]]
    return "\n".join(lines)
