"""The thread that runs the core: a plain asyncio loop that owns the session, in a `QThread`.

It is started once and never restarted: hosts are told by the kernel when the *thread* that started them ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from PySide6.QtCore import QObject, QThread, Signal

from desktop_ocr.core.api import SessionApi
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.events import Event, JobChanged, JobRemoved, StoredModelChanged, WatchedChanged
from desktop_ocr.schema.memory import MemorySample

T = TypeVar("T")
MakeSession = Callable[[Callable[[Event], None]], SessionApi]

# Events are handed over in batches: a burst of hundreds a second costs the window twenty updates.
BATCH_SECONDS = 0.05
CLOSE_SECONDS = 20.0

_log = logging.getLogger(__name__)


class Worker(QThread):
    """Runs the core.

    Signals:
        events: a `tuple[Event, ...]`, in order; of a job's changes in one batch only the last.
        opened: the session is open; the events of all the jobs it holds have been handed over before.
        failed: an `ErrorInfo`: the session could not be opened, nothing else will work.
    """

    events = Signal(object)
    opened = Signal()
    failed = Signal(object)

    def __init__(self, make_session: MakeSession, parent: QObject | None = None) -> None:
        """`make_session` is called in the worker's thread, with the callable that takes the session's events."""
        super().__init__(parent)
        self.setObjectName("core")
        self._make_session = make_session
        self._loop = asyncio.new_event_loop()
        self._session: asyncio.Future[SessionApi] = self._loop.create_future()
        self._stop = asyncio.Event()
        self._closing = False
        self._pending: list[Event] = []

    # --- asked by the window --------------------------------------------------------------------------------

    async def ask(self, question: Callable[[SessionApi], Awaitable[T]]) -> T:
        """Run a question to the session on its own loop, and give the answer to the window's loop.

        The events of before the answer are handed over before it: who has it knows all that led to it.

        Raises:
            DesktopOcrError: what the session raised, or that it is closing.
        """
        if self._closing:
            raise DesktopOcrError(ErrorCode.CANCELLED, "The program is closing.")

        async def asked() -> T:
            # Shielded: a question given up early must not cancel the session for all others.
            session = await asyncio.shield(self._session)
            try:
                return await question(session)
            finally:
                self._hand_over()

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asked(), self._loop))

    async def finish(self) -> bool:
        """Close the session, which ends and awaits its hosts, and stop the thread; False if it would not stop."""
        if not self._begin_closing():
            return True
        loop = asyncio.get_running_loop()
        over = asyncio.Event()
        told = self.finished.connect(lambda: loop.call_soon_threadsafe(over.set))
        try:
            if not self.isFinished():
                await asyncio.wait_for(over.wait(), CLOSE_SECONDS)
        except TimeoutError:
            _log.error("the core did not close within %.0f s", CLOSE_SECONDS)
        finally:
            self.finished.disconnect(told)  # it holds the loop, and Python does not see that it does
        return self.wait(2000)

    def finish_blocking(self) -> bool:
        """The same where no loop runs any more."""
        return self.wait(round(CLOSE_SECONDS * 1000)) if self._begin_closing() else True

    def _begin_closing(self) -> bool:
        self._closing = True
        if not self.isRunning():
            if not self._loop.is_closed():
                self._loop.close()
            return False
        self._loop.call_soon_threadsafe(self._stop.set)
        return True

    # --- in the thread --------------------------------------------------------------------------------------

    def run(self) -> None:
        """The thread's body: the session's whole life."""
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._live())
            self._loop.run_until_complete(self._cancel_rest())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            asyncio.set_event_loop(None)
            self._loop.close()

    async def _live(self) -> None:
        opened = False
        try:
            session = self._make_session(self._take)
            await session.open()
        except DesktopOcrError as error:
            self._give_up(error.info)
        except Exception as error:  # noqa: BLE001 - whatever it is, the user is told, and it is logged
            _log.exception("the core could not be started")
            self._give_up(ErrorInfo(ErrorCode.INTERNAL, f"The program could not start its work: {error}."))
        else:
            opened = True
            self._hand_over()
            self._session.set_result(session)
            self.opened.emit()
        if not opened:
            await self._stop.wait()
            return
        await self._stop.wait()
        try:
            await session.close()
        except Exception:  # noqa: BLE001 - it is logged, and the thread has to come to its end
            _log.exception("the core did not close as it should")

    def _give_up(self, info: ErrorInfo) -> None:
        self._session.set_exception(DesktopOcrError.from_info(info))
        self._session.exception()  # mark as seen: it is told by the signal, even if nobody ever asks
        self.failed.emit(info)

    async def _cancel_rest(self) -> None:
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def _take(self, event: Event) -> None:
        if not self._pending:
            self._loop.call_later(BATCH_SECONDS, self._hand_over)
        self._pending.append(event)

    def _hand_over(self) -> None:
        if self._pending:
            batch, self._pending = self._pending, []
            self.events.emit(coalesce(batch))


def coalesce(batch: list[Event]) -> tuple[Event, ...]:
    """Leave out what a later event of the batch replaces: a job's earlier views, earlier memory samples."""
    places: dict[object, int] = {}
    kept: list[Event] = []
    for event in batch:
        key: object = None
        if isinstance(event, JobChanged):
            key = event.view.job
        elif isinstance(event, MemorySample):
            key = MemorySample
        elif isinstance(event, WatchedChanged):
            key = ("watched", event.view.folder.id)
        elif isinstance(event, StoredModelChanged):
            key = event.model.id
            at = places.get(key)
            before = kept[at] if at is not None else None
            if isinstance(before, StoredModelChanged) and before.model.state is not event.model.state:
                del places[key]  # no state is passed over: the user is told of some
        elif isinstance(event, JobRemoved):
            places.pop(event.job, None)
        if key in places:
            kept[places[key]] = event  # in the first one's place: new jobs keep their order
            continue
        if key is not None:
            places[key] = len(kept)
        kept.append(event)
    return tuple(kept)
