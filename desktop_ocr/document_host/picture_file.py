"""Pictures through Pillow (and MuPDF where Pillow fails): PNG, JPEG, TIFF, BMP, WebP, GIF, JPEG 2000."""

from __future__ import annotations

import contextlib
import io
import math
import warnings
from collections.abc import Iterator
from pathlib import Path

import pymupdf
from PIL import ExifTags, Image, ImageFile
from pymupdf import mupdf as raw

from desktop_ocr.document_host import mupdf
from desktop_ocr.document_host.parts import ORIENTATIONS, WHOLE, Part, PixelBox, stored_box
from desktop_ocr.document_host.picture_pixels import bytes_needed, to_rgb, tone_of
from desktop_ocr.document_host.raster import MAX_ZOOMED_SIDE, POINTS_PER_INCH, Raster, bounded_scale, fit_scale
from desktop_ocr.schema.document_messages import TextLayer
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import TextLayerMode

MAX_DECODED_BYTES = 400_000_000
MAX_FRAMES = 100_000
MIN_DPI, MAX_DPI = 50.0, 1200.0
SCREEN_DPI = (72.0, 96.0)  # written by programs that know of no paper
A4_INCHES = 11.69
MAX_SCREEN_INCHES = 12.0
MAX_INCHES = 50.0
GUESSED_DPI = (96.0, 400.0)
JPEG_QUALITY = 85
MAX_PICTURE_PIXELS = 40_000_000
FILTER_REACH = 3  # pixels of the coarser picture that Pillow's Lanczos looks at to each side
NEW_SUBFILE_TYPE = 254
REDUCED = 1

# The pixels are counted here, by memory, before anything is decoded.
Image.MAX_IMAGE_PIXELS = None
# A cut-off file is an error: half a page must not pass for a whole one.
ImageFile.LOAD_TRUNCATED_IMAGES = False

_PILLOW_NAMES = {
    "PNG": ("PNG",),
    "JPEG": ("JPEG", "MPO"),
    "TIFF": ("TIFF",),
    "BMP": ("BMP", "DIB"),
    "WebP": ("WEBP",),
    "GIF": ("GIF",),
    "JPEG 2000": ("JPEG2000",),
}
# Pillow raises any of these on files that are not what they should be.
_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    KeyError,
    IndexError,
    TypeError,
    EOFError,
    ZeroDivisionError,
    OverflowError,
)


