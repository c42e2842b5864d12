"""PDF files through PyMuPDF: pages as pixels, as pictures for the screen, and their own text."""

from __future__ import annotations

import math

import numpy as np
import pymupdf

from desktop_ocr.document_host import mupdf
from desktop_ocr.document_host.page_text import read_page_text
from desktop_ocr.document_host.parts import WHOLE, Part
from desktop_ocr.document_host.raster import MAX_ZOOMED_SIDE, POINTS_PER_INCH, Raster, bounded_scale, fit_scale
from desktop_ocr.document_host.soundness import judge
from desktop_ocr.schema.document_messages import TextLayer
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import TextLayerMode

REFERENCE_INCHES = 11.0  # the longer side of a Letter page; A4 has 11.69
MAX_RAISED_DPI = 600.0
MAX_VECTOR_DPI = 300.0
MIN_PICTURE_SHARE = 0.5  # of the page, for a picture whose resolution counts as the page's
JPEG_QUALITY = 85
PICTURE_OPERATIONS = frozenset({"fill-image", "ignore-text", "clip-path", "clip-image-mask", "pop-clip"})
MAX_PICTURE_PIXELS = 40_000_000
LOOK_SIDE = 500.0  # pixels of a page's longer side, to see whether there is anything on it


def open_pdf(path: str, password: str | None) -> pymupdf.Document:
    """A PDF, unlocked.

    Raises:
        DesktopOcrError: DAMAGED, PASSWORD_NEEDED or PASSWORD_WRONG.
    """
    try:
        document = pymupdf.open(path, filetype="pdf")
        locked = bool(document.needs_pass)
    except mupdf.ERRORS as error:
        raise DesktopOcrError(
            ErrorCode.DAMAGED, "The PDF is damaged and cannot be repaired.", "Get it again from where it came from."
        ) from error
    if locked:
        if password is None:
            document.close()
            raise DesktopOcrError(ErrorCode.PASSWORD_NEEDED, "The PDF needs a password.", "Enter its password.")
        if not document.authenticate(password):
            document.close()
            raise DesktopOcrError(ErrorCode.PASSWORD_WRONG, "The password does not open the PDF.", "Try again.")
    return document


class PdfFile:
    """An opened PDF; a `Document`."""

    format = "PDF"

    def __init__(self, path: str, password: str | None) -> None:
        """Open it.

        Raises:
            DesktopOcrError: DAMAGED, NO_PAGES, PASSWORD_NEEDED or PASSWORD_WRONG.
        """
        self._document = open_pdf(path, password)
        try:
            self.page_count = int(self._document.page_count)
        except mupdf.ERRORS as error:
            self._document.close()
            raise DesktopOcrError(ErrorCode.DAMAGED, "The PDF is damaged: its pages cannot be counted.") from error
        if self.page_count <= 0:
            repaired = bool(self._document.is_repaired)
            self._document.close()
            if repaired:
                raise DesktopOcrError(ErrorCode.DAMAGED, "The PDF is damaged: no page of it can be found.")
            raise DesktopOcrError(ErrorCode.NO_PAGES, "The PDF has no pages.")

    def page_size(self, page: int) -> tuple[float, float]:
        """Width and height of a page as displayed, in points."""
        with mupdf.page_errors("measured"):
            rect = self._document[page].rect
            return float(rect.width), float(rect.height)

    def render(self, page: int, dpi: int, max_pixels: int, part: Part = WHOLE) -> Raster:
        """The pixels of a page or of a part of it, annotations and form fields included.

        Raises:
            DesktopOcrError: DAMAGED, TOO_LARGE or OUT_OF_MEMORY.
        """
        with mupdf.page_errors("drawn"):
            pymupdf.TOOLS.reset_mupdf_warnings()
            loaded = self._document[page]
            missing = bool(pymupdf.TOOLS.mupdf_warnings())
            width, height = part.size(float(loaded.rect.width), float(loaded.rect.height))
            scale = bounded_scale(width, height, legible_dpi(loaded, dpi) / POINTS_PER_INCH, max_pixels)
            pymupdf.TOOLS.reset_mupdf_warnings()
            pixmap = _draw(loaded, scale, part)
            # MuPDF leaves out what it cannot decode or find: that must not pass for an empty page.
            if (missing or pymupdf.TOOLS.mupdf_warnings()) and _is_empty(loaded, pixmap, part):
                if loaded.get_image_info():
                    raise DesktopOcrError(ErrorCode.DAMAGED, "The page's picture is damaged and cannot be drawn.")
                if self._document.is_repaired:
                    raise DesktopOcrError(
                        ErrorCode.DAMAGED,
                        "The page is damaged or cut off: nothing of it is left.",
                        "Get the PDF again from where it came from.",
                    )
            return Raster(pixmap.width, pixmap.height, scale * POINTS_PER_INCH, pixmap.samples_mv, pixmap)

    def picture(self, page: int, max_width: int, max_height: int, part: Part = WHOLE) -> tuple[bytes, int, int]:
        """A page as PNG, or as JPEG where a picture covers much of it; see `Document.picture`."""
        with mupdf.page_errors("drawn"):
            loaded = self._document[page]
            page_size = float(loaded.rect.width), float(loaded.rect.height)
            width, height = part.size(*page_size)
            scale = min(fit_scale(width, height, max_width, max_height), MAX_ZOOMED_SIDE / max(page_size))
            scale = bounded_scale(width, height, scale, MAX_PICTURE_PIXELS)
            pixmap = _draw(loaded, scale, part, (max_width, max_height))
            photograph = _main_picture_dpi(loaded) is not None
            data = pixmap.tobytes("jpeg", jpg_quality=JPEG_QUALITY) if photograph else pixmap.tobytes("png")
            return data, pixmap.width, pixmap.height

    def text_layer(self, page: int, mode: TextLayerMode) -> tuple[TextLayer | None, str]:
        """The page's own text where it is to be read; see `Document.text_layer` and `soundness.judge`.

        Raises:
            DesktopOcrError: NO_TEXT_LAYER where only the text layer was wanted and there is none; DAMAGED.
        """
        with mupdf.page_errors("read"):
            pymupdf.TOOLS.reset_mupdf_warnings()
            loaded = self._document[page]
            text = read_page_text(loaded, hidden_lines=mode is TextLayerMode.ONLY)
            if mode is TextLayerMode.ONLY:
                if not text.layer.lines:
                    raise DesktopOcrError(
                        ErrorCode.NO_TEXT_LAYER,
                        "The page has no text of its own.",
                        "Use --text-layer auto to have it recognised.",
                    )
                return text.layer, "you asked for the document's own text only"
            verdict = judge(loaded, text)
            if not text.visible and self._document.is_repaired and pymupdf.TOOLS.mupdf_warnings():
                return None, "the page may be damaged"  # `render` looks whether anything of it is left
            return (text.layer if verdict.sound else None), verdict.reason

    def close(self) -> None:
        """Close the file."""
        if not self._document.is_closed:
            self._document.close()


