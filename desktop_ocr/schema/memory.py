"""Memory as it is measured, planned and told. All figures in MB, 10^6 bytes; shares lie between 0 and 1."""

from __future__ import annotations

import enum
from typing import Annotated

import msgspec

Megabytes = Annotated[float, msgspec.Meta(ge=0, le=1e8)]


class HostRole(enum.StrEnum):
    """Which kind of child process."""

    DOCUMENT = "document"
    ENGINE = "engine"


class PressureLevel(enum.StrEnum):
    """How short memory is: against the machine's total, the container's limit, or the user's budget."""

    NORMAL = "normal"
    WARNING = "warning"
    CRITICAL = "critical"


class ModelState(enum.StrEnum):
    """A model's state in a service."""

    UNLOADED = "unloaded"
    LOADING = "loading"
    LOADED = "loaded"
    UNLOADING = "unloading"


# --- what is measured -----------------------------------------------------------------------------------------


class FrameworkMemory(msgspec.Struct, frozen=True):
    """What a library says of its own device memory ("paddle", "torch"): in use, and kept by its allocator."""

    name: Annotated[str, msgspec.Meta(max_length=200)]
    allocated_mb: Megabytes
    reserved_mb: Megabytes


class ProcessMemory(msgspec.Struct, frozen=True):
    """A child process of ours.

    Attributes:
        pid: its process id.
        role: what it is.
        ram_mb: what ending it gives back (its unique set size where the system tells it).
        vram_mb: what it holds on all GPUs; None where the driver does not say.
    """

    pid: int
    role: HostRole
    ram_mb: float
    vram_mb: float | None = None


class GpuMemory(msgspec.Struct, frozen=True):
    """A GPU.

    Attributes:
        index: as in "gpu:0".
        name: of the card.
        total_mb, used_mb: of the device, by all programs.
        ours_mb: what our processes hold; None where it cannot even be estimated.
        estimated: `ours_mb` is the difference to what was used before we started, because the driver gives no
            figure for a process (Windows) or names processes as another system sees them (containers).
    """

    index: int
    name: str
    total_mb: float
    used_mb: float
    ours_mb: float | None = None
    estimated: bool = False


class MemorySample(msgspec.Struct, frozen=True, tag=True):
    """One look at the machine.

    Attributes:
        ram_total, ram_used: of the machine, or of the container whose limit is lower.
        ram_window: this process.
        hosts: its child processes.
        gpus: none where there is no GPU, or no driver that can be asked.
        contained: `ram_total` is a container's limit.
        time: seconds since the epoch.
    """

    ram_total: float
    ram_used: float
    ram_window: float
    hosts: tuple[ProcessMemory, ...] = ()
    gpus: tuple[GpuMemory, ...] = ()
    contained: bool = False
    time: float = 0.0

    @property
    def ram_hosts(self) -> float:
        """RAM of all child processes."""
        return sum(host.ram_mb for host in self.hosts)

    @property
    def ram_ours(self) -> float:
        """RAM of this process and its children."""
        return self.ram_window + self.ram_hosts

    @property
    def vram_ours(self) -> float | None:
        """What we hold on all GPUs; None where there is none, or one of them does not say."""
        held = [gpu.ours_mb for gpu in self.gpus]
        known = [mb for mb in held if mb is not None]
        return sum(known) if held and len(known) == len(held) else None


# --- what is kept of models and services ----------------------------------------------------------------------


class ModelView(msgspec.Struct, frozen=True):
    """A model as a list shows it.

    Attributes:
        model: its id in the catalog.
        role: what it does for a page.
        title: for a person.
        service: where it is loaded, like "cpu/1"; "" where it is not.
        device: "cpu", "gpu:0", ...
        state: see `ModelState`.
        memory_mb: measured here while loaded, otherwise predicted.
        references: pages that use it now.
        idle_seconds_left: until it is unloaded; None while it is in use, not loaded, or unloading is off.
        loads: how often it was loaded in this session.
        load_seconds: what the last load took; 0.0 before the first.
    """

    model: str
    role: str
    title: str
    service: str
    device: str
    state: ModelState
    memory_mb: float
    references: int = 0
    idle_seconds_left: float | None = None
    loads: int = 0
    load_seconds: float = 0.0


