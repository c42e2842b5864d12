"""What can be exported and how. The formats themselves live in the document host, which alone imports their code."""

from __future__ import annotations

import enum
import re

import msgspec

from desktop_ocr.schema.errors import ErrorCode, ErrorInfo

EXPORTERS = "desktop_ocr.exporters"
"""The entry point group by which other packages bring formats."""

FORMAT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")
FORMAT_SUFFIX = re.compile(r"(\.[A-Za-z0-9_-]{1,20}){1,3}")
"""What other packages' formats may be called: these become parts of files' names."""
MOST_LETTERS = 80
"""Of what is told of a format."""


class PictureMode(enum.StrEnum):
    """What becomes of pictures, charts and seals: in the file itself, in a folder beside it, or left out."""

    EMBEDDED = "embedded"
    BESIDE = "beside"
    NONE = "none"


class ExportOptions(msgspec.Struct, frozen=True):
    """How files are written. A format leaves alone what it has no use for.

    Attributes:
        headers: page headers and footers, too, or not; None for what is usual: plain text has them, formats that flow
            (Markdown, Word, web pages) leave them out. Formats that show the page as it is have them in any case.
        pictures: see `PictureMode`; Markdown, which cannot have them inside, has them beside or not at all.
        picture_dpi: pixels per inch of the pictures cut out of pages.
        downsample_dpi: of a searchable PDF: page pictures with more are made smaller; 0 leaves them as they are.
        pdfa: of a searchable PDF: make it PDF/A-2b.
        decimal: of tables: the sign before decimals, "." or ","; "" finds out column by column.
        language: of the text, as in HTML and PDF ("en", "zh-Hans"); "" where it is not known.
        title: of the document; "" for the file's name.
    """

    headers: bool | None = None
    pictures: PictureMode = PictureMode.EMBEDDED
    picture_dpi: int = 200
    downsample_dpi: int = 0
    pdfa: bool = False
    decimal: str = ""
    language: str = ""
    title: str = ""


class FormatInfo(msgspec.Struct, frozen=True):
    """A format as people choose it.

    Attributes:
        name: on the command line and in the registry.
        suffix: of its files: ".txt".
        title: "Word document".
        text: what it is good for, in half a sentence.
        needs_source: it is made of the document's own pages as well as of the results.
        uses_pictures: it shows pictures, cut out of the document's pages where they are wanted.
        ours: it comes with the program.
        beside_only: its pictures cannot be in the file itself: it has them beside it, or not at all.
    """

    name: str
    suffix: str
    title: str
    text: str
    needs_source: bool = False
    uses_pictures: bool = False
    ours: bool = True
    beside_only: bool = False

    def shows_pictures(self, mode: PictureMode) -> bool:
        """Whether its files have pictures, if they are wanted so."""
        inside = mode is PictureMode.EMBEDDED and not self.beside_only
        return self.uses_pictures and (inside or mode is PictureMode.BESIDE)


FORMATS: tuple[FormatInfo, ...] = (
    FormatInfo("pdf", ".pdf", "Searchable PDF", "Looks like the original, with text to find and copy", True),
    FormatInfo("docx", ".docx", "Word document", "Headings, lists, tables and pictures", uses_pictures=True),
    FormatInfo("txt", ".txt", "Text", "The words alone, page after page"),
    FormatInfo("md", ".md", "Markdown", "Headings, lists and tables", uses_pictures=True, beside_only=True),
    FormatInfo("html", ".html", "Web page", "One file that every browser shows", uses_pictures=True),
    FormatInfo("xlsx", ".xlsx", "Excel workbook", "The tables, a sheet each"),
    FormatInfo("csv", ".csv", "CSV", "The tables, a file each"),
    FormatInfo("json", ".json", "JSON", "Every word with its place, for other programs"),
    FormatInfo("hocr", ".hocr", "hOCR", "Words with their places, for OCR tools"),
    FormatInfo("alto", ".alto.xml", "ALTO 4", "Words with their places, for libraries and archives"),
)
"""Those that come with the program, in the order in which they are offered."""


class ExportWish(msgspec.Struct, frozen=True):
    """What to make of a document.

    Attributes:
        formats: names, each at most once.
        folder: where the files go; made where it is missing.
        options: how.
        pages: like "1-3,7", counted from 1; "" for all that the job has.
        per_page: a file for each page instead of one for the document.
        pattern: of the files' names without ending: {name} stands for the document's, {page} for the page's number
            (with zeros before it, as the longest has), {date} for today's (2026-01-31). What no file may be called is
            left out. Pages of one document without {page} get it added.
        overwrite: replace files of that name; otherwise a number is added, unless the bytes are the same.
    """

    formats: tuple[str, ...]
    folder: str
    options: ExportOptions = ExportOptions()
    pages: str = ""
    per_page: bool = False
    pattern: str = "{name}"
    overwrite: bool = False


class InterruptedExport(msgspec.Struct, frozen=True):
    """An export whose program was killed; nothing unfinished is left of it.

    Attributes:
        job: its document.
        name: of that.
        folder: where it wrote.
        wish: what was wanted of it; None where that is not known any more.
        full_name: as `SessionApi.export` was told.
    """

    job: int
    name: str
    folder: str
    wish: ExportWish | None
    full_name: bool = False


NO_TABLES = ErrorInfo(
    ErrorCode.EXPORT_FAILED, "There are no tables in these pages.", "Choose other pages or another format."
)
"""Why formats that are made of tables alone make no file; where other pages have some, it is no error."""


class ExportMade(msgspec.Struct, frozen=True):
    """A file that was made of a document, as it was then; it may have been changed or deleted since.

    Attributes:
        format: its name.
        path: of the file.
        pages: as people write them: "1-3,7".
        size: of it and of the files beside it that belong to it, in bytes.
        notes: what could not be done as wanted.
        made: when, in seconds as `time.time` gives them.
    """

    format: str
    path: str
    pages: str
    size: int
    notes: tuple[str, ...] = ()
    made: float = 0.0