def legible_dpi(page: pymupdf.Page, dpi: int) -> float:
    """The resolution to draw a page at: `dpi`; more for a page smaller than Letter, fewer for a large coarse picture.

    A page of 2.5 x 4 inches is often a whole book page that was declared too small: at 200 dpi its lines of 4
    points are 8 pixels high, too small to recognise. So a small page is drawn as large as a Letter page would be,
    but no finer than the picture that covers it (up to 600 dpi), or than 300 dpi where there is none.

    A photograph of 1837 x 2267 pixels is often a page of as many points: at 200 dpi it would be blown up to 24
    million pixels that show no more. So a larger page that is nothing but a picture is drawn with that picture's
    pixels, or as large as a Letter page would be, whichever is more.
    """
    longest = max(float(page.rect.width), float(page.rect.height)) / POINTS_PER_INCH
    if longest <= 0:
        return float(dpi)
    as_reference = dpi * REFERENCE_INCHES / longest
    picture_dpi = _main_picture_dpi(page)
    if longest >= REFERENCE_INCHES:
        if picture_dpi is not None and picture_dpi < dpi and _only_pictures(page):
            return min(float(dpi), max(picture_dpi, as_reference))
        return float(dpi)
    limit = MAX_VECTOR_DPI if picture_dpi is None else min(picture_dpi, MAX_RAISED_DPI)
    return max(float(dpi), min(as_reference, limit))


def _only_pictures(page: pymupdf.Page) -> bool:
    """Whether nothing but pictures (and hidden text) is drawn on a page."""
    return all(entry[0] in PICTURE_OPERATIONS for entry in page.get_bboxlog())


def _main_picture_dpi(page: pymupdf.Page) -> float | None:
    """Pixels per inch of the finest picture that covers at least half of the page, or None."""
    area = abs(page.rect)
    best: float | None = None
    for info in page.get_image_info():
        box = pymupdf.Rect(info["bbox"]) * page.rotation_matrix
        box.normalize()
        shown = box & page.rect
        if shown.is_empty or abs(shown) < MIN_PICTURE_SHARE * area:
            continue
        # The matrix' columns are the picture's sides in points, whichever way it is turned.
        a, b, c, d = info["transform"][:4]
        sides = math.hypot(a, b), math.hypot(c, d)
        if min(sides) <= 0:
            continue
        found = POINTS_PER_INCH * min(info["width"] / sides[0], info["height"] / sides[1])
        best = found if best is None else max(best, found)
    return best


def _one_colour(pixmap: pymupdf.Pixmap) -> bool:
    """As `Pixmap.is_unicolor`, which takes 10 s for a page."""
    pixels = np.frombuffer(pixmap.samples_mv, dtype=np.uint8).reshape(-1, pixmap.n)
    return bool((pixels == pixels[0]).all())


def _is_empty(page: pymupdf.Page, drawn: pymupdf.Pixmap, part: Part) -> bool:
    """Whether nothing is to be seen on a page; a part of a good one may well be empty."""
    if not _one_colour(drawn):
        return False
    if part.region is None:
        return True
    longest = max(float(page.rect.width), float(page.rect.height))
    return _one_colour(_draw(page, LOOK_SIDE / longest))


def _draw(page: pymupdf.Page, scale: float, part: Part = WHOLE, limit: tuple[int, int] | None = None) -> pymupdf.Pixmap:
    """A part of a page at so many pixels a point; where it is cut out, no larger than `limit`."""
    matrix = pymupdf.Matrix(scale, scale).prerotate(part.rotation)
    turned = page.rect * matrix
    # The turned page begins at the first pixel: a region is cut out along its pixels.
    matrix = pymupdf.Matrix(matrix.a, matrix.b, matrix.c, matrix.d, -turned.x0, -turned.y0)
    clip = None
    if part.region is not None:
        x0, y0, x1, y1 = part.pixels(turned.width, turned.height, limit)
        # A little less, which MuPDF rounds outwards: it reckons with seven digits.
        clip = pymupdf.Rect(x0 + 0.3, y0 + 0.3, x1 - 0.3, y1 - 0.3) * ~matrix
    return page.get_pixmap(matrix=matrix, colorspace=pymupdf.csRGB, alpha=False, annots=True, clip=clip)
