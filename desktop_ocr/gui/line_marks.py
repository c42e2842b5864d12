"""What is painted around the editor's lines: the chosen block, doubtful words, what was found; kinds and human lines in
the margin. Only of what is to be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QTextBlock, QTextLine
from PySide6.QtWidgets import QWidget

from desktop_ocr.gui.line_rows import Row, Span
from desktop_ocr.gui.line_text import LineText
from desktop_ocr.gui.theme import blend, current_colours

LABEL_ROOM = 320  # of the whole text's width: with less there are no labels
BAR = 3


@dataclass
class Marks:
    """What is marked, by row.

    Attributes:
        find_doubts: gives the words of a row that are to be underlined; asked of what is to be seen only.
        block: the chosen one, -1 for none.
        hits: what was found.
        current: the place found that is gone to: a row and characters.
    """

    find_doubts: Callable[[int], list[Span]] = lambda _row: []
    block: int = -1
    hits: dict[int, list[Span]] = field(default_factory=dict)
    current: tuple[int, int, int] | None = None
    _doubtful: dict[int, list[Span]] = field(default_factory=dict)

    def doubtful(self, row: int) -> list[Span]:
        """The doubtful words of a row."""
        if row not in self._doubtful:
            self._doubtful[row] = self.find_doubts(row)
        return self._doubtful[row]


def seen_rows(text: LineText) -> Iterator[tuple[int, Row, QTextBlock, QRectF]]:
    """The rows that are to be seen: number, row, paragraph, and where it is in the viewport."""
    block = text.firstVisibleBlock()
    bottom = text.viewport().height()
    layout = text.document().documentLayout()
    place = text.blockBoundingGeometry(block).translated(text.contentOffset()).topLeft()
    number = block.blockNumber()
    # One after the other: Qt would begin at the first one for each of them.
    while block.isValid() and number < len(text.rows) and place.y() <= bottom:
        rect = layout.blockBoundingRect(block).translated(place)
        yield number, text.rows[number], block, rect
        place.setY(rect.bottom())
        block = block.next()
        number += 1


def span_rects(block: QTextBlock, rect: QRectF, span: Span) -> Iterator[QRectF]:
    """Where characters of a paragraph are, in the viewport; one rectangle for each line on the screen."""
    layout = block.layout()
    start, end = span
    line = layout.lineForTextPosition(start)
    number = line.lineNumber() if line.isValid() else layout.lineCount()
    for at in range(number, layout.lineCount()):
        line = layout.lineAt(at)
        first, last = max(start, line.textStart()), min(end, line.textStart() + line.textLength())
        if first >= last:
            return
        edges = [_x(line, first), _x(line, last)]
        left, right = min(edges), max(edges)
        yield QRectF(rect.left() + left, rect.top() + line.y(), right - left, line.height())


def seen_span(text: LineText, block: QTextBlock, rect: QRectF) -> Span:
    """The characters of a paragraph that are to be seen: a long one goes beyond the viewport."""
    layout = block.layout()
    if rect.top() >= 0 and rect.bottom() <= text.viewport().height():
        return 0, block.length()
    top, bottom = -rect.top(), text.viewport().height() - rect.top()
    start, end = block.length(), 0
    for at in range(layout.lineCount()):
        line = layout.lineAt(at)
        if line.y() + line.height() > top and line.y() < bottom:
            start, end = min(start, line.textStart()), max(end, line.textStart() + line.textLength())
    return start, end


def within(spans: Sequence[Span], seen: Span) -> list[Span]:
    """Those that can be seen."""
    return [span for span in spans if span[0] < seen[1] and span[1] > seen[0]]


def _x(line: QTextLine, at: int) -> float:
    found = line.cursorToX(at)  # Qt gives the place back too, which its stubs do not know
    return float(found[0] if isinstance(found, tuple) else found)  # type: ignore[arg-type]


def paint_below(painter: QPainter, text: LineText, marks: Marks) -> None:
    """What lies under the letters."""
    colours = current_colours()
    tint = blend(colours.colour("selected"), colours.colour("base"), 0.35)
    hit = blend(colours.colour("amber"), colours.colour("base"), 0.65)
    strong = blend(colours.colour("amber"), colours.colour("base"), 0.25)
    width = text.viewport().width()
    for number, row, block, rect in seen_rows(text):
        if row.block == marks.block:
            gap = rect.height() - block.layout().boundingRect().height()
            area = QRectF(0, rect.top(), width, rect.height() - max(0.0, gap))
            painter.fillRect(area, tint)
        for span in within(marks.hits.get(number, ()), seen_span(text, block, rect)):
            current = marks.current == (number, *span)
            for place in span_rects(block, rect, span):
                painter.fillRect(place, strong if current else hit)
                if current:
                    painter.setPen(QPen(colours.colour("warning"), 1))
                    painter.drawRect(place.adjusted(0.5, 0.5, -0.5, -0.5))


def paint_above(painter: QPainter, text: LineText, marks: Marks) -> None:
    """Doubtful words are underlined, except in what was typed meanwhile."""
    pen = QPen(current_colours().colour("warning"), 1.6, Qt.PenStyle.DotLine)
    painter.setPen(pen)
    for number, row, block, rect in seen_rows(text):
        if block.text() != row.text:
            continue
        for span in within(marks.doubtful(number), seen_span(text, block, rect)):
            for place in span_rects(block, rect, span):
                y = place.bottom() - 1
                painter.drawLine(QPointF(place.left(), y), QPointF(place.right(), y))


class Margin(QWidget):
    """Left of the lines: what kind each block is of, and a bar beside lines that a person has written."""

    def __init__(self, text: LineText) -> None:
        super().__init__(text)
        self._text = text
        self._font = QFont(text.font())
        self._font.setPointSizeF(max(7.0, text.font().pointSizeF() - 3))
        self.setToolTip(self.tr("Kinds of the blocks; a bar marks lines that were written by a person"))
        text.updateRequest.connect(lambda _rect, _dy: self.update())

    def wanted_width(self) -> int:
        """As wide as the longest label, where there is room for one."""
        if self._text.width() < LABEL_ROOM:
            return 2 * BAR + 6
        metrics = QFontMetricsF(self._font)
        longest = max((metrics.horizontalAdvance(label) for label in {row.label for row in self._text.rows}), default=0)
        return round(longest) + 24 if longest else 2 * BAR + 6

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Its own width."""
        return QSize(self.wanted_width(), 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """The cursor goes to the line beside."""
        if self._text.rows:
            point = event.position().toPoint()
            point.setX(0)
            self._text.setTextCursor(self._text.cursorForPosition(point))
            self._text.setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Labels and bars."""
        del event
        painter = QPainter(self)
        colours = current_colours()
        painter.fillRect(self.rect(), colours.colour("base"))
        painter.setFont(self._font)
        metrics = QFontMetricsF(self._font)
        labels = self.width() > 4 * BAR + 6
        right = self.width() - BAR - 4
        for _number, row, block, rect in seen_rows(self._text):
            height = block.layout().boundingRect().height()
            if row.human:
                painter.fillRect(QRectF(right + 2, rect.top() + 1, BAR, height - 2), colours.colour("accent"))
            if labels and row.label:
                painter.setPen(QColor(colours.muted))
                line = block.layout().lineAt(0)
                base = rect.top() + (line.ascent() if line.isValid() else metrics.ascent())
                painter.drawText(QPointF(right - 4 - metrics.horizontalAdvance(row.label), base), row.label)
        painter.end()
