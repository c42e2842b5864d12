"""A page as Markdown (CommonMark, with GitHub's tables)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from desktop_ocr.schema.results import BlockKind, Line, PageResult
from desktop_ocr.text.breaks import paragraphs
from desktop_ocr.text.joining import join_lines
from desktop_ocr.text.rows import in_rows

LEFT_OUT = frozenset({BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER})
HARD_BREAK = "  \n"  # not a backslash, which a search for the words would stumble over
BULLETS = "•‣◦⁃∙▪▫●○■□◆◇►▶➢➤✓✔·–—-*+"
UNKNOWN = "\ue000-\uf8ff\ufffd"  # signs of symbol fonts that have no character: at the start of an item, its bullet

_BULLET = re.compile(rf"[{re.escape(BULLETS)}{UNKNOWN}]\s+")
_NUMBER = re.compile(r"(\d{1,9})[.)]\s+")
_OTHER_MARKER = re.compile(r"(?:\(?[0-9a-zA-Z]{1,4}[.)]|\([0-9a-zA-Z]{1,4}\))\s+")
# What would be read as markup, and no more: every backslash is in the way of whoever searches the file.
_ANYWHERE = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])"  # a backslash before a sign
    r"|\*(?=\S)|(?<=\S)\*"  # emphasis: an asterisk that touches something
    r"|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)"  # an underscore at a word's edge
    r"|<(?=[A-Za-z/!?])"  # a tag
    r"|(?<=\])\("  # a link
    r"|~(?=~)|(?<=~)~"  # struck out
    r"|`"  # code
    r"|&(?=#?\w+;)"  # an entity
)
# What is markup at the start of a paragraph only. "1." and "-" are not here: they begin a list, and look like one.
_AT_START = re.compile(r"#{1,6}(?=\s|$)|>|(?:=+|-{2,})(?=\s*$)|\[(?=[^\]]+\]:)|[+*-](?=\s*$)")


def markdown(result: PageResult) -> str:
    """The page as Markdown, without a newline at its end; "" where there is nothing to say.

    Page headers and footers are left out. Paragraphs are joined, lines that end on purpose (addresses, verses) kept
    apart; lists, headings (by level), captions and formulas keep their form; a table's rows become a Markdown table
    where all of them have equally many cells, otherwise lines of their own.
    """
    pieces: list[tuple[BlockKind, str]] = []
    for block in result.blocks:
        if block.kind in LEFT_OUT:
            continue
        lines = [result.lines[index] for index in block.lines]
        text = _block(block.kind, block.level, lines)
        if text:
            pieces.append((block.kind, text))
    out = ""
    for i, (kind, text) in enumerate(pieces):
        if i:
            in_list = kind is BlockKind.LIST_ITEM and pieces[i - 1][0] is BlockKind.LIST_ITEM
            out += "\n" if in_list else "\n\n"
        out += text
    return out


def escape(text: str) -> str:
    """Text that Markdown shows as it is, at the start of a paragraph or within one."""
    start = "\\" if _AT_START.match(text) else ""
    inside = _ANYWHERE.sub(lambda found: "\\" + found.group(), text)
    return inside if inside.startswith("\\") else start + inside


def _block(kind: BlockKind, level: int, lines: Sequence[Line]) -> str:
    if kind is BlockKind.TABLE:
        return _table(lines)
    texts = [" ".join(line.text.split()) for line in lines]
    joined = join_lines(texts)
    if not joined:
        return ""
    match kind:
        case BlockKind.TITLE:
            return f"{'#' * (level or 1)} {escape(joined)}"
        case BlockKind.SECTION_HEADER:
            return f"{'#' * (level or 2)} {escape(joined)}"
        case BlockKind.LIST_ITEM:
            return _list_items(lines)
        case BlockKind.CAPTION:
            return f"*{escape(joined)}*"
        case BlockKind.PICTURE:
            # Labels of a drawing are no sentence.
            return HARD_BREAK.join(escape(text) for text in texts if text)
        case BlockKind.TEXT:
            return HARD_BREAK.join(map(escape, paragraphs(lines)))
        case _:
            return escape(joined)


def _list_items(lines: Sequence[Line]) -> str:
    """One item or several: a block may hold a whole list; each line that begins with a marker begins an item."""
    items: list[list[str]] = []
    for line in lines:
        text = " ".join(line.text.split())
        if not text:
            continue
        if items and not _starts_item(text, items[0][0]):
            items[-1].append(text)
        else:
            items.append([text])
    return "\n".join(_list_item(join_lines(item)) for item in items)


def _starts_item(text: str, first: str) -> bool:
    """Whether a line begins with a marker of the kind that the first item has."""
    return any(pattern.match(text) and pattern.match(first) for pattern in (_BULLET, _NUMBER))


def _list_item(text: str) -> str:
    if found := _BULLET.match(text):
        return f"- {escape(text[found.end() :])}"
    if found := _NUMBER.match(text):
        return f"{found.group(1)}. {escape(text[found.end() :])}"
    if _OTHER_MARKER.match(text):
        return f"- {escape(text)}"
    return f"- {escape(text)}"


def _table(lines: Sequence[Line]) -> str:
    rows = [
        [escape(line.text.strip()).replace("|", "\\|") for line in row if line.text.strip()]
        for row in in_rows(lines, sort=True)
    ]
    rows = [row for row in rows if row]
    width = len(rows[0]) if rows else 0
    if len(rows) < 2 or width < 2 or any(len(row) != width for row in rows):
        # Which cell belongs to which column is not known: a guess would put figures under wrong heads.
        return HARD_BREAK.join(" | ".join(row) for row in rows)
    head, *body = rows
    return "\n".join(_table_row(row) for row in (head, ["---"] * width, *body))


def _table_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
