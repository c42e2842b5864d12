"""Deletes what was read of documents for good, after a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop_ocr.gui.asking import Answer, ask_before_loss, corrected_words
from desktop_ocr.gui.library_words import many_documents, many_pages
from desktop_ocr.gui.message_bar import MessageBars, Tone
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import shortened
from desktop_ocr.gui.worker import Worker


@dataclass(frozen=True)
class Doomed:
    """A document whose results are to be deleted: `pages` of it are stored, a person has corrected `edited` of them.

    `elsewhere`: another running program works at it, so that it stays. `path`: of its file.
    """

    job: int
    name: str
    pages: int
    edited: int = 0
    elsewhere: str = ""
    path: str = ""


class Forgetting(QObject):
    """Asks, and has it done.

    Signals:
        forgotten: documents have left the library.
    """

    forgotten = Signal()

    def __init__(self, worker: Worker, tasks: Tasks, bars: MessageBars, pictures: Path, window: QWidget) -> None:
        """`pictures`: the folder of those that the program saved itself, which go with their documents."""
        super().__init__(window)
        self._pictures = pictures
        self._worker = worker
        self._tasks = tasks
        self._bars = bars
        self._window = window
        self.question: QMessageBox | None = None

    def ask(self, documents: Sequence[Doomed]) -> None:
        """Ask whether what was read of some documents is to be deleted. What keeps it is what Enter does."""
        free = [one for one in documents if not one.elsewhere]
        if not free:
            if documents:
                self._bars.say(self._elsewhere_words(documents), Tone.WARNING)
            return
        if self.question is not None:
            return
        if len(free) == 1:
            text = self.tr("Delete what was read of “{name}”?").format(name=shortened(free[0].name))
        else:
            text = self.tr("Delete what was read of {documents}?").format(documents=many_documents(len(free)))
        answer = Answer(self.tr("&Delete results"), lambda: self._tasks.start(self._forget(free)))
        box = ask_before_loss(self._window, self.tr("Delete results"), text, self._what_goes(free), answer)
        self.question = box
        box.finished.connect(lambda _result: setattr(self, "question", None))
        if len(free) < len(documents):
            self._bars.say(self._elsewhere_words([one for one in documents if one.elsewhere]), Tone.WARNING)

    def _what_goes(self, documents: Sequence[Doomed]) -> str:
        pages, edited = sum(one.pages for one in documents), sum(one.edited for one in documents)
        parts = []
        if pages == 1:
            parts.append(self.tr("1 page leaves the list and the library for good."))
        elif pages:
            parts.append(self.tr("{pages} leave the list and the library for good.").format(pages=many_pages(pages)))
        else:
            parts.append(self.tr("This cannot be undone."))
        if edited:
            parts.append(corrected_words(edited))
        parts.append(self._what_of_files(documents))
        return " ".join(parts)

    def _what_of_files(self, documents: Sequence[Doomed]) -> str:
        own = sum(Path(one.path).parent == self._pictures for one in documents)
        if not own:
            if len(documents) == 1:
                return self.tr("The file itself is not touched.")
            return self.tr("The files themselves are not touched.")
        if len(documents) == 1:
            return self.tr("The picture that was captured or pasted is deleted, too.")
        if own == len(documents):
            return self.tr("The pictures that were captured or pasted are deleted, too.")
        return self.tr("Pictures that were captured or pasted are deleted, too. Your own files are not touched.")

    def _elsewhere_words(self, documents: Sequence[Doomed]) -> str:
        if len(documents) == 1:
            name = shortened(documents[0].name)
            return self.tr("“{name}” stays: another running program works at it.").format(name=name)
        count = many_documents(len(documents))
        return self.tr("{documents} stay: other running programs work at them.").format(documents=count)

    async def _forget(self, documents: Sequence[Doomed]) -> None:
        jobs = [one.job for one in documents]
        try:
            await self._worker.ask(lambda session: session.forget(jobs))
        finally:
            self.forgotten.emit()
