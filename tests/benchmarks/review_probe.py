"""Runs inside the window's process, looks at pages as people do, and measures it; used by `review.py`.

Prints one line of JSON: for each kind of step the gaps of the heartbeat and the times until something was to be seen.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.page_pane import PagePane
from desktop_ocr.gui.review import Place
from desktop_ocr.schema.jobs import JobView
from tests.benchmarks.window_probe import Heartbeat

MOST_SECONDS = 5.0  # what takes longer is told as this
REST_SECONDS = 0.5  # between steps: what was begun is over by then
BETWEEN_SECONDS = 0.05
READ = 4  # pages of the dense document that are read before it is looked at; the rest is read meanwhile


class Painted(QObject):
    """Counts paintings of a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint:
            self.count += 1
        return super().eventFilter(watched, event)


class Steps:
    """Takes steps, and notes for each kind of them what it cost."""

    def __init__(self, heart: Heartbeat, pane: PagePane) -> None:
        self._heart = heart
        self._painted = Painted(pane.picture.viewport())
        self.figures: dict[str, dict[str, list[float]]] = {}

    async def take(self, kind: str, act: Callable[[], object], seen: Callable[[], object] | None = None) -> None:
        """A step: the time until `seen` holds and something was painted after that; no time where it is None."""
        if kind not in self.figures:
            sys.stderr.write(f"{time.strftime('%H:%M:%S')} {kind}\n")
        first = len(self._heart.gaps)
        figures = self.figures.setdefault(kind, {"gaps": [], "times": []})
        started = time.perf_counter()
        before = self._painted.count
        act()
        took = 0.0
        while seen is not None and took < MOST_SECONDS:
            took = time.perf_counter() - started
            if seen() and self._painted.count > before:
                break
            await asyncio.sleep(0.002)
        if seen is not None:
            figures["times"].append(took)
        await asyncio.sleep(REST_SECONDS if seen is not None else BETWEEN_SECONDS)
        figures["gaps"].append(max(self._heart.gaps[first:], default=0.0))


async def until(condition: Callable[[], object], seconds: float = 600.0) -> None:
    """Wait for a state."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


def job_of(window: MainWindow, file: Path) -> JobView | None:
    """A document's view."""
    return next((view for view in window.model.views() if view.name == file.name), None)


