"""Tables by several models: ruled and unruled ones apart; structure and cells each by a model of its own."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from paddleocr import TableRecognitionPipelineV2

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.features.paddle_results import bgr
from desktop_ocr.engine_host.features.table_html import table_from
from desktop_ocr.engine_host.runtime import build_pipeline
from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder
from desktop_ocr.schema.results import Line, Table, polygon_box
from desktop_ocr.schema.roles import ModelRole

log = logging.getLogger(__name__)

MODULES = {
    ModelRole.TABLE_CLASSIFICATION: ("TableClassification", "table_classification"),
    ModelRole.WIRED_STRUCTURE: ("WiredTableStructureRecognition", "table_structure_recognition"),
    ModelRole.WIRELESS_STRUCTURE: ("WirelessTableStructureRecognition", "table_structure_recognition"),
    ModelRole.WIRED_CELLS: ("WiredTableCellsDetection", "table_cells_detection"),
    ModelRole.WIRELESS_CELLS: ("WirelessTableCellsDetection", "table_cells_detection"),
}
"""By role, what paddlex calls the place of a model in the pipeline, and its kind."""
_SMALLEST = 16


def config_of(part: ModelFolder, kind: str) -> dict[str, Any]:
    """A model in one of paddlex's pipelines."""
    return {"module_name": kind, "model_name": part.model, "model_dir": part.folder, "engine": part.engine}


def table_modules(parts: Sequence[ModelFolder]) -> dict[str, dict[str, Any]]:
    """The models for tables among some parts, as paddlex's pipelines name them."""
    named = ((part, MODULES.get(ModelRole(part.role))) for part in parts)
    return {place[0]: config_of(part, place[1]) for part, place in named if place is not None}


def reads_whole(parts: Sequence[ModelFolder]) -> dict[str, bool]:
    """Whether unruled tables are left to their structure model alone: SLANet_plus knows where its cells are."""
    wireless = next((part.model for part in parts if part.role == ModelRole.WIRELESS_STRUCTURE), "")
    return {"use_e2e_wireless_table_rec_model": wireless.startswith("SLANet_plus")}


class TablePipelineReader:
    """paddleocr's TableRecognitionPipelineV2, given a table and the lines in it."""

    def __init__(self, folder: ModelFolder, options: EngineOptions) -> None:
        """Load the models."""
        self._name = folder.model
        self._how = reads_whole(folder.parts)
        config = {
            "pipeline_name": "table_recognition_v2",
            "use_doc_preprocessor": False,
            "use_layout_detection": False,
            "use_ocr_model": False,
            "SubModules": table_modules(folder.parts),
            "SubPipelines": {},
        }
        self._pipeline: Any = build_pipeline(TableRecognitionPipelineV2, folder, options, config)

    def read(self, image: Image, lines: Sequence[Line]) -> Table | None:
        """The table's cells, and the lines in them; None where it is none, or not understood.

        Args:
            image: the table alone, with a small margin.
            lines: of the page that lie in it, in the image's pixels; cells name them by index here.
        """
        if not lines or min(image.shape[:2]) < _SMALLEST:
            return None
        picture = bgr(image)
        try:
            found = self._pipeline.predict(
                picture,
                overall_ocr_res=_as_read(picture, lines),
                use_ocr_model=False,
                use_layout_detection=False,
                use_table_orientation_classify=False,
                use_ocr_results_with_table_cells=False,
                **self._how,
            )[0]["table_res_list"][0]
        except (IndexError, KeyError, TypeError, ValueError) as error:
            # That is how it takes a picture in which it sees no cell.
            log.info("the table pipeline found no cells: %s", type(error).__name__)
            return None
        return table_from(found["pred_html"], found["cell_box_list"], lines, self._name)


def _as_read(picture: Image, lines: Sequence[Line]) -> dict[str, Any]:
    """What the pipeline takes for the result of its own reading: where lines are, and not what they say.

    It puts texts into HTML as they are, and "<" among them would be markup. Who gets which line is decided by us.
    """
    boxes = [polygon_box(line.polygon) for line in lines]
    return {
        "rec_boxes": np.array(boxes, dtype=np.float64).reshape(-1, 4),
        "rec_polys": [np.array(line.polygon, dtype=np.float64).reshape(4, 2) for line in lines],
        "rec_texts": [""] * len(lines),
        "rec_scores": [line.confidence for line in lines],
        "doc_preprocessor_res": {"output_img": picture},
    }
