"""Settings of the program: their defaults, ranges, and what they mean. `core/settings_file.py` keeps them as TOML.

A field's `Meta` is the one place that knows its range, its description (the comment in the file, the tooltip in the
window) and its section.
"""

from __future__ import annotations

import enum
import os
from typing import Annotated

import msgspec

from desktop_ocr.schema.jobs import JobOptions


class Section(enum.StrEnum):
    """Tables of the file, pages of the dialog."""

    DOCUMENTS = "documents"
    ENGINE = "engine"
    MEMORY = "memory"
    LIMITS = "limits"
    MODELS = "models"
    BACKGROUND = "background"
    LIBRARY = "library"


class ModelHost(enum.StrEnum):
    """Where models are downloaded from: PaddleX's official sources."""

    HUGGINGFACE = "huggingface"
    MODELSCOPE = "modelscope"
    AISTUDIO = "aistudio"
    BOS = "bos"


class ClosingWindow(enum.StrEnum):
    """What closing the window does: ask the first time, go on in the background, or quit."""

    ASK = "ask"
    KEEP = "keep"
    QUIT = "quit"


class FallbackStep(enum.StrEnum):
    """What is tried, in the order of the settings, when a page does not fit into memory."""

    SMALLER_SIDE = "smaller-side"
    FEWER_FEATURES = "fewer-features"
    CPU = "cpu"


def default_threads() -> int:
    """CPU threads for one engine host: the cores this process may use, at most four (more gain little)."""
    return max(1, min(4, usable_cores()))


