"""Real engine services, pools and a real manager on fake hosts (see `fake_host`), for tests without a session."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil

from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.models.leaks import LeakGuard
from desktop_ocr.models.manager import ModelConfig, ModelManager
from desktop_ocr.models.pool import OCRServicePool, PredictionLimit
from desktop_ocr.models.service import OCRService
from desktop_ocr.models.services import Services
from desktop_ocr.schema.document_messages import Bitmap
from desktop_ocr.schema.engine_messages import ModelFolder, Recognise, Recognised
from desktop_ocr.schema.events import Event, HostEnded, HostStarted, ModelChanged
from desktop_ocr.schema.features import NONE
from desktop_ocr.schema.memory import HostRole, ModelState
from desktop_ocr.schema.settings import Settings
from tests.fakes.fake_host import asked

REPOSITORY = Path(__file__).parents[2]
DETECTION, RECOGNITION, LAYOUT = "PP-OCRv6_small_det", "PP-OCRv6_small_rec", "pymupdf-layout"
IDS = {"text-detection": DETECTION, "text-recognition": RECOGNITION, "layout": LAYOUT}
ALL = tuple(IDS.values())


class FakeStore:
    """In place of the model store: folders that are not there, since fake hosts read none."""

    def prepare(self, role: str, model_id: str) -> ModelFolder:
        """A name."""
        return ModelFolder(role, model_id, f"/models/{model_id}")


class Engines:
    """Services of one device, with what looks after them."""

    def __init__(
        self,
        folder: Path,
        *,
        count: int = 1,
        idle: float | None = None,
        predictions: int = 16,
        queue_timeout: float = 60.0,
        leaks: LeakGuard | None = None,
        may_start: Callable[[OCRService], Awaitable[bool]] | None = None,
        device: str = "cpu",
    ) -> None:
        self.counts = folder / "counts"
        self.counts.mkdir(parents=True, exist_ok=True)
        self.script = folder / "script.json"
        self.write()
        self.events: list[Event] = []
        self.loaded: list[tuple[str, str, float]] = []
        self.start_delay = 0.0
        self.mute = False
        self.manager = ModelManager(
            self.events.append,
            idle_seconds=idle,
            model_ids=IDS,
            predicted=lambda model, device: 100.0,  # noqa: ARG005
            on_loaded=lambda *what: self.loaded.append(what),
        )
        self.services = [
            OCRService(
                f"{device}/{number}",
                device,
                settings=Settings(),
                store=FakeStore(),  # type: ignore[arg-type]
                model_ids=IDS,
                emit=self.events.append,
                manager=self.manager,
                start=self.start,
            )
            for number in range(count)
        ]
        self.limit = PredictionLimit(predictions)
        self.pool = OCRServicePool(
            device, self.services, queue_timeout=queue_timeout, predictions=self.limit, may_start=may_start
        )
        self.all = Services([self.pool], leaks or LeakGuard(0, 0, 0)) if device == "cpu" else None
        self.service = self.services[0]
        self.config = ModelConfig(self.service)

    def write(self, **content: Any) -> None:
        """What hosts that start from now on do; see `fake_host`."""
        pages = {str(page): what for page, what in content.pop("pages", {}).items()}
        self.script.write_text(json.dumps({"pages": pages, "counts": str(self.counts), "document_pages": 1, **content}))

    async def start(self, role: HostRole) -> HostProcess:
        """Start a fake host; one that never shakes hands while `mute`."""
        await asyncio.sleep(self.start_delay)
        if self.mute:
            return await HostProcess.start(role, [sys.executable, "-c", "import time; time.sleep(60)"])
        program = (
            f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); import runpy;"
            "runpy.run_module('tests.fakes.fake_host', run_name='__main__')"
        )
        return await HostProcess.start(role, [sys.executable, "-c", program, role.value, str(self.script)])

    async def page(self, number: int = 0, service: OCRService | None = None, deadline: float = 60.0) -> Recognised:
        """Recognise a page."""
        return await (service or self.service).ask(recognise(number), Recognised, deadline)

    def times(self, what: str) -> int:
        """How often an engine host has begun a page ("0") or a load ("load-layout")."""
        file = self.counts / f"engine-{what}"
        return len(file.read_text()) if file.exists() else 0

    def asked(self, what: str) -> list[str]:
        """Details of the requests of that name, or of "loaded" and "unloaded", in order."""
        return [entry.detail for entry in asked(self.counts) if entry.what == what]

    def states(self, model: str) -> list[ModelState]:
        """The states of a model that were told, without repetitions."""
        states = [
            event.view.state for event in self.events if isinstance(event, ModelChanged) and event.view.model == model
        ]
        return [state for index, state in enumerate(states) if index == 0 or states[index - 1] is not state]

    @property
    def started(self) -> list[HostStarted]:
        """Hosts that answered their handshake."""
        return [event for event in self.events if isinstance(event, HostStarted)]

    @property
    def ended(self) -> list[HostEnded]:
        """Hosts that are gone."""
        return [event for event in self.events if isinstance(event, HostEnded)]

    def counts_are_zero(self) -> bool:
        """Whether nobody uses any model, in hosts that run or are gone."""
        places = self.manager._places.values()
        return not any(place.claims or place.orphans or place.wanted for place in places)

    async def close(self) -> None:
        """End everything."""
        await self.pool.close()
        await self.manager.close()


@contextlib.asynccontextmanager
async def engines(folder: Path, **options: Any) -> AsyncIterator[Engines]:
    """Engines that leave nothing behind: no process, no task, no descriptor, no count."""
    before = descriptors()
    made = Engines(folder, **options)
    try:
        yield made
    finally:
        await made.close()
    assert children() == []
    assert made.counts_are_zero()
    await until(lambda: other_tasks() == [])
    await until(lambda: descriptors() <= before + 1)  # the loop's own, at its first child process


def recognise(page: int) -> Recognise:
    """A request that fake hosts answer."""
    return Recognise(page, Bitmap("/nowhere", 10, 10, 100.0), NONE)


def children() -> list[int]:
    """Child processes of this one that are still there."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.status() != psutil.STATUS_ZOMBIE:
                found.append(child.pid)
    return found


def descriptors() -> int:
    """Open descriptors of this process."""
    return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0  # noqa: PTH208


def other_tasks() -> list[str]:
    """Names of the tasks beside the test's own."""
    return [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait for something that has to come true, for as long as a busy machine may take."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
