"""The documents that were finished last."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.schema.jobs import JobState, JobView

MOST = 5


class RecentResults(QObject):
    """Keeps their order; what left the list is left out.

    Signals:
        changed: others, or in another order.
    """

    changed = Signal()

    def __init__(self, model: JobModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._order: list[int] = []
        self._told: list[JobView] = []
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)  # a thousand documents come one by one
        self._soon.timeout.connect(self._check)
        model.rowsRemoved.connect(lambda: self._soon.start())
        model.rowsInserted.connect(lambda: self._soon.start())  # a removal was undone

    def former(self) -> None:
        """Begin with those of former runs, the last of the list first."""
        done = [view.job for view in self._model.views() if view.state is JobState.DONE and view.job not in self._order]
        self._order += reversed(done[-MOST:])
        self._check()

    def finished(self, job: int) -> None:
        """A document was finished just now."""
        self._order = [job, *(one for one in self._order if one != job)][: 4 * MOST]
        self._check()

    def views(self) -> list[JobView]:
        """The last few, the latest first."""
        shown = {view.job: view for view in self._model.views()} if self._order else {}
        return [shown[job] for job in self._order if job in shown][:MOST]

    def _check(self) -> None:
        now = self.views()
        if [(view.job, view.name) for view in now] != [(view.job, view.name) for view in self._told]:
            self._told = now
            self.changed.emit()
