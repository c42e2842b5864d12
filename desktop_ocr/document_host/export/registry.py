"""The formats that results can be written in, by name: ours, and those that other packages bring.

A format is a class with a `name`, a `suffix` and `begin` (`ExportFormat`). Ours are named in the table below; another
package's comes in by an entry point of the group `desktop_ocr.exporters`, see `third_parties` and docs/exports.md.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from desktop_ocr.document_host.export import third_parties
from desktop_ocr.schema.document_messages import Source
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.exports import FORMATS, ExportOptions, FormatInfo
from desktop_ocr.schema.results import Box, PageResult


@dataclass(frozen=True)
class CutPicture:
    """A part of a page's picture, encoded.

    Attributes:
        data: PNG or JPEG.
        suffix: ".png" or ".jpg".
        width, height: in pixels.
    """

    data: bytes
    suffix: str
    width: int
    height: int

    @property
    def media_type(self) -> str:
        """As HTML names it: "image/png"."""
        return "image/jpeg" if self.suffix == ".jpg" else "image/png"


class ExportContext(Protocol):
    """What an export works with, and what is done for it."""

    @property
    def source(self) -> Source:
        """The document the results are of; it is only read, and need not be there any more."""

    @property
    def pages(self) -> int:
        """How many pages the document has."""

    @property
    def chosen(self) -> int:
        """How many pages will come."""

    @property
    def output(self) -> Path:
        """The file to write. It exists, empty, and is put in its place when `Export.finish` has returned."""

    @property
    def options(self) -> ExportOptions:
        """How the user wants it."""

    @property
    def title(self) -> str:
        """The document's title: what the user said, or its file's name without the ending."""

    def cut(self, result: PageResult, box: Box) -> CutPicture:
        """A part of a page's picture, upright, as fine as `options.picture_dpi` says.

        Args:
            result: the page.
            box: in the result's pixels. On a page that was flattened (`result.unwarped`) it is near that place only.

        Raises:
            DesktopOcrError: the document or the page cannot be read (any more), or there is nothing in the box.
        """

    def picture(self, result: PageResult, box: Box) -> CutPicture | None:
        """As `cut`; None where the user wants no pictures, or it cannot be cut, which is then noted."""

    def beside(self, tail: str) -> Path:
        """A further file of this export, empty, which is put in its place together with `output`: all or none.

        Args:
            tail: what follows the output's own name without ending: "-2.csv" becomes "NAME-2.csv", and where a number
                is added because such names are taken, "NAME (2)-2.csv". So no file should name another of these.
        """

    def call_output(self, tail: str) -> None:
        """Give the output itself another tail than the format's suffix, as in `beside`."""

    def picture_beside(self, picture: CutPicture, page: int) -> str:
        """Write a picture into the folder "NAME-pictures" beside the output.

        The file's name holds a digest of its bytes, so that it never has to be numbered: whichever name the output
        gets, its links are right, and two outputs of one name share the folder.

        Args:
            picture: to write.
            page: from 0, for its name.

        Returns:
            Its path from the output's folder, with "/": "NAME-pictures/page-3-4f2a9c310b.png".
        """

    def note(self, text: str) -> None:
        """Tell the user something about this export in a sentence; the same one is told once."""


class Export(Protocol):
    """One output file in the making. Pages come in order, each at most once; not all need to come."""

    def add_page(self, page: int, result: PageResult | None, error: ErrorInfo | None) -> None:
        """Add the page numbered from 0; `result` is None for a page that failed, for the reason `error`.

        Raises:
            DesktopOcrError, OSError: the export has failed.
        """

    def finish(self) -> None:
        """Write what is left to write, and close the output file.

        Raises:
            DesktopOcrError, OSError: the export has failed.
        """

    def close(self) -> None:
        """Let go of every file; called in any case, after `finish` too."""


class ExportFormat(Protocol):
    """A kind of output file.

    Another package's may also have what `FormatInfo` tells of it: `title`, `text`, `needs_source`, `uses_pictures`.
    """

    @property
    def name(self) -> str:
        """As it is asked for: "txt"."""

    @property
    def suffix(self) -> str:
        """The ending of its files: ".txt"."""

    def begin(self, context: ExportContext) -> Export:
        """Start a file.

        Raises:
            DesktopOcrError, OSError: it cannot be started.
        """


# Imported when asked for: a text export needs no PDF code.
_OURS = {
    "pdf": "pdf:PdfFormat",
    "docx": "word:WordFormat",
    "txt": "txt:TextFormat",
    "md": "md:MarkdownFormat",
    "html": "html_page:HtmlFormat",
    "xlsx": "workbook:WorkbookFormat",
    "csv": "csv_tables:CsvFormat",
    "json": "json_pages:JsonFormat",
    "hocr": "hocr:HocrFormat",
    "alto": "alto:AltoFormat",
}


def export_format(name: str) -> ExportFormat:
    """The format of that name.

    Raises:
        DesktopOcrError: USAGE, there is none; EXPORT_FAILED, another package's that does not work.
    """
    if name in _OURS:
        module, _, cls = _OURS[name].partition(":")
        made: ExportFormat = getattr(importlib.import_module(f"{__package__}.{module}"), cls)()
        return made
    theirs = third_parties.found(frozenset(_OURS))
    if name not in theirs:
        known = ", ".join(format_names())
        raise DesktopOcrError(ErrorCode.USAGE, f"There is no format '{name}'.", f"Choose one of {known}.")
    return third_parties.loaded(theirs[name])


def is_ours(name: str) -> bool:
    """Whether a format comes with the program."""
    return name in _OURS


def format_names() -> tuple[str, ...]:
    """The names of all formats, those of other packages last, whether or not they work."""
    return (*_OURS, *third_parties.found(frozenset(_OURS)))


def format_infos() -> tuple[FormatInfo, ...]:
    """What can be chosen: ours, then those of other packages that can be loaded; why others cannot is in the log."""
    return (*FORMATS, *third_parties.infos(frozenset(_OURS)))
