"""Says what the marks on the page mean: the kinds of blocks that are on it, and how sure its lines are."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_ocr.gui.mark_looks import KINDS, LINES, Look, kind_name, trust_name
from desktop_ocr.gui.overlays import Overlay
from desktop_ocr.gui.page_marks import PageMarks
from desktop_ocr.gui.theme import current_colours

_SWATCH, _GAP, _BETWEEN, _ROW = 11, 6, 14, 18
_MARGINS = (12, 5)


class Legend(QWidget):
    """A row of little boxes with words, under the picture; two rows where there is little room. Hidden when empty."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("legend")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._entries: list[tuple[Look, str]] = []
        font = self.font()
        font.setPointSizeF(0.92 * font.pointSizeF())
        self.setFont(font)
        self.hide()

    @property
    def words(self) -> list[str]:
        """What it explains."""
        return [words for _look, words in self._entries]

    def explain(self, marks: PageMarks | None, shown: set[Overlay]) -> None:
        """Explain what is drawn of a page."""
        entries: list[tuple[Look, str]] = []
        if marks is not None and shown & {Overlay.BLOCKS, Overlay.ORDER}:
            entries += [(KINDS[kind], kind_name(kind)) for kind in KINDS if kind in marks.blocks]
        if marks is not None and Overlay.LINES in shown:
            entries += [(LINES[trust], trust_name(trust)) for trust in marks.lines]
        if entries != self._entries:
            self._entries = entries
            self.setAccessibleName(self.tr("Marks on the page: {words}").format(words=", ".join(self.words)))
            self.updateGeometry()
            self.update()
        self.setVisible(bool(entries))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """One row."""
        return QSize(120, _ROW + 2 * _MARGINS[1])

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """More rows where it is narrow."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """As many rows as it takes."""
        places = self._places(width)
        rows = places[-1].y() // _ROW + 1 if places else 1
        return rows * _ROW + 2 * _MARGINS[1]

    def _places(self, width: int) -> list[QPoint]:
        """Where each entry begins, inside of the margins."""
        room = width - 2 * _MARGINS[0]
        metrics = self.fontMetrics()
        places, x, y = [], 0, 0
        for _look, words in self._entries:
            wide = _SWATCH + _GAP + metrics.horizontalAdvance(words)
            if x and x + wide > room:
                x, y = 0, y + _ROW
            places.append(QPoint(x, y))
            x += wide + _BETWEEN
        return places

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the entries."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = current_colours()
        for place, (look, words) in zip(self._places(self.width()), self._entries, strict=True):
            corner = place + QPoint(*_MARGINS)
            swatch = QRectF(corner.x() + 0.5, corner.y() + (_ROW - _SWATCH) / 2 + 0.5, _SWATCH - 1, _SWATCH - 1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(Qt.GlobalColor.white)  # as on the paper
            painter.drawRect(swatch)
            painter.setBrush(look.brush)
            painter.setPen(look.pen)
            painter.drawRect(swatch)
            painter.setPen(QPen(colours.colour("muted")))
            room = QRectF(corner.x() + _SWATCH + _GAP, corner.y(), self.width() - corner.x(), _ROW)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
