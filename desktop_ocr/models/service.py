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
from desktop_ocr.hosts.slot import HostSlot, Starter
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import Event
from desktop_ocr.schema.memory import HostRole, ServiceView
from desktop_ocr.schema.messages import (
    Arrange,
    Configure,
    EngineOptions,
    HostMemory,
    LoadModel,
    MeasureMemory,
    ModelFolder,
    ModelLoaded,
    Recognise,
    Recognised,
    ReplyBody,
    RequestBody,
    UnloadModels,
    WarmUp,
)
from desktop_ocr.schema.settings import Settings

log = logging.getLogger(__name__)

R = TypeVar("R", bound=ReplyBody)

CONFIGURE_SECONDS = 30.0
LOAD_SECONDS = 120.0
UNLOAD_SECONDS = 30.0
MEASURE_SECONDS = 10.0

EndListener = Callable[["OCRService", int, HostOutcome], None]
"""Gets the service, the generation of the host that is gone, and how it ended."""


class Watcher(Protocol):
    """The `ModelManager`, as a service sees it."""

    def watch(self, service: OCRService) -> None:
        """Look after this service."""


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
        store: ModelStore,
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
        self._pins: Counter[int] = Counter()
        self._end_listeners: list[EndListener] = []
        self._idle_listeners: list[Callable[[OCRService], None]] = []
        self._slot = HostSlot(
            HostRole.ENGINE, idle_seconds=None, emit=emit, prepare=self._configure, start=start, on_end=self._on_end
        )
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
    def replace_why(self) -> str:
        """Why the host is to be replaced before the next page, or ""."""
        return self._replace_why

    @property
    def stopped_by(self) -> DesktopOcrError:
        """What the last `interrupt` told those whom it stopped."""
        return stopped(self._stopped_by)

    def view(self) -> ServiceView:
        """As lists show it."""
        models = tuple(self._loaded.values())
        return ServiceView(self.name, self.device, self.pid, self.leased or self.busy, self._pages, models)

    def change_settings(self, settings: Settings) -> None:
        """Configure hosts by these from the next start on."""
        self._settings = settings

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
        """Send a request to the host, starting one where there is none.

        Args:
            body: the request.
            expect: the type of reply that fits it.
            deadline: seconds for the request itself; a start has its own.

        Raises:
            DesktopOcrError: the host's error, or what became of the host; HOST_DIED where models were loaded for
                the asker (`pin`) and their host is gone; what `interrupt` was given, until the page that has this
                service gives it back.
        """
        raise NotImplementedError

    async def load(self, role: str) -> ModelLoaded:
        """Load the model of a role; one that is loaded stays.

        Raises:
            DesktopOcrError: as `ask`.
        """
        raise NotImplementedError

    async def unload(self, roles: Sequence[str]) -> HostMemory:
        """Drop the models of these roles in the running host.

        Returns:
            What the host holds afterwards.

        Raises:
            DesktopOcrError: as `ask`; HOST_DIED where no host runs, and none is started.
        """
        raise NotImplementedError

    async def measure(self) -> HostMemory:
        """What the running host holds.

        Raises:
            DesktopOcrError: as `ask`; HOST_DIED where no host runs, and none is started.
        """
        raise NotImplementedError

    async def warm_up(self, deadline: float) -> HostMemory:
        """Run the loaded models once on an empty page.

        Args:
            deadline: in seconds.

        Raises:
            DesktopOcrError: as `ask`.
        """
        raise NotImplementedError

    # --- ending ---------------------------------------------------------------------------------------------

    async def end(self, only_if: Callable[[], bool] | None = None) -> bool:
        """End the host once it has done what it is at; the next request starts another.

        Args:
            only_if: asked when the host has nothing to do any more; where it says no, the host lives on.

        Returns:
            Whether there is no host now.
        """
        return await self._slot.release(only_if)

    async def interrupt(self, error: DesktopOcrError | None = None) -> None:
        """End the host now, whatever it is doing, or while it starts.

        What is asked, and what the page that has this service asks until it gives it back, raises `error` (by
        default FREED). When this has returned, other pages are served again.
        """
        raise NotImplementedError

    async def close(self) -> None:
        """End the host now and start none any more."""
        await self._slot.close()