class PictureFile:
    """An opened picture; a `Document`. A TIFF's frames are its pages, previews left out; of a moving picture the
    first frame is the page, as later ones are the same scene."""

    def __init__(self, path: str, format_name: str) -> None:
        """Read the headers; pixels are decoded page by page.

        Raises:
            DesktopOcrError: DAMAGED, or TOO_LARGE.
        """
        self.path = path
        self.format = format_name
        with self._opened() as image:
            self.frames = _page_frames(image) if format_name == "TIFF" else [0]
        if not self.frames:
            raise DesktopOcrError(ErrorCode.NO_PAGES, "The picture has no pages.")
        self.page_count = len(self.frames)
        with self.frame(0):
            pass  # so that a picture too large is refused when it is added, not when its page comes

    def page_size(self, page: int) -> tuple[float, float]:
        """Width and height of a page as displayed, in points; see `page_dpi`."""
        with self.frame(page) as image:
            width, height = image.size
            x_dpi, y_dpi = page_dpi(image)
            points = width / x_dpi * POINTS_PER_INCH, height / y_dpi * POINTS_PER_INCH
            return (points[1], points[0]) if turned_sideways(image) else points

    def render(self, page: int, dpi: int, max_pixels: int, part: Part = WHOLE) -> Raster:  # noqa: ARG002
        """A page's own pixels, upright by EXIF; made smaller where they exceed `max_pixels`, never larger.

        Raises:
            DesktopOcrError: DAMAGED, TOO_LARGE or OUT_OF_MEMORY.
        """
        with self.frame(page) as image:
            x_dpi, y_dpi = page_dpi(image)
            square = max(x_dpi, y_dpi)
            # Faxes have pixels twice as high as wide.
            width, height = image.width * square / x_dpi, image.height * square / y_dpi
            shown = (height, width) if turned_sideways(image) else (width, height)
            scale = bounded_scale(*part.size(*shown), 1.0, max_pixels)
            size = max(1, math.floor(width * scale)), max(1, math.floor(height * scale))
            size = (image.width, image.height) if scale == 1.0 and x_dpi == y_dpi else size
            pixels = _drawn(image, size, part)
            return Raster(pixels.width, pixels.height, square * scale, pixels.tobytes())

    def picture(self, page: int, max_width: int, max_height: int, part: Part = WHOLE) -> tuple[bytes, int, int]:
        """A page as JPEG, or as PNG where it has few colours; see `Document.picture`."""
        page_size = self.page_size(page)
        width, height = part.size(*page_size)
        scale = min(fit_scale(width, height, max_width, max_height), MAX_ZOOMED_SIDE / max(page_size))
        scale = bounded_scale(width, height, scale, MAX_PICTURE_PIXELS)
        size = _whole_pixels(page_size[0] * scale), _whole_pixels(page_size[1] * scale)
        with self.frame(page) as image:
            photograph = self.format in ("JPEG", "WebP", "JPEG 2000") or image.mode == "CMYK"
            stored = (size[1], size[0]) if turned_sideways(image) else size
            pixels = _drawn(image, stored, part, (max_width, max_height))
        out = io.BytesIO()
        if photograph:
            pixels.save(out, "JPEG", quality=JPEG_QUALITY)
        else:
            pixels.save(out, "PNG", compress_level=1)
        return out.getvalue(), pixels.width, pixels.height

    def text_layer(self, page: int, mode: TextLayerMode) -> tuple[TextLayer | None, str]:  # noqa: ARG002
        """None: a picture has no text of its own.

        Raises:
            DesktopOcrError: NO_TEXT_LAYER, where only the text layer was wanted.
        """
        if mode is TextLayerMode.ONLY:
            raise DesktopOcrError(
                ErrorCode.NO_TEXT_LAYER,
                "A picture has no text of its own.",
                "Use --text-layer auto to have it recognised.",
            )
        return None, "a picture"

    def close(self) -> None:
        """Nothing is kept open."""

    @contextlib.contextmanager
    def frame(self, page: int) -> Iterator[Image.Image]:
        """A page's picture, not decoded yet.

        Raises:
            DesktopOcrError: DAMAGED, TOO_LARGE, OUT_OF_MEMORY, also while it is being decoded.
        """
        with self._opened() as image:
            if self.frames[page]:
                image.seek(self.frames[page])
            _refuse_too_large(image)
            yield image

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Image.Image]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about metadata
                with _open(self.path, self.format) as image:
                    yield image
        except MemoryError as error:
            raise DesktopOcrError(
                ErrorCode.OUT_OF_MEMORY, "There was not enough memory for the picture.", "Close other programs."
            ) from error
        except _ERRORS as error:
            raise DesktopOcrError(
                ErrorCode.DAMAGED,
                f"The {self.format} picture is damaged or cut off.",
                "Get it again from where it came from.",
            ) from error


