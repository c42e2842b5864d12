"""The message that work waits because the settings say so, and the way round it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from desktop_ocr.gui.message_bar import MessageBar, MessageBars, Offer, Tone
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker


class WaitingNews(QObject):
    """One bar, as long as it is true and the user has not closed it."""

    def __init__(self, worker: Worker, tasks: Tasks, bars: MessageBars, parent: QObject) -> None:
        super().__init__(parent)
        self._worker = worker
        self._tasks = tasks
        self._bars = bars
        self._bar: MessageBar | None = None

    def take(self, reasons: Sequence[str]) -> None:
        """These keep the work, or nothing does."""
        if self._bar is not None and not self._bar.over:
            if reasons:
                self._bar.set_text(self._words(reasons))
                return
            self._bar.leave()
        self._bar = None
        if reasons:
            anyway = Offer(self.tr("Work an&yway"), self._work_anyway)
            self._bar = self._bars.put(MessageBar(Tone.INFO, self._words(reasons), [anyway], lasting=True))

    def _words(self, reasons: Sequence[str]) -> str:
        return self.tr("Pages wait. {reasons}").format(reasons=" ".join(reasons))

    def _work_anyway(self) -> None:
        self._tasks.start(self._worker.ask(lambda session: session.work_anyway()))
