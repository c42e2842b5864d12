"""How the fake session keeps what a person has changed of pages: in memory, each change made by the program's own code
(`desktop_ocr.text.editing`), on top of what the session says was recognised.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from desktop_ocr.schema.edits import AsRecognised, Edit, PageVersion
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import Event, PageEdited
from desktop_ocr.schema.results import PageResult
from desktop_ocr.text import editing

STALE = "The page has changed meanwhile."


@dataclass
class History:
    """Versions of a page, the recognised one (None) first."""

    results: list[PageResult | None] = field(default_factory=lambda: [None])
    titles: list[str] = field(default_factory=lambda: [""])
    at: int = 0
    number: int = 0
    newer: bool = False


class FakeEdits:
    """The part of the fake session that is about versions."""

    def __init__(
        self,
        emit: Callable[[Event], None],
        recognised: Callable[[int, int], Awaitable[PageResult | None]],
        changed: Callable[[int, int, bool], None],
    ) -> None:
        """`changed` is told of a page whether it is edited now."""
        self._emit = emit
        self._recognised = recognised
        self._changed = changed
        self.histories: dict[tuple[int, int], History] = {}

    def read_again(self, job: int, page: int) -> None:
        """There will be a newer result of a page; who has edited it is asked."""
        history = self._history(job, page)
        history.newer = history.results[history.at] is not None

    def _history(self, job: int, page: int) -> History:
        return self.histories.setdefault((job, page), History())

    async def version(self, job: int, page: int) -> PageVersion | None:
        """The page as it is shown."""
        result = await self._recognised(job, page)
        if result is None:
            return None
        history = self._history(job, page)
        edited = history.results[history.at]
        last = history.at + 1 >= len(history.results)
        return PageVersion(
            edited or result,
            history.number,
            edited is not None,
            history.titles[history.at],
            "" if last else history.titles[history.at + 1],
            history.newer,
        )

    async def _there(self, job: int, page: int) -> PageVersion:
        version = await self.version(job, page)
        if version is None:
            raise DesktopOcrError(ErrorCode.NO_SUCH_PAGE, "This page is not finished.")
        return version

    async def edit(self, job: int, page: int, edit: Edit, *, base: int) -> PageVersion:
        """Change a page."""
        version = await self._there(job, page)
        if version.number != base:
            raise DesktopOcrError(ErrorCode.EDIT_STALE, STALE)
        history = self._history(job, page)
        made = None if isinstance(edit, AsRecognised) else editing.apply(version.result, edit)
        del history.results[history.at + 1 :], history.titles[history.at + 1 :]
        history.results.append(made)
        history.titles.append(editing.title(edit))
        history.newer = history.newer and made is not None
        return await self._go(job, page, history, history.at + 1)

    async def undo(self, job: int, page: int) -> PageVersion:
        """Go back."""
        history = self._history(job, page)
        return await self._go(job, page, history, max(0, history.at - 1))

    async def redo(self, job: int, page: int) -> PageVersion:
        """Go forward."""
        history = self._history(job, page)
        return await self._go(job, page, history, min(len(history.results) - 1, history.at + 1))

    async def keep_edited(self, job: int, page: int) -> PageVersion:
        """The newer one is not wanted."""
        self._history(job, page).newer = False
        return await self._there(job, page)

    async def _go(self, job: int, page: int, history: History, at: int) -> PageVersion:
        if at != history.at:
            history.at = at
            history.number += 1
            edited = history.results[at] is not None
            self._changed(job, page, edited)
            self._emit(PageEdited(job, page, history.number, edited))
        return await self._there(job, page)
