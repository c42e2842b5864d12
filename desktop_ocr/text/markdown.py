"""A page as Markdown (CommonMark, with GitHub's tables)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from desktop_ocr.schema.results import BlockKind, PageResult
from desktop_ocr.text.code import fenced
from desktop_ocr.text.elements import (
    MARGINS,
    Caption,
    Code,
    Element,
    Figure,
    Footnotes,
    Formula,
    Heading,
    ListItems,
    Margin,
    Paragraph,
    TableElement,
    elements,
)
from desktop_ocr.text.escaping import escape
from desktop_ocr.text.joining import join_lines
from desktop_ocr.text.lists import ListItem
from desktop_ocr.text.tables import table_markdown

LEFT_OUT = frozenset(MARGINS)
HARD_BREAK = "  \n"  # not a backslash, which a search for the words would stumble over


def markdown(result: PageResult, *, headers: bool = False, picture: Callable[[Figure], str] | None = None) -> str:
    """The page as Markdown, without a newline at its end; "" where there is nothing to say.

    Paragraphs are joined, over columns and figures too; lines that end on purpose (addresses, verses) are kept apart;
    lists, headings (by level), captions, code and formulas keep their form; footnotes stand at the end. A table becomes
    a Markdown table, one with cells that span others HTML; where its cells are not known, its rows become a Markdown
    table if all of them have equally many pieces, and lines of their own if not.

    Args:
        result: the page.
        headers: with page headers and footers.
        picture: gives the address of a figure's picture, or "" where there is none; None for no pictures.
    """
    return "\n\n".join(filter(None, (_element(one, picture) for one in elements(result, headers=headers))))


def _element(element: Element, picture: Callable[[Figure], str] | None) -> str:
    match element:
        case Heading(level, text):
            return f"{'#' * level} {escape(text)}"
        case Paragraph(lines) | Margin(_, lines):
            return _lines(lines)
        case ListItems(items):
            return "\n".join(_items(items, 0))
        case TableElement():
            return _table(element)
        case Code(lines):
            return fenced(lines)
        case Formula(latex, text):
            return f"$$\n{latex}\n$$" if latex else escape(text)
        case Figure():
            address = picture(element) if picture is not None else ""
            return "\n\n".join(filter(None, (f"![]({address})" if address else "", _figure(element))))
        case Caption(text):
            return f"*{escape(text)}*"
        case Footnotes(notes):
            return "\n\n".join((f"<sup>{escape(mark)}</sup> " if mark else "") + escape(text) for mark, text in notes)


def _lines(texts: Sequence[str]) -> str:
    return HARD_BREAK.join(map(escape, texts))


def _items(items: Sequence[ListItem], indent: int) -> Iterator[str]:
    for item in items:
        yield f"{' ' * indent}{item.marker} {escape(item.text)}"
        own = indent + len(item.marker) + 1
        for one in item.below:
            if isinstance(one, ListItem):
                yield from _items([one], own)
            else:
                yield f"\n{' ' * own}{escape(one)}"


def _figure(figure: Figure) -> str:
    """The text in a figure. Labels of a drawing are no sentence; those of a seal go around it."""
    if figure.table is not None:
        parts = (_lines(figure.labels), table_markdown(figure.table, escape))
        return "\n\n".join(filter(None, parts))
    if figure.kind is BlockKind.PICTURE:
        return _lines(figure.labels)
    return escape(join_lines(figure.labels))


def _table(element: TableElement) -> str:
    if element.table is not None:
        return "\n\n".join(filter(None, (_lines(element.lines), table_markdown(element.table, escape))))
    rows = [[escape(text).replace("|", "\\|") for text in row] for row in element.rows]
    if not element.is_grid:
        return HARD_BREAK.join(" | ".join(row) for row in rows)
    head, *body = rows
    return "\n".join(_table_row(row) for row in (head, ["---"] * len(head), *body))


def _table_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
