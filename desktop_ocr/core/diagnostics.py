"""What somebody who reports a fault copies: versions, settings, memory, the log's last lines. No document's text or
name, no name of the user, no address.
"""

from __future__ import annotations

import platform
import textwrap
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from desktop_ocr import __version__
from desktop_ocr.core.log_file import home_folder, last_lines
from desktop_ocr.core.redaction import Redactor
from desktop_ocr.core.settings_fields import describe_fields, shown, value_of
from desktop_ocr.memory.monitor import describe
from desktop_ocr.schema.memory import MemoryStats
from desktop_ocr.schema.settings import Settings, usable_cores

PACKAGES = (
    "PySide6_Essentials", "qasync", "msgspec", "psutil", "paddleocr", "paddlex", "paddlepaddle", "paddlepaddle-gpu",
    "onnxruntime", "onnxruntime-gpu", "pymupdf", "rapidocr", "opencv-contrib-python", "numpy", "watchfiles",
)  # fmt: skip
_ADDRESSES = frozenset({"proxy", "model_mirror"})


def diagnostics_text(
    desktop: Sequence[tuple[str, str]],
    settings: Settings,
    stats: MemoryStats | None,
    logs: Path,
    documents: Iterable[str | Path] = (),
) -> str:
    """The text. Blocks on the disk: call it in a thread.

    Args:
        desktop: what only the window knows (the screen, Qt), with names.
        settings: that the program works by; those that are not the default are told.
        stats: of memory; None where nobody could say.
        logs: folder of the window's log.
        documents: paths of those in the list, so that their names are found in every line.
    """
    facts = [
        ("Desktop OCR", __version__),
        ("Python", platform.python_version()),
        ("System", platform.platform()),
        ("Processor", f"{platform.machine()}, {usable_cores()} cores"),
        *desktop,
        ("Packages", textwrap.fill(", ".join(_versions()), 85, break_on_hyphens=False)),
    ]
    parts = [
        "\n".join(f"{name}: {fact}" for name, fact in facts),
        "Settings that are not the default\n" + ("\n".join(_changed(settings)) or "none"),
        "Memory\n" + ("\n".join(_memory(stats)) if stats is not None else "not known"),
        "Log\n" + ("\n".join(last_lines(logs)) or "empty"),
    ]
    return Redactor(documents, home_folder()).text("\n\n".join(parts)) + "\n"


def _versions() -> Iterable[str]:
    for name in PACKAGES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            continue


def _changed(settings: Settings) -> Iterable[str]:
    for field in describe_fields():
        value = value_of(settings, field.name)
        if value != field.default:
            told = "(an address)" if field.name in _ADDRESSES and value else shown(value)
            yield f"[{field.section.value}] {field.name} = {told}"


def _memory(stats: MemoryStats) -> Iterable[str]:
    yield describe(stats.sample)
    yield f"pressure {stats.pressure.level.value}, {stats.pressure.share:.0%}, rung {stats.pressure.rung}"
    yield f"pages waiting {stats.waiting}, in work {stats.working}" + (f", held: {stats.held}" if stats.held else "")
    for pool in stats.pools:
        for service in pool.services:
            if service.pid is not None:
                yield f"{service.service}: process {service.pid}, {service.pages} pages, {', '.join(service.models)}"
