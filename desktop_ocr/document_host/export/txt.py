"""Plain text: the lines of the pages, a blank line between pages."""

from __future__ import annotations

from desktop_ocr.document_host.export.registry import Export, ExportContext
from desktop_ocr.document_host.export.writing import TextOutput, failed_page_sentence
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.results import PageResult
from desktop_ocr.text.plain import plain_text


class TextFormat:
    """UTF-8 text. Pages without text leave no trace; a failed page leaves a sentence in brackets."""

    name = "txt"
    suffix = ".txt"

    def begin(self, context: ExportContext) -> Export:
        """Start a file."""
        return _TextExport(context)


class _TextExport:
    def __init__(self, context: ExportContext) -> None:
        self._output = TextOutput(context)
        self._headers = context.options.headers is not False
        self._begun = False

    def add_page(self, page: int, result: PageResult | None, error: ErrorInfo | None) -> None:
        text = failed_page_sentence(page, error) if result is None else plain_text(result, headers=self._headers)
        if text:
            self._output.write(("\n" if self._begun else "") + text + "\n")
            self._begun = True

    def finish(self) -> None:
        self._output.finish()

    def close(self) -> None:
        self._output.close()
