"""Which engines for models are installed. They are looked for, never imported."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable

from desktop_ocr.models.entries import FORMAT_ENGINES, ModelEntry, PackageFormat
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

ENGINES: dict[str, tuple[str, ...]] = {
    "onnxruntime": ("onnxruntime",),
    "paddle_static": ("paddle",),
    "paddle_dynamic": ("paddle",),
    "transformers": ("transformers", "torch"),
    "pymupdf": ("pymupdf",),
}
"""The top-level packages that each needs."""

INSTALL = {
    PackageFormat.ONNX: "pip install onnxruntime",
    PackageFormat.PADDLE: "pip install 'paddlepaddle>=3.2,<3.3'",
    PackageFormat.SAFETENSORS: "pip install transformers torch",
}
"""What gives a format an engine."""


def installed_engines() -> frozenset[str]:
    """The engines of which all packages are there."""
    return frozenset(name for name, packages in ENGINES.items() if all(map(_there, packages)))


def engine_for(kind: PackageFormat, installed: Iterable[str]) -> str:
    """The engine that reads a format, or "" where none is installed that does."""
    there = set(installed)
    return next((engine for engine in FORMAT_ENGINES[kind] if engine in there), "")


def usable_formats(formats: Iterable[PackageFormat], installed: Iterable[str]) -> list[PackageFormat]:
    """Of some formats those for which an engine is installed, in their order."""
    there = frozenset(installed)
    return [kind for kind in formats if engine_for(kind, there)]


def no_engine(model: ModelEntry) -> DesktopOcrError:
    """Nothing that is installed could run it."""
    return DesktopOcrError(ErrorCode.MODEL_MISSING, f"Nothing that is installed here runs {model.id}.", how(model))


def how(model: ModelEntry) -> str:
    """How a model gets an engine."""
    return "It needs an engine: " + ", or ".join(INSTALL[kind] for kind in model.formats) + "."


def _there(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):  # what is half installed cannot be used
        return False
