"""Runs inside a window's process, drives it and measures it; used by `memory_window.py`. Prints one line of JSON."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from desktop_ocr.core.paths import user_paths
from desktop_ocr.gui import app, running
from desktop_ocr.memory.probes import process_mb
from desktop_ocr.schema.jobs import JobOptions, JobState, TextLayerMode
from desktop_ocr.schema.settings import Settings
from tests.benchmarks.memory_common import LONG, children

SETTLE_SECONDS = 3.0  # pictures that are being drawn, bars that come and go


def run_story(words: Sequence[str]) -> int:
    """Run the real window with a story in it: a short document, a long one, and for how many seconds to idle."""
    short, long, seconds = Path(words[0]), Path(words[1]), int(words[2])
    live = running.Running.live

    async def driven(self: running.Running) -> None:
        story = asyncio.get_running_loop().create_task(_story(self, short, long, seconds))
        story.add_done_callback(lambda _: self.quit())
        await live(self)
        figures = await story
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()

    running.Running.live = driven  # type: ignore[method-assign]
    options = JobOptions(text_layer=TextLayerMode.ALWAYS_OCR)
    settings = Settings(options=options, unload_idle_models=False, document_idle_seconds=LONG)
    return app.run_window([], user_paths(), settings)


async def _story(run: running.Running, short: Path, long: Path, seconds: int) -> dict[str, object]:
    figures: dict[str, object] = {}
    while not hasattr(run.window, "workspace"):
        await asyncio.sleep(0.05)
    await _read(run, short)
    await _close_document(run)
    figures["baseline_mb"] = await _settled()
    await _free(run)
    figures["baseline_freed_mb"] = await _settled()

    await _read(run, long)
    figures["worked_mb"] = await _settled()
    figures["cpu"] = await _spent(seconds)
    await _free(run)
    figures["freed_mb"] = await _settled()
    figures["children"] = len(children(os.getpid()))
    await _close_document(run)
    figures["closed_mb"] = await _settled()

    await _read(run, short)
    run.window.jobs.memory.trigger()
    figures["cpu_panel"] = await _spent(seconds)
    run.window.jobs.memory.trigger()
    await _free(run)
    await _close_document(run)
    figures["panel_mb"] = await _settled()
    await run.worker.ask(lambda session: session._machinery.monitor.stop())  # type: ignore[attr-defined]
    figures["cpu_without"] = await _spent(seconds)
    return figures


async def _read(run: running.Running, file: Path) -> None:
    """Add a document, wait for its pages, and look at each of them."""
    window = run.window
    window.commands.add([file])
    await _until(lambda: [view for view in window.model.views() if view.path == str(file)])
    await _until(lambda: all(view.state is JobState.DONE for view in window.model.views()))
    pane = window.workspace.document.pane
    await _until(lambda: pane.isVisible())
    (view,) = window.model.views()
    for page in range(view.pages_total):
        pane.go_to(page)
        await _until(lambda: pane.picture.has_picture)
        await asyncio.sleep(0.2)


async def _close_document(run: running.Running) -> None:
    window = run.window
    window.workspace.queue.list.selectAll()
    window.jobs.remove.trigger()
    await window.workspace.removal.commit()
    await _until(lambda: not window.model.views())


async def _free(run: running.Running) -> None:
    run.window.jobs.free.trigger()
    await _until(lambda: run.window.memory.host_count == 0 and not children(os.getpid()))


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(LONG):
        while not condition():
            await asyncio.sleep(0.02)


async def _settled() -> tuple[float, float]:
    """MB that are this process' own: all of it, and without files (libraries).

    The first figure falls when another program with Qt starts, because its libraries are shared then.
    """
    await asyncio.sleep(SETTLE_SECONDS)
    return process_mb(exact=True), process_mb()


async def _spent(seconds: int) -> float:
    """CPU seconds a second of this process."""
    await asyncio.sleep(1)
    began, spent = time.perf_counter(), time.process_time()
    await asyncio.sleep(seconds)
    return (time.process_time() - spent) / (time.perf_counter() - began)
