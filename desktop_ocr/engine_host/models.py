"""The models of a host, each loaded when it is first asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from desktop_ocr.engine_host import environment
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.messages import EngineOptions, ModelFolder

if TYPE_CHECKING:
    from desktop_ocr.engine_host.layout import LayoutFinder
    from desktop_ocr.engine_host.orientation import OrientationFinder
    from desktop_ocr.engine_host.text import TextReader

PAGE_ORIENTATION = "page-orientation"
TEXT_DETECTION = "text-detection"
TEXT_RECOGNITION = "text-recognition"
LAYOUT = "layout"


class Models:
    """Loads models lazily and keeps them until `drop`."""

    def __init__(self, options: EngineOptions) -> None:
        """Load nothing.

        Args:
            options: where models are, by role, and how to run them.
        """
        self.options = options
        self._folders = {folder.role: folder for folder in options.models}
        self._text: TextReader | None = None
        self._orientation: OrientationFinder | None = None
        self._layout: LayoutFinder | None = None
        environment.limit_threads(options.threads)

    def has(self, role: str) -> bool:
        """Whether a model was configured for the role."""
        return role in self._folders

    def name(self, role: str) -> str:
        """The id of the role's model, or ""."""
        folder = self._folders.get(role)
        return folder.model if folder else ""

    def text(self) -> TextReader:
        """Text detection and recognition.

        Raises:
            DesktopOcrError: MODEL_MISSING where one of them was not configured or is not there.
        """
        if self._text is None:
            detection, recognition = self._folder(TEXT_DETECTION), self._folder(TEXT_RECOGNITION)
            from desktop_ocr.engine_host.text import TextReader

            self._text = TextReader(detection, recognition, self.options)
        return self._text

    def orientation(self) -> OrientationFinder:
        """Page orientation.

        Raises:
            DesktopOcrError: MODEL_MISSING where it was not configured or is not there.
        """
        if self._orientation is None:
            folder = self._folder(PAGE_ORIENTATION)
            from desktop_ocr.engine_host.orientation import OrientationFinder

            self._orientation = OrientationFinder(folder, self.options)
        return self._orientation

    def layout(self) -> LayoutFinder:
        """Layout, which comes with PyMuPDF."""
        if self._layout is None:
            from desktop_ocr.engine_host.layout import LayoutFinder

            self._layout = LayoutFinder()
        return self._layout

    def drop(self) -> None:
        """Forget all models. What their libraries keep goes with the process only."""
        if self._text is not None:
            self._text.close()
        self._text = None
        self._orientation = None
        self._layout = None

    def _folder(self, role: str) -> ModelFolder:
        folder = self._folders.get(role)
        if folder is None:
            raise DesktopOcrError(ErrorCode.MODEL_MISSING, f"No model for {role} was configured.")
        if not (Path(folder.folder) / "inference.onnx").is_file():
            raise DesktopOcrError(
                ErrorCode.MODEL_MISSING,
                f"The model {folder.model} is not where it should be.",
                "Start the program again: it lays the model out anew.",
            )
        return folder
