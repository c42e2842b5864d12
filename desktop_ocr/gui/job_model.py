"""The list of documents as an item model: one row a job."""

from __future__ import annotations

import enum
import html
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPixmap

from desktop_ocr.gui.words import (
    deferred_words,
    degraded_words,
    elsewhere_tip,
    elsewhere_words,
    notes_words,
    progress_words,
    state_words,
    time_words,
)
from desktop_ocr.schema.jobs import JobState, JobView

Index = QModelIndex | QPersistentModelIndex

# A thumbnail opens the file: worth it for a document that is open anyway.
_SHOWABLE = frozenset({JobState.RUNNING, JobState.PAUSED, JobState.DONE, JobState.CANCELLED})
ACTIVE_STATES = frozenset({JobState.WAITING, JobState.OPENING, JobState.RUNNING})


class JobRole(enum.IntEnum):
    """Roles beside Qt's own."""

    VIEW = Qt.ItemDataRole.UserRole + 1


class JobModel(QAbstractListModel):
    """Jobs in the order in which they came.

    Signals:
        thumbnail_wanted: the number of a job that is being painted and has no thumbnail yet.
    """

    thumbnail_wanted = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._views: dict[int, JobView] = {}
        self._rows: list[int] = []
        self._hidden: set[int] = set()
        self._thumbnails: dict[int, QPixmap | None] = {}

    # --- Qt's side ------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """How many jobs are shown."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What the delegate, tooltips and screen readers show of a job."""
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        view = self._views[self._rows[index.row()]]
        if role == JobRole.VIEW:
            return view
        if role == Qt.ItemDataRole.DisplayRole:
            return view.name
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnail(view)
        if role == Qt.ItemDataRole.ToolTipRole:
            told = (view.path, str(view.error or ""), elsewhere_tip(view), degraded_words(view), notes_words(view))
            parts = (html.escape(part) for part in told if part)
            return f"<p>{'<br>'.join(parts)}</p>"  # as markup: tooltips take for it what looks like it
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return described(view)
        return None

    def _thumbnail(self, view: JobView) -> QPixmap | None:
        if view.job not in self._thumbnails and view.state in _SHOWABLE:
            self.thumbnail_wanted.emit(view.job)
        return self._thumbnails.get(view.job)

    # --- the window's side ----------------------------------------------------------------------------------

    def put(self, view: JobView) -> None:
        """A job is new or has changed."""
        known = self._views.get(view.job)
        self._views[view.job] = view
        if known is None:
            row = len(self._rows)
            self.beginInsertRows(QModelIndex(), row, row)
            self._rows.append(view.job)
            self.endInsertRows()
        elif known != view and view.job not in self._hidden:
            self._touch(view.job)

    def drop(self, job: int) -> None:
        """A job has gone."""
        self.hide([job])
        self._hidden.discard(job)
        self._views.pop(job, None)
        self._thumbnails.pop(job, None)

    def hide(self, jobs: Sequence[int]) -> None:
        """Take jobs out of the list without forgetting them: their removal can still be undone.

        Those that stand together go together: one by one, each that follows would be chosen and shown in turn.
        """
        wanted = set(jobs)
        last = len(self._rows) - 1
        while last >= 0:
            first = last
            while first >= 0 and self._rows[first] in wanted:
                first -= 1
            if first < last:
                self.beginRemoveRows(QModelIndex(), first + 1, last)
                self._hidden.update(self._rows[first + 1 : last + 1])
                del self._rows[first + 1 : last + 1]
                self.endRemoveRows()
            last = first - 1

    def unhide(self, jobs: Sequence[int]) -> None:
        """Bring hidden jobs back to their places; those that come to stand together at once."""
        self._hidden.difference_update(jobs)
        wanted = [job for job in self._views if job not in self._hidden]
        row = 0
        while row < len(wanted):
            end = row
            there = self._rows[row] if row < len(self._rows) else None
            while end < len(wanted) and wanted[end] != there:
                end += 1
            if end > row:
                self.beginInsertRows(QModelIndex(), row, end - 1)
                self._rows[row:row] = wanted[row:end]
                self.endInsertRows()
            row = end + 1

    def set_thumbnail(self, job: int, picture: QPixmap | None) -> None:
        """A job's thumbnail has come; None if it cannot be had, so that it is not asked for again."""
        if job in self._views:
            self._thumbnails[job] = picture
            if job not in self._hidden:
                self._touch(job)

    def forget_thumbnail(self, job: int) -> None:
        """The thumbnail may be stale: have it asked for again."""
        self._thumbnails.pop(job, None)
        if job in self._views and job not in self._hidden:
            self._touch(job)

    def drop_thumbnails(self, kept: Iterable[int]) -> None:
        """Let thumbnails go, but for those of some jobs; they are asked for again when they come into view."""
        staying = set(kept)
        self._thumbnails = {job: picture for job, picture in self._thumbnails.items() if job in staying}

    def view(self, job: int) -> JobView | None:
        """What is known of a job, hidden ones included."""
        return self._views.get(job)

    def views(self) -> list[JobView]:
        """The shown jobs in order."""
        return [self._views[job] for job in self._rows]

    def index_of(self, job: int) -> QModelIndex:
        """The job's index, invalid where it is not shown."""
        return self.index(self._rows.index(job)) if job in self._rows else QModelIndex()

    def jobs_at(self, indexes: Iterable[QModelIndex]) -> list[int]:
        """The jobs at some indexes, in the list's order."""
        return [self._rows[row] for row in sorted({index.row() for index in indexes})]

    def _touch(self, job: int) -> None:
        index = self.index_of(job)
        self.dataChanged.emit(index, index)


def described(view: JobView) -> str:
    """All that a row shows, for those who hear it."""
    parts = [view.name, deferred_words() if view.deferred else state_words(view), progress_words(view)]
    if view.elsewhere:
        parts.insert(2, elsewhere_words(view))
    if view.state is JobState.RUNNING and view.seconds_left is not None:
        parts.append(time_words(view.seconds_left))
    if view.error is not None:
        parts.append(view.error.message)
    return ", ".join(part for part in parts if part)
