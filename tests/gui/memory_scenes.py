"""Scenes of memory for `screenshots.py`: gauges, panel and messages, on machines of several kinds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec
from PySide6.QtWidgets import QWidget

from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.memory import GpuMemory, Pressure, PressureLevel
from tests.gui.fake_memory import GPU, SECOND_GPU
from tests.gui.fake_session import FakeSession

REPORT, LETTERS = "Harbour report heavy-48p.pdf", "Letters later-12p.tiff"
SMALL_LAPTOP = (1366, 728)  # a screen of 1366 x 768 without the system's own bar
WARNING = Pressure(PressureLevel.WARNING, 0.86, 2, "idle models were unloaded", deferred=True)
CRITICAL = Pressure(PressureLevel.CRITICAL, 0.97, 4, "pages are recognised at a smaller size", deferred=True)


class StudioLike(Protocol):
    """What a scene needs of the studio."""

    async def open(self, **how: object) -> tuple[MainWindow, Worker]: ...
    async def close(self, window: MainWindow, worker: Worker) -> None: ...
    async def shot(self, widget: QWidget, name: str) -> None: ...


async def until(condition: Callable[[], object]) -> None:
    """Wait for a state, ten seconds at most."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)


async def machine(
    studio: StudioLike, documents: list[str], gpus: tuple[GpuMemory, ...] = ()
) -> tuple[MainWindow, Worker, FakeSession]:
    """A window with the panel open, at work, and ten minutes behind it."""
    window, worker = await studio.open(stop_at=7, interval=1.0, gpus=gpus)
    window.resize(*SMALL_LAPTOP)
    window.commands.add([Path("/home/u") / name for name in documents])
    await until(lambda: len(window.model.views()) == len(documents))
    await until(lambda: all(view.pages_done >= 7 for view in window.model.views()))
    await until(lambda: window.memory.sample is not None)

    async def itself(session: object) -> FakeSession:
        assert isinstance(session, FakeSession)
        return session

    session = await worker.ask(itself)
    for sample in session.memory.past(590):
        window.memory.history.take(sample)
    if documents:
        window.workspace.document.pane.go_to(0)
    window.jobs.memory.trigger()
    await asyncio.sleep(1.2)
    return window, worker, session


async def on_core(worker: Worker, act: Callable[[], None]) -> None:
    """Do something on the session's loop."""

    async def acting(_session: object) -> None:
        act()

    await worker.ask(acting)


async def shortage(studio: StudioLike) -> None:
    """Without a GPU: at work, short of memory, given back."""
    window, worker, session = await machine(studio, [REPORT, LETTERS])
    await studio.shot(window, "memory-busy")
    await on_core(worker, lambda: session.press(WARNING, 13_600.0))
    await asyncio.sleep(1.1)
    await studio.shot(window, "memory-warning")
    await on_core(worker, lambda: session.press(CRITICAL, 15_500.0))
    await asyncio.sleep(1.1)
    await studio.shot(window, "memory-critical")
    await on_core(worker, lambda: session.press(Pressure(), 8_170.0))
    window.jobs.free.trigger()
    await asyncio.sleep(1.1)
    await studio.shot(window, "memory-held")
    assert window.memory.panel is not None
    window.memory.panel.diagnostics.click()
    bar = window.memory.panel.area.verticalScrollBar()
    bar.setValue(bar.maximum())
    await studio.shot(window, "memory-diagnostics")
    await studio.close(window, worker)


async def graphics(studio: StudioLike) -> None:
    """With one GPU, and with two of which one is estimated."""
    window, worker, _session = await machine(studio, [REPORT], (GPU,))
    await studio.shot(window, "memory-gpu")
    assert window.memory.panel is not None
    bar = window.memory.panel.area.verticalScrollBar()
    bar.setValue(bar.maximum())
    window.memory.panel.models.rows[-1].setFocus()
    await studio.shot(window, "memory-gpu-below")
    await studio.close(window, worker)
    first = msgspec.structs.replace(GPU, estimated=True)
    window, worker, _session = await machine(studio, [REPORT], (first, SECOND_GPU))
    await studio.shot(window, "memory-two-gpus")
    window.resize(1040, 600)
    await studio.shot(window, "memory-narrow")
    window.jobs.memory.trigger()
    window.resize(1366, 728)
    await studio.shot(window, "memory-two-gpus-closed")
    await studio.close(window, worker)


async def unused(studio: StudioLike) -> None:
    """Just started, with the panel open."""
    window, worker, _session = await machine(studio, [])
    await studio.shot(window, "memory-empty")
    await studio.close(window, worker)


async def degraded(studio: StudioLike) -> None:
    """A page with less detail."""
    window, worker = await studio.open()
    window.resize(*SMALL_LAPTOP)
    window.commands.add([Path("/home/u") / name for name in ("Harbour report heavy-12p.pdf", "Letters-3p.tiff")])
    await until(lambda: len(window.model.views()) == 2)
    await until(lambda: all(view.state is JobState.DONE for view in window.model.views()))
    window.workspace.document.pane.go_to(1)
    await asyncio.sleep(0.5)
    await studio.shot(window, "degraded")
    await studio.close(window, worker)


SCENES = (shortage, graphics, unused, degraded)
