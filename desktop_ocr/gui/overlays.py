"""What is drawn over a page's picture: few items with whole paths, never an item for each line or word."""

from __future__ import annotations

import enum
import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from desktop_ocr.gui.mark_looks import CHOSEN, CHOSEN_WORD, CURRENT_HIT, HIT, HOVERED, KINDS, LINES, REGION, Look
from desktop_ocr.gui.page_marks import PageMarks, Shapes, rectangle
from desktop_ocr.schema.results import Box

OVERHANG = 40.0  # pixels of the screen, at most, that numbers and pens reach beyond the page
SMALLEST, LARGEST = 8.0, 12.0  # of numbers, in pixels of the screen
FULL_SIZE_FROM = 80.0  # pixels that an inch of the page takes


class Overlay(enum.StrEnum):
    """What can be switched on and off. The names are remembered."""

    BLOCKS = "blocks"
    LINES = "lines"
    WORDS = "words"
    ORDER = "order"


class PathsItem(QGraphicsItem):
    """Some paths over the page, each with its look."""

    def __init__(self, parent: QGraphicsItem, z: float) -> None:
        super().__init__(parent)
        self.paths: list[tuple[QPainterPath, Look]] = []
        self._bounds = QRectF()
        self.setZValue(z)

    def put(self, paths: list[tuple[QPainterPath, Look]], bounds: QRectF) -> None:
        """Draw these from now on, inside of `bounds`."""
        self.prepareGeometryChange()
        self.paths, self._bounds = paths, bounds
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        """All of the page."""
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw them."""
        del option, widget
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for path, look in self.paths:
            painter.setPen(look.pen)
            painter.setBrush(look.brush)
            painter.drawPath(path)


class ShapesItem(QGraphicsItem):
    """Hundreds of boxes and quadrangles over the page, each kind with its look. See `Shapes`."""

    def __init__(self, parent: QGraphicsItem, z: float) -> None:
        super().__init__(parent)
        self.shapes: list[tuple[Shapes, Look]] = []
        self._bounds = QRectF()
        self.setZValue(z)

    def put(self, shapes: list[tuple[Shapes, Look]], bounds: QRectF) -> None:
        """Draw these from now on, inside of `bounds`."""
        self.prepareGeometryChange()
        self.shapes, self._bounds = shapes, bounds
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        """All of the page."""
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw them. Smooth edges would take ten times as long, and upright boxes have none."""
        del option, widget
        for shapes, look in self.shapes:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.brush)
            painter.drawRects(shapes.boxes)
            if not shapes.slanted.isEmpty():
                painter.drawPath(shapes.slanted)
            painter.setPen(look.pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, not shapes.slanted.isEmpty())
            painter.drawPath(shapes.outline)


