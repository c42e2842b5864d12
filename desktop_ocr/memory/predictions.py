"""What an operation will take: from the catalog's figures at first, then from what this machine measured."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

from desktop_ocr.memory.footprints import MB_PER_MEGAPIXEL, NO_PAGE, Footprints, pixels_bucket
from desktop_ocr.schema.memory import MemoryPrediction

EMPTY_HOST_MB = 60.0
LIBRARIES_MB = 180.0
CUDA_CONTEXT_MB = 300.0
CUDA_RAM_MB = 300.0  # of the host: the CUDA libraries and what the driver mirrors
UNKNOWN_MODEL_MB = 300.0
# The catalog's figures are those of a page of this size, shown to the detector at this side. About half of them is
# working memory, which grows with the picture's area; the models' own part stays.
CATALOG_PIXELS = 3_900_000
CATALOG_SIDE = 1280
WORKING_SHARE = 0.5


@dataclasses.dataclass(frozen=True)
class LoadParams:
    """Loading a model. `first`: into a host that has none yet; on a GPU it makes the CUDA context."""

    model: str
    device: str = "cpu"
    first: bool = False


@dataclasses.dataclass(frozen=True)
class PageParams:
    """Recognising a page of so many `pixels` with these models; `side` is the longest one the detector sees."""

    models: tuple[str, ...]
    device: str
    pixels: int
    side: int


def on_gpu(device: str) -> bool:
    """Whether a device like "gpu:0" is one."""
    return device.startswith("gpu")


class Predictor:
    """Turns catalog figures and footprints into predictions, and takes in what was measured."""

    def __init__(self, footprints: Footprints, catalog_mb: Callable[[str], float | None]) -> None:
        """Keep where figures come from; `catalog_mb` gives a model's own, or None where it does not know it."""
        self._footprints = footprints
        self._catalog_mb = catalog_mb

    def load(self, params: LoadParams) -> MemoryPrediction:
        """What a host grows by when it loads a model."""
        found = self._footprints.lookup("load", params.model, params.device, NO_PAGE)
        mb, measured = found if found is not None else (self._catalog(params.model), 0)
        if not on_gpu(params.device):
            return MemoryPrediction(mb, measured=measured)
        context = CUDA_CONTEXT_MB if params.first else 0.0
        in_ram = self._footprints.lookup("load-ram", params.model, params.device, NO_PAGE)
        ram = in_ram[0] if in_ram is not None else CUDA_RAM_MB if params.first else 0.0
        return MemoryPrediction(ram, mb + (0.0 if measured else context), measured)

    def page(self, params: PageParams) -> MemoryPrediction:
        """What a whole fresh host takes at its peak for such a page."""
        key, bucket = _page_key(params.models, params.side), pixels_bucket(params.pixels)
        found = self._footprints.lookup("page", key, params.device, bucket)
        models = sum(self._catalog(model) for model in params.models)
        area = (params.side / CATALOG_SIDE) ** 2
        working = models * (1 - WORKING_SHARE + WORKING_SHARE * area)
        bitmaps = max(0.0, (params.pixels - CATALOG_PIXELS) / 1e6) * MB_PER_MEGAPIXEL
        base = EMPTY_HOST_MB + LIBRARIES_MB + bitmaps
        if not on_gpu(params.device):
            return MemoryPrediction(base + working) if found is None else MemoryPrediction(found[0], measured=found[1])
        in_ram = self._footprints.lookup("page-ram", key, params.device, bucket)
        ram = base + CUDA_RAM_MB if in_ram is None else in_ram[0]
        if found is None:
            return MemoryPrediction(ram, CUDA_CONTEXT_MB + working)
        return MemoryPrediction(ram, found[0], found[1])

    def record_load(self, model: str, device: str, mb: float, ram_mb: float | None = None) -> None:
        """See `MemoryGuard.record_load`."""
        self._footprints.record("load", model, device, NO_PAGE, max(0.0, mb))
        if ram_mb is not None and on_gpu(device):
            self._footprints.record("load-ram", model, device, NO_PAGE, max(0.0, ram_mb))

    def record_page(
        self, models: Sequence[str], device: str, pixels: int, side: int, peak_mb: float, ram_mb: float | None = None
    ) -> None:
        """See `MemoryGuard.record_page`."""
        key, bucket = _page_key(models, side), pixels_bucket(pixels)
        self._footprints.record("page", key, device, bucket, peak_mb)
        if ram_mb is not None and on_gpu(device):
            self._footprints.record("page-ram", key, device, bucket, ram_mb)

    def doubt_page(self, params: PageParams) -> None:
        """See `MemoryGuard.doubt_page`."""
        key, bucket = _page_key(params.models, params.side), pixels_bucket(params.pixels)
        self._footprints.doubt("page", key, params.device, bucket)
        if on_gpu(params.device):
            self._footprints.doubt("page-ram", key, params.device, bucket)

    def features(self, features: Mapping[str, Sequence[str]], device: str) -> dict[str, float]:
        """See `MemoryGuard.feature_mb`."""
        return {name: sum(self._cost(model, device) for model in models) for name, models in features.items()}

    def _cost(self, model: str, device: str) -> float:
        found = self._footprints.lookup("load", model, device, NO_PAGE)
        return found[0] if found is not None else self._catalog(model)

    def _catalog(self, model: str) -> float:
        figure = self._catalog_mb(model)
        return UNKNOWN_MODEL_MB if figure is None else figure


def _page_key(models: Sequence[str], side: int) -> str:
    return f"{'+'.join(sorted(models))}@{side}"
