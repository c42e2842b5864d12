"""What a page is made of, as HTML. Everything that stands on the page is escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from desktop_ocr.document_host.export.xml_text import attribute, content
from desktop_ocr.schema.results import Block, BlockKind, Cell, Table
from desktop_ocr.text.elements import (
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
)
from desktop_ocr.text.joining import join_lines
from desktop_ocr.text.lists import ListItem
from desktop_ocr.text.tables import covered, head_rows, is_backwards, mirrored, text_of

_SHOWN_AS = {BlockKind.PICTURE: "Picture", BlockKind.CHART: "Chart", BlockKind.SEAL: "Seal"}


class HtmlWriter:
    """Writes the elements of one page. Each text says by itself which way it runs (`dir="auto"`)."""

    def __init__(self, address: Callable[[Figure], str]) -> None:
        """`address` gives the address of a figure's picture, "" where there is none."""
        self._address = address
        self._captions: dict[int, list[str]] = {}

    def written(self, elements: Sequence[Element]) -> Iterator[str]:
        """The elements, one after the other. A caption goes into the figure that it belongs to."""
        bodies = {id(one.block) for one in elements if isinstance(one, (TableElement, Figure))}
        for one in elements:
            if isinstance(one, Caption) and one.of is not None and id(one.of) in bodies:
                self._captions.setdefault(id(one.of), []).append(one.text)
        for one in elements:
            if isinstance(one, Caption) and one.of is not None and id(one.of) in bodies:
                continue
            if text := self._element(one):
                yield text

    def _element(self, element: Element) -> str:
        match element:
            case Heading(level, text):
                return f'<h{level} dir="auto">{content(text)}</h{level}>'
            case Paragraph(lines):
                return f'<p dir="auto">{_lines(lines)}</p>'
            case ListItems(items):
                return _list(items)
            case TableElement(block):
                return self._figure(block, _table(element))
            case Code(lines):
                return f"<pre><code>{content(chr(10).join(lines))}</code></pre>"
            case Formula(latex, text):
                return _formula(latex) if latex else _p(text, "formula")
            case Figure():
                return self._figure(element.block, self._picture(element))
            case Caption(text):
                return _p(text, "caption")
            case Footnotes(notes):
                made = (
                    f"<sup>{content(mark)}</sup> {content(text)}" if mark else content(text) for mark, text in notes
                )
                return '<div class="notes">\n' + "\n".join(f'<p dir="auto">{one}</p>' for one in made) + "\n</div>"
            case Margin(kind, lines):
                name = "header" if kind is BlockKind.PAGE_HEADER else "footer"
                return f'<{name}><p dir="auto">{_lines(lines)}</p></{name}>'

    def _figure(self, block: Block, inside: str) -> str:
        captions = self._captions.get(id(block), [])
        if not captions:
            return f"<figure>\n{inside}\n</figure>" if inside and block.kind is not BlockKind.TABLE else inside
        caption = f'<figcaption dir="auto">{_lines(captions)}</figcaption>'
        return "\n".join(filter(None, ("<figure>", inside, caption, "</figure>")))

    def _picture(self, figure: Figure) -> str:
        parts = []
        name = _SHOWN_AS.get(figure.kind, "Picture")
        if address := self._address(figure):
            parts.append(f"<img src={attribute(address)} alt={attribute(name)}>")
        if figure.labels:
            # Labels of a drawing are no sentence; those of a seal go around it.
            text = content(join_lines(figure.labels)) if figure.kind is BlockKind.SEAL else _lines(figure.labels)
            labels = f'<p class="labels" dir="auto">{text}</p>'
            parts.append(
                f"<details><summary>Text in the {name.lower()}</summary>{labels}</details>" if parts else labels
            )
        if figure.table is not None:
            parts.append(_cells(figure.table))
        return "\n".join(parts)


def _p(text: str, name: str) -> str:
    return f'<p class="{name}" dir="auto">{content(text)}</p>'


def _formula(latex: str) -> str:
    return f'<p class="formula" dir="ltr"><code>{content(latex)}</code></p>'


def _lines(texts: Sequence[str]) -> str:
    return "<br>\n".join(map(content, texts))


def _list(items: Sequence[ListItem | str]) -> str:
    """Items below each other; numbered ones among others make a list of their own."""
    parts: list[str] = []
    inside = ""
    for item in items:
        assert isinstance(item, ListItem)  # noqa: S101 - paragraphs belong to an item, and are written with it
        name = "ul" if item.marker == "-" else "ol"
        if name != inside:
            parts += [f"</{inside}>"] if inside else []
            parts.append(f'<{name} dir="auto">')
            inside = name
        parts.append(_item(item))
    return "\n".join([*parts, f"</{inside}>"])


def _item(item: ListItem) -> str:
    value = "" if item.marker == "-" else f' value="{int(item.marker[:-1])}"'
    # What has a label of its own needs no bullet.
    name = ' class="labelled"' if item.labelled else ""
    parts = [content(item.text)]
    run: list[ListItem] = []
    for one in item.below:
        if isinstance(one, ListItem):
            run.append(one)
            continue
        parts += [_list(run)] if run else []
        run = []
        parts.append(f'<p dir="auto">{content(one)}</p>')
    parts += [_list(run)] if run else []
    return f'<li{value}{name} dir="auto">' + "\n".join(parts) + "</li>"


def _table(element: TableElement) -> str:
    if element.table is not None:
        lines = f'<p dir="auto">{_lines(element.lines)}</p>' if element.lines else ""
        return "\n".join(filter(None, (lines, _cells(element.table))))
    if not element.is_grid:
        return '<p dir="auto">' + _lines([" | ".join(row) for row in element.rows]) + "</p>"
    rows = ("".join(f'<td dir="auto">{content(text)}</td>' for text in row) for row in element.rows)
    return "\n".join(("<table>", *(f"<tr>{row}</tr>" for row in rows), "</table>"))


def _cells(table: Table) -> str:
    """A table, a row a line. One that is read from the right begins there."""
    backwards = is_backwards(table)
    table = mirrored(table) if backwards else table
    at = {(cell.row, cell.column): cell for cell in table.cells}
    hidden = covered(table)
    head = head_rows(table)
    parts = [f'<div class="table"><table{" dir=rtl" if backwards else ""}>']
    for row in range(table.rows):
        if head and row in (0, head):
            parts.append("<thead>" if row == 0 else "</thead>\n<tbody>")
        cells = (
            _cell(at.get((row, column)), in_head=row < head)
            for column in range(table.columns)
            if (row, column) not in hidden
        )
        parts.append(f"<tr>{''.join(cells)}</tr>")
    parts += ["</thead>" if head == table.rows else "</tbody>"] if head else []
    parts.append("</table></div>")
    return "\n".join(parts)


def _cell(cell: Cell | None, *, in_head: bool) -> str:
    if cell is None:
        return "<td></td>"
    rows = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    columns = f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
    text = content(text_of(cell))
    direction = ' dir="auto"' if text else ""
    if not cell.heading:
        return f"<td{rows}{columns}{direction}>{text}</td>"
    scope = "col" if in_head or (cell.row == 0 and cell.column > 0) else "row"
    return f'<th scope="{scope}"{rows}{columns}{direction}>{text}</th>'
