"""Blocks seen in a page's picture by paddleocr's LayoutDetection: PP-DocLayout_plus-L and its like."""

from __future__ import annotations

from typing import Any

from paddleocr import LayoutDetection

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.features.interfaces import Region
from desktop_ocr.engine_host.features.paddle_results import as_box, bgr, confidence, kind_of, kinds_of
from desktop_ocr.engine_host.runtime import build
from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder
from desktop_ocr.schema.results import BlockKind

_LIKE_STRUCTURE = "PP-DocLayout_plus-L"
_SMALLEST = 8


class RegionFinderPaddle:
    """A layout model of the PP-DocLayout family."""

    def __init__(self, folder: ModelFolder, options: EngineOptions) -> None:
        """Load the model."""
        self._model: Any = build(LayoutDetection, folder, options, **layout_settings(folder.model))
        self._kinds = kinds_of(self._model.paddlex_predictor.config.get("label_list", ()))

    @property
    def kinds(self) -> frozenset[BlockKind]:
        """What it can tell apart."""
        return self._kinds

    def find(self, image: Image) -> list[Region]:
        """Regions of the upright page, in no order; they may overlap."""
        height, width = image.shape[:2]
        if min(height, width) < _SMALLEST:
            return []
        regions = []
        for found in self._model.predict(bgr(image))[0]["boxes"]:
            box = as_box(found["coordinate"], width, height)
            kind = kind_of(str(found["label"]), box, height) if box else None
            if box and kind:
                regions.append(Region(kind, box, confidence(found["score"])))
        return regions


def layout_settings(model: str) -> dict[str, Any]:
    """Thresholds by class and how overlapping boxes are merged, as PP-StructureV3 has them for its own layout model."""
    from paddlex.inference import load_pipeline_config

    if model != _LIKE_STRUCTURE:
        return {"layout_nms": True}
    settings = load_pipeline_config("PP-StructureV3")["SubModules"]["LayoutDetection"]
    names = ("threshold", "layout_nms", "layout_unclip_ratio", "layout_merge_bboxes_mode")
    return {name: settings[name] for name in names if settings.get(name) is not None}