async def look(window: MainWindow, dense: Path, archive: Path, busy: Path, pages: int) -> dict[str, object]:
    """All that is measured; `pages` are those of the archive."""
    window.commands.add([dense])
    await until(lambda: (view := job_of(window, dense)) is not None and view.pages_done >= READ)
    window.commands.add([busy, archive])
    await until(lambda: job_of(window, archive) is not None)
    pane = window.workspace.document.pane
    job = job_of(window, dense)
    assert job is not None
    window.workspace.queue.choose(job.job)
    await until(lambda: pane.job == job.job and pane.picture.has_picture and pane.picture.overlays.marks is not None)
    heart = Heartbeat(window)
    heart.start()
    await asyncio.sleep(2.0)
    steps = Steps(heart, pane)
    view, views, result = pane.picture, window.views, pane.review.result
    assert result is not None
    lines = len(result.lines)

    def sharp() -> bool:
        part = view.wanted_part()
        if part is None:
            return pane.loader.kept(job.job, pane.page, view.wanted_pixels()[0]) is not None and view.has_picture
        return view.has_part and pane.loader.kept_part(job.job, pane.page, part) is not None

    for _ in range(4):
        await steps.take("zoom in, picture there", view.zoom_in, lambda: view.has_picture)
    views.fit_width.trigger()
    await asyncio.sleep(1.0)
    for factor in (1.0, 1.6, 2.4, 1.2, 0.6):
        await steps.take("zoom, until sharp", lambda f=factor: view.zoom(f), sharp)  # type: ignore[misc]
    for factor in (6.0, 3.2, 5.0, 4.0):
        await steps.take("zoom to a part, until sharp", lambda f=factor: view.zoom(f), sharp)  # type: ignore[misc]
    down = view.verticalScrollBar()
    for _ in range(40):
        await steps.take("drag at 400 %", lambda: down.setValue(down.value() + 60))
    views.fit_page.trigger()
    await asyncio.sleep(1.0)
    for _ in range(12):
        page = pane.page + 1
        await steps.take(
            "turn to the next page",
            lambda: pane.step(1),
            lambda p=page: pane.page == p and view.has_picture,  # type: ignore[misc]
        )
    for page in (40, 3, 30, 14, 45, 0):
        await steps.take(
            "go to a page far off",
            lambda p=page: pane.go_to(p),
            lambda p=page: pane.page == p and view.has_picture,  # type: ignore[misc]
        )
    await until(lambda: view.overlays.marks is not None)
    for action in views.overlays.values():
        for _ in range(4):
            await steps.take("switch an overlay", action.trigger, lambda: True)
    views.marks.setChecked(True)
    views.blocks.setChecked(True)
    views.order.setChecked(True)
    for _ in range(4):
        await steps.take("zoom in, all overlays", view.zoom_in, lambda: view.has_picture)
    for _ in range(40):
        await steps.take("scroll, all overlays", lambda: down.setValue(down.value() + 60))
    views.fit_page.trigger()
    await asyncio.sleep(1.0)
    for line in range(5, lines, lines // 12):
        await steps.take(
            "click, until it is marked",
            lambda at=line: click(pane, at),  # type: ignore[misc]
            lambda at=line: pane.review.place.line == at and view.overlays.chosen.paths,  # type: ignore[misc]
        )
    view.zoom(2.0)
    await asyncio.sleep(1.0)
    for line in range(5, lines, lines // 8):
        await steps.take(
            "chosen in the text, marked",
            lambda at=line: pane.review.choose(Place(line=at), "text"),  # type: ignore[misc]
            lambda at=line: pane.review.place.line == at and view.overlays.chosen.paths,  # type: ignore[misc]
        )
    for step in range(60):
        at = QPointF(result.width * (0.2 + 0.01 * step), result.height * (0.1 + 0.012 * step))
        await steps.take("move the pointer over words", lambda p=at: view.hovered.emit(p))  # type: ignore[misc]
    for action in (views.marks, views.blocks, views.order):
        action.setChecked(False)
    views.fit_width.trigger()

    other = job_of(window, archive)
    assert other is not None
    before = resident_mb()
    # What is looked at is opened first, whatever else waits.
    await steps.take("another document, 2,000 pages", lambda: window.workspace.queue.choose(other.job))
    await until(lambda: pane.job == other.job and pane.strip.rows.rowCount() > pages // 2)
    strip, bar = pane.strip, pane.strip.verticalScrollBar()
    for step in range(200):
        await steps.take("scroll the strip", lambda s=step: bar.setValue(bar.maximum() * s // 199))  # type: ignore[misc]
    await asyncio.sleep(3.0)
    under_way = [view for view in window.model.views() if view.name in (dense.name, busy.name)]
    return {
        "figures": steps.figures,
        "all_gaps": [max(heart.gaps), sorted(heart.gaps)[int(len(heart.gaps) * 0.999)]],
        "lines": lines,
        "words": sum(len(line.words) for line in result.lines),
        "strip_pages": strip.rows.rowCount(),
        "strip_kept": strip.pictures.kept,
        "strip_mb": strip.pictures.kept_bytes / 1e6,
        "pictures_mb": pane.loader.kept_bytes / 1e6,
        "grown_mb": resident_mb() - before,
        "busy_done": sum(view.pages_done for view in under_way),
        "busy_pages": sum(view.pages_total for view in under_way),
    }


def click(pane: PagePane, line: int) -> None:
    """Click on the middle of a line, as a mouse does."""
    result = pane.review.result
    assert result is not None
    polygon = result.lines[line].polygon
    box = (min(polygon[0::2]), min(polygon[1::2]), max(polygon[0::2]), max(polygon[1::2]))
    at = pane.picture.to_screen(box).center().toPoint()
    QTest.mouseClick(pane.picture.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def resident_mb() -> float:
    """Of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def run_review(dense: Path, archive: Path, busy: Path, pages: int) -> int:
    """Run the real window with the real core, and look at pages in it."""
    from desktop_ocr.core.paths import user_paths
    from desktop_ocr.gui import app, running
    from desktop_ocr.schema.settings import Settings

    live = running.Running.live

    async def probed(self: running.Running) -> None:
        async def whole() -> None:
            try:
                await until(lambda: hasattr(self.window, "workspace"))
                self.window.resize(1440, 900)
                figures = await look(self.window, dense, archive, busy, pages)
                sys.stdout.write(json.dumps(figures) + "\n")
                sys.stdout.flush()
            finally:
                self.window.expect_end(True)
                self.quit()

        looking = asyncio.ensure_future(whole())
        await live(self)
        await looking

    running.Running.live = probed  # type: ignore[method-assign]
    return app.run_window([], user_paths(), Settings())
