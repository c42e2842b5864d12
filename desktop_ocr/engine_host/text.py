"""Finds a page's lines of text and reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.crops import Quad
from desktop_ocr.schema.results import Line

if TYPE_CHECKING:
    from desktop_ocr.engine_host.line_finder import LineFinder
    from desktop_ocr.engine_host.line_reader import LineReader


class TextReader:
    """Both text models, for one page."""

    def __init__(self, finder: LineFinder, reader: LineReader, side: int) -> None:
        """Hold the models.

        Args:
            finder: finds lines.
            reader: reads them.
            side: longest side, in pixels, of the picture the finder sees.
        """
        self._finder = finder
        self._reader = reader
        self._side = side

    def read(self, image: Image, quads: Sequence[Quad] | None = None) -> list[Line]:
        """The lines of a page, from top to bottom by their upper left corners.

        Args:
            image: the upright page.
            quads: its lines, where they were found already.
        """
        return self._reader.read(image, self.find(image) if quads is None else quads)

    def find(self, image: Image) -> list[Quad]:
        """The quads of a page's lines, in its pixels."""
        return self._finder.find(image, self._side)

    def try_quad(self, image: Image, quad: Quad) -> tuple[str, float]:
        """A line's text read from its quad's first corner on, and the recogniser's confidence in it, 0 to 1."""
        return self._reader.try_quad(image, quad)
