"""Sentences about memory: what was given back, how short it is, what a model is doing."""

from __future__ import annotations

from desktop_ocr.gui.words import memory_words, pages_words, tr
from desktop_ocr.schema.memory import (
    FreeReport,
    GpuMemory,
    MemorySample,
    MemoryStats,
    ModelState,
    ModelView,
    Pressure,
    PressureLevel,
    ServiceView,
)


def freed_words(report: FreeReport) -> str:
    """What "Free memory" did, in a sentence."""
    ram, ram_left = memory_words(max(0.0, report.ram_before - report.ram_after)), memory_words(report.ram_after)
    if report.vram_before is None or report.vram_after is None:
        return tr("Freed {ram} of RAM; Desktop OCR now holds {ram_left}.").format(ram=ram, ram_left=ram_left)
    return tr("Freed {vram} of GPU memory and {ram} of RAM; Desktop OCR now holds {vram_left} and {ram_left}.").format(
        vram=memory_words(max(0.0, report.vram_before - report.vram_after)),
        ram=ram,
        vram_left=memory_words(report.vram_after),
        ram_left=ram_left,
    )


def held_words(count: int) -> str:
    """That documents wait because memory was given back."""
    if count == 1:
        return tr("1 document is paused because memory was given back.")
    return tr("%n documents are paused because memory was given back.", count)


def still_words(count: int) -> str:
    """That some of them still do, for whatever reason it was."""
    return tr("1 document is still paused.") if count == 1 else tr("%n documents are still paused.", count)


def level_words(pressure: Pressure) -> str:
    """How short memory is."""
    if pressure.emergency:
        return tr("Memory ran out, and everything was released.")
    return {
        PressureLevel.NORMAL: tr("There is enough memory."),
        PressureLevel.WARNING: tr("Memory is getting short."),
        PressureLevel.CRITICAL: tr("Memory is very short."),
    }[pressure.level]


def pressure_words(pressure: Pressure) -> str:
    """How short memory is, what was done about it, and what would help."""
    words = [level_words(pressure)]
    if pressure.words:
        words.append(sentence(pressure.words))
    if pressure.deferred:
        words.append(tr("Documents in the background wait."))
    if pressure.level is not PressureLevel.NORMAL:
        words.append(tr("Closing other programs helps."))
    return " ".join(words)


def sentence(text: str) -> str:
    """With a capital at its beginning and a full stop at its end."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", "。")) else ".")


def clock_words(seconds: float) -> str:
    """ "4:12"."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def device_words(device: str) -> str:
    """ "CPU", "GPU 0"."""
    if device.startswith("gpu:"):
        return tr("GPU {number}").format(number=device.removeprefix("gpu:"))
    return device.upper() if device == "cpu" else device


def model_words(view: ModelView) -> str:
    """What a model is doing, where, and how often it came: "CPU · unloads in 4:12 · 3 loads"."""
    where = device_words(view.device)
    parts = {
        ModelState.UNLOADED: [tr("Not loaded")],
        ModelState.LOADING: [tr("Loading on {device}…").format(device=where)],
        ModelState.LOADED: [where],
        ModelState.UNLOADING: [tr("Unloading…")],
    }[view.state]
    if view.references:
        parts.append(use_words(view))
    elif view.state is ModelState.LOADED:
        left = view.idle_seconds_left
        parts.append(tr("loaded") if left is None else tr("unloads in {time}").format(time=clock_words(left)))
    if view.loads:
        parts.append(tr("1 load") if view.loads == 1 else tr("%n loads", view.loads))
    return " · ".join(parts)


def state_of(view: ModelView) -> str:
    """A model's state in a word."""
    return {
        ModelState.UNLOADED: tr("Not loaded"),
        ModelState.LOADING: tr("Loading"),
        ModelState.LOADED: tr("Loaded"),
        ModelState.UNLOADING: tr("Unloading"),
    }[view.state]


def use_words(view: ModelView) -> str:
    """How many pages use a model."""
    return tr("1 page uses it") if view.references == 1 else tr("%n pages use it", view.references)


def model_tip(view: ModelView) -> str:
    """What a row has no room for: the service, and what the last load took."""
    lines = [view.title, f"{state_of(view)}. {model_words(view)}"]
    if view.service:
        lines.append(tr("Service: {service}").format(service=view.service))
    if view.load_seconds:
        lines.append(tr("The last load took {seconds} s.").format(seconds=f"{view.load_seconds:.1f}"))
    return "\n".join(lines)


def model_memory(view: ModelView) -> str:
    """What a model holds, or would hold."""
    words = memory_words(view.memory_mb)
    return words if view.state in (ModelState.LOADED, ModelState.UNLOADING) else tr("about {mb}").format(mb=words)


def service_row(service: ServiceView) -> tuple[str, ...]:
    """A service's line: name, state, process, pages."""
    if service.pid is None:
        return service.service, tr("No process"), "", pages_words(service.pages)
    state = tr("Working") if service.busy else tr("Idle")
    return service.service, state, tr("Process {pid}").format(pid=service.pid), pages_words(service.pages)


def queue_rows(stats: MemoryStats) -> list[tuple[str, ...]]:
    """Facts of the queue, each with its name."""
    pools = stats.pools
    rows: list[tuple[str, ...]] = [
        (tr("Pages waiting"), str(stats.waiting)),
        (tr("Pages in work"), str(stats.working)),
        (tr("Longest wait for a process"), f"{max((pool.longest_wait for pool in pools), default=0.0):.1f} s"),
        (tr("Gave up waiting"), str(sum(pool.timeouts for pool in pools))),
        (tr("Processes replaced"), str(sum(pool.restarts for pool in pools))),
    ]
    return [*rows, (tr("Held"), stats.held)] if stats.held else rows


def ram_tip(sample: MemorySample, budget: float) -> str:
    """All figures of RAM."""
    words = tr("This window: {window}. Its helpers: {hosts}. All programs: {used} of {total}.").format(
        window=memory_words(sample.ram_window),
        hosts=memory_words(sample.ram_hosts),
        used=memory_words(sample.ram_used),
        total=memory_words(sample.ram_total),
    )
    if sample.contained:
        words += "\n" + tr("The total is the limit of the container that the program runs in.")
    return _with_budget(words, budget)


def gpu_tip(gpu: GpuMemory, budget: float) -> str:
    """All figures of a GPU."""
    words = tr("{name}. All programs: {used} of {total}.").format(
        name=gpu.name, used=memory_words(gpu.used_mb), total=memory_words(gpu.total_mb)
    )
    if gpu.ours_mb is None:
        words += "\n" + tr("Its driver does not say how much of it is this program's.")
    elif gpu.estimated:
        words += "\n" + tr("This program: {ours}, estimated: its driver gives no figure for a program.").format(
            ours=memory_words(gpu.ours_mb)
        )
    else:
        words += "\n" + tr("This program: {ours}.").format(ours=memory_words(gpu.ours_mb))
    return _with_budget(words, budget)


def _with_budget(words: str, budget: float) -> str:
    if not budget:
        return words
    return words + "\n" + tr("Your limit for this program: {budget}.").format(budget=memory_words(budget))
