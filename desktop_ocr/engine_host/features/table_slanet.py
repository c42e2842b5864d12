"""Cells of a table by SLANet_plus, which writes the table's HTML while it looks at its picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from paddleocr import TableStructureRecognition

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.features.table_html import parse_places
from desktop_ocr.engine_host.features.table_matching import grid_by_cells
from desktop_ocr.engine_host.features.table_units import table_of, units_of
from desktop_ocr.engine_host.runtime import build
from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder
from desktop_ocr.schema.results import Box, Line, Table


class TableReaderSlanet:
    """SLANet_plus, and models that write as it does."""

    def __init__(self, folder: ModelFolder, options: EngineOptions) -> None:
        """Load the model."""
        self._model: Any = build(TableStructureRecognition, folder, options)
        self._source = folder.model

    def read(self, image: Image, lines: Sequence[Line]) -> Table | None:
        """The table's cells; those of its lines that lie in a cell are its text.

        Args:
            image: the table alone, with a small margin.
            lines: of the page that lie in it, in the image's pixels; cells name them by index here.

        Returns:
            None where it is none, or not understood.
        """
        if min(image.shape[:2]) < 2:
            return None
        # It makes the picture 488 pixels wide itself. Averaged down beforehand, tables came out worse (0.89 to 0.87).
        result = self._model.predict(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2BGR))[0]
        cells = parse_places("".join(result["structure"]))
        boxes = [_box(points) for points in result["bbox"]]
        units = units_of(lines, range(len(lines)))
        grid = grid_by_cells(units, cells, boxes, self._source)
        return table_of(grid, units) if grid else None


def _box(points: Sequence[float]) -> Box:
    """The box around a cell's corners."""
    xs, ys = [float(x) for x in points[0::2]], [float(y) for y in points[1::2]]
    return min(xs), min(ys), max(xs), max(ys)
