"""A page as hOCR: its blocks in reading order, their paragraphs, lines and words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from desktop_ocr.document_host.export.word_places import baseline, direction, words_of
from desktop_ocr.document_host.export.xml_text import attribute, content
from desktop_ocr.schema.results import Block, BlockKind, Box, Cell, Line, PageResult, PageSource, Table, polygon_box
from desktop_ocr.text.joining import is_right_to_left

LAYER_DPI = 300.0
"""Of pages that were read from their text layer: they are measured in points, and hOCR has whole numbers only."""
LEVEL = 5.0  # degrees: lines that run further off the horizontal say so

# Headings are marked inside of their area, everything else by the area's own class.
_AREAS = {
    BlockKind.PAGE_HEADER: "ocr_header",
    BlockKind.PAGE_FOOTER: "ocr_footer",
    BlockKind.CAPTION: "ocr_caption",
    BlockKind.TABLE: "ocr_table",
    BlockKind.PICTURE: "ocr_photo",
    BlockKind.CHART: "ocr_linedrawing",
    BlockKind.SEAL: "ocr_image",
    BlockKind.FORMULA: "ocr_display",
}
_HEADINGS = ("ocr_chapter", "ocr_chapter", "ocr_section", "ocr_subsection", "ocr_subsubsection")
CAPABILITIES = (
    "ocr_page",
    "ocr_carea",
    "ocr_par",
    "ocr_line",
    "ocrx_word",
    "ocr_title",
    *dict.fromkeys(_HEADINGS),
    *_AREAS.values(),
    "ocr_math",
    "ocrp_wconf",
    "ocrp_lang",
    "ocrp_dir",
)


def hocr_page(result: PageResult, image: str) -> str:
    """The page as an `ocr_page`, with a newline at its end.

    Boxes are pixels of the upright page at the resolution that `scan_res` names.

    Args:
        result: the page.
        image: name of the document's file.
    """
    return "\n".join(_Page(result).rows(image)) + "\n"


def failed_page(page: int, image: str, sentence: str) -> str:
    """A page numbered from 0 that could not be read; how large it is is not known."""
    title = attribute(f"image {_quoted(image)}; bbox 0 0 0 0; ppageno {page}")
    return f'<div class="ocr_page" id="page_{page + 1}" title={title}>\n<p>{content(sentence)}</p>\n</div>\n'


class _Page:
    """Numbers the elements of one page, and writes them."""

    def __init__(self, result: PageResult) -> None:
        self._result = result
        self._dpi = LAYER_DPI if result.source is PageSource.TEXT_LAYER else result.dpi
        self._scale = self._dpi / result.dpi
        self._counts: dict[str, int] = {}

    def rows(self, image: str) -> Iterator[str]:
        result = self._result
        width, height = round(result.width * self._scale), round(result.height * self._scale)
        dpi = round(self._dpi)
        title = f"image {_quoted(image)}; bbox 0 0 {width} {height}; ppageno {result.page}; scan_res {dpi} {dpi}"
        yield f'<div class="ocr_page" id="page_{result.page + 1}" title={attribute(title)}>'
        for block in result.blocks:
            yield from self._block(block)
        yield "</div>"

    def _block(self, block: Block) -> Iterator[str]:
        lines = [self._result.lines[index] for index in block.lines]
        kind = _AREAS.get(block.kind, "ocr_carea")
        yield f'<div class="{kind}" {self._place("block", block.box)}>'
        if block.table is not None:
            if not any(cell.lines for cell in block.table.cells):
                yield from self._paragraph(lines, block.box, "p")  # what a chart says besides its figures
            yield from self._table(block.table)
        elif block.kind in (BlockKind.TITLE, BlockKind.SECTION_HEADER):
            yield from self._heading(block, lines)
        else:
            yield from self._paragraph(lines, block.box, "p")
        if block.latex:
            yield f'<div class="ocr_math" {self._place("math", block.box)}>{content(block.latex)}</div>'
        yield "</div>"

    def _heading(self, block: Block, lines: Sequence[Line]) -> Iterator[str]:
        level = min(max(block.level or (1 if block.kind is BlockKind.TITLE else 2), 1), 6)
        kind = "ocr_title" if block.kind is BlockKind.TITLE else _HEADINGS[min(level, len(_HEADINGS)) - 1]
        yield f'<h{level} class="{kind}" {self._place("heading", block.box)}>'
        yield from self._paragraph(lines, block.box, "span")
        yield f"</h{level}>"

    def _paragraph(self, lines: Sequence[Line], box: Box, tag: str) -> Iterator[str]:
        """A paragraph, or nothing where there are no lines."""
        if not lines:
            return
        backwards = sum(is_right_to_left(line.text) for line in lines) * 2 > len(lines)
        direction_ = ' dir="rtl"' if backwards else ""
        yield f'<{tag} class="ocr_par"{direction_} {self._place("par", box)}>'
        for line in lines:
            yield self._line(line)
        yield f"</{tag}>"

    def _table(self, table: Table) -> Iterator[str]:
        yield "<table>"
        rows: list[list[Cell]] = [[] for _ in range(table.rows)]
        for cell in table.cells:
            rows[cell.row].append(cell)
        covered: dict[int, int] = {}  # columns that a cell above covers, and how many rows more
        for cells in rows:
            yield "<tr>"
            yield from self._cells(sorted(cells, key=lambda cell: cell.column), table.columns, covered)
            yield "</tr>"
        yield "</table>"

    def _cells(self, cells: Iterable[Cell], columns: int, covered: dict[int, int]) -> Iterator[str]:
        column = 0
        for cell in (*cells, None):
            until = cell.column if cell else columns
            while column < until:
                if covered.get(column, 0):
                    covered[column] -= 1
                else:
                    yield "<td></td>"
                column += 1
            if cell is None:
                return
            tag = "th" if cell.heading else "td"
            spans = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
            spans += f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
            yield f"<{tag}{spans}>"
            lines = [self._result.lines[index] for index in cell.lines]
            if lines:
                yield from self._paragraph(lines, cell.box or _around(lines), "p")
            elif cell.text.strip():
                yield content(cell.text)
            yield f"</{tag}>"
            for at in range(column, column + cell.column_span):
                covered[at] = cell.row_span - 1
            column += cell.column_span

    def _line(self, line: Line) -> str:
        box = self._box(polygon_box(line.polygon))
        (ax, ay), (bx, by) = baseline(line.polygon)
        turned = direction(line.polygon)
        if abs(turned) > LEVEL:
            along = f"; textangle {-turned % 360:.3g}"
        else:
            slope = (by - ay) / (bx - ax) if bx != ax else 0.0
            # Where the baseline meets the box's left side, measured from the box's bottom.
            offset = (ay - slope * ax) * self._scale + slope * box[0] - box[3]
            along = f"; baseline {_plain(slope, 4)} {_plain(offset, 1)}"
        words = [
            f'<span class="ocrx_word" {self._place("word", polygon_box(word.polygon), f"; x_wconf {wconf}")}>'
            f"{content(word.text)}</span>{' ' if spaced else ''}"
            for word, spaced in words_of(line)
            for wconf in (round(word.confidence * 100),)
        ]
        return f'<span class="ocr_line" {self._place("line", polygon_box(line.polygon), along)}>{"".join(words)}</span>'

    def _place(self, what: str, box: Box, more: str = "") -> str:
        """The id and the title of an element."""
        self._counts[what] = number = self._counts.get(what, 0) + 1
        sides = " ".join(map(str, self._box(box)))
        return f'id="{what}_{self._result.page + 1}_{number}" title="bbox {sides}{more}"'

    def _box(self, box: Box) -> tuple[int, int, int, int]:
        width, height = round(self._result.width * self._scale), round(self._result.height * self._scale)
        x0, y0, x1, y1 = (value * self._scale for value in box)
        left, top = min(max(0, math.floor(x0)), width), min(max(0, math.floor(y0)), height)
        return left, top, max(left, min(width, math.ceil(x1))), max(top, min(height, math.ceil(y1)))


def _around(lines: Sequence[Line]) -> Box:
    boxes = [polygon_box(line.polygon) for line in lines]
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _quoted(name: str) -> str:
    """A file's name as hOCR's properties hold strings: in quotation marks that are not in it."""
    return f"'{name}'" if '"' in name and "'" not in name else '"' + name.replace('"', "'") + '"'


def _plain(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
