"""Reads formulas with PP-FormulaNet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from paddleocr import FormulaRecognition

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.engines import require_structure_libraries
from desktop_ocr.engine_host.features.paddle_results import bgr, plain_latex
from desktop_ocr.engine_host.runtime import build
from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder

_BATCH = 4
"""Formulas at a time: each is a picture of 768 x 768 (384 x 384 for the small models), whatever its size was."""
_SMALLEST = 4


class FormulaReaderPaddle:
    """PP-FormulaNet_plus S, M or L."""

    def __init__(self, folder: ModelFolder, options: EngineOptions) -> None:
        """Load the model.

        Raises:
            DesktopOcrError: MODEL_MISSING where its engine or the libraries of its alphabet are not installed.
        """
        require_structure_libraries(f"The model {folder.model}")
        self._model: Any = build(FormulaRecognition, folder, options)

    def read(self, images: Sequence[Image]) -> list[str]:
        """LaTeX without delimiters of each picture of a formula; "" where nothing was read."""
        read = [""] * len(images)
        sound = [number for number, image in enumerate(images) if min(image.shape[:2]) >= _SMALLEST]
        if sound:
            results = self._model.predict([bgr(images[number]) for number in sound], batch_size=_BATCH)
            for number, result in zip(sound, results, strict=True):
                read[number] = plain_latex(str(result["rec_formula"]))
        return read
