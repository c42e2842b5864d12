"""ALTO 4: words with their places, as libraries keep them beside page pictures (https://www.loc.gov/standards/alto/).

What is written is valid by versions 4.3 and 4.4 of the schema.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

from desktop_ocr import __version__
from desktop_ocr.document_host.export.alto_page import TAGS, AltoPage, failed_page
from desktop_ocr.document_host.export.registry import Export, ExportContext
from desktop_ocr.document_host.export.writing import close_output, failed_page_sentence
from desktop_ocr.document_host.export.xml_text import attribute, content
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.results import PageResult

_NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
_HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="{_NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="{_NAMESPACE} http://www.loc.gov/standards/alto/v4/alto-4-4.xsd" SCHEMAVERSION="4.4">
<Description>
<MeasurementUnit>pixel</MeasurementUnit>
<sourceImageInformation><fileName>%s</fileName></sourceImageInformation>
"""
_STEP = """<Processing ID="{id}">
<processingCategory>{category}</processingCategory>
<processingStepDescription>{text}</processingStepDescription>
{settings}<processingSoftware><softwareName>Desktop OCR</softwareName><softwareVersion>{version}</softwareVersion>\
</processingSoftware>
</Processing>
"""


class AltoFormat:
    """One file with all pages. A page without result says why, in its quality and as its text."""

    name = "alto"
    suffix = ".alto.xml"

    def begin(self, context: ExportContext) -> Export:
        """Start a file."""
        return _AltoExport(context)


class _AltoExport:
    """The pages are kept in a file of their own until the end: tags and reading order stand before them in ALTO."""

    def __init__(self, context: ExportContext) -> None:
        self._context = context
        self._file = context.output.open("wb")
        self._pages: IO[bytes] = tempfile.TemporaryFile(dir=context.output.parent)  # noqa: SIM115
        self._order: IO[bytes] = tempfile.TemporaryFile(dir=context.output.parent)  # noqa: SIM115
        self._formulas: dict[str, str] = {}
        self._models: dict[str, None] = {}
        self._edited = False
        self._any = False

    def add_page(self, page: int, result: PageResult | None, error: ErrorInfo | None) -> None:
        if result is None:
            self._pages.write(failed_page(page, failed_page_sentence(page, error)).encode())
            self._ordered(page, (f"p{page + 1}_b1",))
            return
        made = AltoPage(result, self._context.options.language)
        self._pages.write("".join(f"{row}\n" for row in made.rows()).encode())
        self._ordered(page, made.blocks)
        self._formulas |= made.formulas
        self._models |= dict.fromkeys(result.models)
        self._edited |= any(line.human for line in result.lines) or any(block.human for block in result.blocks)

    def finish(self) -> None:
        name = Path(os.fsencode(self._context.source.path).decode("utf-8", "replace")).name
        self._write(_HEAD % content(name))
        models = content(", ".join(self._models))
        settings = f"<processingStepSettings>models: {models}</processingStepSettings>\n" if models else ""
        self._step("recognised", "contentGeneration", "Text recognised, or read from the document", settings)
        if self._edited:
            self._step("corrected", "contentModification", "Text corrected by a person", "")
        self._write(f"</Description>\n<Tags>\n{TAGS}")
        for name, latex in self._formulas.items():
            self._write(f'<OtherTag ID="{name}" TYPE="latex" LABEL={attribute(latex)}/>\n')
        self._write("</Tags>\n")
        if self._any:
            self._write('<ReadingOrder>\n<OrderedGroup ID="order">\n')
            self._copy(self._order)
            self._write("</OrderedGroup>\n</ReadingOrder>\n")
        self._write("<Layout>\n")
        self._copy(self._pages)
        self._write("</Layout>\n</alto>\n")
        self._file.close()

    def close(self) -> None:
        for file in (self._pages, self._order):
            file.close()
        close_output(self._file)

    def _ordered(self, page: int, blocks: tuple[str, ...] | list[str]) -> None:
        if not blocks:
            return
        self._any = True
        group = f"order_{page + 1}"
        refs = "".join(f'<ElementRef ID="{group}_{i}" REF="{block}"/>\n' for i, block in enumerate(blocks, 1))
        self._order.write(f'<OrderedGroup ID="{group}">\n{refs}</OrderedGroup>\n'.encode())

    def _step(self, name: str, category: str, text: str, settings: str) -> None:
        self._write(_STEP.format(id=name, category=category, text=text, settings=settings, version=__version__))

    def _copy(self, file: IO[bytes]) -> None:
        file.seek(0)
        shutil.copyfileobj(file, self._file)

    def _write(self, text: str) -> None:
        self._file.write(text.encode())
