"""Shared by the formats that are text: a file written page by page."""

from __future__ import annotations

from typing import BinaryIO

from desktop_ocr.document_host.export.registry import ExportContext
from desktop_ocr.schema.errors import ErrorInfo


class TextOutput:
    """An output file of UTF-8 text with `\\n` line ends."""

    def __init__(self, context: ExportContext) -> None:
        """Open the output.

        Raises:
            OSError: it cannot be opened.
        """
        self._file: BinaryIO = context.output.open("wb")

    def write(self, text: str) -> None:
        """Append text; what is no Unicode text (lone surrogates) becomes question marks."""
        self._file.write(text.encode("utf-8", "replace"))

    def finish(self) -> None:
        """Write what is buffered, and close."""
        self._file.close()

    def close(self) -> None:
        """Close; what could not be written does not matter any more."""
        close_output(self._file)


def close_output(file: BinaryIO) -> None:
    """Close a file that may not be finished: what could not be written does not matter any more."""
    if not file.closed:
        try:
            file.close()
        except OSError:
            # The file is about to be deleted; a failed flush leaves it open, so close it once more.
            file.close()


def failed_page_sentence(page: int, error: ErrorInfo | None) -> str:
    """What stands in the place of a page that has no result."""
    reason = error.message.rstrip(".") if error else "unknown reason"
    return f"[Page {page + 1} could not be read: {reason}.]"
