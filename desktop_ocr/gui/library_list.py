"""What was found in the library, as a list: a row a page, or a document; painted as it comes into view."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPainterPath, QPen, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.library_words import hit_words, snippet_text, when_words
from desktop_ocr.gui.theme import Colours, current_colours
from desktop_ocr.gui.words import one_line
from desktop_ocr.schema.library import LibraryFound, LibraryHit, SnippetPart

Index = QModelIndex | QPersistentModelIndex
HIT = Qt.ItemDataRole.UserRole + 1
_MARGIN = 9
_SIDE = 16
_ICON = 18
_GAP = 12
_LINES = 2  # of a snippet
_LEADING = 3  # pixels between its lines: other scripts' letters are higher
_MOST = 600  # characters of a snippet that are laid out, whatever came
_BREAKS = re.compile(r"\s")


class HitModel(QAbstractListModel):
    """Hits, as many as were asked for so far.

    Signals:
        more_wanted: the number of hits that are there: those behind them come into view.
    """

    more_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._hits: list[LibraryHit] = []
        self._keys: set[tuple[int, int]] = set()
        self._total = 0
        self._waiting = False
        self.documents = True

    def show_found(self, found: LibraryFound, *, documents: bool) -> None:
        """Something else was found."""
        self.beginResetModel()
        self._hits, self._keys = [], set()
        self._total, self._waiting, self.documents = found.total, False, documents
        self._hits = self._new(found.hits)
        self.endResetModel()

    def append(self, found: LibraryFound) -> None:
        """More of what was found."""
        self._waiting, self._total = False, found.total
        new = self._new(found.hits)
        if not new:  # it has become less meanwhile
            self._total = len(self._hits)
            return
        first = len(self._hits)
        self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
        self._hits += new
        self.endInsertRows()

    def no_more(self) -> None:
        """What was wanted does not come; it may be wanted again."""
        self._waiting = False

    def set_total(self, total: int) -> None:
        """The hits that are there are still the first ones, of so many."""
        self._total, self._waiting = total, False

    def _new(self, hits: Sequence[LibraryHit]) -> list[LibraryHit]:
        """Those not there yet: where pages are finished meanwhile, a hit may come again further down."""
        new = []
        for hit in hits:
            if (hit.job, hit.page) not in self._keys:
                self._keys.add((hit.job, hit.page))
                new.append(hit)
        return new

    def hits(self) -> list[LibraryHit]:
        """Those that are there."""
        return list(self._hits)

    def hit(self, row: int) -> LibraryHit | None:
        """The hit of a row."""
        return self._hits[row] if 0 <= row < len(self._hits) else None

    def row_of(self, job: int, page: int) -> int:
        """Where a hit is; -1 for nowhere."""
        if (job, page) not in self._keys:
            return -1
        return next(row for row, hit in enumerate(self._hits) if (hit.job, hit.page) == (job, page))

    # --- Qt's side ------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """How many are there."""
        return 0 if parent is not None and parent.isValid() else len(self._hits)

    def canFetchMore(self, parent: Index) -> bool:  # noqa: N802 - Qt's name
        """Whether there are more."""
        return not parent.isValid() and not self._waiting and len(self._hits) < self._total

    def fetchMore(self, parent: Index) -> None:  # noqa: N802 - Qt's name
        """Have them asked for."""
        if self.canFetchMore(parent):
            self._waiting = True
            self.more_wanted.emit(len(self._hits))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A hit, and what is said of it."""
        hit = self.hit(index.row()) if index.isValid() else None
        if hit is None:
            return None
        if role == HIT:
            return hit
        if role == Qt.ItemDataRole.DisplayRole:
            return hit.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"<p>{html.escape(hit.path)}</p>"  # as markup: tooltips take for it what looks like it
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            parts = (hit.name, hit_words(hit, documents=self.documents), when_words(hit.finished), snippet_text(hit))
            return ", ".join(part for part in parts if part)
        return None


