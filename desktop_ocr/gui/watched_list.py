"""The list of watched folders: which, how each stands, and how many files are where."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QIcon, QPainter
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem

from desktop_ocr.gui import icons
from desktop_ocr.gui.columns import dress
from desktop_ocr.gui.theme import current_colours
from desktop_ocr.gui.watched_words import short_path, standing, standing_hint, standing_words
from desktop_ocr.gui.words import plain_tip
from desktop_ocr.schema.watching import WatchedView

FOLDER, STATE, WORKING, WAITING, FAILED, DONE = range(6)
COUNTS = (WORKING, WAITING, FAILED, DONE)
WIDTHS = {STATE: 190, WORKING: 76, WAITING: 76, FAILED: 76, DONE: 76}
VIEW = Qt.ItemDataRole.UserRole + 1
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class WatchedList(QTreeWidget):
    """All watched folders; a mark says whether one is on.

    Signals:
        chosen: another one is chosen.
        switched: a folder's id, and whether it is to be watched.
        acted: the user wants to change the chosen one (Enter, double click).
    """

    chosen = Signal()
    switched = Signal(str, bool)
    acted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("models")
        self.setAccessibleName(self.tr("Watched folders"))
        self.setHeaderLabels(
            [
                self.tr("Folder"),
                self.tr("State"),
                self.tr("In work"),
                self.tr("Waiting"),
                self.tr("Failed"),
                self.tr("Done"),
            ]
        )
        dress(self, FOLDER, WIDTHS, QAbstractItemView.SelectionMode.SingleSelection)
        for column in COUNTS:
            self.headerItem().setTextAlignment(column, RIGHT)
        self._items: dict[str, QTreeWidgetItem] = {}
        self.currentItemChanged.connect(lambda _now, _before: self.chosen.emit())
        self.itemChanged.connect(self._changed)
        self.itemActivated.connect(lambda _item, _column: self.acted.emit())

    # --- content --------------------------------------------------------------------------------------------

    def show_folders(self, views: Sequence[WatchedView]) -> None:
        """Show these, in this order; what is chosen stays chosen, or its neighbour is."""
        with QSignalBlocker(self):
            for folder in set(self._items) - {view.folder.id for view in views}:
                item = self._items.pop(folder)
                self.takeTopLevelItem(self.indexOfTopLevelItem(item))
            for row, view in enumerate(views):
                item = self._items.setdefault(view.folder.id, self._new())
                at = self.indexOfTopLevelItem(item)
                if at < 0:
                    self.insertTopLevelItem(row, item)
                elif at != row:
                    current = self.currentItem() is item
                    self.takeTopLevelItem(at)
                    self.insertTopLevelItem(row, item)
                    if current:
                        self.setCurrentItem(item)
                self._put(item, view)
            if self.currentItem() is None and views:
                self.choose(views[0].folder.id)
        self.chosen.emit()

    def _new(self) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        item.setFlags(
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsUserCheckable
            | Qt.ItemFlag.ItemNeverHasChildren
        )
        for column in COUNTS:
            item.setTextAlignment(column, RIGHT)
        return item

    def _put(self, item: QTreeWidgetItem, view: WatchedView) -> None:
        before = item.data(FOLDER, VIEW)
        if before == view:
            return
        state = standing_words(view)
        counts = {WORKING: view.working, WAITING: view.waiting, FAILED: view.failed, DONE: view.done}
        item.setText(FOLDER, short_path(view.folder.path))
        item.setText(STATE, state)
        for column, count in counts.items():
            item.setText(column, f"{count:,}" if count else "–")
        item.setData(FOLDER, VIEW, view)
        item.setCheckState(FOLDER, Qt.CheckState.Checked if view.folder.enabled else Qt.CheckState.Unchecked)
        item.setToolTip(FOLDER, plain_tip(view.folder.path))
        item.setToolTip(STATE, standing_hint(view))
        said = self.tr("{folder}, {state}, {working} in work, {waiting} waiting, {failed} failed, {done} done")
        words = said.format(
            folder=view.folder.path,
            state=state,
            working=view.working,
            waiting=view.waiting,
            failed=view.failed,
            done=view.done,
        )
        item.setData(FOLDER, Qt.ItemDataRole.AccessibleTextRole, words)
        self._mark(item, view)

    def _mark(self, item: QTreeWidgetItem, view: WatchedView) -> None:
        name, role = standing(view).value
        picture = icons.icon(name, current_colours(), role)
        for size in picture.availableSizes():  # otherwise the style tints it where its line is selected
            picture.addPixmap(picture.pixmap(size), QIcon.Mode.Selected)
        item.setIcon(STATE, picture)
        colour = current_colours().colour("danger" if view.failed else "text")
        item.setForeground(FAILED, colour)

    def renew_colours(self) -> None:
        """The theme has changed."""
        with QSignalBlocker(self):
            for item in self._items.values():
                self._mark(item, item.data(FOLDER, VIEW))
        self.viewport().update()

    # --- what is chosen -------------------------------------------------------------------------------------

    def view(self) -> WatchedView | None:
        """The chosen folder."""
        item = self.currentItem()
        found = item.data(FOLDER, VIEW) if item is not None else None
        return found if isinstance(found, WatchedView) else None

    def choose(self, folder: str) -> None:
        """Choose one by its id."""
        item = self._items.get(folder)
        if item is not None:
            self.setCurrentItem(item)

    def _changed(self, item: QTreeWidgetItem, column: int) -> None:
        view = item.data(FOLDER, VIEW)
        if column != FOLDER or not isinstance(view, WatchedView):
            return
        on = item.checkState(FOLDER) is Qt.CheckState.Checked
        if on is not view.folder.enabled:
            self.switched.emit(view.folder.id, on)

    def reset_switch(self, folder: str) -> None:
        """A folder could not be switched: show how it is."""
        item = self._items.get(folder)
        if item is not None:
            with QSignalBlocker(self):
                enabled = item.data(FOLDER, VIEW).folder.enabled
                item.setCheckState(FOLDER, Qt.CheckState.Checked if enabled else Qt.CheckState.Unchecked)

    def drawBranches(  # noqa: N802 - Qt's name
        self, painter: QPainter, rect: object, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """None: there is nothing below."""
