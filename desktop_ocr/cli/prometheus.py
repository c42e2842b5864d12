"""Memory in Prometheus' text exposition format 0.0.4, for the node exporter's textfile collector or a script."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from desktop_ocr.schema.memory import MemorySample, MemoryStats, ModelState, PressureLevel

PREFIX = "desktop_ocr_"
_LEVELS = tuple(PressureLevel)
_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})

Labels = Mapping[str, str]


class _Families:
    """Metrics by name, in the order they came; of two series with the same labels the last one counts."""

    def __init__(self) -> None:
        self._heads: dict[str, tuple[str, str]] = {}
        self._series: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}

    def gauge(self, name: str, words: str, value: float | None, labels: Labels) -> None:
        """A figure that goes up and down; nothing where it is not known."""
        self._add(name, "gauge", words, value, labels)

    def counter(self, name: str, words: str, value: float, labels: Labels) -> None:
        """A figure that only goes up, while the process runs."""
        self._add(f"{name}_total", "counter", words, value, labels)

    def size(self, name: str, words: str, megabytes: float | None, labels: Labels) -> None:
        """A size in MB, given in bytes."""
        value = round(megabytes * 1e6) if megabytes is not None and math.isfinite(megabytes) else None
        self._add(f"{name}_bytes", "gauge", words, value, labels)

    def text(self) -> str:
        """All of it."""
        lines: list[str] = []
        for name, (kind, words) in self._heads.items():
            lines += [f"# HELP {PREFIX}{name} {words}", f"# TYPE {PREFIX}{name} {kind}"]
            for labels, value in self._series[name].items():
                inner = ",".join(f'{key}="{text.translate(_ESCAPES)}"' for key, text in labels)
                lines.append(f"{PREFIX}{name}{'{' + inner + '}' if inner else ''} {_number(value)}")
        return "\n".join(lines) + "\n"

    def _add(self, name: str, kind: str, words: str, value: float | None, labels: Labels) -> None:
        if value is None:
            return
        self._heads.setdefault(name, (kind, words))
        self._series.setdefault(name, {})[tuple(labels.items())] = value


def exposition(programs: Sequence[MemoryStats], machine: MemorySample | None = None) -> str:
    """The text for some programs, or for the machine where none runs.

    Every series of a program carries its process id (`pid`) and which it is (`program`).
    """
    families = _Families()
    families.gauge("programs", "Running programs that answered.", len(programs), {})
    sample = programs[0].sample if programs else machine
    if sample is not None:
        _machine(families, sample)
    for stats in programs:
        of = {"pid": str(stats.pid), "program": stats.title}
        _program(families, stats, of)
        _models(families, stats, of)
        _pools(families, stats, of)
    return families.text()


def _machine(families: _Families, sample: MemorySample) -> None:
    families.size("machine_ram", "RAM of the machine, or of the container whose limit is lower.", sample.ram_total, {})
    families.size("machine_ram_used", "RAM used by all programs.", sample.ram_used, {})
    families.gauge("machine_ram_contained", "1 where the RAM is a container's limit.", sample.contained, {})
    for gpu in sample.gpus:
        of = {"gpu": str(gpu.index), "name": gpu.name}
        families.size("gpu_memory", "Memory of a GPU.", gpu.total_mb, of)
        families.size("gpu_memory_used", "Memory of a GPU used by all programs.", gpu.used_mb, of)


def _program(families: _Families, stats: MemoryStats, of: Labels) -> None:
    sample, pressure = stats.sample, stats.pressure
    families.gauge("sample_timestamp_seconds", "When the figures were measured.", sample.time, of)
    families.size("ram", "RAM of the program and its hosts.", sample.ram_ours, of)
    families.size("program_ram", "RAM of the program itself.", sample.ram_window, of)
    for host in sample.hosts:
        inner = {**of, "host_pid": str(host.pid), "role": host.role.value}
        families.size("host_ram", "RAM of a host.", host.ram_mb, inner)
        families.size("host_gpu_memory", "GPU memory of a host.", host.vram_mb, inner)
    for gpu in sample.gpus:
        inner = {**of, "gpu": str(gpu.index)}
        families.size("program_gpu_memory", "GPU memory of the program and its hosts.", gpu.ours_mb, inner)
        families.gauge("program_gpu_memory_estimated", "1 where that is an estimate.", gpu.estimated, inner)
    families.gauge(
        "pressure_level", "How short memory is: 0 not, 1 short, 2 very short.", _LEVELS.index(pressure.level), of
    )
    families.gauge("pressure_ratio", "Share of the memory that may be used.", pressure.share, of)
    families.gauge("pressure_rung", "Step of the pressure ladder, 0 for none.", pressure.rung, of)
    families.gauge("pressure_deferred", "1 while documents in the background wait.", pressure.deferred, of)
    families.gauge("pressure_emergency", "1 after everything was released.", pressure.emergency, of)
    families.gauge("warning_ratio", "Share from which on memory is short.", stats.warning, of)
    families.gauge("critical_ratio", "Share from which on memory is very short.", stats.critical, of)
    families.size("ram_budget", "The user's limit for RAM, 0 for none.", stats.ram_budget, of)
    families.size("gpu_memory_budget", "The user's limit for GPU memory, 0 for none.", stats.vram_budget, of)
    families.gauge("pages_waiting", "Pages that wait.", stats.waiting, of)
    families.gauge("pages_working", "Pages in work.", stats.working, of)
    families.gauge("held", "1 while no page is taken.", bool(stats.held), of)
    for feature, megabytes in stats.feature_mb.items():
        families.size("feature_memory", "What a feature of a page costs here.", megabytes, {**of, "feature": feature})
    for service, frameworks in stats.frameworks.items():
        for item in frameworks:
            inner = {**of, "service": service, "framework": item.name}
            families.size("framework_allocated", "Device memory that a library uses.", item.allocated_mb, inner)
            families.size("framework_reserved", "Device memory that a library keeps.", item.reserved_mb, inner)


def _models(families: _Families, stats: MemoryStats, of: Labels) -> None:
    for view in stats.models:
        inner = {**of, "model": view.model, "role": view.role, "device": view.device, "service": view.service}
        for state in ModelState:
            families.gauge("model_state", "1 for the state of a model.", view.state is state, {**inner, "state": state})
        families.size("model_memory", "What a model takes: predicted, measured where loaded.", view.memory_mb, inner)
        families.gauge("model_references", "Pages that use a model.", view.references, inner)
        families.gauge(
            "model_idle_remaining_seconds", "Until a model is unloaded for want of use.", view.idle_seconds_left, inner
        )
        families.counter("model_loads", "How often a model was loaded.", view.loads, inner)
        families.gauge("model_last_load_seconds", "What the last load of a model took.", view.load_seconds, inner)


def _pools(families: _Families, stats: MemoryStats, of: Labels) -> None:
    for pool in stats.pools:
        inner = {**of, "device": pool.device}
        families.gauge("services_limit", "Services of a device that may work at a time.", pool.limit, inner)
        families.gauge("services_in_use", "Services of a device in use.", pool.in_use, inner)
        families.gauge("service_queue_depth", "Pages that wait for a service.", pool.queue_depth, inner)
        families.counter("service_acquired", "Pages that got a service.", pool.acquired, inner)
        families.counter("service_wait_seconds", "Time that pages waited for a service.", pool.wait_seconds, inner)
        families.gauge("service_longest_wait_seconds", "Longest wait for a service.", pool.longest_wait, inner)
        families.counter("service_timeouts", "Pages that gave up waiting.", pool.timeouts, inner)
        families.counter("service_restarts", "Hosts that were replaced.", pool.restarts, inner)
        for view in pool.services:
            one = {**inner, "service": view.service}
            families.gauge("service_host", "1 where a service has a host.", view.pid is not None, one)
            families.gauge("service_busy", "1 while a service works.", view.busy, one)
            families.gauge("service_pages", "Pages that a service's host has done.", view.pages, one)


def _number(value: float) -> str:
    if isinstance(value, int):  # also True and False
        return str(int(value))
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value)
