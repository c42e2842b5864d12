"""The models of a host, each loaded when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_ocr.engine_host import environment
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.messages import EngineOptions, ModelFolder

if TYPE_CHECKING:
    from desktop_ocr.engine_host.layout import LayoutFinder
    from desktop_ocr.engine_host.line_finder import LineFinder
    from desktop_ocr.engine_host.line_reader import LineReader
    from desktop_ocr.engine_host.orientation import OrientationFinder
    from desktop_ocr.engine_host.text import TextReader

PAGE_ORIENTATION = "page-orientation"
TEXT_DETECTION = "text-detection"
TEXT_RECOGNITION = "text-recognition"
LAYOUT = "layout"


class Models:
    """Loads models lazily and keeps them until they are unloaded. A model that is not asked for is not imported."""

    def __init__(self, options: EngineOptions) -> None:
        """Load nothing.

        Args:
            options: where models are, by role, and how to run them.
        """
        self.options = options
        self._folders = {folder.role: folder for folder in options.models}
        self._line_finder: LineFinder | None = None
        self._line_reader: LineReader | None = None
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

    @property
    def loaded(self) -> frozenset[str]:
        """Roles whose model is loaded."""
        held = {
            TEXT_DETECTION: self._line_finder,
            TEXT_RECOGNITION: self._line_reader,
            PAGE_ORIENTATION: self._orientation,
            LAYOUT: self._layout,
        }
        return frozenset(role for role, model in held.items() if model is not None)

    def import_shared_code(self, role: str) -> None:
        """Import what the role's model shares with others: some 160 MB that are nobody's own, and stay."""
        if role in (TEXT_DETECTION, TEXT_RECOGNITION, PAGE_ORIENTATION):
            import desktop_ocr.engine_host.line_finder  # noqa: F401

    def load(self, role: str) -> None:
        """Load the model of a role, unless it is.

        Raises:
            DesktopOcrError: MODEL_MISSING where it was not configured or is not there, GPU_LOST where it cannot be
                loaded on the GPU it should be on.
        """
        match role:
            case "text-detection":
                self.line_finder()
            case "text-recognition":
                self.line_reader()
            case "page-orientation":
                self.orientation()
            case "layout":
                self.layout()
            case _:
                raise DesktopOcrError(ErrorCode.MODEL_MISSING, "An engine host has no such model.")

    def line_finder(self) -> LineFinder:
        """Text detection. Raises as `load` does."""
        if self._line_finder is None:
            folder = self._folder(TEXT_DETECTION)
            from desktop_ocr.engine_host.line_finder import LineFinder

            self._line_finder = LineFinder(folder, self.options)
        return self._line_finder

    def line_reader(self) -> LineReader:
        """Text recognition. Raises as `load` does."""
        if self._line_reader is None:
            folder = self._folder(TEXT_RECOGNITION)
            from desktop_ocr.engine_host.line_reader import LineReader

            self._line_reader = LineReader(folder, self.options)
        return self._line_reader

    def text(self, side: int = 0) -> TextReader:
        """Text detection and recognition. Raises as `load` does.

        Args:
            side: longest side, in pixels, of the picture the detector sees; 0 for the options'.
        """
        finder, reader = self.line_finder(), self.line_reader()
        from desktop_ocr.engine_host.text import TextReader

        return TextReader(finder, reader, side or self.options.detection_side)

    def orientation(self) -> OrientationFinder:
        """Page orientation. Raises as `load` does."""
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

    def unload(self, roles: Iterable[str]) -> None:
        """Forget the models of these roles. The code of their libraries stays until the process ends."""
        for role in roles:
            match role:
                case "text-detection":
                    self._line_finder = None
                case "text-recognition":
                    if self._line_reader is not None:
                        self._line_reader.close()
                    self._line_reader = None
                case "page-orientation":
                    self._orientation = None
                case "layout":
                    if self._layout is not None:
                        self._layout.close()
                    self._layout = None

    def drop(self) -> None:
        """Forget all models."""
        self.unload(self.loaded)

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
