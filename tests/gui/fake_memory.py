"""A stand-in for the machine's memory and the models in it: nothing is measured, figures follow from what is asked.

Models "load" when a page is worked at and go idle after it; GPUs, levels and failures are what a test sets.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import Event, HostEnded, HostStarted, ModelChanged, PressureChanged
from desktop_ocr.schema.memory import (
    FreeReport,
    GpuMemory,
    HostRole,
    MemorySample,
    MemoryStats,
    ModelState,
    ModelView,
    PoolView,
    Pressure,
    ProcessMemory,
    ServiceView,
)

ENGINE_PID, READER_PID = 4242, 4243
RAM_TOTAL = 16_700.0
OTHERS = 8_170.0
WINDOW = 118.0
READER = 146.0
IDLE_SECONDS = 300.0
GPU = GpuMemory(0, "Fake GeForce 4060", 8_100.0, 1_660.0, 0.0)
SECOND_GPU = GpuMemory(1, "Fake Quadro", 24_000.0, 3_000.0, 0.0, estimated=True)
_MODELS = (
    ("ppocrv6-small-det", "detection", "Text detection, PP-OCRv6 small", 96.0, 0.4),
    ("ppocrv6-small-rec", "recognition", "Text recognition, PP-OCRv6 small", 182.0, 0.7),
    ("pplcnet-doc-ori", "orientation", "Page orientation, PP-LCNet", 44.0, 0.2),
    ("pymupdf-layout", "layout", "Layout and reading order, PyMuPDF", 258.0, 1.1),
)


@dataclass
class FakeMemory:
    """What the session keeps of memory.

    Attributes:
        gpus: the machine's, empty for none; models then "run" on the first.
        used: RAM of other programs, in MB.
        pressure: see there; set it with `press`.
        feature_mb: what features cost.
    """

    emit: Callable[[Event], None]
    gpus: Sequence[GpuMemory] = ()
    used: float = OTHERS
    pressure: Pressure = field(default_factory=Pressure)
    feature_mb: dict[str, float] = field(default_factory=lambda: {"orientation": 44.0, "layout": 258.0})
    models: dict[str, ModelView] = field(default_factory=dict)
    reader: bool = False
    pages: int = 0
    stats_asked: int = 0

    def __post_init__(self) -> None:
        """No model is loaded."""
        for model, role, title, mb, _seconds in _MODELS:
            self.models[model] = ModelView(model, role, title, "", self.device, ModelState.UNLOADED, mb)

    @property
    def device(self) -> str:
        """Where models run."""
        return f"gpu:{self.gpus[0].index}" if self.gpus else "cpu"

    @property
    def loaded(self) -> list[ModelView]:
        """Models that are there."""
        return [view for view in self.models.values() if view.state is ModelState.LOADED]

    # --- what happens ---------------------------------------------------------------------------------------

    def begin_page(self) -> None:
        """Hosts start and models load, where they are not there."""
        if not self.reader:
            self.reader = True
            self.emit(HostStarted(HostRole.DOCUMENT, READER_PID))
        if not self.loaded:
            self.emit(HostStarted(HostRole.ENGINE, ENGINE_PID))
        for model, _role, _title, _mb, seconds in _MODELS:
            view = self.models[model]
            if view.state is ModelState.LOADED:
                self._put(view, references=1, idle_seconds_left=None)
                continue
            place = {"service": f"{self.device}/1", "device": self.device}
            self._put(view, state=ModelState.LOADING, **place)
            self._put(
                self.models[model],
                state=ModelState.LOADED,
                references=1,
                loads=view.loads + 1,
                load_seconds=seconds,
                idle_seconds_left=None,
            )

    def end_page(self) -> None:
        """Models go idle."""
        for view in self.loaded:
            self._put(view, references=0, idle_seconds_left=IDLE_SECONDS)

    def unload(self, model: str) -> None:
        """Unload one model; the host goes with the last."""
        view = self.models[model]
        if view.references:
            raise DesktopOcrError(ErrorCode.USAGE, "A page uses this model now.", "Try again when it is done.")
        self._put(view, state=ModelState.UNLOADED, service="", idle_seconds_left=None)
        if not self.loaded:
            self.emit(HostEnded(HostRole.ENGINE, ENGINE_PID, "ended when asked", True))

    def free(self) -> FreeReport:
        """All hosts end."""
        before = self.sample()
        if self.loaded:
            self.emit(HostEnded(HostRole.ENGINE, ENGINE_PID, "ended when asked", True))
        for view in self.loaded:
            self._put(view, state=ModelState.UNLOADED, service="", references=0, idle_seconds_left=None)
        if self.reader:
            self.emit(HostEnded(HostRole.DOCUMENT, READER_PID, "ended when asked", True))
        self.reader = False
        after = self.sample()
        return FreeReport(before.ram_ours, after.ram_ours, before.vram_ours, after.vram_ours, seconds=0.4)

    def press(self, pressure: Pressure, used: float | None = None) -> None:
        """Memory becomes shorter or less short."""
        self.pressure = pressure
        self.used = self.used if used is None else used
        self.emit(PressureChanged(pressure))
        self.emit(self.sample())

    def _put(self, view: ModelView, **changes: object) -> None:
        changed = msgspec.structs.replace(view, **changes)
        self.models[view.model] = changed
        self.emit(ModelChanged(changed))

    # --- figures --------------------------------------------------------------------------------------------

    def sample(self, when: float | None = None) -> MemorySample:
        """Figures that go with what is loaded."""
        held = sum(view.memory_mb for view in self.loaded)
        hosts = []
        if self.loaded:
            share = 0.35 if self.gpus else 1.0
            vram = held * 1.6 + 210 if self.gpus else None
            hosts.append(ProcessMemory(ENGINE_PID, HostRole.ENGINE, 120 + held * share, vram))
        if self.reader:
            hosts.append(ProcessMemory(READER_PID, HostRole.DOCUMENT, READER, 0.0 if self.gpus else None))
        gpus = []
        for number, gpu in enumerate(self.gpus):
            ours = (hosts[0].vram_mb or 0.0) if self.loaded and number == 0 else 0.0
            known = None if gpu.ours_mb is None else ours
            gpus.append(msgspec.structs.replace(gpu, used_mb=gpu.used_mb + ours, ours_mb=known))
        ours = WINDOW + sum(host.ram_mb for host in hosts)
        used = min(RAM_TOTAL, self.used + ours)
        return MemorySample(RAM_TOTAL, used, WINDOW, tuple(hosts), tuple(gpus), time=when or time.time())

    def past(self, seconds: int) -> list[MemorySample]:
        """Samples of the time before: work came and went, and for half a minute the machine slept."""
        now = self.sample()
        samples = []
        for ago in range(seconds, 0, -1):
            if 330 < ago < 360:
                continue
            busy = 480 > ago > 390 or 300 > ago > 120
            swing = 220.0 * ((ago * 7919) % 13) / 13 + (900.0 if 250 > ago > 180 else 0.0)
            work = 760.0 if busy else 0.0
            hosts = (ProcessMemory(ENGINE_PID, HostRole.ENGINE, work),) if busy else ()
            gpus = tuple(
                msgspec.structs.replace(
                    gpu,
                    used_mb=self.gpus[number].used_mb + (1_140.0 if busy and number == 0 else 0.0),
                    ours_mb=None if gpu.ours_mb is None else (1_140.0 if busy and number == 0 else 0.0),
                )
                for number, gpu in enumerate(now.gpus)
            )
            used = min(RAM_TOTAL, self.used + swing + work)
            samples.append(MemorySample(RAM_TOTAL, used, WINDOW, hosts, gpus, time=now.time - ago))
        return samples

    def stats(self, waiting: int, working: int, held: str) -> MemoryStats:
        """Everything at once."""
        self.stats_asked += 1
        loaded = self.loaded
        busy = any(view.references for view in loaded)
        names = tuple(view.model for view in loaded)
        first = ServiceView(f"{self.device}/1", self.device, ENGINE_PID if loaded else None, busy, self.pages, names)
        pools = [PoolView(self.device, (first,), 1, int(busy), waiting, self.pages, 4.2, 1.3 if self.pages else 0.0)]
        if self.gpus:
            pools.append(PoolView("cpu", (ServiceView("cpu/1", "cpu", None, False, 0),), 1))
        return MemoryStats(
            self.sample(),
            self.pressure,
            tuple(self.models.values()),
            tuple(pools),
            waiting,
            working,
            held,
            feature_mb=self.feature_mb,
            pid=1,
            title="window",
        )

    async def measure(self, interval: float) -> None:
        """Emit samples until cancelled, as the session does."""
        while True:
            self.emit(self.sample())
            await asyncio.sleep(interval)
