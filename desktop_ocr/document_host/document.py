"""What every opened document can do, whatever its format."""

from __future__ import annotations

from typing import Protocol

from desktop_ocr.document_host.parts import WHOLE, Part
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

    def render(self, page: int, dpi: int, max_pixels: int, part: Part = WHOLE) -> Raster:
        """The pixels of a page, or of a part of it, for recognition; `max_pixels` is for what is drawn alone."""

    def picture(self, page: int, max_width: int, max_height: int, part: Part = WHOLE) -> tuple[bytes, int, int]:
        """A page, or a part of it, as an encoded picture (PNG or JPEG) within a box: its bytes, width and height.

        A part has the pixels that it has in the whole page's picture of the same resolution.
        """

    def text_layer(self, page: int, mode: TextLayerMode) -> tuple[TextLayer | None, str]:
        """The page's own text where `mode` says that it is to be read, otherwise None; and why."""

    def close(self) -> None:
        """Let go of the file."""
