"""hOCR 1.2: a web page that says of each word where it stands (https://kba.github.io/hocr-spec/1.2/)."""

from __future__ import annotations

import os
from pathlib import Path

from desktop_ocr import __version__
from desktop_ocr.document_host.export.hocr_page import CAPABILITIES, failed_page, hocr_page
from desktop_ocr.document_host.export.registry import Export, ExportContext
from desktop_ocr.document_host.export.writing import TextOutput, failed_page_sentence
from desktop_ocr.document_host.export.xml_text import attribute, content
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.results import PageResult

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"{language}>
<head>
<title>{title}</title>
<meta http-equiv="Content-Type" content="text/html;charset=utf-8" />
<meta name="ocr-system" content="Desktop OCR {version}" />
<meta name="ocr-capabilities" content="{capabilities}" />
<meta name="ocr-number-of-pages" content="{pages}" />
{languages}</head>
<body>
"""


class HocrFormat:
    """hOCR as XHTML, so that XML's readers read it too. A failed page is a page with a sentence that says so."""

    name = "hocr"
    suffix = ".hocr"

    def begin(self, context: ExportContext) -> Export:
        """Start a file."""
        return _HocrExport(context)


class _HocrExport:
    def __init__(self, context: ExportContext) -> None:
        self._output = TextOutput(context)
        self._image = Path(os.fsencode(context.source.path).decode("utf-8", "replace")).name
        language = context.options.language
        named = attribute(language)
        self._output.write(
            _HEAD.format(
                language=f" xml:lang={named} lang={named}" if language else "",
                title=content(context.title),
                version=__version__,
                capabilities=" ".join(CAPABILITIES),
                pages=context.chosen,
                languages=f'<meta name="ocr-langs" content={named} />\n' if language else "",
            )
        )

    def add_page(self, page: int, result: PageResult | None, error: ErrorInfo | None) -> None:
        if result is None:
            self._output.write(failed_page(page, self._image, failed_page_sentence(page, error)))
        else:
            self._output.write(hocr_page(result, self._image))

    def finish(self) -> None:
        self._output.write("</body>\n</html>\n")
        self._output.finish()

    def close(self) -> None:
        self._output.close()
