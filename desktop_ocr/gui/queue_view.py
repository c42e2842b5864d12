"""The list of documents, with its heading, menu and keys."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLabel, QListView, QMenu, QVBoxLayout, QWidget

from desktop_ocr.gui.job_delegate import JobDelegate
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.words import documents_words


class QueueView(QWidget):
    """All documents.

    Signals:
        chosen: the number of the job to show, or None.
        selected: the selection has changed.
    """

    chosen = Signal(object)
    selected = Signal()

    def __init__(self, model: JobModel) -> None:
        super().__init__()
        self._model = model
        self._menu_actions: list[QAction | None] = []
        self.list = QListView()
        self.list.setObjectName("queue")
        self.list.setAccessibleName(self.tr("Documents"))
        self.list.setModel(model)
        self.list.setItemDelegate(JobDelegate(self.list))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setAcceptDrops(False)
        self.list.viewport().setAcceptDrops(False)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)

        self._heading = QLabel(self.tr("Documents"))
        self._heading.setObjectName("heading")
        self._count = QLabel()
        self._count.setObjectName("muted")
        bar = QWidget()
        bar.setObjectName("pane-bar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(16, 4, 12, 4)
        row.addWidget(self._heading)
        row.addStretch()
        row.addWidget(self._count)
        self.bar = bar
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.list, 1)

        selection = self.list.selectionModel()
        selection.currentChanged.connect(self._current_changed)
        selection.selectionChanged.connect(self.selected)
        model.rowsInserted.connect(self._recount)
        model.rowsRemoved.connect(self._recount)
        model.rowsRemoved.connect(self._select_next)
        self._recount()

    def set_menu(self, actions: list[QAction | None]) -> None:
        """What the context menu offers; None is a line between."""
        self._menu_actions = actions

    def jobs(self) -> list[int]:
        """The selected jobs."""
        return self._model.jobs_at(self.list.selectionModel().selectedIndexes())

    def current(self) -> int | None:
        """The job shown."""
        found = self._model.jobs_at([self.list.currentIndex()]) if self.list.currentIndex().isValid() else []
        return found[0] if found else None

    def choose(self, job: int) -> None:
        """Select a job alone, and show it."""
        index = self._model.index_of(job)
        if index.isValid():
            self.list.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.list.scrollTo(index)

    def visible_jobs(self) -> list[int]:
        """The jobs whose rows are to be seen now."""
        view = self.list.viewport().rect()
        first = self.list.indexAt(view.topLeft() + QPoint(1, 1))
        if not self.list.isVisible() or not first.isValid():
            return []
        last = self.list.indexAt(view.bottomLeft() + QPoint(1, -1))
        end = last.row() if last.isValid() else self._model.rowCount() - 1
        return self._model.jobs_at([self._model.index(row) for row in range(first.row(), end + 1)])

    def _current_changed(self, current: QModelIndex, before: QModelIndex) -> None:
        del before
        jobs = self._model.jobs_at([current]) if current.isValid() else []
        self.chosen.emit(jobs[0] if jobs else None)

    def _select_next(self) -> None:
        # Qt moves on to the next row without selecting it: what is shown would not be what the keys act on.
        selection = self.list.selectionModel()
        if self.list.currentIndex().isValid() and not selection.hasSelection():
            selection.select(self.list.currentIndex(), QItemSelectionModel.SelectionFlag.Select)

    def _recount(self) -> None:
        self._count.setText(documents_words(self._model.rowCount()))

    def _show_menu(self, place: QPoint) -> None:
        if not self.list.indexAt(place).isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in self._menu_actions:
            if action is None:
                menu.addSeparator()
            else:
                menu.addAction(action)
        menu.popup(self.list.viewport().mapToGlobal(place))
