"""Runs inside a program that was started without a window, shows the window and puts it away again, and measures both.

Used by `background.py`; prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer

from desktop_ocr.core.paths import user_paths
from desktop_ocr.gui import app, running
from desktop_ocr.memory.probes import process_mb
from desktop_ocr.schema.instance import InstanceAction, InstanceMessage
from desktop_ocr.schema.jobs import FINAL_STATES
from desktop_ocr.schema.settings import Settings

BEAT_MS = 5
SETTLE_SECONDS = 2.0  # more than the window waits before it gives memory back
SHOWN_SECONDS = 1.5
MOST_SECONDS = 600.0


class Beats(QObject):
    """Gaps of a precise timer, and what the thread computed in each: on a busy machine the latter says more."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._gaps: list[tuple[float, float]] = []
        self._last = (time.perf_counter(), time.thread_time())
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)

    def _beat(self) -> None:
        now = (time.perf_counter(), time.thread_time())
        self._gaps.append((now[0] - self._last[0], now[1] - self._last[1]))
        self._last = now

    def take(self) -> dict[str, object]:
        """The largest since the last call, in ms, and the memory now."""
        gaps, self._gaps = self._gaps, []
        wall, cpu = (max(part) * 1000 for part in zip(*gaps, strict=True))
        return {"wall_ms": wall, "cpu_ms": cpu, "mb": own_mb()}


def own_mb() -> tuple[float, float]:
    """MB that are this process' own: all of it, and without files."""
    return process_mb(exact=True), process_mb()


def run_story(words: Sequence[str]) -> int:
    """Run the real program with a story in it: how many times the window is shown, and documents to begin with."""
    times, files = int(words[0]), [Path(word) for word in words[1:]]
    live = running.Running.live

    async def driven(self: running.Running) -> None:
        story = asyncio.get_running_loop().create_task(_story(self, times, bool(files)))
        story.add_done_callback(lambda _: self.quit())
        await live(self)
        sys.stdout.write(json.dumps(await story) + "\n")
        sys.stdout.flush()

    running.Running.live = driven  # type: ignore[method-assign]
    return app.run_window(files, user_paths(), Settings(), background=True)


async def _story(run: running.Running, times: int, work: bool) -> dict[str, object]:
    while run.background is None:
        await asyncio.sleep(0.05)
    background, window = run.background, run.window
    background._patience.stop()  # no tray is needed here
    beats = Beats(window)
    if work:
        async with asyncio.timeout(MOST_SECONDS):
            while not (views := window.model.views()) or any(view.state not in FINAL_STATES for view in views):
                await asyncio.sleep(0.1)
        await run.worker.ask(lambda session: session.free())
    await asyncio.sleep(SETTLE_SECONDS)
    figures: dict[str, object] = {"mb": own_mb()}
    shows: list[dict[str, object]] = []
    hidden: list[dict[str, object]] = []
    for _ in range(times):
        await asyncio.sleep(0.2)
        beats.take()
        began, painted = time.perf_counter(), asyncio.Event()
        window.painted.connect(painted.set)
        background.take_message(InstanceMessage(action=InstanceAction.SHOW))
        if not shows:
            async with asyncio.timeout(MOST_SECONDS):
                await painted.wait()
            figures["painted_ms"] = (time.perf_counter() - began) * 1000
        async with asyncio.timeout(MOST_SECONDS):
            while not window.furnished:
                await asyncio.sleep(0.005)
        figures.setdefault("furnished_ms", (time.perf_counter() - began) * 1000)
        await asyncio.sleep(SHOWN_SECONDS)
        shows.append(beats.take())
        background.hide_window()
        await asyncio.sleep(SETTLE_SECONDS)
        hidden.append(beats.take())
    return {**figures, "shows": shows, "hides": hidden}
