"""Two readings side by side, row by row; painted as they come into view, for thousands of lines."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QResizeEvent, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop_ocr.gui.comparing import Mark, Pieces, Row
from desktop_ocr.gui.theme import current_colours

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole + 1
PADDING = 10
AIR = 4
EDGE = 3
BATCH = 40
REVEAL_MS = 20


class RowsModel(QAbstractListModel):
    """The rows."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[Row, ...] = ()

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Show others."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """How many."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A row, and what is said of it."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._spoken(row)
        return None

    def _spoken(self, row: Row) -> str:
        old, new = (text_of(side) for side in (row.old, row.new))
        if not row.differs:
            return old
        nothing = self.tr("nothing")
        return self.tr("Differs. Old: {old}. New: {new}").format(old=old or nothing, new=new or nothing)

    def next_difference(self, row: int, by: int) -> int | None:
        """The first row of the next run that differs, after or before a row."""
        at = row + by
        inside = 0 <= row < len(self._rows) and self._rows[row].differs
        while 0 <= at < len(self._rows):
            differs = self._rows[at].differs
            if differs and not inside:
                while by < 0 and at > 0 and self._rows[at - 1].differs:
                    at -= 1
                return at
            inside = inside and differs
            at += by
        return None


def text_of(pieces: Pieces | None) -> str:
    """A line without its marks."""
    return "".join(piece.text for piece in pieces or ())


class RowDelegate(QStyledItemDelegate):
    """Paints a row: the old line on the left, the new one on the right, what differs with a ground and a line below."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint it."""
        row = index.data(ROW)
        if not isinstance(row, Row):
            return
        colours = current_colours()
        box = QRectF(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, colours.colour("selected"))
        if row.differs:
            painter.fillRect(QRectF(box.left(), box.top(), EDGE, box.height()), colours.colour("accent"))
        middle = box.left() + box.width() / 2
        painter.fillRect(QRectF(middle, box.top(), 1, box.height()), colours.colour("border"))
        width = column_width(box.width())
        for pieces, left in ((row.old, box.left() + PADDING), (row.new, middle + PADDING)):
            if pieces:
                painter.setPen(colours.colour("text"))
                laid_out(pieces, option, width).draw(painter, QPointF(left, box.top() + AIR))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        """As high as the longer of the two."""
        row = index.data(ROW)
        view = option.widget
        width = view.viewport().width() if isinstance(view, QListView) else option.rect.width()
        height = float(option.fontMetrics.height())
        if isinstance(row, Row):
            for pieces in {row.old, row.new} - {None}:
                layout = laid_out(pieces, option, column_width(width))
                height = max(height, layout.boundingRect().height())
        return QSize(max(1, int(width)), round(height) + 2 * AIR)


def column_width(width: float) -> float:
    """Of the text of one side."""
    return max(40.0, width / 2 - 2 * PADDING)


def laid_out(pieces: Pieces | None, option: QStyleOptionViewItem, width: float) -> QTextLayout:
    """A line, broken to a width in pixels."""
    layout = QTextLayout(text_of(pieces), option.font)
    wrapping = QTextOption()
    wrapping.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(wrapping)
    layout.setFormats(_formats(pieces or ()))
    layout.beginLayout()
    top = 0.0
    line = layout.createLine()
    while line.isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, top))
        top += line.height()
        line = layout.createLine()
    layout.endLayout()
    return layout


def _formats(pieces: Pieces) -> list[QTextLayout.FormatRange]:
    colours = current_colours()
    looks = {Mark.GONE: ("danger_back", "danger"), Mark.NEW: ("good_back", "good")}
    ranges = []
    at = 0
    for piece in pieces:
        length = len(piece.text.encode("utf-16-le")) // 2  # Qt counts in these
        if piece.mark in looks:
            ground, colour = looks[piece.mark]
            look = QTextCharFormat()
            look.setBackground(colours.colour(ground))
            look.setForeground(colours.colour(colour))
            look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
            found = QTextLayout.FormatRange()
            found.start, found.length, found.format = at, length, look
            ranges.append(found)
        at += length
    return ranges


class CompareList(QListView):
    """The rows; the arrow keys walk through them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compared")
        self.rows = RowsModel()
        self.setModel(self.rows)
        self.setItemDelegate(RowDelegate(self))
        self.setAccessibleName(self.tr("Old and new text, line by line"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # else it would change the width
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setLayoutMode(QListView.LayoutMode.Batched)  # a long page is measured bit by bit
        self.setBatchSize(BATCH)
        self.setSpacing(0)

    def go(self, by: int) -> bool:
        """To the next run of lines that differ, or the one before; whether there is one."""
        now = self.currentIndex().row() if self.currentIndex().isValid() else (-1 if by > 0 else self.rows.rowCount())
        row = self.rows.next_difference(now, by)
        if row is None:
            return False
        self.setCurrentIndex(self.rows.index(row))
        self._reveal()
        return True

    def _reveal(self) -> None:
        """Bring the current row into view: as soon as it has a place, which in a long page it gets bit by bit."""
        index = self.currentIndex()
        if not index.isValid():
            return
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
        if self.isVisible() and not self.viewport().rect().intersects(self.visualRect(index)):
            QTimer.singleShot(REVEAL_MS, self, self._reveal)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Lines break elsewhere."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.scheduleDelayedItemsLayout()
