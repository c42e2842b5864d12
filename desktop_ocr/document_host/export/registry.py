"""The formats that results can be written in, by name.

A format is a class with a `name`, a `suffix` and `begin`; a third party's format will come in by the same protocol.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from desktop_ocr.schema.document_messages import Source
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.results import PageResult


@dataclass(frozen=True)
class ExportContext:
    """What an export works with.

    Attributes:
        source: the document the results are of; it is only read.
        pages: of the document.
        output: the file to write. It exists, empty, and is put in its place when `Export.finish` has returned.
    """

    source: Source
    pages: int
    output: Path


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
    """A kind of output file."""

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


def _txt() -> ExportFormat:
    from desktop_ocr.document_host.export.txt import TextFormat

    return TextFormat()


def _md() -> ExportFormat:
    from desktop_ocr.document_host.export.md import MarkdownFormat

    return MarkdownFormat()


def _json() -> ExportFormat:
    from desktop_ocr.document_host.export.json_pages import JsonFormat

    return JsonFormat()


def _pdf() -> ExportFormat:
    from desktop_ocr.document_host.export.pdf import PdfFormat

    return PdfFormat()


# Imported when asked for: a text export needs no PDF code.
_FORMATS: dict[str, Callable[[], ExportFormat]] = {"txt": _txt, "md": _md, "json": _json, "pdf": _pdf}


def export_format(name: str) -> ExportFormat:
    """The format of that name.

    Raises:
        DesktopOcrError: USAGE, there is none.
    """
    maker = _FORMATS.get(name)
    if maker is None:
        known = ", ".join(format_names())
        raise DesktopOcrError(ErrorCode.USAGE, f"There is no format '{name}'.", f"Choose one of {known}.")
    return maker()


def format_names() -> tuple[str, ...]:
    """The names of all formats."""
    return tuple(_FORMATS)
