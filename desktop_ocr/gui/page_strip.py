"""A strip of small pictures of the document's pages, beside the page."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QListView

from desktop_ocr.gui.page_list import PageList
from desktop_ocr.gui.page_loader import PageLoader
from desktop_ocr.gui.strip_delegate import PADDING, PICTURE, StripDelegate, StripRole, page_words
from desktop_ocr.gui.strip_pictures import StripPictures
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import plain_tip

SETTLE_MS = 30  # while it is scrolled, pages that have come into view are asked for so often
WIDTH = PICTURE.width() + 2 * PADDING + 16

Index = QModelIndex | QPersistentModelIndex


class StripModel(QAbstractListModel):
    """A page a row."""

    def __init__(self, pictures: StripPictures) -> None:
        super().__init__()
        self._pictures = pictures
        self._pages = PageList()
        self._rows: list[int] = []
        pictures.come.connect(self.page_changed)

    def put(self, pages: PageList) -> bool:
        """Show these pages; whether there are others than before."""
        numbers = list(pages.numbers)
        if numbers == self._rows:
            self._pages = pages
            if numbers:
                self.dataChanged.emit(self.index(0), self.index(len(numbers) - 1))
            return False
        self.beginResetModel()
        self._pages, self._rows = pages, numbers
        self.endResetModel()
        return True

    def page_changed(self, page: int) -> None:
        """Something is known of a page that was not."""
        row = self.row_of(page)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row))

    def row_of(self, page: int) -> int:
        """The row of a page; -1 for none."""
        row = self._pages.place(page)
        return row if row < len(self._rows) else -1

    def page_at(self, row: int) -> int:
        """The page of a row."""
        return self._rows[row]

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """How many pages."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What there is to paint, and to say."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        page = self._rows[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            return self._pictures.get(page)
        if role == StripRole.REFUSED:
            return self._pictures.is_refused(page)
        view = self._pages.view(page)
        if view is None:
            return None
        if role == StripRole.VIEW:
            return view
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(page_words(view))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return page_words(view)
        if role == Qt.ItemDataRole.DisplayRole:
            return str(page + 1)
        return None


class PageStrip(QListView):
    """The strip. It is there where it is wanted and there is more than one page.

    Signals:
        page_chosen: the user wants a page.
    """

    page_chosen = Signal(int)

    def __init__(self, tasks: Tasks, loader: PageLoader) -> None:
        super().__init__()
        self.setObjectName("strip")
        self.setAccessibleName(self.tr("Pages of the document"))
        self.pictures = StripPictures(tasks, loader)
        self.rows = StripModel(self.pictures)
        self._job: int | None = None
        self._wanted = True
        self._current = -1
        self.setModel(self.rows)
        self.setItemDelegate(StripDelegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFixedWidth(WIDTH)
        self.verticalScrollBar().setSingleStep(PICTURE.height() // 3)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._ask)
        self.verticalScrollBar().valueChanged.connect(self._ask_soon)
        self.selectionModel().currentChanged.connect(self._chosen)
        self.hide()

    def set_wanted(self, wanted: bool) -> None:
        """Whether the user wants it."""
        self._wanted = wanted
        self._appear()

    def show_pages(self, job: int | None, pages: PageList, current: int) -> None:
        """The pages of a document, or what is known of them by now."""
        if job != self._job:
            self._job = job
            self.pictures.show_job(job)
        if self.rows.put(pages):
            self._current = -1
        self.show_current(current)
        self._appear()
        self._ask_soon()

    def show_current(self, page: int) -> None:
        """The page that is looked at."""
        row = self.rows.row_of(page)
        if page == self._current or row < 0:
            return
        self._current = page
        self.setCurrentIndex(self.rows.index(row))

    def page_changed(self, page: int) -> None:
        """Something is known of a page that was not."""
        self.rows.page_changed(page)

    def forget(self, job: int, page: int | None = None) -> None:
        """Pictures of a job, or of one of its pages, are no longer right."""
        if job != self._job:
            return
        if page is None:
            self.pictures.clear()
        else:
            self.pictures.outdate(page)
        self._ask_soon()

    def free(self) -> None:
        """Give back the memory of the pictures that are not in view."""
        seen = set(self.visible_pages())
        for page in range(self.rows.rowCount()):
            number = self.rows.page_at(page)
            if number not in seen:
                self.pictures.forget(number)

    def visible_pages(self) -> list[int]:
        """The pages in view."""
        count = self.rows.rowCount()
        if not count or not self.isVisible():
            return []
        height = max(1, self.sizeHintForRow(0))
        first = max(0, self.verticalScrollBar().value() // height)
        last = min(count - 1, (self.verticalScrollBar().value() + self.viewport().height()) // height)
        return [self.rows.page_at(row) for row in range(first, last + 1)]

    def renew_colours(self) -> None:
        """The theme has changed."""
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Other pages are in view."""
        super().resizeEvent(event)
        self._ask_soon()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """It is in view itself."""
        super().showEvent(event)
        if self._current >= 0:
            self.scrollTo(self.currentIndex())
        self._ask_soon()

    def _appear(self) -> None:
        self.setVisible(self._wanted and self.rows.rowCount() > 1)

    def _chosen(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        page = self.rows.page_at(index.row())
        if page != self._current:
            self._current = page
            self.page_chosen.emit(page)

    def _ask_soon(self) -> None:
        if not self._settle.isActive():
            self._settle.start()

    def _ask(self) -> None:
        self.pictures.want(self.visible_pages(), PICTURE * self.devicePixelRatioF())
