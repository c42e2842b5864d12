"""JSON: everything that is known of the pages. The schema is described in docs/json.md."""

from __future__ import annotations

from pathlib import Path

import msgspec

from desktop_ocr.document_host.export.registry import Export, ExportContext
from desktop_ocr.document_host.export.writing import TextOutput
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.results import PageResult

FORMAT_NAME = "desktop-ocr"
FORMAT_VERSION = 1


class JsonFormat:
    """One JSON object; each page stands in a line of its own, so that memory does not grow with the document."""

    name = "json"
    suffix = ".json"

    def begin(self, context: ExportContext) -> Export:
        """Start a file."""
        return _JsonExport(context)


class _JsonExport:
    def __init__(self, context: ExportContext) -> None:
        self._output = TextOutput(context)
        self._begun = False
        head = {
            "format": FORMAT_NAME,
            "version": FORMAT_VERSION,
            # A file name need not be Unicode; its other bytes become question marks.
            "file": Path(context.source.path).name.encode("utf-8", "replace").decode(),
            "document_pages": context.pages,
        }
        self._output.write(msgspec.json.encode(head).decode()[:-1] + ',"pages":[')

    def add_page(self, page: int, result: PageResult | None, error: ErrorInfo | None) -> None:
        entry = {"page": page + 1, "result": result, "error": error}
        text = msgspec.json.encode(entry).decode()
        self._output.write((",\n" if self._begun else "\n") + text)
        self._begun = True

    def finish(self) -> None:
        self._output.write("\n]}\n")
        self._output.finish()

    def close(self) -> None:
        self._output.close()
