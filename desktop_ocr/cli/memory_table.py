"""What a program holds, as lines that a person can read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from desktop_ocr.core.memory_words import size_words
from desktop_ocr.schema.memory import (
    GpuMemory,
    MemorySample,
    MemoryStats,
    ModelState,
    ModelView,
    PoolView,
    Pressure,
    PressureLevel,
)

_LEVELS = {
    PressureLevel.NORMAL: "There is enough memory",
    PressureLevel.WARNING: "Memory is short",
    PressureLevel.CRITICAL: "Memory is very short",
}


def machine_table(sample: MemorySample) -> str:
    """The machine's own figures, where no program runs."""
    return "\n".join([_ram(sample), *(_gpu(gpu, ours=False) for gpu in sample.gpus)])


def program_table(stats: MemoryStats) -> str:
    """All that a program said of itself, without the parts that are empty."""
    sample = stats.sample
    title = f"Desktop OCR, {stats.title}" if stats.title else "Desktop OCR"
    parts = [
        [f"{title} (process {stats.pid})", _pressure(stats.pressure)],
        [
            _ram(sample),
            f"Ours: {size_words(sample.ram_ours)}, {size_words(sample.ram_window)} of it the program itself",
            *(_gpu(gpu, ours=True) for gpu in sample.gpus),
            _limits(stats),
        ],
        _rows(("PROCESS", "WHAT", "RAM", "GPU MEMORY"), _processes(stats)),
        _rows(("MODEL", "STATE", "DEVICE", "SERVICE", "MEMORY", "USED BY", "LOADS"), map(_model, stats.models)),
        _rows(("SERVICE", "PROCESS", "DOES", "PAGES", "MODELS"), _services(stats.pools)),
        _queue(stats),
        _rows(("FEATURE OF A PAGE", "COSTS"), ((name, size_words(mb)) for name, mb in stats.feature_mb.items())),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _ram(sample: MemorySample) -> str:
    limit = " (the container's limit)" if sample.contained else ""
    return f"RAM: {size_words(sample.ram_used)} of {size_words(sample.ram_total)}{limit} used by all programs"


def _gpu(gpu: GpuMemory, *, ours: bool) -> str:
    words = f"GPU {gpu.index}, {gpu.name}: {size_words(gpu.used_mb)} of {size_words(gpu.total_mb)} used by all programs"
    if not ours:
        return words
    if gpu.ours_mb is None:
        return f"{words}; the driver does not say what is ours"
    return f"{words}, {size_words(gpu.ours_mb)} ours{' (estimated)' if gpu.estimated else ''}"


def _pressure(pressure: Pressure) -> str:
    words = f"{_LEVELS[pressure.level]}: {pressure.share:.0%} of what may be used."
    if pressure.rung:
        words += f" Step {pressure.rung} against the shortage."
    if pressure.words:
        words += f" {pressure.words}"
    if pressure.deferred:
        words += " Documents in the background wait."
    if pressure.emergency:
        words += " Everything was released, because nothing else helped."
    return words


def _limits(stats: MemoryStats) -> str:
    ram = size_words(stats.ram_budget) if stats.ram_budget else "all there is"
    words = f"Budget: RAM {ram}"
    if stats.sample.gpus or stats.vram_budget:
        words += f", GPU memory {size_words(stats.vram_budget) if stats.vram_budget else 'all there is'}"
    return f"{words}; short from {stats.warning:.0%} on, very short from {stats.critical:.0%} on"


def _processes(stats: MemoryStats) -> Iterable[tuple[str, ...]]:
    for host in stats.sample.hosts:
        yield str(host.pid), f"{host.role.value} host", size_words(host.ram_mb), _size(host.vram_mb)
    for service, frameworks in stats.frameworks.items():
        for item in frameworks:
            held = f"{size_words(item.allocated_mb)} used, {size_words(item.reserved_mb)} kept"
            yield "", f"{item.name} in {service}", "", held


def _model(view: ModelView) -> tuple[str, ...]:
    memory = size_words(view.memory_mb)
    loads = str(view.loads) + (f", the last took {view.load_seconds:.1f} s" if view.load_seconds else "")
    return (
        view.model,
        view.state.value,
        view.device,
        view.service or "-",
        f"about {memory}" if view.state in (ModelState.UNLOADED, ModelState.LOADING) else memory,
        _used(view),
        loads,
    )


def _used(view: ModelView) -> str:
    if view.references:
        return "1 page" if view.references == 1 else f"{view.references} pages"
    if view.idle_seconds_left is None:
        return "-"
    return f"none, goes in {_time(view.idle_seconds_left)}"


def _services(pools: Sequence[PoolView]) -> Iterable[tuple[str, ...]]:
    for pool in pools:
        for view in pool.services:
            doing = "works" if view.busy else "is idle" if view.pid is not None else "-"
            models = ", ".join(view.models) or "-"
            yield view.service, "-" if view.pid is None else str(view.pid), doing, str(view.pages), models


def _queue(stats: MemoryStats) -> list[str]:
    lines = [f"Queue: {_pages(stats.waiting)} waiting, {stats.working} in work"]
    if stats.held:
        lines.append(f"Paused, because {stats.held}.")
    for pool in stats.pools:
        mean = pool.wait_seconds / pool.acquired if pool.acquired else 0.0
        lines.append(
            f"{pool.device}: {pool.in_use} of {pool.limit} services in use, {_pages(pool.queue_depth)} waiting for one;"
            f" {_pages(pool.acquired)} had one, after {mean:.1f} s ({pool.longest_wait:.1f} s at most);"
            f" {pool.timeouts} gave up waiting, {pool.restarts} hosts replaced"
        )
    return lines


def _rows(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    table = [head, *rows]
    if len(table) == 1:
        return []
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def _size(megabytes: float | None) -> str:
    return "-" if megabytes is None else size_words(megabytes)


def _pages(count: int) -> str:
    return "1 page" if count == 1 else f"{count} pages"


def _time(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole} s" if whole < 90 else f"{round(whole / 60)} min"
