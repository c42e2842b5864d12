"""Tells the core what the user looks at, so that it comes first."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker

SETTLE_MS = 250  # who leafs through a document looks at the page where it ends


class Looking(QObject):
    """Tells of the last document and page, once it has settled, and never twice of the same."""

    def __init__(self, worker: Worker, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._worker = worker
        self._tasks = tasks
        self._seen: tuple[int | None, int | None] = (None, None)
        self._told: tuple[int | None, int | None] = (None, None)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SETTLE_MS)
        self._soon.timeout.connect(self._tell)

    def see(self, job: int | None, page: int | None) -> None:
        """The user sees this now."""
        self._seen = (job, page)
        if self._seen == self._told:
            self._soon.stop()
        else:
            self._soon.start()

    def say_again(self) -> None:
        """Somebody else has told the core of another page: what the user sees comes first again."""
        self._tell()

    def _tell(self) -> None:
        job, page = self._told = self._seen
        self._tasks.start(self._worker.ask(lambda session: session.look_at(job, page)))
