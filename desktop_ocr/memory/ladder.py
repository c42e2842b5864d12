"""The pressure ladder: what is done, step by step, when memory is short, and undone when there is enough again."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from desktop_ocr.schema.memory import PressureLevel

log = logging.getLogger(__name__)

ORDER = {PressureLevel.NORMAL: 0, PressureLevel.WARNING: 1, PressureLevel.CRITICAL: 2}


@dataclasses.dataclass(frozen=True)
class Rung:
    """A measure against a shortage of memory.

    Attributes:
        name: for the log.
        words: what was done, for the user.
        climb: does it; False where there was nothing to do.
        undo: takes it back; None for what is done once, like clearing caches.
        level: the least level at which it may be taken: WARNING or CRITICAL.
        back: what was taken back, for the user.
    """

    name: str
    words: str
    climb: Callable[[], Awaitable[bool]]
    undo: Callable[[], Awaitable[None]] | None
    level: PressureLevel
    back: str = ""


@dataclasses.dataclass(frozen=True)
class Step:
    """A step that was made.

    Attributes:
        rung: where the ladder stands after it, counted from 1; 0 is the ground.
        words: for the user; "" where there is nothing to tell.
        up: False for a measure taken back.
    """

    rung: int
    words: str
    up: bool


class PressureLadder:
    """Goes up one rung at a time, and down again, with a cooldown between steps: a measure takes time to show.

    A measure that does once what it does counts as taken until the next step down: then, should memory be short
    again, it may be taken again.

    Attributes:
        cooldown: seconds. May be changed at any time.
        words: of the last step; "" on the ground.
    """

    def __init__(self, rungs: Sequence[Rung], *, cooldown: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Stand on the ground.

        Args:
            rungs: the first one is taken first.
            cooldown: seconds between two steps, and for how long memory must have been enough before a step down.
            clock: in seconds.

        Raises:
            ValueError: a rung's level is NORMAL: it would never be taken back.
        """
        if any(rung.level is PressureLevel.NORMAL for rung in rungs):
            raise ValueError("a rung is taken at WARNING or CRITICAL")
        self.cooldown = cooldown
        self.words = ""
        self._rungs = tuple(rungs)
        self._clock = clock
        self._taken: set[int] = set()
        self._stepped_at: float | None = None
        self._fruitless: tuple[int, float] | None = None
        self._below_since: dict[PressureLevel, float] = {}
        self._busy = False

    @property
    def rung(self) -> int:
        """The highest rung that is taken, counted from 1; 0 for none."""
        return max(self._taken, default=-1) + 1

    async def observe(self, level: PressureLevel) -> Step | None:
        """Make at most one step, as the level wants it.

        Returns:
            The step; None where none was made, was due, or another call is still at one.
        """
        if self._busy:
            return None
        self._busy = True
        try:
            now = self._clock()
            self._note(level, now)
            if self._stepped_at is not None and now - self._stepped_at < self.cooldown:
                return None
            step = await self._down(now) or await self._up(level, now)
        finally:
            self._busy = False
        if step is not None:
            self._stepped_at = self._clock()  # the cooldown begins when the step has been made
            self.words = step.words if step.rung else ""
            log.info("pressure %s, rung %d: %s", level.value, step.rung, step.words or "on the ground again")
        return step

    def _note(self, level: PressureLevel, now: float) -> None:
        """Keep since when the level has been below each level."""
        for threshold in (PressureLevel.WARNING, PressureLevel.CRITICAL):
            if ORDER[level] < ORDER[threshold]:
                self._below_since.setdefault(threshold, now)
            else:
                self._below_since.pop(threshold, None)

    async def _up(self, level: PressureLevel, now: float) -> Step | None:
        if self._fruitless is not None:
            tried, when = self._fruitless
            if ORDER[level] <= tried and now - when < self.cooldown:
                return None  # nothing could be done a moment ago
        self._fruitless = None
        for index, rung in enumerate(self._rungs):
            if index in self._taken or ORDER[level] < ORDER[rung.level]:
                continue
            if await self._climb(rung):
                self._taken.add(index)
                return Step(self.rung, rung.words, up=True)
        if level is not PressureLevel.NORMAL:
            self._fruitless = (ORDER[level], now)
        return None

    async def _climb(self, rung: Rung) -> bool:
        try:
            return await rung.climb()
        except Exception:
            log.exception("%s failed", rung.name)
            return False

    async def _down(self, now: float) -> Step | None:
        """Take back the highest measure that can be, once memory has been enough for it for a whole cooldown."""
        if not self._taken:
            return None
        lasting = [index for index in self._taken if self._rungs[index].undo is not None]
        index = max(lasting or self._taken)
        rung = self._rungs[index]
        since = self._below_since.get(rung.level)
        if since is None or now - since < self.cooldown:
            return None
        if rung.undo is not None:
            try:
                await rung.undo()
            except Exception:  # kept as taken it would never be tried again, and all below it neither
                log.exception("taking back %s failed", rung.name)
        self._taken = set(lasting) - {index}
        self._fruitless = None
        return Step(self.rung, rung.back if rung.undo is not None else "", up=False)
