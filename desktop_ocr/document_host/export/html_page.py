"""A web page: one file that every browser shows, on the screen in light and dark, and on paper."""

from __future__ import annotations

import base64
from urllib.parse import quote

from desktop_ocr import __version__
from desktop_ocr.document_host.export.html_elements import HtmlWriter
from desktop_ocr.document_host.export.html_style import STYLE
from desktop_ocr.document_host.export.registry import Export, ExportContext
from desktop_ocr.document_host.export.writing import TextOutput, failed_page_sentence
from desktop_ocr.document_host.export.xml_text import attribute, content
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.exports import PictureMode
from desktop_ocr.schema.results import PageResult
from desktop_ocr.text.elements import Figure, elements

_HEAD = """<!DOCTYPE html>
<html{language}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Desktop OCR {version}">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
"""
_END = "</main>\n</body>\n</html>\n"


class HtmlFormat:
    """HTML 5. Each page is a section with the anchor "page-3"; text runs on over pages."""

    name = "html"
    suffix = ".html"

    def begin(self, context: ExportContext) -> Export:
        """Start a file."""
        return _HtmlExport(context)


class _HtmlExport:
    def __init__(self, context: ExportContext) -> None:
        self._context = context
        self._output = TextOutput(context)
        language = context.options.language
        self._output.write(
            _HEAD.format(
                language=f" lang={attribute(language)}" if language else "",
                version=__version__,
                title=content(context.title),
                style=STYLE,
            )
        )

    def add_page(self, page: int, result: PageResult | None, error: ErrorInfo | None) -> None:
        number = f' data-page="{page + 1}"' if self._context.chosen > 1 else ""
        self._output.write(f'<section id="page-{page + 1}"{number}>\n')
        if result is None:
            sentence = content(failed_page_sentence(page, error))
            self._output.write(f'<p class="failed" role="note">{sentence}</p>\n')
        else:
            writer = HtmlWriter(lambda figure: self._address(result, figure))
            for text in writer.written(elements(result, headers=bool(self._context.options.headers))):
                self._output.write(f"{text}\n")
        self._output.write("</section>\n")

    def finish(self) -> None:
        self._output.write(_END)
        self._output.finish()

    def close(self) -> None:
        self._output.close()

    def _address(self, result: PageResult, figure: Figure) -> str:
        """Of a figure's picture: the picture itself, or where it lies; "" where there is none."""
        cut = self._context.picture(result, figure.block.box)
        if cut is None:
            return ""
        if self._context.options.pictures is PictureMode.BESIDE:
            return quote(self._context.picture_beside(cut, result.page))
        return f"data:{cut.media_type};base64,{base64.b64encode(cut.data).decode()}"
