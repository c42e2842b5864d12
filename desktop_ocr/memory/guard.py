"""Decides whether something fits into memory, how short memory is, and keeps what operations took."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from desktop_ocr.memory.footprints import Footprints
from desktop_ocr.memory.ladder import ORDER
from desktop_ocr.memory.predictions import LoadParams, PageParams, Predictor, on_gpu
from desktop_ocr.memory.probes import process_mb, ram_totals
from desktop_ocr.schema.memory import (
    GpuMemory,
    MemoryCheck,
    MemoryPrediction,
    MemorySample,
    MemoryStats,
    Pressure,
    PressureLevel,
)
from desktop_ocr.schema.settings import Settings

__all__ = ["LoadParams", "MemoryGuard", "PageParams"]

# A level is left only when the share has fallen so far below its threshold: no flicker around it.
HYSTERESIS = 0.05


class _Bound(NamedTuple):
    """Something that memory is counted against; `help` completes the sentence of a refusal."""

    available_mb: float
    help: str


class MemoryGuard:
    """Checks, predictions and pressure. It measures nothing itself but what nobody has measured yet."""

    def __init__(
        self,
        settings: Settings,
        footprints: Footprints,
        catalog_mb: Callable[[str], float | None],
        latest: Callable[[], MemorySample | None],
    ) -> None:
        """Begin without pressure.

        Args:
            settings: thresholds and budgets.
            footprints: what this machine measured.
            catalog_mb: what a model takes by the catalog; None for one it does not know.
            latest: the last sample.
        """
        self._settings = settings
        self._predictor = Predictor(footprints, catalog_mb)
        self._latest = latest
        self._pressure = Pressure()

    def change_settings(self, settings: Settings) -> None:
        """Judge by these from now on; the pressure follows with the next sample."""
        self._settings = settings

    # --- does it fit ------------------------------------------------------------------------------------------

    def check_memory(self, required_mb: float, device: str = "cpu", *, promised_mb: float = 0.0) -> MemoryCheck:
        """Whether so much more can be taken without memory becoming critically short.

        Args:
            required_mb: what is to be taken, of RAM, or of the GPU's memory where `device` is one.
            device: "cpu", "gpu:0", ...
            promised_mb: what others were allowed to take since the last sample.

        Returns:
            The tightest bound's answer. A GPU that cannot be asked for its memory refuses nothing: trying tells.
        """
        sample = self._sample()
        bounds = self._gpu_bounds(sample, device) if on_gpu(device) else self._ram_bounds(sample)
        tightest = min(bounds, key=lambda bound: bound.available_mb, default=None)
        if tightest is None:
            return MemoryCheck(fits=True, required_mb=required_mb, available_mb=required_mb)
        available = max(0.0, tightest.available_mb - promised_mb)
        if required_mb <= available:
            return MemoryCheck(fits=True, required_mb=required_mb, available_mb=available)
        kind = "GPU memory" if on_gpu(device) else "memory"
        # Rounded apart: what is missing must not vanish.
        needed, free = _words(math.ceil(required_mb)), _words(math.floor(available))
        words = f"This needs about {needed} of {kind} and {free} are free. {tightest.help}"
        return MemoryCheck(fits=False, required_mb=required_mb, available_mb=available, words=words)

    def _ram_bounds(self, sample: MemorySample) -> Iterator[_Bound]:
        _, critical = self.thresholds
        if sample.contained:
            help_ = f"Give the container more than {_words(sample.ram_total)}, or choose "
        else:
            help_ = "Close other programs, or choose "
        help_ += "a smaller picture side or fewer features in the settings."
        yield _Bound(sample.ram_total * critical - sample.ram_used, help_)
        if budget := self._settings.ram_budget_mb:
            help_ = f"Allow Desktop OCR more than {_words(budget)} of memory in the settings."
            yield _Bound(budget * critical - sample.ram_ours, help_)

    def _gpu_bounds(self, sample: MemorySample, device: str) -> Iterator[_Bound]:
        _, critical = self.thresholds
        for gpu in sample.gpus:
            if device in (f"gpu:{gpu.index}", "gpu"):
                help_ = "Close other programs that use the GPU, or choose the CPU in the settings."
                yield _Bound(gpu.total_mb * critical - gpu.used_mb, help_)
        if (budget := self._settings.vram_budget_mb) and sample.vram_ours is not None:
            help_ = f"Allow Desktop OCR more than {_words(budget)} of GPU memory, or choose the CPU, in the settings."
            yield _Bound(budget * critical - sample.vram_ours, help_)

    # --- what will it take ------------------------------------------------------------------------------------

    def predict_memory(self, operation: str, params: LoadParams | PageParams) -> MemoryPrediction:
        """What an operation will take: as measured here, or by the catalog.

        Args:
            operation: "load" (what a host grows by when it loads the model of `LoadParams`) or "page" (what a whole
                fresh host takes at its peak for the page of `PageParams`). On a GPU device most of it is VRAM.
            params: of that operation.

        Raises:
            ValueError: no such operation, or the other's parameters.
        """
        if operation == "load" and isinstance(params, LoadParams):
            return self._predictor.load(params)
        if operation == "page" and isinstance(params, PageParams):
            return self._predictor.page(params)
        raise ValueError(f"{operation} cannot be predicted from {type(params).__name__}")

    def record_load(self, model: str, device: str, mb: float, *, ram_mb: float | None = None) -> None:
        """Take in what a host grew by when it loaded a model: RAM on the CPU; VRAM on a GPU, and `ram_mb` beside it."""
        self._predictor.record_load(model, device, mb, ram_mb)

    def record_page(
        self,
        models: Sequence[str],
        device: str,
        pixels: int,
        side: int,
        peak_mb: float,
        *,
        ram_mb: float | None = None,
    ) -> None:
        """Take in a host's peak at a page: RAM on the CPU; VRAM on a GPU, and `ram_mb` beside it."""
        self._predictor.record_page(models, device, pixels, side, peak_mb, ram_mb)

    def doubt_page(self, params: PageParams) -> None:
        """A page was not begun because of its prediction: what it is measured by is forgotten after a few of them."""
        self._predictor.doubt_page(params)

    def feature_mb(self, features: Mapping[str, Sequence[str]], device: str = "cpu") -> dict[str, float]:
        """What each feature costs here: the sum over its models, measured where they were loaded before."""
        return self._predictor.features(features, device)

    # --- how short is it --------------------------------------------------------------------------------------

    @property
    def thresholds(self) -> tuple[float, float]:
        """Warning and critical, as shares. A warning above the critical one begins with it."""
        return min(self._settings.warning, self._settings.critical), self._settings.critical

    @property
    def pressure(self) -> Pressure:
        """As of the last sample observed."""
        return self._pressure

    def level(self, sample: MemorySample) -> tuple[PressureLevel, float]:
        """How short memory is in this sample, coming from the present level.

        Returns:
            The level, and the worst share: of RAM, of the budgets, of each GPU that we hold something of. A GPU that
            others have filled is not eased by anything done here.
        """
        share = max(self._shares(sample), default=0.0)
        warning, critical = self.thresholds
        present = ORDER[self._pressure.level]
        if share >= critical - (HYSTERESIS if present >= ORDER[PressureLevel.CRITICAL] else 0.0):
            return PressureLevel.CRITICAL, share
        if share >= warning - (HYSTERESIS if present >= ORDER[PressureLevel.WARNING] else 0.0):
            return PressureLevel.WARNING, share
        return PressureLevel.NORMAL, share

    def observe(self, sample: MemorySample) -> Pressure:
        """Bring `pressure` up to date with a sample; its rung and words stay."""
        level, share = self.level(sample)
        self._pressure = msgspec.structs.replace(self._pressure, level=level, share=share)
        return self._pressure

    def tell(
        self,
        *,
        rung: int | None = None,
        words: str | None = None,
        deferred: bool | None = None,
        emergency: bool | None = None,
    ) -> Pressure:
        """Put into `pressure` what is being done about it; None leaves a field as it is."""
        news = {"rung": rung, "words": words, "deferred": deferred, "emergency": emergency}
        known = {name: value for name, value in news.items() if value is not None}
        self._pressure = msgspec.structs.replace(self._pressure, **known)
        return self._pressure

    def get_memory_stats(self) -> MemoryStats:
        """The last sample, the pressure, budgets and thresholds. Callers add what they know of models and pools."""
        warning, critical = self.thresholds
        return MemoryStats(
            sample=self._sample(),
            pressure=self._pressure,
            ram_budget=float(self._settings.ram_budget_mb),
            vram_budget=float(self._settings.vram_budget_mb),
            warning=warning,
            critical=critical,
            pid=os.getpid(),
        )

    def _shares(self, sample: MemorySample) -> Iterable[float]:
        yield _share(sample.ram_used, sample.ram_total)
        yield _share(sample.ram_ours, self._settings.ram_budget_mb)
        for gpu in sample.gpus:
            if _holds_ours(gpu):
                yield _share(gpu.used_mb, gpu.total_mb)
        yield _share(sample.vram_ours or 0.0, self._settings.vram_budget_mb)

    def _sample(self) -> MemorySample:
        """The last sample; before the first one, this process alone."""
        sample = self._latest()
        if sample is not None:
            return sample
        total, used, contained = ram_totals()
        return MemorySample(ram_total=total, ram_used=used, ram_window=process_mb(), contained=contained)


def _holds_ours(gpu: GpuMemory) -> bool:
    return gpu.ours_mb is None or gpu.ours_mb > 0


def _share(used: float, allowed: float) -> float:
    """0.0 where there is no limit."""
    return used / allowed if allowed > 0 else 0.0


def _words(mb: float) -> str:
    """Like "780 MB" or "1.8 GB"."""
    return f"{mb:.0f} MB" if mb < 999.5 else f"{mb / 1000:.1f} GB"
