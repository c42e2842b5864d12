"""Parts of a page's picture, for formats that show the page's pictures."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

from PIL import Image

from desktop_ocr.document_host.document import Document
from desktop_ocr.document_host.export.registry import CutPicture
from desktop_ocr.document_host.open_documents import OpenDocuments
from desktop_ocr.schema.document_messages import Source
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.results import Box, PageResult

MOST_PIXELS = 24_000_000  # of a page
FEW_COLOURS = 4096  # a drawing has no more; a photograph has, and is a JPEG
JPEG_QUALITY = 85
DPI_RANGE = (36, 600)
FINER = 1.2  # than was wanted: then it is made smaller


@dataclass
class _Page:
    """A page as it was drawn last: a page with several pictures is drawn once."""

    document: Document
    page: int
    rotation: int
    dpi: int
    image: Image.Image
    drawn_dpi: float


class PictureCutter:
    """Draws pages of documents and cuts pictures out of them. It keeps one page in memory, until `forget`."""

    def __init__(self, documents: OpenDocuments) -> None:
        """Draw pages of these."""
        self._documents = documents
        self._page: _Page | None = None

    def cut(self, source: Source, result: PageResult, box: Box, dpi: int) -> CutPicture:
        """See `ExportContext.cut`; `dpi` is in pixels per inch of the page.

        Raises:
            DesktopOcrError: the page cannot be drawn, or nothing of it is in the box.
        """
        dpi = min(max(dpi, DPI_RANGE[0]), DPI_RANGE[1])
        page = self._drawn(source, result, dpi)
        image = page.image
        # Both are the same upright page, drawn as finely as each was wanted.
        across, down = image.width / result.width, image.height / result.height
        left, top = max(0, math.floor(box[0] * across)), max(0, math.floor(box[1] * down))
        right, bottom = min(image.width, math.ceil(box[2] * across)), min(image.height, math.ceil(box[3] * down))
        if right <= left or bottom <= top:
            raise DesktopOcrError(ErrorCode.EXPORT_FAILED, "A picture lies outside its page.")
        cut = image.crop((left, top, right, bottom))
        if page.drawn_dpi > FINER * dpi:  # a scan has the pixels that it has
            scale = dpi / page.drawn_dpi
            size = max(1, round(cut.width * scale)), max(1, round(cut.height * scale))
            cut = cut.resize(size, Image.Resampling.LANCZOS)
        return encoded(cut)

    def forget(self) -> None:
        """Give back the memory of the page that was drawn last."""
        self._page = None

    def _drawn(self, source: Source, result: PageResult, dpi: int) -> _Page:
        """The whole page, upright."""
        document = self._documents.get(source)
        kept = self._page
        if kept and (kept.document, kept.page, kept.rotation, kept.dpi) == (
            document,
            result.page,
            result.rotation,
            dpi,
        ):
            return kept
        if result.page >= document.page_count:
            raise DesktopOcrError(
                ErrorCode.NO_SUCH_PAGE, f"There is no page {result.page + 1}: the document has {document.page_count}."
            )
        self._page = None
        raster = document.render(result.page, dpi, MOST_PIXELS)
        image = Image.frombytes("RGB", (raster.width, raster.height), bytes(raster.rgb))
        if result.rotation:
            image = image.rotate(-result.rotation, expand=True)
        self._page = _Page(document, result.page, result.rotation, dpi, image, raster.dpi)
        return self._page


def encoded(image: Image.Image) -> CutPicture:
    """An RGB picture as PNG, or as JPEG where it has the colours of a photograph."""
    out = io.BytesIO()
    colours = image.getcolors(FEW_COLOURS)
    if colours is None:
        image.save(out, "JPEG", quality=JPEG_QUALITY)
        return CutPicture(out.getvalue(), ".jpg", image.width, image.height)
    grey = all(isinstance(colour, tuple) and colour[0] == colour[1] == colour[2] for _, colour in colours)
    (image.convert("L") if grey else image).save(out, "PNG")
    return CutPicture(out.getvalue(), ".png", image.width, image.height)