class OrderItem(QGraphicsItem):
    """The number of each block in the reading order, upright and of one size whatever the zoom."""

    def __init__(self, parent: QGraphicsItem, z: float) -> None:
        super().__init__(parent)
        self._marks: PageMarks | None = None
        self._bounds = QRectF()
        self.setZValue(z)

    def put(self, marks: PageMarks | None, bounds: QRectF) -> None:
        """Number these blocks from now on."""
        self.prepareGeometryChange()
        self._marks, self._bounds = marks, bounds
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        """All of the page."""
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw them."""
        del option
        if self._marks is None:
            return
        to_screen = painter.worldTransform()
        seen = QRectF(widget.rect()).adjusted(-OVERHANG, -OVERHANG, OVERHANG, OVERHANG) if widget is not None else None
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(painter.font())
        size = self._size(to_screen)
        font.setPixelSize(round(size))
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        for number, block in enumerate(self._marks.result.blocks, start=1):
            box = to_screen.mapRect(rectangle(block.box))
            corner = box.topLeft()
            if seen is not None and not seen.contains(corner):
                continue
            words = str(number)
            high = 1.45 * size
            width = max(high, metrics.horizontalAdvance(words) + 0.75 * size)
            chip = QRectF(corner.x() - 0.7 * width, corner.y() - high / 2, width, high)
            painter.setPen(QColor("#ffffff"))
            painter.setBrush(QColor(KINDS[block.kind].colour))
            painter.drawRoundedRect(chip, high / 2, high / 2)
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()

    def _size(self, to_screen: QTransform) -> float:
        """Of the numbers, in pixels: they are smaller where the page is, for them not to hide it."""
        if self._marks is None:
            return LARGEST
        inch = math.sqrt(abs(to_screen.determinant())) * self._marks.result.dpi
        return min(LARGEST, max(SMALLEST, LARGEST * inch / FULL_SIZE_FROM))


class Overlays(QGraphicsItem):
    """All of them, in the pixels of the page's result; the parent says where and how large that is on the sheet."""

    def __init__(self) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)
        self.marks: PageMarks | None = None
        self.blocks = ShapesItem(self, 1)
        self.lines = ShapesItem(self, 2)
        self.found = PathsItem(self, 3)
        self.hovered = PathsItem(self, 4)
        self.chosen = PathsItem(self, 5)
        self.order = OrderItem(self, 6)
        self.region = PathsItem(self, 7)
        self._shown: set[Overlay] = set()
        self.show_only(set())

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        """Nothing is drawn by itself."""
        return QRectF()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Nothing."""

    # --- what is drawn --------------------------------------------------------------------------------------

    def put(self, marks: PageMarks | None, points: tuple[float, float], scale: float) -> None:
        """Draw another page's.

        Args:
            marks: the page; None takes all away.
            points: its width and height.
            scale: scene units to a point.
        """
        self.marks = marks
        if marks is not None:
            self.setScale(points[0] * scale / marks.result.width)
        bounds = self._bounds()
        self.blocks.put([(shapes, KINDS[kind]) for kind, shapes in marks.blocks.items()] if marks else [], bounds)
        self.lines.put([(shapes, LINES[kind]) for kind, shapes in marks.lines.items()] if marks else [], bounds)
        self.order.put(marks, bounds)
        for item in (self.found, self.hovered, self.chosen, self.region):
            item.put([], bounds)

    def choose(self, place: QPainterPath | None, word: QPainterPath | None = None) -> None:
        """Mark the place that is looked at, and a word of it."""
        paths = [(path, look) for path, look in ((place, CHOSEN), (word, CHOSEN_WORD)) if path is not None]
        self.chosen.put(paths, self._bounds())

    def find(self, hits: QPainterPath, current: QPainterPath | None) -> None:
        """Mark what was found."""
        paths = [(hits, HIT)] if not hits.isEmpty() else []
        self.found.put(paths + ([(current, CURRENT_HIT)] if current is not None else []), self._bounds())

    def hover(self, path: QPainterPath | None) -> None:
        """Mark what the pointer is at."""
        if path is not None or self.hovered.paths:
            self.hovered.put([(path, HOVERED)] if path is not None else [], self._bounds())

    def select(self, box: Box | None) -> None:
        """Mark the part of the page that is selected."""
        paths = []
        if box is not None:
            path = QPainterPath()
            path.addRect(rectangle(box))
            paths = [(path, REGION)]
        self.region.put(paths, self._bounds())

    def _bounds(self) -> QRectF:
        if self.marks is None:
            return QRectF()
        width, height = self.marks.result.width, self.marks.result.height
        over = 0.05 * max(width, height)
        return QRectF(QPointF(-over, -over), QPointF(width + over, height + over))

    # --- what is switched on --------------------------------------------------------------------------------

    @property
    def shown(self) -> set[Overlay]:
        """What is switched on."""
        return set(self._shown)

    def show_only(self, shown: set[Overlay]) -> None:
        """Switch these on, and all others off."""
        self._shown = set(shown)
        self.blocks.setVisible(Overlay.BLOCKS in shown)
        self.lines.setVisible(Overlay.LINES in shown)
        self.order.setVisible(Overlay.ORDER in shown)
        self.hovered.setVisible(Overlay.WORDS in shown)
