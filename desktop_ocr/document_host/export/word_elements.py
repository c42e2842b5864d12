"""What a page is made of, as WordprocessingML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from desktop_ocr.document_host.export.word_lists import Numbering
from desktop_ocr.document_host.export.word_pages import PageSize
from desktop_ocr.document_host.export.word_pictures import WordPictures
from desktop_ocr.document_host.export.word_styles import CODE, LABELS, MONOSPACED, NOTE
from desktop_ocr.document_host.export.word_tables import MOST_COLUMNS, plain_table, word_table
from desktop_ocr.document_host.export.word_text import gap, paragraph, runs
from desktop_ocr.schema.results import BlockKind, PageResult, Table
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
from desktop_ocr.text.tables import cell_texts

BETWEEN = 6.0  # points below a table
_RAISED = '<w:vertAlign w:val="superscript"/>'
_CENTRED = '<w:jc w:val="center"/>'
_NAMES = {BlockKind.PICTURE: "Picture", BlockKind.CHART: "Chart", BlockKind.SEAL: "Seal"}


class PageWriter:
    """Writes one page."""

    def __init__(
        self,
        result: PageResult,
        size: PageSize,
        numbering: Numbering,
        pictures: WordPictures,
        note: Callable[[str], None],
    ) -> None:
        """Write `result` on paper of a size; `note` tells the user something."""
        self._result = result
        self._size = size
        self._numbering = numbering
        self._pictures = pictures
        self._note = note

    def written(self, elements: Sequence[Element], *, break_before: bool) -> list[str]:
        """The page's paragraphs and tables; there is one at least, so that an empty page is a page, too."""
        rows = [row for element in elements for row in self._element(element)]
        if not break_before:
            return rows or [gap(BETWEEN)]
        if rows and rows[0].startswith("<w:p>"):
            rows[0] = _breaking(rows[0])
            return rows
        return [gap(1, break_before=True), *rows]

    def _element(self, element: Element) -> Iterator[str]:
        match element:
            case Heading(level, text):
                yield paragraph(text, style=f"Heading{level}")
            case Paragraph(lines):
                yield paragraph(lines)
            case ListItems(items):
                yield from self._numbering.written(items)
            case TableElement():
                yield from self._table(element)
            case Code(lines):
                yield paragraph(lines, style=CODE)
            case Formula(latex, text):
                yield paragraph(latex or text, more=_CENTRED, properties=MONOSPACED if latex else "")
            case Figure():
                yield from self._figure(element)
            case Caption(text):
                yield paragraph(text, style="Caption")
            case Footnotes(notes):
                for number, (mark, text) in enumerate(notes):
                    yield _note(mark, text, first=number == 0)
            case Margin(kind, lines):
                yield paragraph(lines, style="Header" if kind is BlockKind.PAGE_HEADER else "Footer")

    def _table(self, element: TableElement) -> Iterator[str]:
        if element.lines:
            yield paragraph(element.lines, style=LABELS)
        if element.table is not None:
            yield from self._cells(element.table)
        elif element.is_grid and len(element.rows[0]) <= MOST_COLUMNS:
            yield plain_table(element.rows, self._size.text_width)
            yield gap(BETWEEN)
        else:
            yield paragraph(["\t".join(row) for row in element.rows])

    def _cells(self, table: Table) -> Iterator[str]:
        if table.columns > MOST_COLUMNS:
            self._note(
                f"A table on page {self._result.page + 1} has more columns than Word can show: it became lines of text."
            )
            yield paragraph(["\t".join(row) for row in cell_texts(table)])
            return
        yield word_table(table, self._size.text_width)
        yield gap(BETWEEN)

    def _figure(self, figure: Figure) -> Iterator[str]:
        name = _NAMES.get(figure.kind, "Picture")
        run = self._pictures.run(self._result, figure.block.box, self._size, name)
        if run:
            yield f"<w:p>{run}</w:p>"
        if figure.labels and not (run and figure.table):
            # Labels of a drawing are no sentence; those of a seal go around it.
            text = join_lines(figure.labels) if figure.kind is BlockKind.SEAL else figure.labels
            yield paragraph(text, style=LABELS)
        if figure.table is not None:
            yield from self._cells(figure.table)


def _note(mark: str, text: str, *, first: bool) -> str:
    """A footnote; a rule stands over the first one."""
    made = paragraph(text, style=NOTE)
    if mark:
        at = made.index("</w:pPr>") + len("</w:pPr>")
        made = made[:at] + runs(mark, _RAISED) + runs(" ") + made[at:]
    if first:
        rule = '<w:pBdr><w:top w:val="single" w:sz="4" w:space="4" w:color="808080"/></w:pBdr>'
        style = f'<w:pStyle w:val="{NOTE}"/>'
        made = made.replace(style, style + rule, 1)
    return made


def _breaking(row: str) -> str:
    """A paragraph that begins on a new page."""
    if not row.startswith("<w:p><w:pPr>"):
        return row.replace("<w:p>", "<w:p><w:pPr><w:pageBreakBefore/></w:pPr>", 1)
    head = "<w:p><w:pPr>"
    end = row.index("/>", len(head)) + 2 if row.startswith(head + "<w:pStyle") else len(head)
    return row[:end] + "<w:pageBreakBefore/>" + row[end:]
