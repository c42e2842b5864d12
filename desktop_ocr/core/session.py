"""The core in one piece: jobs, hosts, ledger. Knows nothing of Qt or terminals; see `api.SessionApi`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path

from desktop_ocr.core.ahead import LoadingAhead
from desktop_ocr.core.api import Added
from desktop_ocr.core.attention import Attention
from desktop_ocr.core.batches import Batches
from desktop_ocr.core.begun_exports import BegunNote, InterruptedExports
from desktop_ocr.core.control import ControlServer
from desktop_ocr.core.disk_room import DiskRoom
from desktop_ocr.core.document_commands import DocumentCommands
from desktop_ocr.core.documents import Documents
from desktop_ocr.core.dump import write_dump
from desktop_ocr.core.export_commands import ExportCommands
from desktop_ocr.core.export_formats import FormatList
from desktop_ocr.core.exporter import Exporter
from desktop_ocr.core.exports import Exports
from desktop_ocr.core.freeing import Freer
from desktop_ocr.core.host_start import HostStarter
from desktop_ocr.core.leases import Leases
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.ledger_damage import tell_damage
from desktop_ocr.core.library_commands import LibraryCommands
from desktop_ocr.core.library_work import LibraryWork
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.log_lines import LogLines
from desktop_ocr.core.machinery import Machinery
from desktop_ocr.core.memory_commands import MemoryCommands
from desktop_ocr.core.model_commands import ModelCommands
from desktop_ocr.core.model_store import ModelShelf
from desktop_ocr.core.names import as_text
from desktop_ocr.core.opening import Opener
from desktop_ocr.core.others import OtherPrograms
from desktop_ocr.core.page_work import PageWork
from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.pictures import PictureMaker
from desktop_ocr.core.plans import stages_apart
from desktop_ocr.core.pressure import PressureControl
from desktop_ocr.core.process_tree import process_tree
from desktop_ocr.core.processor import PageProcessor
from desktop_ocr.core.queue import PageQueue
from desktop_ocr.core.recorder import PageRecorder
from desktop_ocr.core.rerun_commands import RerunCommands
from desktop_ocr.core.review_commands import ReviewCommands
from desktop_ocr.core.runtime import RuntimeFolder
from desktop_ocr.core.shortage import Shortage
from desktop_ocr.core.trying import PageTrial
from desktop_ocr.core.waiting import Surroundings, Waiting
from desktop_ocr.core.watch_commands import WatchCommands, watching_of
from desktop_ocr.hosts.slot import Starter
from desktop_ocr.memory.probes import GpuProbe
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.events import Event
from desktop_ocr.schema.jobs import JobOptions, JobView
from desktop_ocr.schema.memory import MemorySample
from desktop_ocr.schema.settings import Settings

log = logging.getLogger(__name__)

SETTLE_SECONDS = 10.0
"""A change of settings waits so long for pages in work before it puts them back."""


class Session(
    DocumentCommands,
    ExportCommands,
    LibraryCommands,
    MemoryCommands,
    ModelCommands,
    RerunCommands,
    ReviewCommands,
    WatchCommands,
):
    """One run of the core. Make it, await `open`, use it from that event loop only, await `close`."""

    def __init__(
        self,
        paths: AppPaths,
        settings: Settings,
        emit: Callable[[Event], None],
        *,
        private: bool = False,
        restore: bool = True,
        start: Starter | None = None,
        title: str = "",
        gpu: GpuProbe | None = None,
        resident: bool = False,
        watch: bool = False,
    ) -> None:
        """Touch nothing yet.

        Args:
            paths: where things are kept.
            settings: how to work.
            emit: gets every event, on the session's loop; must not block.
            private: keep the ledger in memory alone.
            restore: show the jobs of former runs.
            start: starts a host; without it, `HostStarter` with this session's temporary folder.
            title: which program this is, for `desktop-ocr memory`.
            gpu: asks the graphics card's driver; None for the real one.
            resident: it works in the background, beside whatever else the user does: it waits as the settings say.
            watch: watch folders; one program at a time does. A private session never does.
        """
        self._resident = resident
        self._watch = watch and not private
        self._paths = paths
        self._live = LiveSettings(settings)
        self._emit = emit
        self._private = private
        self._restore = restore
        self._start = start
        self._title = title
        self._gpu = gpu
        self._attention = Attention()
        self._tasks: set[asyncio.Task[None]] = set()
        self._changing = asyncio.Lock()
        self._opened = False
        self._closed = False

    async def open(self) -> None:
        """See `SessionApi.open`. Where it fails, nothing is left of it."""
        try:
            await self._open()
        except BaseException:
            await self.close()
            raise

    async def _open(self) -> None:
        self._folder = RuntimeFolder(self._paths.runtime)
        try:
            await asyncio.to_thread(self._folder.sweep)
            # To rescue a damaged one takes a while.
            self._ledger = await asyncio.to_thread(Ledger, None if self._private else self._paths.ledger)
        except BaseException:
            self._folder.remove()
            raise
        self._log_lines = LogLines()
        self._log_lines.attach()
        self._build()
        self._opened = True
        tell_damage(self._ledger, self._emit)
        await self._machinery.open()
        self._queue.start()
        if self._resident:
            self._waiting.start()
        await self._control.start()
        if self._restore:
            self._documents.restore(self._ledger.jobs())
            self._spawn(self._library.tend(), "library")
        if not self._private:
            self._others.start()
            self._spawn(self._interrupted.watch(), "interrupted exports")
        await self._watching.start()
        self._machinery.announce_device()
        self._machinery.announce_models()
        if self._live.now.eager_loading:
            self._spawn(self._machinery.load_eagerly(), "eager loading")

    def _build(self) -> None:
        self._emit = self._overheard(self._emit)
        start = self._start or HostStarter(self._live, self._folder.path)
        self._machinery = machinery = Machinery(
            self._live, self._paths, self._emit, start, self._sampled, private=self._private, gpu=self._gpu
        )
        reader = machinery.reader
        self._opener = Opener(self._live, self._ledger, reader)
        self._leases = Leases(self._ledger, self._title)
        self._ahead = LoadingAhead(self._live, machinery, self._attention)
        self._documents = documents = Documents(
            self._ledger,
            self._opener,
            self._attention,
            self._leases,
            self._emit,
            wake=self._wake,
            ready=lambda: self._freer.over(),
            opening=self._ahead.begin,
            full=lambda job, error: self._room.met(job, error),
        )
        # In private the ledger in memory does not know who else needs a picture.
        file, pictures = (None, None) if self._private else (self._paths.ledger, self._paths.pasted)
        self._library = LibraryWork(
            file, self._ledger, self._leases, self._live, lambda: self._queue.working > 0, pictures
        )
        self._others = OtherPrograms(self._ledger, self._leases, documents, self._emit, everything=self._restore)
        processor = PageProcessor(self._live, machinery, self._folder, self._ahead)
        recorder = PageRecorder(
            processor, self._ledger, self._attention, gone=documents.unwanted, allows=machinery.policy.allows
        )
        self._pictures = PictureMaker(self._live, reader, self._opener, self._folder)
        self._trial = PageTrial(
            self._live, self._ledger, self._opener, processor, gone=documents.gone, allows=machinery.policy.allows
        )
        exporter = Exporter(self._live, self._ledger, reader)
        self._exports = Exports(
            exporter,
            FormatList(reader),
            self._opener.check_unchanged,
            lambda job, wish, full: BegunNote(self._ledger, job, wish, full_name=full),
        )
        self._interrupted = InterruptedExports(self._ledger, self._emit, tells=self._restore)
        self._shortage = Shortage(documents, lambda job, error: self._freer.hold(job, error), self._wake)
        folders = (self._folder.path,) if self._private else (self._paths.data, self._folder.path)
        self._room = DiskRoom(documents, lambda: self._freer, folders)
        batches = Batches(
            self._attention, lambda: self._live.now.batch_size, lambda options: stages_apart(options, machinery.ids)
        )
        self._queue = PageQueue(
            lambda: batches.next_task(list(documents.jobs.values())),
            PageWork(documents, recorder, self._shortage, self._room, self._emit),
            self._live.now.pages_in_flight,
        )
        self._waiting = Waiting(
            self._live,
            Surroundings((self._paths.data, self._paths.runtime), machinery.foreign_gpu_share),
            self._queue.hold,
            self._queue.go_on,
            self._emit,
        )
        self._freer = Freer(self._live, machinery, documents, self._queue, self._emit)
        self._pressure = PressureControl(
            self._live,
            machinery,
            self._attention,
            self._emit,
            deferral_changed=self._deferral_changed,
            emergency=self._emergency,
            working=lambda: self._queue.working > 0,
            wanted=documents.wants,
        )
        self._control = ControlServer(self._folder.path, self)
        self._watching = watching_of(
            self, self._live, self._paths, self._ledger, documents, self._exports, self._emit, self._watch
        )
        self._shelf = ModelShelf(machinery.store, self._live, self._emit, self._models_changed)

    async def close(self) -> None:
        """See `SessionApi.close`."""
        if self._closed or not self._opened:
            return
        self._closed = True
        self._queue.hold()  # for good: what is stopped below must not be tried again at once
        steps = (
            self._control.close,
            self._watching.close,
            self._waiting.close,
            self._shelf.close,
            self._library.close,
            self._stop_tasks,
            self._others.close,
            self._documents.close,
            self._shortage.close,
            self._room.close,
            self._ahead.close,
            # The hosts go before the queue: a worker that awaits one then ends at once.
            self._machinery.close,
            self._freer.close,
            self._queue.stop,
            self._close_store,
        )
        async with contextlib.AsyncExitStack() as rest:  # where one fails, the others are taken all the same
            for step in reversed(steps):
                rest.push_async_callback(step)

    async def _stop_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _close_store(self) -> None:
        try:
            self._ledger.give_up_jobs(self._leases.owner)
        except DesktopOcrError as error:
            # Nothing is lost by it: whoever opens the ledger next sees that this process is gone.
            log.warning("the jobs could not be given up: %s", error)
        finally:
            self._ledger.close()
            self._folder.remove()
            log.info("closed: no host runs, the temporary folder is gone")
            self._log_lines.detach()

    def views(self) -> list[JobView]:
        """See `SessionApi.views`."""
        return self._documents.views()

    # --- what the user does -------------------------------------------------------------------------------

    async def add(
        self,
        paths: Sequence[Path],
        *,
        options: JobOptions | None = None,
        pages: str | None = None,
        password: str | None = None,
        fresh: bool = False,
    ) -> Added:
        """See `SessionApi.add`."""
        password = None if password is None else as_text(password)
        return await self._documents.add(paths, options or self._live.now.options, pages or "", password, fresh=fresh)

    # --- settings, and what is written down --------------------------------------------------------------------

    async def change_settings(self, settings: Settings) -> None:
        """See `SessionApi.change_settings`."""
        # Who asked may go away: half a change would leave no hosts to work with.
        await asyncio.shield(self._spawn(self._change_settings(settings), "change of settings"))

    async def dump(self, reason: str = "") -> Path:
        """See `SessionApi.dump`; `reason` says why it is written by itself."""
        stats = await self.stats()
        documents = [Path(view.path) for view in self._documents.views()]
        return await asyncio.to_thread(
            lambda: write_dump(
                self._paths.dumps,
                stats,
                self._machinery.monitor.history,
                process_tree(),
                self._log_lines.lines,
                self._live.now,
                documents=documents,
                reason=reason,
            )
        )

    # --- inside -------------------------------------------------------------------------------------------

    async def _change_settings(self, settings: Settings) -> None:
        async with self._changing:
            self._queue.hold()
            try:
                if not await self._queue.drained(SETTLE_SECONDS):
                    log.info("%d pages in work are put back, because settings change", self._queue.working)
                await self._machinery.rebuild(settings)
                self._queue.resize(settings.pages_in_flight)
            finally:
                await self._queue.go_on()
        if self._resident:
            await self._waiting.look()

    async def _models_changed(self) -> None:
        # New models are for new hosts, as new settings are.
        if not self._closed:
            await self.change_settings(self._live.now)

    async def _wake(self) -> None:
        await self._queue.wake()

    async def _sampled(self, sample: MemorySample) -> None:
        self._emit(sample)
        if not self._closed:
            await self._pressure.take(sample)

    async def _emergency(self, why: str) -> None:
        # It is called while a sample is looked at, and takes samples itself.
        if not self._closed:
            self._spawn(self._release_all(why), "emergency")

    async def _release_all(self, why: str) -> None:
        try:
            await self._freer.release_all(why)
        except Exception:
            log.exception("an emergency release")
        try:
            file = await self.dump("everything was released, because memory was nearly used up")
        except (OSError, DesktopOcrError):
            log.exception("the diagnostic dump could not be written")
        else:
            log.warning("an emergency release; the dump is %s", file.name)

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
