"""Engine hosts, lent to one page at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.hosts.slot import HostSlot, Starter
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.events import Event
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.messages import Configure, EngineOptions, ModelFolder
from desktop_ocr.schema.settings import Settings

CONFIGURE_SECONDS = 30.0


class EnginePool:
    """Up to `settings.engine_hosts` engine hosts on the CPU.

    A page takes a free slot and gives it back in a `finally`; pages wait in the order in which they came.
    """

    def __init__(
        self,
        settings: Settings,
        store: ModelStore,
        model_ids: dict[str, str],
        emit: Callable[[Event], None],
        *,
        start: Starter = HostProcess.start,
    ) -> None:
        """Start nothing yet.

        Args:
            settings: how many hosts, with how many threads, and when they are idle.
            store: where models are.
            model_ids: model by role, of those that are wanted.
            emit: gets the hosts' starts and ends.
            start: starts a host.
        """
        self._settings = settings
        self._store = store
        self._model_ids = model_ids
        self._slots = [
            HostSlot(
                HostRole.ENGINE,
                idle_seconds=settings.engine_idle_seconds,
                emit=emit,
                prepare=self._configure,
                start=start,
            )
            for _ in range(settings.engine_hosts)
        ]
        self._free: asyncio.LifoQueue[HostSlot] = asyncio.LifoQueue()
        for slot in reversed(self._slots):
            self._free.put_nowait(slot)

    @contextlib.asynccontextmanager
    async def acquire(self) -> AsyncIterator[HostSlot]:
        """Lend a slot for one page, the one used last first, so that the others can go idle."""
        slot = await self._free.get()
        try:
            yield slot
        finally:
            self._free.put_nowait(slot)

    @property
    def pids(self) -> list[int]:
        """Process ids of the running engine hosts."""
        return [slot.pid for slot in self._slots if slot.pid is not None]

    async def release(self) -> None:
        """End the hosts once they have done the page they are at."""
        await asyncio.gather(*(slot.release() for slot in self._slots))

    async def close(self) -> None:
        """End the hosts now and start none any more."""
        await asyncio.gather(*(slot.close() for slot in self._slots))

    async def _configure(self, host: HostProcess) -> None:
        folders = []
        for role, model in self._model_ids.items():
            # Laying a model out hashes tens of megabytes the first time.
            folder = await asyncio.to_thread(self._store.ensure, model)
            folders.append(ModelFolder(role, model, str(folder)))
        options = EngineOptions(
            models=tuple(folders),
            threads=self._settings.engine_threads,
            detection_side=self._settings.detection_side,
        )
        await host.request(Configure(options), CONFIGURE_SECONDS)
