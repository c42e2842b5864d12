"""Opens a page in the review: of a document in the list, or of one that is in the library alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.edits import FindQuery
from desktop_ocr.schema.errors import DesktopOcrError

if TYPE_CHECKING:
    from desktop_ocr.gui.workspace import Workspace

MOST_WORDS = 20


class Opening(QObject):
    """From a page's number to the page with what is to be seen on it.

    Signals:
        opened: a page is about to be shown: what covers the documents makes way.
        missed: a document could not be put into the list; the user is told why.
    """

    opened = Signal()
    missed = Signal()

    def __init__(self, worker: Worker, tasks: Tasks, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._worker = worker
        self._tasks = tasks
        self._workspace = workspace

    def open(self, job: int, page: int, words: Sequence[str] = ()) -> None:
        """Show a page, with some words lit."""
        self._tasks.start(self._open(job, page, words))

    async def _open(self, job: int, page: int, words: Sequence[str]) -> None:
        await self.list_again(job)
        workspace = self._workspace
        workspace.document.pane.walk.open_at(job, page)
        workspace.reducer.show_when_there(job)
        self.opened.emit()
        if words:
            workspace.text_side.light(job, page, lit_query(words))

    async def list_again(self, job: int) -> None:
        """See that a document is in the list.

        Raises:
            DesktopOcrError: NOT_FOUND, it has been deleted meanwhile; USAGE, another program works at it.
        """
        try:
            await self._worker.ask(lambda session: session.list_again(job))
        except DesktopOcrError:
            self.missed.emit()
            raise
        self._workspace.removal.bring_back(job)


def lit_query(words: Sequence[str]) -> FindQuery:
    """What the find bar looks for, so that all of the words are lit."""
    some = list(dict.fromkeys(word for word in words if word))[:MOST_WORDS]
    if len(some) == 1:
        return FindQuery(some[0])
    some.sort(key=len, reverse=True)  # "harbours" before "harbour": the first that fits is taken
    return FindQuery("|".join(re.escape(word) for word in some), pattern=True)
