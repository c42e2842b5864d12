"""A place for one engine host: what it is told when it starts, what it holds, and how it is ended."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from desktop_ocr.hosts.outcome import HostOutcome
from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.hosts.slot import HostSlot, Starter, stopped
from desktop_ocr.models.selection import ChosenModels
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.engine_messages import (
    Arrange,
    Configure,
    EngineOptions,
    HostMemory,
    LoadedModel,
    LoadModel,
    MeasureMemory,
    ModelLoaded,
    Recognise,
    Recognised,
    Refine,
    UnloadModels,
    WarmUp,
)
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import Event
from desktop_ocr.schema.features import FULL, Features
from desktop_ocr.schema.memory import HostRole, ServiceView
from desktop_ocr.schema.messages import ReplyBody, RequestBody
from desktop_ocr.schema.settings import Settings

log = logging.getLogger(__name__)

R = TypeVar("R", bound=ReplyBody)

CONFIGURE_SECONDS = 30.0
LOAD_SECONDS = 120.0
UNLOAD_SECONDS = 30.0
MEASURE_SECONDS = 30.0
MOST_MB = 1e8

_NEED_MODELS = (Recognise, Arrange, Refine, WarmUp)
_HUNG = (ErrorCode.TIMED_OUT, ErrorCode.PROTOCOL)
_SHORT = (ErrorCode.OUT_OF_MEMORY, ErrorCode.GPU_LOST)

EndListener = Callable[["OCRService", int, HostOutcome], None]
"""Gets the service, the generation of the host that is gone, and how it ended."""


class Watcher(Protocol):
    """The `ModelManager`, as a service sees it."""

    def watch(self, service: OCRService) -> None:
        """Look after this service."""

    def adopt(self, service: OCRService, loaded: Sequence[LoadedModel]) -> None:
        """Take over what a page made the service's host load."""


