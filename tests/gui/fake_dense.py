"""Pages that the fake session draws as they were read: any result, and one as dense as pages get."""

from __future__ import annotations

import functools

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QTransform

from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Box,
    Cell,
    Line,
    PageResult,
    PageSource,
    StepCost,
    Table,
    Word,
    box_polygon,
    polygon_box,
)

WIDTH, HEIGHT = 1654.0, 2339.0  # A4 at 200 dpi
WORDS = (
    *("harbour", "quay", "tariff", "council", "berth", "vessel", "tonnage", "pilot", "ledger", "cargo", "winter"),
    *("repair", "crane", "outer", "wall", "ferry", "traffic", "quarter", "office", "report", "seventh", "anchor"),
)
PER_LINE = 10
ROWS = 96
COLUMNS = 3


@functools.lru_cache(maxsize=4)
def dense_page(page: int) -> PageResult:
    """Three columns of small print, 300 lines, 3,000 words, blocks of many kinds, a table, a picture."""
    lines: list[Line] = []
    blocks: list[Block] = []

    def put(left: float, top: float, width: float, height: float, number: int, count: int = PER_LINE) -> int:
        texts = [WORDS[(number * 7 + at * 3 + page) % len(WORDS)] for at in range(count)]
        step = width / count
        sure = (0.99, 0.97, 0.91, 0.99, 0.98, 0.78, 0.99)[number % 7]
        words = tuple(
            Word(text, box_polygon((left + at * step, top, left + (at + 0.9) * step, top + height)), sure)
            for at, text in enumerate(texts)
        )
        human = number % 41 == 40
        box = box_polygon((left, top, left + width, top + height))
        lines.append(Line(" ".join(texts), box, 1.0 if human else sure, words, human))
        return len(lines) - 1

    def block(kind: BlockKind, box: Box, indices: tuple[int, ...], **more: object) -> None:
        blocks.append(Block(kind, box, indices, **more))  # type: ignore[arg-type]

    head = put(90.0, 40.0, 700.0, 18.0, 1)
    block(BlockKind.PAGE_HEADER, (84.0, 36.0, 800.0, 62.0), (head,))
    title = put(90.0, 84.0, 1300.0, 44.0, 2, 7)
    block(BlockKind.TITLE, (84.0, 80.0, 1400.0, 132.0), (title,), level=1)
    for column in range(COLUMNS):
        left, top = 90.0 + column * 500.0, 160.0
        row = 0
        while row < ROWS:
            kind, size = _kind(column, row)
            first = top
            if kind is BlockKind.PICTURE:
                block(kind, (left - 6, first, left + 476, first + size * 21.0 - 8), ())
                top += size * 21.0
                row += size
                continue
            rows = []
            for _ in range(min(size, ROWS - row)):
                rows.append(put(left, top + 3, 470.0, 15.0, column * ROWS + row))
                top += 21.0
                row += 1
            table = None
            if kind is BlockKind.TABLE:
                cells = tuple(
                    Cell(
                        at,
                        0,
                        lines[line].text,
                        (line,),
                        box=(left, first + at * 21.0, left + 470, first + 21 * at + 20),
                    )
                    for at, line in enumerate(rows)
                )
                table = Table(len(rows), 1, cells, "SLANet_plus")
            block(kind, (left - 6, first, left + 476, top - 2), tuple(rows), table=table)
    while len(lines) < 300:
        at = put(90.0 + len(lines) % 3 * 500.0, 2240.0 + (300 - len(lines)) // 3 * 14, 470.0, 12.0, len(lines))
        block(BlockKind.FOOTNOTE, polygon_box(lines[at].polygon), (at,))
    return PageResult(
        page=page,
        width=WIDTH,
        height=HEIGHT,
        dpi=200.0,
        rotation=0,
        source=PageSource.RECOGNISED,
        lines=tuple(lines),
        blocks=tuple(blocks),
        steps=(StepCost("recognise", 6.1, 612.0),),
    )


def _kind(column: int, row: int) -> tuple[BlockKind, int]:
    if row == 0:
        return BlockKind.SECTION_HEADER, 1
    if column == 1 and row == 31:
        return BlockKind.TABLE, 12
    if column == 2 and row == 31:
        return BlockKind.PICTURE, 14
    if column == 2 and row == 45:
        return BlockKind.CAPTION, 2
    if row % 30 == 16:
        return BlockKind.LIST_ITEM, 3
    return BlockKind.TEXT, 15 if row in (1, 61) else 12


def draw_result(
    result: PageResult, max_width: int, max_height: int, region: Box | None, tongue: str = "en"
) -> tuple[bytes, int, int]:
    """A page, or a region (0 to 1) of it, as a PNG: each line's text where the line is."""
    x0, y0, x1, y1 = region or (0.0, 0.0, 1.0, 1.0)
    width, height = (x1 - x0) * result.width, (y1 - y0) * result.height
    factor = min(max_width / width, max_height / height)
    image = QImage(max(1, round(width * factor)), max(1, round(height * factor)), QImage.Format.Format_RGB32)
    image.fill(QColor("#fdfcf8"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(factor, factor)
    painter.translate(-x0 * result.width, -y0 * result.height)
    for block in result.blocks:
        if block.kind is BlockKind.PICTURE:
            painter.fillRect(QRectF(QPointF(*block.box[:2]), QPointF(*block.box[2:])), QColor("#b9c4cf"))
        for cell in block.table.cells if block.table is not None else ():
            if cell.box is not None:
                painter.setPen(QColor("#555555"))
                painter.drawRect(QRectF(QPointF(*cell.box[:2]), QPointF(*cell.box[2:])))
    painter.setPen(QColor("#1b1b1b"))
    font = QFont("Noto Serif CJK SC" if tongue == "zh" else "DejaVu Serif")
    for line in result.lines:
        for text, polygon in [(word.text, word.polygon) for word in line.words] or [(line.text, line.polygon)]:
            left, top, right, bottom = polygon_box(polygon)
            font.setPixelSize(max(1, round((bottom - top) * 0.8)))
            wide = QFontMetricsF(font).horizontalAdvance(text)
            painter.save()
            painter.setTransform(
                QTransform().translate(left, bottom - (bottom - top) * 0.22).scale(min(1.0, (right - left) / wide), 1),
                True,
            )
            painter.setFont(font)
            painter.drawText(QPointF(0, 0), text)
            painter.restore()
    painter.setFont(font)
    painter.drawText(
        QRectF(0, result.height - 60, result.width, 40), Qt.AlignmentFlag.AlignCenter, str(result.page + 1)
    )
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data()), image.width(), image.height()
