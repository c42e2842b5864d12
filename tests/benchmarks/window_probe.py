"""Runs inside a window's process and measures it; used by `window.py`. Prints one line of JSON at the end."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget

BEAT_MS = 5
IDLE_SECONDS = 5


def watch_painting(window: QWidget, done: Callable[[], object]) -> None:
    """Report the seconds from the process' start to the window's first painting."""

    class Filter(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
            if event.type() == QEvent.Type.Paint:
                window.removeEventFilter(self)
                _print({"seconds": time.time() - float(os.environ["PROBE_STARTED"])})
                QTimer.singleShot(0, done)
            return super().eventFilter(watched, event)

    window.installEventFilter(Filter(window))


class Heartbeat(QObject):
    """A precise 5 ms timer and the gaps between its beats."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.gaps: list[float] = []
        self._last: float | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self._last = time.perf_counter()
        self._timer.start(BEAT_MS)

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append(now - (self._last or now))
        self._last = now

    def report(self) -> None:
        self._timer.stop()
        gaps = sorted(self.gaps)
        _print(
            {
                "beats": len(gaps),
                "seconds": sum(gaps),
                "largest_ms": gaps[-1] * 1000,
                "p999_ms": gaps[int(len(gaps) * 0.999)] * 1000,
            }
        )


def watch_heartbeat(window: QWidget, done: Callable[[], object], *, until_input_ends: bool) -> Heartbeat:
    """Beat until standard input ends (or the caller reports)."""
    heart = Heartbeat(window)
    QTimer.singleShot(1000, heart.start)
    if until_input_ends:
        ended = threading.Event()
        threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
        poll = QTimer(window)

        def look() -> None:
            if ended.is_set():
                poll.stop()
                heart.report()
                done()

        poll.timeout.connect(look)
        poll.start(100)
    return heart


def run_probed_window(what: str, files: list[Path]) -> int:
    """Run the real window with a probe in it: "start", "idle" or "beat"."""
    from desktop_ocr.core.paths import user_paths
    from desktop_ocr.gui import app, running
    from desktop_ocr.schema.events import JobChanged
    from desktop_ocr.schema.jobs import FINAL_STATES
    from desktop_ocr.schema.settings import Settings

    live = running.Running.live

    async def probed(self: running.Running) -> None:
        if what == "start":
            watch_painting(self.window, self.quit)
        elif what == "idle":
            QTimer.singleShot(IDLE_SECONDS * 1000, lambda: (_print(_own_memory()), self.quit()))
        else:
            heart = watch_heartbeat(self.window, self.quit, until_input_ends=False)

            def look(batch: object) -> None:
                for event in batch:  # type: ignore[attr-defined]
                    if isinstance(event, JobChanged) and event.view.state in FINAL_STATES:
                        # Some more beats, for what the window does at the end.
                        QTimer.singleShot(1500, lambda: (heart.report(), self.quit()))

            self.worker.events.connect(look)
        await live(self)

    running.Running.live = probed  # type: ignore[method-assign]
    return app.run_window(files, user_paths(), Settings())


def _own_memory() -> dict[str, float]:
    fields = {}
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]:
        name, value, *_ = line.split()
        fields[name.rstrip(":")] = int(value) * 1024 / 1e6
    return {"pss_mb": fields["Pss"], "rss_mb": fields["Rss"]}


def _print(figures: dict[str, float]) -> None:
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()
