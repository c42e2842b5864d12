"""What every opened document can do, whatever its format."""

from __future__ import annotations

from typing import Protocol

from desktop_ocr.document_host.raster import Raster
from desktop_ocr.schema.document_messages import TextLayer
from desktop_ocr.schema.jobs import TextLayerMode


class Document(Protocol):
    """An opened file. Pages are numbered from 0; sizes are in points (72 per inch) of the page as displayed."""

    @property
    def format(self) -> str:
        """Name of the format: "PDF", "PNG", ..."""

    @property
    def page_count(self) -> int:
        """How many pages."""

    def page_size(self, page: int) -> tuple[float, float]:
        """Width and height of a page as displayed, in points."""

    def render(self, page: int, dpi: int, max_pixels: int) -> Raster:
        """A page's pixels for recognition."""

    def picture(self, page: int, max_width: int, max_height: int, rotation: int) -> tuple[bytes, int, int]:
        """A page as an encoded picture (PNG or JPEG) within a box, turned clockwise: its bytes, width and height."""

    def text_layer(self, page: int, mode: TextLayerMode) -> tuple[TextLayer | None, str]:
        """The page's own text where `mode` says that it is to be read, otherwise None; and why."""

    def close(self) -> None:
        """Let go of the file."""