class ServiceView(msgspec.Struct, frozen=True):
    """A place for one engine host: `pid` is None while there is no host, `pages` counts those it has done."""

    service: str
    device: str
    pid: int | None
    busy: bool
    pages: int
    models: tuple[str, ...] = ()


class PoolView(msgspec.Struct, frozen=True):
    """The services of one device.

    Attributes:
        device: "cpu", "gpu:0", ...
        services: all places, used or not.
        limit: how many may work at a time.
        in_use: how many do.
        queue_depth: pages that wait for one.
        acquired: pages that got one so far.
        wait_seconds: that they waited for it, in all; `longest_wait` of them.
        timeouts: pages that gave up waiting and went back to the queue.
        restarts: hosts that were replaced: dead, hung, or leaking.
    """

    device: str
    services: tuple[ServiceView, ...]
    limit: int
    in_use: int = 0
    queue_depth: int = 0
    acquired: int = 0
    wait_seconds: float = 0.0
    longest_wait: float = 0.0
    timeouts: int = 0
    restarts: int = 0


# --- what is decided ------------------------------------------------------------------------------------------


class MemoryPrediction(msgspec.Struct, frozen=True):
    """What an operation is expected to take; `measured` on this machine so many times, 0 for the catalog's figure."""

    ram_mb: float
    vram_mb: float = 0.0
    measured: int = 0


class MemoryCheck(msgspec.Struct, frozen=True):
    """Whether something fits. `words` says what is missing and what would help, or is ""."""

    fits: bool
    required_mb: float
    available_mb: float
    words: str = ""


class Pressure(msgspec.Struct, frozen=True):
    """How short memory is, and what is being done about it.

    Attributes:
        level: against the machine, the container, a GPU, or the budget: the worst of them.
        share: of what is allowed, by which the level was found.
        rung: of the pressure ladder, 0 for none; see docs/memory.md.
        words: what was done last, in plain words, or "".
        deferred: documents of the background wait.
        emergency: everything was released because nothing else helped.
    """

    level: PressureLevel = PressureLevel.NORMAL
    share: float = 0.0
    rung: int = 0
    words: str = ""
    deferred: bool = False
    emergency: bool = False


class FreeReport(msgspec.Struct, frozen=True):
    """What "Free memory" did, measured before and after.

    Attributes:
        ram_before, ram_after: of this process and its children.
        vram_before, vram_after: what we hold on all GPUs; None where there is none or the driver does not say.
        requeued: pages in work that wait again.
        paused: documents that were going on and now wait for the user.
        seconds: what it took.
    """

    ram_before: float
    ram_after: float
    vram_before: float | None = None
    vram_after: float | None = None
    requeued: int = 0
    paused: tuple[int, ...] = ()
    seconds: float = 0.0


class MemoryStats(msgspec.Struct, frozen=True):
    """All of it at once, for the memory panel and `desktop-ocr memory`.

    Attributes:
        sample: the last one.
        pressure: see there.
        models: those the program would use, loaded or not.
        pools: one a device.
        waiting: pages that wait, of all running documents.
        working: pages in work.
        held: why no page is taken, or "".
        ram_budget, vram_budget: the user's own limits; 0 for none.
        warning, critical: the thresholds, as shares.
        feature_mb: what each feature of a page costs on this machine, by its name in `JobOptions`.
        frameworks: what libraries said of their own device memory after the last page, by service.
        pid: of the program that was asked; `title` says which it is ("window", "convert").
    """

    sample: MemorySample
    pressure: Pressure
    models: tuple[ModelView, ...] = ()
    pools: tuple[PoolView, ...] = ()
    waiting: int = 0
    working: int = 0
    held: str = ""
    ram_budget: float = 0.0
    vram_budget: float = 0.0
    warning: float = 0.8
    critical: float = 0.95
    feature_mb: dict[str, float] = {}
    frameworks: dict[str, tuple[FrameworkMemory, ...]] = {}
    pid: int = 0
    title: str = ""
