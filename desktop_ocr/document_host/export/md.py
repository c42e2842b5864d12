"""Markdown: headings, paragraphs and lists; a comment marks where a page begins. Pictures lie beside it, where
they are wanted."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from desktop_ocr.document_host.export.registry import Export, ExportContext
from desktop_ocr.document_host.export.writing import TextOutput, failed_page_sentence
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.exports import PictureMode
from desktop_ocr.schema.results import PageResult
from desktop_ocr.text.elements import Figure
from desktop_ocr.text.escaping import escape
from desktop_ocr.text.markdown import markdown


class MarkdownFormat:
    """Markdown. Between pages stands `<!-- page 2 -->`, which no reader shows: text runs on over pages.

    It cannot hold pictures: where they are wanted beside it, they are files in a folder; otherwise it has none, as a
    folder that nobody asked for would be a surprise.
    """

    name = "md"
    suffix = ".md"

    def begin(self, context: ExportContext) -> Export:
        """Start a file."""
        return _MarkdownExport(context)


class _MarkdownExport:
    def __init__(self, context: ExportContext) -> None:
        self._context = context
        self._output = TextOutput(context)
        self._several = context.pages > 1
        self._begun = False

    def add_page(self, page: int, result: PageResult | None, error: ErrorInfo | None) -> None:
        if result is None:
            text = f"*{escape(failed_page_sentence(page, error))}*"
        else:
            wanted = self._context.options.pictures is PictureMode.BESIDE
            pictures = self._pictures(result) if wanted else None
            text = markdown(result, headers=bool(self._context.options.headers), picture=pictures)
        parts = [f"<!-- page {page + 1} -->"] if self._several else []
        if text:
            parts.append(text)
        if parts:
            self._output.write(("\n" if self._begun else "") + "\n\n".join(parts) + "\n")
            self._begun = True

    def finish(self) -> None:
        self._output.finish()

    def close(self) -> None:
        self._output.close()

    def _pictures(self, result: PageResult) -> Callable[[Figure], str]:
        """Gives the address of a figure's picture, written beside; "" where there is none."""

        def address(figure: Figure) -> str:
            cut = self._context.picture(result, figure.block.box)
            return quote(self._context.picture_beside(cut, result.page)) if cut is not None else ""

        return address