def _open(path: str, format_name: str) -> Image.Image:
    """The picture through Pillow, not decoded yet; where Pillow knows no such kind of the format, through MuPDF."""
    try:
        return Image.open(path, formats=_PILLOW_NAMES[format_name])
    except _ERRORS:
        if Path(path).stat().st_size > MAX_DECODED_BYTES:
            raise  # MuPDF would have to have all of it in memory
        data = Path(path).read_bytes()
        try:
            header = raw.fz_new_image_from_buffer(raw.fz_new_buffer_from_copied_data(data))
            if bytes_needed(header.w(), header.h(), "RGB") > MAX_DECODED_BYTES:
                raise
            if format_name == "TIFF" and pymupdf.open(stream=data, filetype="tiff").page_count > 1:
                raise  # as a picture MuPDF reads the first page alone: the others would be missing
            pymupdf.TOOLS.reset_mupdf_warnings()
            pixmap = pymupdf.Pixmap(data)
            if pymupdf.TOOLS.mupdf_warnings():
                raise  # it makes what it can of a file that is cut off: that must not pass for the whole picture
            pixmap = pymupdf.Pixmap(pymupdf.csRGB, pixmap) if pixmap.n != 3 else pixmap
            pixmap = pymupdf.Pixmap(pixmap, 0) if pixmap.alpha else pixmap
            return Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
        except mupdf.ERRORS as error:
            raise OSError("neither Pillow nor MuPDF reads it") from error


def page_dpi(image: Image.Image) -> tuple[float, float]:
    """Pixels per inch across and down, before EXIF's rotation.

    What the file says is taken where it is plausible: 50 to 1200, and a page of at most 50 inches; 72 and 96, which
    programs write that know of no paper, only where the page stays within 12 inches. Otherwise the page is taken to
    be as long as A4 (11.69 inches), within 96 and 400 pixels per inch.
    """
    longest = max(image.size)
    told = image.info.get("dpi")
    if isinstance(told, tuple) and len(told) == 2:
        with contextlib.suppress(TypeError, ValueError, ZeroDivisionError, OverflowError):
            x, y = float(told[0]), float(told[1])
            inches = max(image.width / x, image.height / y)
            limit = MAX_SCREEN_INCHES if round(x) in SCREEN_DPI else MAX_INCHES
            if all(MIN_DPI <= value <= MAX_DPI for value in (x, y)) and inches <= limit:
                return (x, y) if abs(x / y - 1) > 0.02 else (max(x, y), max(x, y))
    guess = min(GUESSED_DPI[1], max(GUESSED_DPI[0], longest / A4_INCHES))
    return guess, guess


def orientation(image: Image.Image) -> int:
    """EXIF's orientation, 1 (upright) to 8."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _ERRORS:
        return 1  # broken metadata, whole picture
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def turned_sideways(image: Image.Image) -> bool:
    """Whether EXIF exchanges width and height."""
    return orientation(image) >= 5


def _page_frames(image: Image.Image) -> list[int]:
    """The numbers of a TIFF's frames that are pages. Where the chain of frames breaks, those before it count."""
    frames: list[int] = []
    for number in range(MAX_FRAMES):
        try:
            image.seek(number)
            tags = getattr(image, "tag_v2", {})  # none where MuPDF read it
            kind = tags.get(NEW_SUBFILE_TYPE, 0)
        except _ERRORS:
            break
        if not (isinstance(kind, int) and kind & REDUCED):
            frames.append(number)
    return frames or [0]


def _refuse_too_large(image: Image.Image) -> None:
    needed = bytes_needed(image.width, image.height, image.mode)
    if image.format in ("JPEG", "MPO"):
        if image.info.get("progressive"):
            # All coefficients are kept, two bytes each, whatever size is asked for.
            needed = image.width * image.height * 2 * len(image.getbands())
        else:
            needed //= 64  # it can be decoded at an eighth of its size
    elif image.format == "JPEG2000":
        needed //= 64
    if needed > MAX_DECODED_BYTES:
        raise DesktopOcrError(
            ErrorCode.TOO_LARGE,
            f"The picture is too large ({image.width} x {image.height} pixels).",
            "Make it smaller, or cut it into pieces.",
        )


