"""Installing, removing and checking models while the program runs; `SessionApi` says what each of it does.

Downloads go one after the other, each in a thread that does not keep the program from ending: a connection that is
being made cannot be broken off, so nobody waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from desktop_ocr.core.live import LiveSettings
from desktop_ocr.models.breaker import Breaker
from desktop_ocr.models.listing import listed, listed_one, pipelines_with, with_progress
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo, unexpected
from desktop_ocr.schema.events import Event, StoredModelChanged
from desktop_ocr.schema.model_store import InstallPlan, StoredModel, StoreState

if TYPE_CHECKING:
    from desktop_ocr.models.installer import Installer, Progress

log = logging.getLogger(__name__)

TELL_SECONDS = 0.25
"""Between two events of a download."""
STOP_SECONDS = 1.0
"""A download that is stopped is waited for so long."""
_T = TypeVar("_T")


class ModelShelf:
    """The models as the window's list has them. Use it from the session's event loop."""

    def __init__(
        self,
        store: ModelStore,
        live: LiveSettings,
        emit: Callable[[Event], None],
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        """Begin nothing.

        Args:
            store: where models are.
            live: the settings: model host, mirror, proxy.
            emit: gets `StoredModelChanged`.
            changed: awaited when models were installed or removed, and others may do a page's work from now on.
        """
        self._store = store
        self._live = live
        self._emit = emit
        self._changed = changed
        self._queue: list[str] = []
        self._views: dict[str, StoredModel] = {}
        self._errors: dict[str, ErrorInfo] = {}
        self._current = ""
        self._breaker = Breaker()
        self._stopped = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None

    async def models(self) -> list[StoredModel]:
        """See `SessionApi.stored_models`."""
        found = await asyncio.to_thread(listed, self._store)
        return [self._views.get(model.id) or self._with_error(model) for model in found]

    async def plan(self, names: Sequence[str]) -> InstallPlan:
        """See `SessionApi.plan_install`."""
        from desktop_ocr.models.planning import plan_install

        installer = self._installer()
        return await asyncio.to_thread(plan_install, self._store, installer, names)

    async def install(self, names: Sequence[str]) -> None:
        """See `SessionApi.install_models`."""
        from desktop_ocr.models.planning import check_plan

        plan = await self.plan(names)
        await asyncio.to_thread(check_plan, plan, self._store)
        for model in plan.models:
            if model.id in self._views:
                continue  # it is on its way
            self._errors.pop(model.id, None)
            self._queue.append(model.id)
            self._show(with_progress(model, StoreState.WAITING, model.done, model.size))
        if self._queue and (self._worker is None or self._worker.done()):
            self._worker = asyncio.get_running_loop().create_task(self._work(), name="downloads")

    async def cancel(self, name: str) -> None:
        """See `SessionApi.cancel_install`; when it returns, the download is over."""
        if name in self._queue:
            self._queue.remove(name)
            await self._settle(name)
        elif name == self._current:
            self._breaker.pull()
            stopped = self._stopped
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), 2 * STOP_SECONDS)

    async def remove(self, name: str) -> None:
        """See `SessionApi.remove_model`."""
        from desktop_ocr.models.planning import remove_model

        await self.cancel(name)
        await asyncio.to_thread(remove_model, self._store, name)
        self._errors.pop(name, None)
        await self._settle(name)
        await self._changed()

    async def verify(self, name: str) -> None:
        """See `SessionApi.verify_model`."""
        from desktop_ocr.models.planning import check_known

        check_known(name)
        before = await asyncio.to_thread(listed_one, self._store, name)
        if before is not None and name not in self._views:
            self._show(with_progress(before, StoreState.CHECKING, before.done, before.size), keep=False)
        self._errors.pop(name, None)
        try:
            await asyncio.to_thread(self._store.verify, name)
        except DesktopOcrError as error:
            if error.code is ErrorCode.MODEL_DAMAGED:
                self._errors[name] = error.info
            raise
        finally:
            await self._settle(name)

    async def take_over(self, folder: Path) -> list[str]:
        """See `SessionApi.import_models`."""
        breaker = Breaker()
        installer = self._installer()
        taken: list[str] = []
        refused: list[tuple[Path, DesktopOcrError]] = []

        def told(place: Path, what: str | DesktopOcrError) -> None:
            if isinstance(what, str):
                taken.append(what)
            else:
                refused.append((place, what))

        try:
            await asyncio.to_thread(installer.take_over, folder, breaker, told)
        except asyncio.CancelledError:
            breaker.pull()
            raise
        finally:
            for model in dict.fromkeys(taken):
                self._errors.pop(model, None)
                await self._settle(model)
            if taken:
                await self._changed()
        if refused:
            place, error = refused[0]
            others = f" ({len(refused) - 1} more were refused.)" if len(refused) > 1 else ""
            came = f"Imported: {', '.join(taken)}. " if taken else ""
            raise DesktopOcrError(error.code, f"{came}{place.name}: {error.info.message}{others}", error.info.advice)
        return taken

    async def close(self) -> None:
        """Stop the download in work; what has come of it stays."""
        self._queue.clear()
        self._breaker.pull()
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)

    # --- inside ---------------------------------------------------------------------------------------------

    def _installer(self) -> Installer:
        # Only here: a program that downloads nothing does without what speaks HTTP.
        from desktop_ocr.models.downloaded import DownloadedModels
        from desktop_ocr.models.installer import Installer

        store = self._store.downloaded
        if store is None:
            raise DesktopOcrError(ErrorCode.INTERNAL, "There is no folder for downloaded models.")
        return Installer(DownloadedModels(store.folder), self._live.now)

    async def _work(self) -> None:
        installed = False
        while self._queue:
            self._current = self._queue.pop(0)
            self._breaker, self._stopped = Breaker(), asyncio.Event()
            try:
                installed |= await self._one(self._current)
            finally:
                name, self._current = self._current, ""
                self._stopped.set()
            await self._settle(name)
        if installed:
            await self._changed()

    async def _one(self, name: str) -> bool:
        installer, breaker = self._installer(), self._breaker
        teller = _Teller(asyncio.get_running_loop(), lambda progress: self._progress(name, breaker, progress))
        done = _in_daemon(lambda: installer.install(name, breaker, teller.tell), name)
        done.add_done_callback(_note)
        try:
            while not done.done():
                await asyncio.wait([done], timeout=TELL_SECONDS)
                if breaker.pulled:
                    await asyncio.wait([done], timeout=STOP_SECONDS)
                    break
        except asyncio.CancelledError:
            breaker.pull()
            raise
        if not done.done():
            return False
        try:
            done.result()
        except DesktopOcrError as error:
            if error.code is not ErrorCode.CANCELLED:
                log.warning("the model %s was not installed: %s", name, error)
                self._errors[name] = error.info
            return False
        except Exception as error:
            log.exception("the model %s was not installed", name)
            self._errors[name] = unexpected(error).info
            return False
        return True

    def _progress(self, name: str, breaker: Breaker, progress: Progress) -> None:
        if name == self._current and breaker is self._breaker and name in self._views:
            self._show(with_progress(self._views[name], progress.state, progress.done, progress.size))

    def _show(self, model: StoredModel, *, keep: bool = True) -> None:
        if keep:
            self._views[model.id] = model
        self._emit(StoredModelChanged(model))

    async def _settle(self, name: str) -> None:
        """Show a model, and the pipelines that it is a part of, as they are on the disk."""
        self._views.pop(name, None)
        model = await asyncio.to_thread(listed_one, self._store, name)
        if model is not None:
            self._emit(StoredModelChanged(self._with_error(model)))
        for pipeline in await asyncio.to_thread(pipelines_with, self._store, name):
            self._emit(StoredModelChanged(pipeline))

    def _with_error(self, model: StoredModel) -> StoredModel:
        error = self._errors.get(model.id)
        return model if error is None else msgspec.structs.replace(model, error=error)


class _Teller:
    """Brings news from a download's thread to the loop: each new state, and bytes some times a second."""

    def __init__(self, loop: asyncio.AbstractEventLoop, show: Callable[[Progress], None]) -> None:
        self._loop = loop
        self._show = show
        self._state: StoreState | None = None
        self._told = 0.0

    def tell(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.state is self._state and now - self._told < TELL_SECONDS:
            return
        self._told, self._state = now, progress.state
        with contextlib.suppress(RuntimeError):  # the loop is closed: the program ends
            self._loop.call_soon_threadsafe(self._show, progress)


def _in_daemon(work: Callable[[], _T], name: str) -> asyncio.Future[_T]:
    """Run something in a thread that does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_T] = loop.create_future()

    def settle(result: _T | None, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failure = None, None
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - it is raised where the future is awaited
            failure = error
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name=f"download {name}", daemon=True).start()
    return future


def _note(future: asyncio.Future[None]) -> None:
    """What comes of a download that was stopped, and is not waited for, interests nobody."""
    if not future.cancelled() and (error := future.exception()) is not None:
        log.debug("a download has ended: %s", type(error).__name__)
