"""A Word document: headings, lists, tables and pictures that Word knows as such."""

from __future__ import annotations

import io
from collections.abc import Iterator
from zipfile import ZipFile

from docx import Document
from docx.oxml.ns import nsdecls

from desktop_ocr.document_host.export.registry import Export, ExportContext
from desktop_ocr.document_host.export.still_zip import StillZip
from desktop_ocr.document_host.export.word_elements import PageWriter
from desktop_ocr.document_host.export.word_lists import Numbering
from desktop_ocr.document_host.export.word_pages import PageSize, section, size_of
from desktop_ocr.document_host.export.word_pictures import WordPictures
from desktop_ocr.document_host.export.word_styles import PLACEHOLDER, prepare
from desktop_ocr.document_host.export.word_text import paragraph
from desktop_ocr.document_host.export.writing import failed_page_sentence
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.results import PageResult
from desktop_ocr.text.elements import elements

_BODY = "word/document.xml"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class WordFormat:
    """docx. Each page begins on a new page; paper is as large as the document's pages are."""

    name = "docx"
    suffix = ".docx"

    def begin(self, context: ExportContext) -> Export:
        """Start a document."""
        return _WordExport(context)


class _WordExport:
    def __init__(self, context: ExportContext) -> None:
        self._context = context
        self._document = Document()
        prepare(self._document, context.title, context.options.language)
        self._rows: list[bytes] = []
        self._numbering = Numbering(self._document)
        self._pictures = WordPictures(self._document, context)
        self._size: PageSize | None = None

    def add_page(self, page: int, result: PageResult | None, error: ErrorInfo | None) -> None:
        size = self._size if result is None else size_of(result)
        begun = bool(self._rows)
        new_section = begun and self._size is not None and size is not None and not size.like(self._size)
        if new_section and self._size is not None:
            self._append([section(self._size, inside_paragraph=True)])
        if size is not None and (self._size is None or new_section):
            self._size = size
        size = self._size or PageSize()
        breaks = begun and not new_section
        if result is None:
            text = failed_page_sentence(page, error)
            self._append([paragraph(text, style=PLACEHOLDER, break_before=breaks)])
            return
        writer = PageWriter(result, size, self._numbering, self._pictures, self._context.note)
        self._append(writer.written(elements(result, headers=bool(self._context.options.headers)), break_before=breaks))

    def finish(self) -> None:
        self._append([section(self._size or PageSize(), inside_paragraph=False)])
        made = io.BytesIO()
        self._document.save(made)
        with ZipFile(made) as source, StillZip(self._context.output, "w") as target:
            for entry in source.infolist():
                data = b"".join(self._body()) if entry.filename == _BODY else source.read(entry)
                target.writestr(entry.filename, data)

    def close(self) -> None:
        """Nothing is open."""

    def _append(self, rows: list[str]) -> None:
        self._rows += (row.encode() for row in rows)

    def _body(self) -> Iterator[bytes]:
        """The document's text. It is no tree of python-docx's: to move ten thousand rows in one takes minutes."""
        yield f"{_DECLARATION}<w:document {nsdecls('w', 'r', 'wp', 'a', 'pic')}><w:body>".encode()
        yield from self._rows
        yield b"</w:body></w:document>"
