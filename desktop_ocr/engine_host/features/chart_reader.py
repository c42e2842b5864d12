"""Reads charts with PP-Chart2Table."""

from __future__ import annotations

from typing import Any

import numpy as np
from paddleocr import ChartParsing

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.features.chart_tables import parse_chart
from desktop_ocr.engine_host.runtime import build
from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder
from desktop_ocr.schema.results import Table

_SMALLEST = 32
_MOST_TOKENS = 1024
"""Of an answer: enough for some hundred figures. A model that has lost its thread would go on for minutes."""


class ChartReaderPaddle:
    """PP-Chart2Table: a language model that looks at a chart and writes a table. It has no ONNX package."""

    def __init__(self, folder: ModelFolder, options: EngineOptions) -> None:
        """Load the model."""
        self._model: Any = build(ChartParsing, folder, options)
        self._name = folder.model

    def read(self, image: Image) -> Table | None:
        """The figures a chart was drawn from; None where they cannot be told."""
        if min(image.shape[:2]) < _SMALLEST:
            return None
        # RGB, unlike all its other models.
        question = {"image": np.ascontiguousarray(image)}
        answer = self._model.predict(question, max_new_tokens=_MOST_TOKENS)[0]
        return parse_chart(str(answer["result"]), self._name)
