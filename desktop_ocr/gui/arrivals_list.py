"""The files of a watched folder that failed, or wait to be tried again: why, how often tried, and when again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QTreeView

from desktop_ocr.gui.columns import dress
from desktop_ocr.gui.theme import current_colours
from desktop_ocr.gui.watched_words import arrival_words, next_words
from desktop_ocr.gui.words import one_line, plain_tip, tr
from desktop_ocr.schema.watching import Arrival, ArrivalState

NAME, STATE, REASON, TRIES, NEXT = range(5)
WIDTHS = {NAME: 210, STATE: 70, TRIES: 56, NEXT: 130}
SHOWN = frozenset({ArrivalState.FAILED, ArrivalState.WAITING})
Index = QModelIndex | QPersistentModelIndex


class ArrivalsModel(QAbstractTableModel):
    """Files, the latest first; of thousands only what is seen is asked for."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._arrivals: list[Arrival] = []
        self._clock = clock

    def show_arrivals(self, arrivals: Sequence[Arrival]) -> None:
        """Show those of these that failed or wait."""
        self.beginResetModel()
        self._arrivals = [arrival for arrival in arrivals if arrival.state in SHOWN]
        self.endResetModel()

    def all(self) -> list[Arrival]:
        """All that are shown."""
        return list(self._arrivals)

    def arrival(self, row: int) -> Arrival:
        """The file of a row."""
        return self._arrivals[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and signature
        """Files."""
        return 0 if parent.isValid() else len(self._arrivals)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """What is said of each."""
        return 0 if parent.isValid() else 5

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:  # noqa: N802
        """The columns' names."""
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return (tr("File"), tr("State"), tr("Reason"), tr("Tries"), tr("Next try"))[section]

    def data(self, index: Index, role: int = 0) -> object:
        """A cell."""
        arrival = self._arrivals[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(arrival, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._hint(arrival, index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == NAME:
            parts = (self._text(arrival, column) for column in range(5))
            return ", ".join(part for part in parts if part)
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == STATE:
            return QColor(current_colours().colour("danger" if arrival.state is ArrivalState.FAILED else "muted"))
        return None

    def _text(self, arrival: Arrival, column: int) -> str:
        if column == NAME:
            return one_line(Path(arrival.path).name)
        if column == STATE:
            return arrival_words(arrival)
        if column == REASON:
            return arrival.error.message if arrival.error is not None else ""
        return str(arrival.attempts) if column == TRIES else next_words(arrival, self._clock())

    def _hint(self, arrival: Arrival, column: int) -> str:
        if column == NAME:
            return plain_tip(arrival.path)
        return plain_tip(str(arrival.error)) if column == REASON and arrival.error is not None else ""


class ArrivalsList(QTreeView):
    """The list.

    Signals:
        chosen: other files are chosen, or what is known of them has changed.
        acted: the user wants to see the document of the file under the cursor (Enter, double click).
    """

    chosen = Signal()
    acted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("models")
        self.setAccessibleName(self.tr("Files that failed or wait"))
        self.arrivals = ArrivalsModel()
        self.setModel(self.arrivals)
        dress(self, REASON, WIDTHS, QAbstractItemView.SelectionMode.ExtendedSelection)
        self.selectionModel().selectionChanged.connect(lambda _now, _before: self.chosen.emit())
        self.activated.connect(lambda _index: self.acted.emit())

    def show_arrivals(self, arrivals: Sequence[Arrival]) -> None:
        """Show files; those that were chosen stay chosen."""
        wanted = [arrival for arrival in arrivals if arrival.state in SHOWN]
        if wanted == self.arrivals.all():
            self.viewport().update()  # "now" may have come
            return
        paths = {arrival.path for arrival in self.chosen_arrivals()}
        current = self.currentIndex().row()
        at = self.arrivals.arrival(current).path if 0 <= current < self.arrivals.rowCount() else ""
        self.arrivals.show_arrivals(wanted)
        flags = self.selectionModel().SelectionFlag
        chosen = QItemSelection()  # in runs, and at once: thousands one by one take minutes
        for is_chosen, run in groupby(range(len(wanted)), lambda row: wanted[row].path in paths):
            rows = list(run)
            if is_chosen:
                last = self.arrivals.index(rows[-1], NEXT)
                chosen.append(QItemSelectionRange(self.arrivals.index(rows[0], NAME), last))
        if paths:
            self.selectionModel().select(chosen, flags.Select)
        row = next((row for row, arrival in enumerate(wanted) if arrival.path == at), -1)
        if row >= 0:
            self.selectionModel().setCurrentIndex(self.arrivals.index(row, NAME), flags.NoUpdate)
        self.chosen.emit()

    def chosen_arrivals(self) -> list[Arrival]:
        """The chosen files."""
        runs = self.selectionModel().selection()
        of_runs = (runs.at(number) for number in range(runs.count()))
        rows = sorted({row for run in of_runs for row in range(run.top(), run.bottom() + 1)})
        return [self.arrivals.arrival(row) for row in rows]