def usable_cores() -> int:
    """CPU cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Windows and macOS
        return os.cpu_count() or 1


ADDRESS_PATTERN = r"^(|https?://[^\s/@]+(:[0-9]{1,5})?(/[^\s]*)?)\Z"
HOUR_PATTERN = r"^(|([01][0-9]|2[0-3]):[0-5][0-9])\Z"
DEVICE_PATTERN = r"^(auto|cpu|gpu:[0-9]{1,2})\Z"


def _meta(
    section: Section, words: str, ge: float | None = None, le: float | None = None, unit: str = ""
) -> msgspec.Meta:
    return msgspec.Meta(ge=ge, le=le, description=words, extra={"section": section, "unit": unit})


_E, _M, _L, _D = Section.ENGINE, Section.MEMORY, Section.LIMITS, Section.DOCUMENTS
_S, _B, _Y = Section.MODELS, Section.BACKGROUND, Section.LIBRARY


class Settings(msgspec.Struct, frozen=True):
    """How the program works; each field's `Meta` says what it is. `options` are for new jobs."""

    options: Annotated[JobOptions, _meta(_D, "For new documents.")] = JobOptions()

    device: Annotated[
        str,
        msgspec.Meta(
            pattern=DEVICE_PATTERN,
            description="Where models run: auto (a GPU where one can be used), cpu, gpu:0, gpu:1, ...",
            extra={"section": _E, "unit": ""},
        ),
    ] = "auto"
    max_services_per_device: Annotated[
        int,
        _meta(_E, "Engine processes per device, at most. Fewer are started where cores or memory are short.", 1, 8),
    ] = 2
    max_predictions: Annotated[int, _meta(_E, "Pages recognised at a time, over all devices.", 1, 16)] = 2
    engine_threads: Annotated[int, _meta(_E, "CPU threads of one engine process.", 1, 64)] = msgspec.field(
        default_factory=default_threads
    )
    detection_side: Annotated[
        int,
        _meta(_E, "Longest side of the picture the text detector sees. Less takes less memory.", 320, 4096, "pixels"),
    ] = 1280
    pages_in_flight: Annotated[
        int, _meta(_E, "Pages prepared or recognised at a time; bounds the temporary folder.", 1, 16)
    ] = 3
    batch_size: Annotated[
        int,
        _meta(
            _E,
            "Pages whose text is read before the models for formulas, charts and the like are loaded for all of them.",
            1,
            1000,
            "pages",
        ),
    ] = 10
    eager_loading: Annotated[bool, _meta(_E, "Load the models at the start, not when a page needs them.")] = False
    warm_up: Annotated[bool, _meta(_E, "Run freshly loaded models once on an empty page, at an eager start.")] = False
    unload_idle_models: Annotated[bool, _meta(_E, "Unload models that nothing has used for a while.")] = True
    model_idle_seconds: Annotated[
        float, _meta(_E, "A model unused for so long is unloaded; 0 is at once.", 0, 86_400, "s")
    ] = 300.0
    document_idle_seconds: Annotated[
        float, _meta(_E, "The process that opens documents ends when unused for so long.", 0, 86_400, "s")
    ] = 60.0
    recycle_after_pages: Annotated[
        int, _meta(_E, "An engine process is replaced after so many pages; 0 is never.", 0, 1_000_000, "pages")
    ] = 1000
    leak_mb_per_page: Annotated[
        float, _meta(_E, "An engine process that grows by more is replaced; 0 is never.", 0, 1000, "MB a page")
    ] = 5.0
    service_limit_mb: Annotated[
        int, _meta(_E, "An engine process that holds more after a page is replaced; 0 is no limit.", 0, 1_000_000, "MB")
    ] = 0
    service_hard_limit_mb: Annotated[
        int, _meta(_E, "An engine process gets no more data than this (Linux); 0 is no limit.", 0, 1_000_000, "MB")
    ] = 0

    warning: Annotated[float, _meta(_M, "Share of the memory from which on it counts as short.", 0.1, 1.0)] = 0.80
    critical: Annotated[float, _meta(_M, "Share of the memory from which on work is cut down.", 0.1, 1.0)] = 0.95
    ram_budget_mb: Annotated[
        int, _meta(_M, "RAM that Desktop OCR may use in all; 0 is as much as there is.", 0, 10_000_000, "MB")
    ] = 0
    vram_budget_mb: Annotated[
        int, _meta(_M, "GPU memory that Desktop OCR may use in all; 0 is as much as there is.", 0, 10_000_000, "MB")
    ] = 0
    pressure_cooldown_seconds: Annotated[
        float, _meta(_M, "Time between two steps against a shortage of memory.", 0, 3600, "s")
    ] = 30.0
    defer_background: Annotated[
        bool, _meta(_M, "While memory is short, only the document that is shown is worked at.")
    ] = True
    fallback: Annotated[
        tuple[FallbackStep, ...],
        _meta(_M, "What to try, in this order, with a page that does not fit: smaller-side, fewer-features, cpu."),
    ] = (FallbackStep.SMALLER_SIDE, FallbackStep.FEWER_FEATURES, FallbackStep.CPU)
    smallest_side: Annotated[
        int, _meta(_M, "The detector's picture is made no smaller than this.", 160, 4096, "pixels")
    ] = 640
    monitor_interval: Annotated[
        float, _meta(_M, "Time between two lines about memory in the log; 0 is none.", 0, 86_400, "s")
    ] = 60.0
    free_grace_seconds: Annotated[
        float, _meta(_M, "'Free memory' waits so long for pages in work before it puts them back.", 0, 60, "s")
    ] = 3.0

    queue_timeout: Annotated[
        float, _meta(_L, "A page that has waited so long for an engine process goes back to the queue.", 1, 3600, "s")
    ] = 60.0
    page_seconds: Annotated[
        float,
        _meta(_L, "Time for an A4 page at 200 dpi; larger ones get more. Then its process is ended.", 1, 7200, "s"),
    ] = 120.0
    inspect_seconds: Annotated[float, _meta(_L, "Time to open a document.", 1, 7200, "s")] = 60.0
    prepare_seconds: Annotated[float, _meta(_L, "Time to render a page.", 1, 7200, "s")] = 60.0
    picture_seconds: Annotated[float, _meta(_L, "Time to draw a page for the screen.", 1, 7200, "s")] = 30.0
    export_seconds: Annotated[float, _meta(_L, "Time to write an output file.", 1, 7200, "s")] = 300.0
    attempts: Annotated[int, _meta(_L, "How often a page is tried when its process dies or hangs.", 1, 5)] = 2

    document_limit_mb: Annotated[
        int,
        _meta(
            _L,
            "The process that opens documents gets no more address space than this; 0 is no limit.",
            0,
            1_000_000,
            "MB",
        ),
    ] = 8000
    document_files: Annotated[
        int, _meta(_L, "Files that the process that opens documents may have open.", 32, 65_536)
    ] = 256

    close_window: Annotated[
        ClosingWindow,
        _meta(_B, "What closing the window does: ask (the first time), keep (go on in the background), quit."),
    ] = ClosingWindow.ASK
    notify: Annotated[bool, _meta(_B, "Tell with a desktop notification what is done or needs an answer.")] = True
    capture_shortcut: Annotated[
        str,
        msgspec.Meta(
            max_length=60,
            description="Keys that read a region of the screen from any program, like Ctrl+Alt+T; empty for none.",
            extra={"section": _B, "unit": ""},
        ),
    ] = ""
    low_priority: Annotated[bool, _meta(_B, "Give other programs precedence over the processes that work.")] = True
    pause_on_battery: Annotated[bool, _meta(_B, "Begin no page while the computer runs on its battery.")] = False
    pause_for_gpu: Annotated[bool, _meta(_B, "Begin no page while another program needs the GPU.")] = False
    gpu_foreign_share: Annotated[
        float, _meta(_B, "Share of the GPU from which on another program needs it.", 0.05, 1.0)
    ] = 0.3
    least_free_gb: Annotated[
        float,
        _meta(_B, "Begin no page while a disk that is written to has less free space; 0 is never.", 0, 10_000, "GB"),
    ] = 0.5
    quiet_from: Annotated[
        str,
        msgspec.Meta(
            pattern=HOUR_PATTERN,
            description="Begin no page from this time of the day on, like 09:00; empty for never.",
            extra={"section": _B, "unit": ""},
        ),
    ] = ""
    quiet_until: Annotated[
        str,
        msgspec.Meta(
            pattern=HOUR_PATTERN,
            description="Go on from this time of the day on, like 17:30.",
            extra={"section": _B, "unit": ""},
        ),
    ] = ""

    keep_removed: Annotated[bool, _meta(_Y, "Documents that are removed from the list stay in the library.")] = True
    library_limit_mb: Annotated[
        int,
        _meta(
            _Y,
            "The oldest documents that are not in the list leave the library when it is larger; 0 is no limit.",
            0,
            10_000_000,
            "MB",
        ),
    ] = 0
    library_days: Annotated[
        int,
        _meta(
            _Y,
            "Documents that are not in the list leave the library when they are older; 0 is never.",
            0,
            36_500,
            "days",
        ),
    ] = 0

    model_host: Annotated[
        ModelHost, _meta(_S, "Where models are downloaded from: huggingface, modelscope, aistudio, bos.")
    ] = ModelHost.HUGGINGFACE
    model_mirror: Annotated[
        str,
        msgspec.Meta(
            pattern=ADDRESS_PATTERN,
            description="Address to be used instead of the model host's own, like https://mirror.example.org.",
            extra={"section": _S, "unit": ""},
        ),
    ] = ""
    proxy: Annotated[
        str,
        msgspec.Meta(
            pattern=ADDRESS_PATTERN,
            description="Proxy for downloads, like http://proxy.example.org:3128; empty for the system's own.",
            extra={"section": _S, "unit": ""},
        ),
    ] = ""
