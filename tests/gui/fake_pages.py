"""Pages that the fake session has read: text of its own, and a page with tables, formulas and code."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Cell,
    Line,
    PageResult,
    PageSource,
    StepCost,
    Table,
    box_polygon,
)

PARAGRAPHS = {
    "en": (
        "Annual report of the harbour office",
        "The harbour office looks back on a quiet year. Traffic rose by four percent, most of it in the third quarter, "
        "and the new quay was opened in May.",
        "Ships longer than 120 metres now berth at the outer wall; smaller ones keep their places. The tariff of 1987 "
        "remains in force until the council has decided.",
        "Repairs to the crane took eleven weeks. No accident was reported.",
    ),
    "zh": (
        "港务局年度报告",
        "港务局回顾了平静的一年。吞吐量增长了百分之四，其中大部分在第三季度，新码头于五月启用。",
        "长度超过一百二十米的船只现停靠在外墙；较小的船只保留原有泊位。在理事会作出决定之前，1987年的费率继续有效。",
        "起重机的维修历时十一周。没有事故报告。",
    ),
}
WIDTH, HEIGHT = 1654.0, 2339.0  # A4 at 200 dpi


def page_result(page: int, tongue: str) -> PageResult:
    """A title and three paragraphs, each a line."""
    lines, blocks = [], []
    top = 260.0
    for number, text in enumerate(PARAGRAPHS[tongue]):
        box = (180.0, top, WIDTH - 180.0, top + (90.0 if number == 0 else 210.0))
        lines.append(Line(text, box_polygon(box), 0.72 if number == 3 else 0.97))
        kind = BlockKind.TITLE if number == 0 else BlockKind.TEXT
        blocks.append(Block(kind, box, (number,), level=1 if number == 0 else 0))
        top = box[3] + 50.0
    return PageResult(
        page=page,
        width=WIDTH,
        height=HEIGHT,
        dpi=200.0,
        rotation=0,
        source=PageSource.RECOGNISED,
        lines=tuple(lines),
        blocks=tuple(blocks),
        steps=(StepCost("recognise", 2.3, 512.0),),
    )


def draw(page: int, tongue: str, max_width: int, max_height: int) -> tuple[bytes, int, int]:
    """The page as a PNG."""
    factor = min(max_width / WIDTH, max_height / HEIGHT)
    image = QImage(max(1, round(WIDTH * factor)), max(1, round(HEIGHT * factor)), QImage.Format.Format_RGB32)
    image.fill(QColor("#fdfcf8"))
    painter = QPainter(image)
    painter.scale(factor, factor)
    font = QFont("Noto Serif CJK SC" if tongue == "zh" else "DejaVu Serif")
    top = 260.0
    for number, text in enumerate(PARAGRAPHS[tongue]):
        height = 90.0 if number == 0 else 210.0
        font.setPixelSize(58 if number == 0 else 38)
        font.setBold(number == 0)
        painter.setFont(font)
        painter.drawText(QRectF(180, top, WIDTH - 360, height), Qt.TextFlag.TextWordWrap, text)
        top += height + 50
    painter.drawText(QRectF(0, HEIGHT - 180, WIDTH, 60), Qt.AlignmentFlag.AlignCenter, str(page + 1))
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data()), image.width(), image.height()


def figures(page: int, rows: int = 5) -> PageResult:
    """A page with a heading, a table that has spans, a formula, a listing, a list and a footnote."""
    lines: list[Line] = []
    blocks: list[Block] = []
    top = 120.0

    def line(text: str, left: float = 180.0, height: float = 34.0) -> int:
        box = (left, top, WIDTH - 180.0, top + height)
        lines.append(Line(text, box_polygon(box), 0.97))
        return len(lines) - 1

    def block(kind: BlockKind, *texts: str, **more: object) -> None:
        nonlocal top
        first = top
        indices = []
        for text in texts:
            indices.append(line(text.lstrip(), 180.0 + 30.0 * (len(text) - len(text.lstrip()))))
            top += 44.0
        blocks.append(Block(kind, (180.0, first, WIDTH - 180.0, top), tuple(indices), **more))  # type: ignore[arg-type]
        top += 30.0

    block(BlockKind.SECTION_HEADER, "Berths by quarter", level=2)
    block(BlockKind.TEXT, "The outer wall is counted apart; figures are ships a day & night <both tides>.")
    cells = [Cell(0, 0, "Quay", row_span=2, heading=True), Cell(0, 1, "Ships", column_span=2, heading=True)]
    cells += [Cell(1, 1, "1986", heading=True), Cell(1, 2, "1987", heading=True)]
    for row in range(2, rows):
        cells += [Cell(row, 0, f"Quay {row - 1}"), Cell(row, 1, str(40 + row)), Cell(row, 2, f"{50 + row}\n(est.)")]
    numbered = []
    for cell in cells:
        numbered.append(msgspec.structs.replace(cell, lines=(line(cell.text),)))
        top += 2.0
    indices = tuple(index for cell in numbered for index in cell.lines)
    blocks.append(
        Block(
            BlockKind.TABLE,
            (180.0, top - 200.0, WIDTH - 180.0, top),
            indices,
            table=Table(rows, 3, tuple(numbered), "SLANet_plus"),
        )
    )
    top += 30.0
    block(BlockKind.CAPTION, "Table 1. Ships that berthed.", caption_of=2)
    block(BlockKind.FORMULA, "Q = m c dT", latex=r"Q = \frac{m}{2} \cdot c \, \Delta T")
    block(BlockKind.CODE, "for quay in quays:", "    print(quay.name, *quay.ships)  # <all>")
    block(BlockKind.LIST_ITEM, "• Repairs to the crane")
    block(BlockKind.LIST_ITEM, "• A new tariff")
    block(BlockKind.LIST_ITEM, "1. First of May")
    block(BlockKind.FOOTNOTE, "* Without the ferry.")
    return PageResult(
        page=page,
        width=WIDTH,
        height=HEIGHT,
        dpi=200.0,
        rotation=0,
        source=PageSource.RECOGNISED,
        lines=tuple(lines),
        blocks=tuple(blocks),
        steps=(StepCost("recognise", 2.3, 512.0), StepCost("tables", 0.6, 588.0)),
    )
