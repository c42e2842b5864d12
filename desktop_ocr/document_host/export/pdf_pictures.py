"""Searchable PDF of pictures: a page each, as large as the picture's resolution says, with invisible text."""

from __future__ import annotations

import zlib

from desktop_ocr.document_host.export.failure_stamp import FailureStamps
from desktop_ocr.document_host.export.glyphless import RESOURCE_NAME, CodeTable, add_font
from desktop_ocr.document_host.export.invisible_text import TEXT_LEVEL, Point, ToPage, page_operators
from desktop_ocr.document_host.export.pdf_archive import metadata, output_intent, srgb_profile
from desktop_ocr.document_host.export.pdf_downsampling import scale_for
from desktop_ocr.document_host.export.pdf_outline import Outline
from desktop_ocr.document_host.export.pdf_text import language_entry, text_string
from desktop_ocr.document_host.export.pdf_writer import PdfWriter
from desktop_ocr.document_host.export.picture_objects import image_object
from desktop_ocr.document_host.export.registry import ExportContext
from desktop_ocr.document_host.export.writing import failed_page_sentence
from desktop_ocr.document_host.opening import open_document
from desktop_ocr.document_host.picture_file import PictureFile, orientation, page_dpi, turned_sideways
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.results import PageResult

A4 = 595.0, 842.0
PRODUCER = "Desktop OCR"
MAX_SIDE = 14_400.0  # points; readers refuse more (ISO 32000-1, annex C.2)

# How EXIF's orientations lay the unit square, in which PDF draws a picture, on the page as displayed: a, b, c, d,
# e, f of PDF's matrix, for a page of 1 x 1.
_ORIENTATIONS = {
    1: (1, 0, 0, 1, 0, 0),
    2: (-1, 0, 0, 1, 1, 0),
    3: (-1, 0, 0, -1, 1, 1),
    4: (1, 0, 0, -1, 0, 1),
    5: (0, -1, -1, 0, 1, 1),
    6: (0, -1, 1, 0, 0, 1),
    7: (0, 1, 1, 0, 0, 0),
    8: (0, 1, -1, 0, 1, 0),
}


class PdfPictures:
    """An `Export`. Pages that were not asked for or failed are there without text; all are shown upright."""

    def __init__(self, context: ExportContext) -> None:
        """Open the picture and begin the file.

        Raises:
            DesktopOcrError: the picture cannot be opened.
            OSError: the file cannot be written.
        """
        document = open_document(context.source)
        if not isinstance(document, PictureFile):
            raise DesktopOcrError(ErrorCode.FILE_CHANGED, "The document has changed since it was added.")
        self._context = context
        self._options = context.options
        self._picture = document
        self._writer = PdfWriter(context.output)
        self._codes = CodeTable()
        self._font = self._writer.reserve()
        self._stamps = FailureStamps(self._writer.add)
        self._outline = Outline()
        self._done = 0

    def add_page(self, page: int, result: PageResult | None, error: ErrorInfo | None) -> None:
        """Add the pages before this one, and this one with its text; one that failed says so."""
        self._pages_until(page)
        self._add(page, result, failed_page_sentence(page, error) if result is None and error else "")
        self._done = page + 1

    def finish(self) -> None:
        """Add the pages that are left, the font and the end of the file."""
        self._pages_until(self._picture.page_count)
        add_font(self._writer.add, self._codes, font=lambda text: self._write_font(text))
        title = self._context.title
        info = self._writer.add(f"/Title {text_string(title)} /Producer ({PRODUCER})")
        entries = ["/ViewerPreferences << /DisplayDocTitle true >>", language_entry(self._options.language)]
        if self._outline:
            outline = self._outline.write(self._writer.reserve, self._put)
            entries.append(f"/Outlines {outline} 0 R")
        if self._options.pdfa:
            packet = self._writer.add("/Type /Metadata /Subtype /XML", metadata(title, PRODUCER))
            profile = self._writer.add("/N 3 /Filter /FlateDecode", zlib.compress(srgb_profile(), 9))
            entries.append(f"/Metadata {packet} 0 R {output_intent(profile)}")
        self._writer.finish(catalog=" ".join(entry for entry in entries if entry), info=info)

    def close(self) -> None:
        """Close the file."""
        self._writer.close()

    def _put(self, number: int, entries: str) -> None:
        self._writer.add(entries, number=number)

    def _write_font(self, text: str) -> None:
        self._writer.add(text, number=self._font)

    def _pages_until(self, page: int) -> None:
        while self._done < page:
            self._add(self._done, None, "")
            self._done += 1

    def _add(self, page: int, result: PageResult | None, failure: str) -> None:
        try:
            with self._picture.frame(page) as image:
                x_dpi, y_dpi = page_dpi(image)
                width, height = image.width * 72.0 / x_dpi, image.height * 72.0 / y_dpi
                if turned_sideways(image):
                    width, height = height, width
                matrix = _ORIENTATIONS[orientation(image)]
                scale = scale_for(max(x_dpi, y_dpi), self._options.downsample_dpi)
                if scale < 1.0:
                    limit = self._options.downsample_dpi
                    self._context.note(f"Page pictures were made smaller, to {limit} pixels per inch.")
                if self._options.pdfa and image.mode == "CMYK":
                    self._context.note("Colours mixed of printers' inks (CMYK) were made RGB for PDF/A.")
                picture = image_object(self._picture, image, scale=scale, plain_colours=self._options.pdfa)
        except DesktopOcrError as error:
            if error.code is not ErrorCode.DAMAGED:
                raise
            # One damaged frame must not cost the others: its page is left empty but for what is to be said of it.
            number = self._writer.reserve()
            notes = self._annotations(failure, A4, 1.0, number)
            self._writer.add_page(f"/MediaBox [0 0 {A4[0]:g} {A4[1]:g}] /Resources << >>{notes}", number=number)
            return
        drawn = self._writer.add(picture.entries, picture.stream)
        shrunk = min(1.0, MAX_SIDE / max(width, height))
        width, height = width * shrunk, height * shrunk
        a, b, c, d, e, f = matrix
        draw = (
            f"q {a * width:.4f} {b * height:.4f} {c * width:.4f} {d * height:.4f} {e * width:.4f} {f * height:.4f} cm"
        )
        content = f"{draw} /Picture Do Q\n".encode("ascii")
        turn = 0
        number = self._writer.reserve()
        if result is not None:
            to_page = _to_page(height, shrunk)
            content += page_operators(result, to_page, self._codes)
            turn = result.rotation
            self._outline.add(result, f"{number} 0 R", to_page)
        notes = self._annotations(failure, (width / shrunk, height / shrunk), shrunk, number)
        contents = self._writer.add("/Filter /FlateDecode", zlib.compress(content, TEXT_LEVEL))
        self._writer.add_page(
            f"/MediaBox [0 0 {width:.4f} {height:.4f}] /Rotate {turn} /Contents {contents} 0 R /Resources "
            f"<< /XObject << /Picture {drawn} 0 R >> /Font << /{RESOURCE_NAME} {self._font} 0 R >> >>{notes}",
            number=number,
        )

    def _annotations(self, failure: str, size: tuple[float, float], scale: float, page: int) -> str:
        """The page's entry for what is to be said of it; "" for nothing."""
        if not failure:
            return ""
        to_page = _to_page(size[1] * scale, scale)
        return f" /Annots [{self._stamps.annotation(failure, size, to_page, 0, f'{page} 0 R')} 0 R]"


def _to_page(height: float, scale: float) -> ToPage:
    def to_page(x: float, y: float) -> Point:
        return x * scale, height - y * scale

    return to_page
