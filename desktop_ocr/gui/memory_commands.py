"""What the user may do about memory: questions to the session, and telling how they went."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from desktop_ocr.gui.folders import show_folder
from desktop_ocr.gui.message_bar import MessageBars, Offer, Tone
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker


class MemoryCommands(QObject):
    """Between the actions on memory and the session.

    Signals:
        giving_back: memory is about to be given back: the window's own caches are to go too.
    """

    giving_back = Signal()

    def __init__(self, worker: Worker, tasks: Tasks, bars: MessageBars, parent: QObject) -> None:
        super().__init__(parent)
        self._worker = worker
        self._tasks = tasks
        self._bars = bars

    def free(self) -> None:
        """Give all memory back; the session tells with `Freed` how much it was."""
        self._tasks.start(self._free())

    def resume_work(self) -> None:
        """Go on with the documents that were paused because memory was given back."""
        self._tasks.start(self._worker.ask(lambda session: session.resume_work()))

    def go_on_anyway(self) -> None:
        """Let background documents work although memory is short."""
        self._tasks.start(self._worker.ask(lambda session: session.go_on_anyway()))

    def unload(self, model: str, service: str) -> None:
        """Unload a model."""
        self._tasks.start(self._worker.ask(lambda session: session.unload_model(model, service)))

    def save_diagnostics(self) -> None:
        """Write down what is known of memory, and say where."""
        self._tasks.start(self._save_diagnostics())

    async def _free(self) -> None:
        bar = self._bars.say(self.tr("Giving memory back…"), closable=False)
        # Before the session measures: what the window holds for itself is in the report too.
        self.giving_back.emit()
        try:
            await self._worker.ask(lambda session: session.free())
        finally:
            bar.leave()

    async def _save_diagnostics(self) -> None:
        path = await self._worker.ask(lambda session: session.dump())
        show = Offer(self.tr("Open f&older"), lambda: show_folder(path.parent, self._bars))
        text = self.tr("Diagnostics were saved, without any text of your documents: {path}").format(path=path)
        self._bars.say(text, Tone.GOOD, [show])
