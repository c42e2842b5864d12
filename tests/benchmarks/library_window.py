"""How long the window's thread is busy while the library is searched as one types, and scrolled, with many hits.

    python -m tests.benchmarks.library_window [HITS]

Words are typed letter by letter into a library of HITS pages (default 10,000) that all have them, the list is scrolled
to its end page by page, and pages are opened. For each kind of step: the largest gap of a 5 ms heartbeat on the
window's thread, and the largest time that this thread worked between two beats (goal: 50 ms), which other programs
do not make longer. The core is the fake one of the window's tests: what is measured is the window.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from desktop_ocr.core.paths import AppPaths
from desktop_ocr.gui import icons
from desktop_ocr.gui.garbage import Collector
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.theme import Theme
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.receipts import PageNote, Receipt
from tests.gui.fake_library import many_hits
from tests.gui.fake_session import FakeSession

GOAL_MS = 50
WORDS = ("harbour", "consent to the new quay", "june", "")
SCREENS = 60
DOCUMENTS = 1000


class Heart:
    """Beats on the window's thread: notes the time between two beats, and what of it this thread worked."""

    def __init__(self) -> None:
        self._last = self._now()
        self.gaps: list[tuple[float, float]] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(5)

    @staticmethod
    def _now() -> tuple[float, float]:
        return time.perf_counter(), time.thread_time()

    def _beat(self) -> None:
        now = self._now()
        self.gaps.append((now[0] - self._last[0], now[1] - self._last[1]))
        self._last = now

    def take(self) -> list[tuple[float, float]]:
        """The gaps since the last time."""
        gaps, self.gaps = self.gaps, []
        return gaps


async def until(condition: Callable[[], object]) -> None:
    """Wait for a state, ten seconds at most."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def measure(theme: Theme, count: int) -> dict[str, list[tuple[float, float]]]:
    """Gaps and work in seconds, by kind of step."""
    home = Path(tempfile.mkdtemp())
    paths = AppPaths(home / "data", home / "cache", home / "config", home / "run")
    made: list[FakeSession] = []

    def make(emit: Callable[..., None]) -> FakeSession:
        made.append(FakeSession(emit, interval=1.0))
        return made[0]

    worker = Worker(make)  # type: ignore[arg-type]
    window = MainWindow(worker, paths, Preferences(paths.config), theme)
    window.show()
    window.furnish()
    collector = Collector(window)
    worker.start()
    await until(lambda: made)
    made[0].library.archive = many_hits(count)
    window.commands.add([Path("/home/u/report-40p.pdf")])
    await until(lambda: window.model.views() and window.model.views()[0].pages_done == 40)
    await asyncio.sleep(1.0)
    gc.freeze()
    told: dict[str, list[tuple[float, float]]] = {}
    heart = Heart()
    window.jobs.library.trigger()
    page = window.keeping.library.page
    assert page is not None
    await until(page.list.found.rowCount)
    await asyncio.sleep(0.3)
    told["opening the library the first time"] = heart.take()
    for words in WORDS:
        page.field.clear()
        for letter in words:
            QTest.keyClicks(page.field, letter)
            await asyncio.sleep(0.06)
        await asyncio.sleep(0.4)
    told["typing"] = heart.take()
    page.field.setText("harbour")
    await asyncio.sleep(0.4)
    for _screen in range(SCREENS):
        QTest.keyClick(page.list, Qt.Key.Key_PageDown)
        await asyncio.sleep(0.02)
    told[f"scrolling down {page.list.found.rowCount():,} rows"] = heart.take()
    for _time in range(20):
        page.list.scrollToBottom()
        await asyncio.sleep(0.03)
    told[f"jumping to the end, {page.list.found.rowCount():,} rows"] = heart.take()
    for number in range(0, 40, 4):
        page.field.setText("quiet")
        await asyncio.sleep(0.3)
        page.list.go_to(page.list.found.row_of(1, number))
        QTest.keyClick(page.list, Qt.Key.Key_Return)
        await asyncio.sleep(0.4)
        window.jobs.library.trigger()
        await asyncio.sleep(0.1)
    told["opening pages, and back"] = heart.take()
    window.jobs.library.trigger()
    reason = (PageNote(3, "The page's picture is damaged."),)
    for number in range(DOCUMENTS):
        failed = reason if number % 10 == 0 else ()
        window.keeping.receipts.take(Receipt(100 + number, f"{number}.pdf", 9, 9 - len(failed), (), (), failed))
        if number % 20 == 0:
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.5)
    told[f"{DOCUMENTS:,} receipts"] = heart.take()
    window.keeping.receipts.show_receipts(list(window.keeping.receipts._wanting.values()))
    await asyncio.sleep(0.4)
    told["receipts of 100 documents shown"] = heart.take()
    collector.stop()
    await window.finish()
    await worker.finish()
    return told


def main() -> int:
    """Run."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    loop = QEventLoop(app)
    asyncio.set_event_loop(loop)
    told = loop.run_until_complete(measure(Theme(app), count))
    loop.close()
    icons.forget()
    print(f"{count:,} hits; goal: no gap over {GOAL_MS} ms")
    print(f"{'step':<44}{'beats':>8}{'largest gap':>13}{'largest work':>14}")
    for step, gaps in told.items():
        gap, work = (1000 * max((pair[at] for pair in gaps), default=0.0) for at in (0, 1))
        over = "  over its goal" if work > GOAL_MS else ""
        print(f"{step:<44}{len(gaps):>8}{gap:>10.0f} ms{work:>11.0f} ms{over}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
