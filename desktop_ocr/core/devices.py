"""On which devices models can run here."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence

from desktop_ocr.core.plans import CPU
from desktop_ocr.schema.memory import GpuMemory

GPU_ENGINES = ("onnxruntime-gpu", "paddlepaddle-gpu")
"""Packages of which one has to be there for a model to run on a GPU. They are asked for, not imported."""


def gpu_engine_installed() -> bool:
    """Whether a package that runs models on a GPU is installed."""
    return any(_installed(name) for name in GPU_ENGINES)


def usable_devices(gpus: Sequence[GpuMemory], *, engine: bool) -> tuple[str, ...]:
    """The CPU, and the GPUs where there is an engine for them."""
    return (CPU, *(f"gpu:{gpu.index}" for gpu in gpus)) if engine else (CPU,)


def choose_device(wanted: str, usable: Sequence[str]) -> tuple[str, str]:
    """The device to work on.

    Args:
        wanted: the setting: "auto", "cpu", "gpu", "gpu:0", ...
        usable: as `usable_devices` has them.

    Returns:
        The device, and a sentence where it is not the one wanted, otherwise "".
    """
    gpus = [device for device in usable if device != CPU]
    if wanted == "auto":
        return (gpus[0] if gpus else CPU), ""
    if wanted == "gpu" and gpus:
        return gpus[0], ""
    if wanted in usable:
        return wanted, ""
    return CPU, f"The device '{wanted}' of the settings cannot be used here: pages are recognised on the CPU."


def _installed(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