class OCRService:
    """A place for one engine host of a device.

    Attributes:
        name: like "cpu/0".
        device: "cpu", "gpu:0", ...
        interruptions: how often `interrupt` was called.
        last_use: when it was last asked something or lent, by `time.monotonic`.
        leased: a page has it now.
        restarts: hosts that had to be replaced: dead, hung or leaking.
    """

    def __init__(
        self,
        name: str,
        device: str,
        *,
        settings: Settings,
        store: ModelStore | ChosenModels,
        model_ids: Mapping[str, str],
        emit: Callable[[Event], None],
        manager: Watcher | None = None,
        start: Starter = HostProcess.start,
    ) -> None:
        """Start nothing yet.

        Args:
            name: like "cpu/0".
            device: it is told to use.
            settings: threads, the detector's side, the hard memory limit.
            store: where models are.
            model_ids: model by role, of all that a page may need.
            emit: gets the hosts' starts and ends.
            manager: ends the host when nothing has used it for a while.
            start: starts a host.
        """
        self.name = name
        self.device = device
        self.interruptions = 0
        self.last_use = time.monotonic()
        self.leased = False
        self.restarts = 0
        self._settings = settings
        self._store = store
        self._model_ids = dict(model_ids)
        self._loaded: dict[str, str] = {}
        self._pages = 0
        self._replace_why = ""
        self._stopped_by: DesktopOcrError | None = None
        self._lease_stopped = False
        self._pins: Counter[int] = Counter()
        self._end_listeners: list[EndListener] = []
        self._idle_listeners: list[Callable[[OCRService], None]] = []
        self._slot = HostSlot(
            HostRole.ENGINE, idle_seconds=None, emit=emit, prepare=self._configure, start=start, on_end=self._on_end
        )
        self._manager = manager
        if manager is not None:
            manager.watch(self)

    # --- what it is -----------------------------------------------------------------------------------------

    @property
    def pid(self) -> int | None:
        """The running host's process id."""
        return self._slot.pid

    @property
    def busy(self) -> bool:
        """Whether the host is at work, or starting."""
        return self._slot.busy

    @property
    def pages(self) -> int:
        """Pages that the running host has done."""
        return self._pages

    @property
    def generation(self) -> int:
        """Counts the hosts started here; models are lost when it changes."""
        return self._slot.generation

    @property
    def held(self) -> tuple[str, ...]:
        """Ids of the models that the running host holds."""
        return tuple(self._loaded.values())

    @property
    def stopped_by(self) -> DesktopOcrError:
        """What the last `interrupt` tells those whom it stopped."""
        return stopped(self._stopped_by)

    def view(self) -> ServiceView:
        """As lists show it."""
        return ServiceView(self.name, self.device, self.pid, self.leased or self.busy, self._pages, self.held)

    def listen(self, *, ended: EndListener | None = None, idle: Callable[[OCRService], None] | None = None) -> None:
        """Be told when a host ends, for whatever reason, and when a page gives the service back.

        `ended` is called the moment the end is known: before anybody who waited for that host goes on, and before
        another can be started.
        """
        if ended is not None:
            self._end_listeners.append(ended)
        if idle is not None:
            self._idle_listeners.append(idle)

    # --- asking ---------------------------------------------------------------------------------------------

    async def ask(self, body: RequestBody, expect: type[R], deadline: float) -> R:
        """Send a request to the host, starting one where there is none; `deadline` seconds are for the request itself.

        Raises:
            DesktopOcrError: the host's error, or what became of the host; HOST_DIED where models were loaded for
                the asker (`pin`) and their host is gone; what `interrupt` was given, until the page that has this
                service gives it back.
        """
        self._check_lease()
        only = self._pinned if self._pins and isinstance(body, _NEED_MODELS) else None
        reply = await self._ask(body, expect, deadline, only)
        if isinstance(reply, Recognised):
            self._pages += 1
            await self._note_loaded(reply.loaded)
        return reply

    async def load(self, role: str, features: Features = FULL) -> ModelLoaded:
        """Load the model of a role; one that is loaded stays.

        Args:
            role: which.
            features: that PP-StructureV3 is built for.

        Raises:
            DesktopOcrError: as `ask`.
        """
        self._check_lease()
        reply = await self._ask(LoadModel(role, features), ModelLoaded, LOAD_SECONDS)
        await self._check_figures(reply.seconds, reply.added_mb, reply.memory.rss_mb, reply.memory.peak_mb)
        if self.pid is None:
            # It answered and was gone before its answer was read.
            raise DesktopOcrError(ErrorCode.HOST_DIED, "The engine process ended after it had loaded a model.")
        self._loaded[role] = self._model_ids.get(role, role)
        return reply

    async def unload(self, roles: Sequence[str]) -> HostMemory:
        """Drop the models of these roles in the running host.

        Returns:
            What the host holds afterwards.

        Raises:
            DesktopOcrError: as `ask`; HOST_DIED where no host runs, and none is started.
        """
        memory = await self._ask(UnloadModels(tuple(roles)), HostMemory, UNLOAD_SECONDS, _any_host)
        await self._check_figures(memory.rss_mb, memory.peak_mb)
        for role in roles:
            self._loaded.pop(role, None)
        return memory

    async def measure(self) -> HostMemory:
        """What the running host holds.

        Raises:
            DesktopOcrError: as `ask`; HOST_DIED where no host runs, and none is started.
        """
        memory = await self._ask(MeasureMemory(), HostMemory, MEASURE_SECONDS, _any_host)
        await self._check_figures(memory.rss_mb, memory.peak_mb)
        return memory

    async def warm_up(self, deadline: float) -> HostMemory:
        """Run the loaded models once on an empty page, in `deadline` seconds. Raises as `ask` does."""
        return await self.ask(WarmUp(), HostMemory, deadline)

    # --- ending ---------------------------------------------------------------------------------------------

    async def end(self, only_if: Callable[[], bool] | None = None) -> bool:
        """End the host once it has done what it is at; the next request starts another.

        Args:
            only_if: asked when the host has nothing to do any more; where it says no, the host lives on.

        Returns:
            Whether there is no host now.
        """
        return await self._slot.release(only_if)

    @property
    def ending(self) -> bool:
        """Whether the host is on its way out: what it holds is as good as gone."""
        return self._slot.ending

    async def settled(self) -> None:
        """Return when the host has nothing to do, or is gone where somebody has begun to end it."""
        await self._slot.settled()

    async def interrupt(self, error: DesktopOcrError | None = None) -> None:
        """End the host now, whatever it is doing, or while it starts.

        What is asked, and what the page that has this service asks until it gives it back, raises `error` (by
        default FREED). When this has returned, other pages are served again.
        """
        self.interruptions += 1
        self._stopped_by = error
        self._lease_stopped = self.leased
        await self._slot.interrupt(error)

    async def close(self) -> None:
        """End the host now and start none any more."""
        await self._slot.close()

    def replace(self, why: str) -> None:
        """End the host when the page that has this service gives it back, before another page gets it.

        Args:
            why: words that go on from "it ...", for the log.
        """
        self._replace_why = self._replace_why or why

    # --- being lent -----------------------------------------------------------------------------------------

    def lend(self) -> None:
        """A page has this service from now on; the pool's business."""
        self.leased = True
        self._lease_stopped = False

    def take_back(self) -> bool:
        """The page is through; the pool's business.

        Returns:
            Whether the host is to be ended (`replaced`) before another page gets the service.
        """
        self.leased = self._lease_stopped = False
        self.last_use = time.monotonic()
        if self._replace_why and self.pid is not None:
            return True
        self._replace_why = ""
        self._tell_idle()
        return False

    async def replaced(self) -> None:
        """End a host that is to be replaced."""
        why, self._replace_why = self._replace_why, ""
        log.info("the host %s of %s is replaced: it %s", self.pid, self.name, why)
        self.restarts += 1
        await self.end()
        self._tell_idle()

    def pin(self, generation: int) -> None:
        """Somebody has models in the host of this generation: pages are for it alone until `unpin`."""
        self._pins[generation] += 1

    def unpin(self, generation: int) -> None:
        """Undo one `pin`."""
        self._pins[generation] -= 1
        self._pins += Counter()  # drops what is down to 0

    # --- within ---------------------------------------------------------------------------------------------

    async def _ask(
        self, body: RequestBody, expect: type[R], deadline: float, only: Callable[[int], bool] | None = None
    ) -> R:
        self.last_use = time.monotonic()
        try:
            return await self._slot.ask(body, expect, deadline, only=only)
        except DesktopOcrError as error:
            if error.code in _HUNG and self.pid is None:
                self.restarts += 1
            elif error.code in _SHORT and self.pid is not None:
                # The host has dropped all its models, and what its allocators keep is what was missing.
                await self._drop_host(f"could not go on ({error.code})")
            raise
        finally:
            self.last_use = time.monotonic()
            if not self.leased:
                self._tell_idle()

    async def _note_loaded(self, loaded: Sequence[LoadedModel]) -> None:
        """Whether a page needs a model may show only when it is looked at: then its host loads it by itself."""
        known = [one for one in loaded if one.role in self._model_ids]
        for one in known:
            await self._check_figures(one.seconds, one.added_mb)
        if self.pid is None:
            return
        self._loaded.update({one.role: self._model_ids[one.role] for one in known})
        if self._manager is not None and known:
            self._manager.adopt(self, known)

    def _tell_idle(self) -> None:
        for listener in self._idle_listeners:
            listener(self)

    async def _drop_host(self, why: str) -> None:
        log.info("the host %s of %s is ended: it %s", self.pid, self.name, why)
        self.restarts += 1
        await self.end()

    async def _check_figures(self, *figures: float) -> None:
        """Refuse what a host must not have said, and have no more to do with it."""
        if not all(math.isfinite(figure) and 0 <= figure < MOST_MB for figure in figures):
            await self._drop_host("gave figures that cannot be")
            raise DesktopOcrError(ErrorCode.PROTOCOL, "The engine process gave figures that cannot be.")

    def _check_lease(self) -> None:
        if self._lease_stopped:
            raise stopped(self._stopped_by)

    def _pinned(self, generation: int) -> bool:
        return generation in self._pins

    def _on_end(self, generation: int, outcome: HostOutcome) -> None:
        self._loaded.clear()
        self._pages = 0
        self._replace_why = ""
        if not outcome.expected:
            self.restarts += 1
        for listener in self._end_listeners:
            listener(self, generation, outcome)

    async def _configure(self, host: HostProcess) -> None:
        settings = self._settings
        folders = []
        for role, model in self._model_ids.items():
            # Laying a model out hashes tens of megabytes the first time.
            folders.append(await asyncio.to_thread(self._store.prepare, role, model))
        options = EngineOptions(
            models=tuple(folders),
            device=self.device,
            threads=settings.engine_threads,
            detection_side=settings.detection_side,
            memory_limit_mb=settings.service_hard_limit_mb,
        )
        await host.request(Configure(options), CONFIGURE_SECONDS)


def _any_host(generation: int) -> bool:
    return generation > 0