def _drawn(image: Image.Image, size: tuple[int, int], part: Part, limit: tuple[int, int] | None = None) -> Image.Image:
    """A part of the picture in RGB, upright by EXIF and then turned.

    Args:
        image: not decoded yet.
        size: of all of it, in pixels, before EXIF's rotation.
        part: what is drawn.
        limit: what is cut out is no larger.
    """
    exif, turning = orientation(image), ORIENTATIONS[part.rotation]
    cut = None
    if part.region is not None:
        shown = (size[1], size[0]) if turned_sideways(image) else size
        turned = (shown[1], shown[0]) if part.rotation in (90, 270) else shown
        cut = stored_box(stored_box(part.pixels(*turned, limit), *turned, turning), *shown, exif)
    pixels = _reduced(image, size, cut)
    for method in (_TRANSPOSE.get(exif), _TRANSPOSE.get(turning)):
        pixels = pixels.transpose(method) if method is not None else pixels
    return pixels


def _whole_pixels(length: float) -> int:
    """A side in pixels, rounded down; what was computed may miss a whole number by a little."""
    return max(1, math.floor(length + 1e-6))


def _reduced(image: Image.Image, size: tuple[int, int], cut: PixelBox | None) -> Image.Image:
    """The picture in RGB with `size` pixels (before EXIF's rotation), decoded no larger than need be.

    Of that, `cut` is returned; the whole is never made.
    """
    full = image.size
    if size[0] < image.width or size[1] < image.height:
        image.draft(None, size)  # JPEG: by whole factors, at least `size`
        if image.format == "JPEG2000":
            factor = max(1, min(image.width // size[0], image.height // size[1]))
            image.reduce = min(5, factor.bit_length() - 1)  # type: ignore[method-assign, assignment]
    image.load()
    needed = bytes_needed(image.width, image.height, image.mode)
    if needed > MAX_DECODED_BYTES:
        raise DesktopOcrError(
            ErrorCode.TOO_LARGE, f"The picture is too large ({full[0]} x {full[1]} pixels).", "Make it smaller."
        )
    shrinks = size[0] * size[1] < image.width * image.height
    pixels, tone, box = image, None, None
    if cut is not None:
        tone = tone_of(image)
        pixels, box = _surroundings(image, size, cut)
        size = cut[2] - cut[0], cut[3] - cut[1]
    if shrinks and image.mode in ("1", "L", "RGB", "CMYK", "I;16"):
        # Smaller first, then to RGB: a black-and-white plan of 300 million pixels never becomes RGB as a whole.
        if image.mode == "1":
            pixels = pixels.convert("L")
        if pixels.mode != "I;16":
            method = Image.Resampling.LANCZOS if pixels.mode != "L" else Image.Resampling.BOX
            pixels, box = pixels.resize(size, method, box), None
            pixels.info.update(image.info)
    pixels = to_rgb(pixels, tone)
    if box is not None or pixels.size != size:
        pixels = pixels.resize(size, Image.Resampling.LANCZOS, box)
    return pixels


def _surroundings(
    image: Image.Image, size: tuple[int, int], cut: PixelBox
) -> tuple[Image.Image, tuple[float, float, float, float]]:
    """The piece of a decoded picture that a part of it is made of, and where in that piece the part lies.

    The piece is larger by what the filter looks at beyond the edges, so that the part is the same as in the whole.
    """
    x_step, y_step = image.width / size[0], image.height / size[1]
    x0, y0, x1, y1 = cut[0] * x_step, cut[1] * y_step, cut[2] * x_step, cut[3] * y_step
    x_margin, y_margin = FILTER_REACH * max(1.0, x_step) + 1, FILTER_REACH * max(1.0, y_step) + 1
    left, top = max(0, math.floor(x0 - x_margin)), max(0, math.floor(y0 - y_margin))
    right, bottom = min(image.width, math.ceil(x1 + x_margin)), min(image.height, math.ceil(y1 + y_margin))
    box = max(0.0, x0 - left), max(0.0, y0 - top), min(x1, image.width) - left, min(y1, image.height) - top
    return image.crop((left, top, right, bottom)), box


_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