class HitDelegate(QStyledItemDelegate):
    """Paints a hit: name, page and day, and below them the text around what was found."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        """All rows of a list are of one height, so that thousands need no measuring."""
        line = QFontMetrics(option.font).height()
        model = index.model()
        lines = 1 if isinstance(model, HitModel) and model.documents else _LINES
        return QSize(240, line + lines * (line + _LEADING) + 4 + 2 * _MARGIN)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint it."""
        hit, model = index.data(HIT), index.model()
        if not isinstance(hit, LibraryHit) or not isinstance(model, HitModel):
            return
        colours = current_colours()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = QRect(option.rect)
        self._back(painter, option, row, colours)
        box = row.adjusted(_SIDE, _MARGIN, -_SIDE, -_MARGIN)
        picture = QRect(box.left(), box.top(), _ICON, QFontMetrics(option.font).height())
        ratio = painter.device().devicePixelRatio()
        target = QRect(0, 0, _ICON, _ICON)
        target.moveCenter(picture.center())
        name = "layers" if model.documents else "file-text"
        painter.drawPixmap(target, icons.pixmap(name, _ICON, colours.muted, ratio))
        self._text(painter, option, box.adjusted(_ICON + _GAP, 0, 0, 0), hit, model.documents, colours)
        painter.restore()

    def _back(self, painter: QPainter, option: QStyleOptionViewItem, row: QRect, colours: Colours) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(row).adjusted(6.5, 1.5, -6.5, -1.5), 8, 8)
        if selected or hovered:
            painter.fillPath(shape, colours.colour("selected" if selected else "window"))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(colours.colour("accent"), 1))
            painter.drawPath(shape)

    def _text(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        box: QRect,
        hit: LibraryHit,
        documents: bool,
        colours: Colours,
    ) -> None:
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        metrics, strong = QFontMetrics(option.font), QFontMetrics(bold)
        line = QRect(box.left(), box.top(), box.width(), metrics.height())
        middle = Qt.AlignmentFlag.AlignVCenter
        day = when_words(hit.finished)
        beside = "" if documents else hit_words(hit, documents=False)
        day_width = metrics.horizontalAdvance(day)
        beside_width = metrics.horizontalAdvance(beside) + _GAP if beside else 0
        room = max(40, line.width() - day_width - beside_width - _GAP)
        painter.setFont(bold)
        painter.setPen(colours.colour("text"))
        name = strong.elidedText(one_line(hit.name), Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(line, middle, name)
        painter.setFont(option.font)
        painter.setPen(colours.colour("muted"))
        painter.drawText(line.adjusted(strong.horizontalAdvance(name) + _GAP, 0, 0, 0), middle, beside)
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, day)
        below = QRect(box.left(), line.bottom() + 4, box.width(), box.bottom() - line.bottom() - 3)
        if documents:
            words = hit_words(hit, documents=True)
            place = f"{words}  ·  {one_line(folder_of(hit))}" if folder_of(hit) else words
            elided = metrics.elidedText(place, Qt.TextElideMode.ElideMiddle, below.width())
            painter.drawText(below, Qt.AlignmentFlag.AlignTop, elided)
        else:
            painter.setClipRect(below.adjusted(0, 0, 0, _LEADING))
            painter.setPen(colours.colour("text"))
            snippet_layout(hit.snippet, option.font, below.width()).draw(painter, QPointF(below.topLeft()))


def folder_of(hit: LibraryHit) -> str:
    """Where the document's file was."""
    return hit.path[: -len(hit.name)].rstrip("/\\") if hit.path.endswith(hit.name) else hit.path


def snippet_layout(parts: Sequence[SnippetPart], font: QFont, width: float) -> QTextLayout:
    """The text around what was found, in two lines at most; what was found stands out."""
    colours = current_colours()
    text, ranges = "", []
    for part in parts:
        shown = _BREAKS.sub(" ", part.text[: _MOST - len(text)])
        if part.lit and shown:
            look = QTextCharFormat()
            look.setBackground(colours.colour("warning_back"))
            look.setForeground(colours.colour("text"))
            look.setFontWeight(QFont.Weight.Bold)
            look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
            look.setUnderlineColor(colours.colour("amber"))
            found = QTextLayout.FormatRange()
            found.start, found.length, found.format = _units(text), _units(shown), look
            ranges.append(found)
        text += shown
    layout = QTextLayout(text, font)
    wrapping = QTextOption()
    wrapping.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(wrapping)
    layout.setFormats(ranges)
    layout.beginLayout()
    top, pitch = 0.0, QFontMetrics(font).height() + _LEADING
    for _line in range(_LINES):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(40.0, width))
        line.setPosition(QPointF(0, top))
        top += pitch  # not the line's own height: the row has room for so much
    layout.endLayout()
    return layout


def _units(text: str) -> int:
    """A text's length as Qt counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class HitList(QListView):
    """The list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("queue")
        self.found = HitModel()
        self.setModel(self.found)
        self.setItemDelegate(HitDelegate(self))
        self.setAccessibleName(self.tr("What was found"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def current(self) -> LibraryHit | None:
        """The hit at which one is."""
        return self.found.hit(self.currentIndex().row()) if self.currentIndex().isValid() else None

    def chosen(self) -> list[LibraryHit]:
        """The hits chosen, in order."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [hit for row in rows if (hit := self.found.hit(row)) is not None]

    def go_to(self, row: int) -> None:
        """Choose a row."""
        if 0 <= row < self.found.rowCount():
            index = self.found.index(row)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)
