"""Copies all that was read of a document into the clipboard, as text or as Markdown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from desktop_ocr.core.api import SessionApi
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.message_bar import MessageBars, Offer, Tone
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import pages_words, shortened, tr
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.jobs import PageState
from desktop_ocr.schema.results import PageResult
from desktop_ocr.text.escaping import escape
from desktop_ocr.text.markdown import markdown
from desktop_ocr.text.plain import plain_text

MOST_LETTERS = 10_000_000
"""More than any book has; what other programs take from the clipboard at once has its limits, too."""
MANY_PAGES = 40  # from here on it is told that it takes a while


@dataclass(frozen=True)
class Gathered:
    """The text of a document: of so many pages; `missing` are not read yet, `large`: it was too much."""

    text: str
    pages: int
    missing: int = 0
    large: bool = False


async def gather(session: SessionApi, job: int, *, as_markdown: bool) -> Gathered:
    """Bring the pages' text together, a blank line between pages; on the session's loop, the work in a thread.

    A page that failed leaves a sentence in brackets.
    """
    parts: list[str] = []
    letters = pages = missing = 0
    for view in await session.pages(job):
        if view.state is PageState.FAILED:
            text = failed_words(view.page, view.error)
            text = f"*{escape(text)}*" if as_markdown else text
        else:
            result = await session.result(job, view.page)
            if result is None:
                missing += 1
                continue
            text = await asyncio.to_thread(words_of(as_markdown), result)
            pages += 1
        if text:
            parts.append(text)
            letters += len(text)
        if letters > MOST_LETTERS:
            return Gathered("", pages, missing, large=True)
    return Gathered("\n\n".join(parts) + "\n" if parts else "", pages, missing)


def words_of(as_markdown: bool) -> Callable[[PageResult], str]:
    """What makes text of a page."""
    return markdown if as_markdown else plain_text


def failed_words(page: int, error: ErrorInfo | None) -> str:
    """What stands for a page that failed."""
    reason = error.message.rstrip(".") if error is not None else tr("unknown reason")
    return tr("[Page {page} could not be read: {reason}.]").format(page=page + 1, reason=reason)


class CopyAll(QObject):
    """The action behind "Copy all"."""

    def __init__(
        self,
        worker: Worker,
        tasks: Tasks,
        model: JobModel,
        bars: MessageBars,
        export: Callable[[int], None],
        parent: QObject,
    ) -> None:
        """`export` is offered for a document whose text is too much for the clipboard."""
        super().__init__(parent)
        self._worker = worker
        self._tasks = tasks
        self._model = model
        self._bars = bars
        self._export = export
        self._under_way = False

    def copy(self, job: int, *, as_markdown: bool) -> None:
        """Copy all that was read of a document; one at a time."""
        if not self._under_way:
            self._tasks.start(self.run(job, as_markdown=as_markdown))

    async def run(self, job: int, *, as_markdown: bool) -> None:
        """Do it, and say so."""
        view = self._model.view(job)
        if view is None:
            return
        self._under_way = True
        bar = None
        if view.pages_total > MANY_PAGES:
            bar = self._bars.say(self.tr("Collecting the text…"), closable=False)
        try:
            found = await self._worker.ask(lambda session: gather(session, job, as_markdown=as_markdown))
        finally:
            self._under_way = False
            if bar is not None:
                bar.leave()
        if found.large:
            text = self.tr("“{name}” has too much text for the clipboard. Export it as a file instead.")
            offer = Offer(self.tr("E&xport…"), lambda: self._export(job))
            self._bars.say(text.format(name=shortened(view.name)), Tone.WARNING, [offer])
        elif not found.text:
            self._bars.say(self.tr("There is no text to copy."), fading=True)
        else:
            QGuiApplication.clipboard().setText(found.text)
            self._bars.say(self._done_words(found), Tone.GOOD, fading=True)

    def _done_words(self, found: Gathered) -> str:
        words = self.tr("Copied the text of {pages}.").format(pages=pages_words(found.pages))
        if found.missing:
            words += " " + self.tr("Not read yet: {pages}.").format(pages=pages_words(found.missing))
        return words
