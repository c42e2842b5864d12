"""When work waits because the settings say so: on battery, at certain hours, for others' sake, for want of room.

Pages in work are finished; none is begun. What the user asks for by itself (a page's picture, an export) is done.
"""

from __future__ import annotations

import asyncio
import datetime
import logging
import shutil
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import psutil

from desktop_ocr.core.live import LiveSettings
from desktop_ocr.schema.events import Event, WorkWaits
from desktop_ocr.schema.settings import Settings

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
GB = 1e9


class Surroundings:
    """What is asked of the machine. Tests hand in another one where a machine has no battery."""

    def __init__(self, folders: Sequence[Path], foreign_share: Callable[[], float]) -> None:
        """Ask nothing yet.

        Args:
            folders: that are written to; they need not exist.
            foreign_share: how much of a GPU other programs use, 0 to 1; 0 where there is none.
        """
        self._folders = tuple(folders)
        self.foreign_share = foreign_share

    def on_battery(self) -> bool:
        """Whether the computer runs on its battery; False where it has none, or does not say."""
        asked = getattr(psutil, "sensors_battery", None)
        try:
            battery = asked() if asked is not None else None
        except (OSError, RuntimeError, ValueError):  # odd drivers
            return False
        return battery is not None and battery.power_plugged is False

    def free_gb(self) -> tuple[float, Path] | None:
        """The least room on a disk that is written to, and a folder there; None where it cannot be told."""
        found: list[tuple[float, Path]] = []
        for folder in self._folders:
            for place in (folder, *folder.parents):
                try:
                    found.append((shutil.disk_usage(place).free / GB, folder))
                except OSError:
                    continue
                break
        return min(found, default=None)

    def clock(self) -> datetime.time:
        """The time of the day."""
        return datetime.datetime.now().astimezone().time()


def reasons_to_wait(settings: Settings, around: Surroundings) -> tuple[str, ...]:
    """Why no page is begun now, a sentence each; () where nothing keeps us. May take a moment: asks the disks."""
    reasons = []
    if settings.pause_on_battery and around.on_battery():
        reasons.append("The computer runs on its battery.")
    if settings.pause_for_gpu and around.foreign_share() >= settings.gpu_foreign_share:
        reasons.append("Another program needs the GPU.")
    if in_quiet_hours(settings.quiet_from, settings.quiet_until, around.clock()):
        reasons.append(f"Work waits from {settings.quiet_from} to {settings.quiet_until}.")
    free = around.free_gb() if settings.least_free_gb else None
    if free is not None and free[0] < settings.least_free_gb:
        reasons.append(
            f"Only {free[0]:.1f} GB are free on the disk of {free[1]}; {settings.least_free_gb:g} GB are to stay free."
        )
    return tuple(reasons)


def in_quiet_hours(start: str, end: str, now: datetime.time) -> bool:
    """Whether it is between two times of the day, like "22:00" and "06:30"; "" is never."""
    if not start or not end or start == end:
        return False
    begin, over = datetime.time.fromisoformat(start), datetime.time.fromisoformat(end)
    return begin <= now < over if begin < over else now >= begin or now < over


class Waiting:
    """Looks every few seconds, and holds the queue as long as there is a reason."""

    def __init__(
        self,
        live: LiveSettings,
        around: Surroundings,
        hold: Callable[[], None],
        go_on: Callable[[], Awaitable[None]],
        emit: Callable[[Event], None],
        *,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """Nothing is asked before `start`.

        Args:
            live: the settings.
            around: what is asked of the machine.
            hold: called when no page is to be begun.
            go_on: awaited, as often, when pages are taken again.
            emit: gets `WorkWaits`.
            look_seconds: between two looks.
        """
        self._live = live
        self._around = around
        self._hold = hold
        self._go_on = go_on
        self._emit = emit
        self._seconds = look_seconds
        self._task: asyncio.Task[None] | None = None
        self._insisted = False
        self._looking = asyncio.Lock()
        self.reasons: tuple[str, ...] = ()

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._run(), name="waiting for others' sake")

    async def close(self) -> None:
        """Look no more. The queue stays as it is: nobody works any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def insist(self) -> None:
        """See `SessionApi.work_anyway`."""
        self._insisted = bool(self.reasons)
        await self.look()

    async def look(self) -> None:
        """Look now."""
        async with self._looking:
            found = await asyncio.to_thread(reasons_to_wait, self._live.now, self._around)
            if not found:
                self._insisted = False
            await self._become(() if self._insisted else found)

    async def _become(self, reasons: tuple[str, ...]) -> None:
        if reasons == self.reasons:
            return
        before, self.reasons = self.reasons, reasons
        # A figure in a sentence changes with every look; what is told is that it waits, and for which kinds of reason.
        if [text.split()[0] for text in before] != [text.split()[0] for text in reasons]:
            log.info("no page is begun: %d reasons" if reasons else "pages are begun again (%d reasons)", len(reasons))
            self._emit(WorkWaits(reasons))
        if reasons and not before:
            self._hold()
        elif before and not reasons:
            await self._go_on()

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:  # what cannot be asked must not end the looking, nor the work
                log.exception("a look at what work should wait for")
            await asyncio.sleep(self._seconds)
