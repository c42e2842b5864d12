"""What the document host is asked, and what it answers; see `messages.py`."""

from __future__ import annotations

from typing import Annotated

import msgspec

from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.exports import ExportOptions, FormatInfo
from desktop_ocr.schema.jobs import TextLayerMode
from desktop_ocr.schema.results import Box, Label, Line, PageResult

MAX_PAGES = 1_000_000

Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_PAGES)]
Pixels = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Points = Annotated[float, msgspec.Meta(gt=0, le=1e9)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
Bytes = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
PathText = Annotated[str, msgspec.Meta(max_length=100_000)]
Degrees = Annotated[int, msgspec.Meta(ge=0, le=270)]


class Source(msgspec.Struct, frozen=True):
    """A user's file, and the password that opens it. Requests name the file each time: a new host needs no history."""

    path: str
    password: str | None = None


class Bitmap(msgspec.Struct, frozen=True):
    """A picture of a page in a file: `height` rows of `width` RGB pixels, 8 bits each, no padding, no header.

    `dpi` is how many pixels make an inch of the page as displayed.
    """

    path: PathText
    width: Pixels
    height: Pixels
    dpi: Annotated[float, msgspec.Meta(ge=1, le=10_000)]


class TextLayer(msgspec.Struct, frozen=True):
    """A PDF page's own text: lines with words in points (72 per inch) of the page as displayed.

    Attributes:
        width, height: of the page as displayed, in points.
        lines: in the file's order.
        pictures: boxes of the page's pictures, in points.
        rulings: boxes of straight vector lines and filled bars, in points; they help finding tables.
    """

    width: Points
    height: Points
    lines: tuple[Line, ...]
    pictures: tuple[Box, ...] = ()
    rulings: tuple[Box, ...] = ()


class Inspect(msgspec.Struct, frozen=True, tag=True):
    """Open a file and say what it is. Reply: `DocumentInfo`."""

    source: Source


class PreparePage(msgspec.Struct, frozen=True, tag=True):
    """Make a page ready: its text layer where it is sound, otherwise a bitmap. Reply: `PreparedPage`.

    Attributes:
        page: from 0.
        dpi: wanted; fewer where `max_pixels` would be exceeded.
        bitmap_path: where the bitmap's file is to be written.
        rotation: degrees clockwise to turn the page as displayed, before `region` is cut out of it. A page that is
            turned or cut is never read from its text layer.
        region: x0, y0, x1, y1 as parts (0 to 1) of the turned page's width and height; None for the whole page.
    """

    source: Source
    page: Count
    dpi: int
    max_pixels: int
    text_layer: TextLayerMode
    bitmap_path: str
    rotation: Degrees = 0
    region: Box | None = None


class MakePicture(msgspec.Struct, frozen=True, tag=True):
    """Draw a page as an encoded picture for the screen. Reply: `Picture`.

    Attributes:
        max_width, max_height: the picture fits into this box, in pixels.
        rotation: degrees clockwise to turn the page as displayed.
        picture_path: where the file (PNG, or JPEG for photographs) is to be written.
        region: the part to draw, as in `PreparePage`; None for the whole page.
    """

    source: Source
    page: Count
    max_width: Pixels
    max_height: Pixels
    rotation: Degrees
    picture_path: str
    region: Box | None = None


# What a document host writes before it gets its name: PART_PREFIX, the host's pid, "-", anything, PART_SUFFIX.
PART_PREFIX, PART_SUFFIX = ".desktop-ocr-", ".part"


class StartExport(msgspec.Struct, frozen=True, tag=True):
    """Begin one output file. Reply: `Done`. `ExportPage` for each page follows, then `FinishExport`.

    Attributes:
        export: number chosen by the parent.
        format: name in the registry ("txt", "md", "json", "pdf", ...).
        source: the document the results are of.
        target: wanted path of the output file; its folder exists.
        overwrite: replace a file of that name. Otherwise a file with the same bytes is left as it is, and beside
            another one a number is added to the name.
        others: names of files in the target's folder that are not left as they are, but count as other ones, whatever
            their bytes: they are exports of other documents.
        pages: of the document.
        options: how it is written.
        chosen: how many pages will come.
    """

    export: int
    format: str
    source: Source
    target: str
    overwrite: bool
    pages: Count
    options: ExportOptions = ExportOptions()
    chosen: Count = 0
    others: tuple[PathText, ...] = ()


class ExportPage(msgspec.Struct, frozen=True, tag=True):
    """The next page of an export, in page order; `result` is None for a page that failed. Reply: `Done`."""

    export: int
    page: Count
    result: PageResult | None
    error: ErrorInfo | None = None


class FinishExport(msgspec.Struct, frozen=True, tag=True):
    """Write the output file and put it in place. Reply: `Exported`."""

    export: int


class ListFormats(msgspec.Struct, frozen=True, tag=True):
    """Which formats are there. Reply: `Formats`."""


class DropExport(msgspec.Struct, frozen=True, tag=True):
    """Forget an export and delete what was written of it. Reply: `Done`."""

    export: int


class DocumentInfo(msgspec.Struct, frozen=True, tag=True):
    """What a file is.

    Attributes:
        format: "PDF", "TIFF", "PNG", ...
        pages: how many.
        sha256: of the file's bytes, hexadecimal.
        size: of the file in bytes.
    """

    format: Label
    pages: Count
    sha256: Sha256
    size: Bytes


class PreparedPage(msgspec.Struct, frozen=True, tag=True):
    """A page to be recognised (`bitmap`) or read (`layer`): exactly one of them is there.

    `reason` says in a few words why the text layer was or was not taken; `seconds` is what it took.
    """

    bitmap: Bitmap | None
    layer: TextLayer | None
    reason: Label
    seconds: Seconds


class Picture(msgspec.Struct, frozen=True, tag=True):
    """An encoded picture was written: its size, and that of the page as displayed and then turned, in points."""

    path: PathText
    width: Pixels
    height: Pixels
    page_width: Points
    page_height: Points


class Exported(msgspec.Struct, frozen=True, tag=True):
    """Where the output file is, and whether it was there already with the same bytes.

    `size` is in bytes, of all files; `others` are files beside it that belong to it (pictures, further tables);
    `notes` are sentences for the user: what could not be done as wanted.
    """

    path: PathText
    size: Bytes
    unchanged: bool
    others: tuple[PathText, ...] = ()
    notes: Annotated[tuple[Label, ...], msgspec.Meta(max_length=1_000)] = ()


class Formats(msgspec.Struct, frozen=True, tag=True):
    """The formats that can be written, those of other packages too."""

    formats: tuple[FormatInfo, ...]
