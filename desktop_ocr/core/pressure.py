"""What is done when memory gets short: the pressure ladder's rungs, the background's deferral, the emergency."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import msgspec

from desktop_ocr.core.attention import Attention
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.machinery import Machinery
from desktop_ocr.core.plans import CPU, DISPENSABLE
from desktop_ocr.memory.ladder import PressureLadder, Rung
from desktop_ocr.schema.events import Event, PressureChanged
from desktop_ocr.schema.features import TITLES, Feature
from desktop_ocr.schema.memory import MemorySample, Pressure, PressureLevel

log = logging.getLogger(__name__)

WARNING, CRITICAL = PressureLevel.WARNING, PressureLevel.CRITICAL


class PressureControl:
    """Takes each sample of the memory and acts on it."""

    def __init__(
        self,
        live: LiveSettings,
        machinery: Machinery,
        attention: Attention,
        emit: Callable[[Event], None],
        *,
        deferral_changed: Callable[[], Awaitable[None]],
        emergency: Callable[[str], Awaitable[None]],
        working: Callable[[], bool],
        wanted: Callable[[Feature], bool],
    ) -> None:
        """Act on `machinery` and `attention`.

        Args:
            live: the settings.
            machinery: hosts, models, guard.
            attention: told that the background is to wait.
            emit: gets `PressureChanged`.
            deferral_changed: called when background documents begin to wait, or need not any more.
            emergency: releases everything; gets why, as the end of "... is paused because".
            working: whether a page is in work.
            wanted: whether a document that is not finished wants a feature.
        """
        self._live = live
        self._machinery = machinery
        self._attention = attention
        self._emit = emit
        self._deferral_changed = deferral_changed
        self._emergency = emergency
        self._working = working
        self._wanted = wanted
        self._released = False
        self._ladder = PressureLadder(self._rungs(), cooldown=live.now.pressure_cooldown_seconds)

    async def take(self, sample: MemorySample) -> None:
        """Look at a sample, and take one step where it is time."""
        guard = self._machinery.guard
        before = guard.pressure
        level = guard.observe(sample).level
        if level is PressureLevel.NORMAL:
            self._released = False
        self._ladder.cooldown = self._live.now.pressure_cooldown_seconds
        step = await self._ladder.observe(level)
        pressure = guard.tell(
            rung=self._ladder.rung,
            words=self._ladder.words,
            deferred=await self._defer(level),
            emergency=self._released,
        )
        if step is not None or _differs(pressure, before):
            log.info("memory is %s (%.0f %%): %s", level, pressure.share * 100, pressure.words or "nothing was done")
            self._emit(PressureChanged(pressure))

    async def insist(self) -> None:
        """Let background documents go on although memory is short, until it has been enough again."""
        self._attention.insisted = True
        await self._deferral_changed()

    async def _defer(self, level: PressureLevel) -> bool:
        attention = self._attention
        short = level is not PressureLevel.NORMAL and self._live.now.defer_background
        if not short:
            attention.insisted = False
        if short != attention.deferred:
            attention.deferred = short
            await self._deferral_changed()
        # On the command line nobody looks at a document, and none is background.
        return short and not attention.insisted and attention.job is not None

    # --- rungs ----------------------------------------------------------------------------------------------

    def _rungs(self) -> list[Rung]:
        policy = self._machinery.policy

        async def one_by_one() -> bool:
            policy.apart = True
            return True

        async def together() -> None:
            policy.apart = False

        async def fewer() -> bool:
            policy.fewer_features = True
            return True

        async def all_features() -> None:
            policy.fewer_features = False

        async def smaller() -> bool:
            policy.smaller_side = True
            return True

        async def full_size() -> None:
            policy.smaller_side = False

        async def to_cpu() -> bool:
            policy.cpu_only = self._machinery.device != CPU
            return policy.cpu_only

        async def to_gpu() -> None:
            policy.cpu_only = False

        slow, fast = "Models are loaded one after the other.", "Models are held side by side again."
        left_out = "Headings, columns and page orientation are left out."
        small, small_no_more = "Pages are looked at in a smaller size.", "Pages are looked at in their full size again."
        no_gpu, gpu_again = "Pages are recognised without the graphics card.", "The graphics card is used again."
        return [
            Rung("caches", "Caches were cleared.", self._clear_caches, None, WARNING),
            Rung("idle-models", "Models that nothing used were unloaded.", self._unload_idle, None, WARNING),
            Rung("apart", slow, one_by_one, together, CRITICAL, fast),
            *(self._without(feature) for feature in DISPENSABLE),
            Rung("features", left_out, fewer, all_features, CRITICAL, "All features are back."),
            Rung("side", small, smaller, full_size, CRITICAL, small_no_more),
            Rung("cpu", no_gpu, to_cpu, to_gpu, CRITICAL, gpu_again),
            Rung("refuse", "All memory was given back and the work is paused.", self._refuse, None, CRITICAL),
        ]

    def _without(self, feature: Feature) -> Rung:
        """Pages are done without a feature, where anybody wants it."""
        policy = self._machinery.policy
        gone = frozenset({feature, Feature.PICTURES} if feature is Feature.TABLES else {feature})
        words = "Tables and pictures" if feature is Feature.TABLES else TITLES[feature]

        async def leave_out() -> bool:
            if not self._wanted(feature):
                return False
            policy.left_out |= gone
            return True

        async def back() -> None:
            policy.left_out -= gone

        return Rung(
            feature.value, f"{words} are left out.", leave_out, back, CRITICAL, f"{words} are looked for again."
        )

    async def _clear_caches(self) -> bool:
        self._machinery.tidy()
        reader = self._machinery.reader
        if reader.pid is None or reader.busy or self._working():
            return False
        await reader.release()
        return True

    async def _unload_idle(self) -> bool:
        return bool(await self._machinery.manager.unload_idle())

    async def _refuse(self) -> bool:
        if self._released or not (self._machinery.hosts() or self._working()):
            return False  # nothing of it is ours
        self._released = True
        await self._emergency("memory is nearly used up. Close other programs, then resume")
        return True


def _differs(new: Pressure, old: Pressure) -> bool:
    """Whether somebody who looks at it would see a difference: the share moves all the time."""
    return msgspec.structs.replace(new, share=0.0) != msgspec.structs.replace(old, share=0.0)
