"""Answers the parent's requests, one method each."""

from __future__ import annotations

import time
from pathlib import Path

from desktop_ocr.document_host import mupdf
from desktop_ocr.document_host.document import Document
from desktop_ocr.document_host.export.registry import format_infos
from desktop_ocr.document_host.export.running import RunningExports
from desktop_ocr.document_host.open_documents import OpenDocuments
from desktop_ocr.document_host.opening import file_sha256
from desktop_ocr.document_host.parts import WHOLE, part_of
from desktop_ocr.schema.document_messages import (
    DocumentInfo,
    DropExport,
    ExportPage,
    FinishExport,
    Formats,
    Inspect,
    ListFormats,
    MakePicture,
    Picture,
    PreparedPage,
    PreparePage,
    Source,
    StartExport,
)
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import TextLayerMode
from desktop_ocr.schema.messages import Done, Ping, ReplyBody, RequestBody


class DocumentHandler:
    """The document host's work. Not thread-safe: a host does one thing at a time."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._documents = OpenDocuments()
        self._exports = RunningExports(self._documents)

    def __call__(self, body: RequestBody) -> ReplyBody:
        """The reply to a request.

        Raises:
            DesktopOcrError: why it could not be done.
            OSError: a bitmap or picture could not be written.
        """
        try:
            return self._answer(body)
        finally:
            mupdf.shrink_store()

    def _answer(self, body: RequestBody) -> ReplyBody:
        match body:
            case Inspect():
                return self._inspect(body)
            case PreparePage():
                return self._prepare(body)
            case MakePicture():
                return self._picture(body)
            case StartExport():
                self._exports.start(body)
            case ExportPage():
                self._exports.add_page(body)
            case FinishExport():
                return self._exports.finish(body.export)
            case DropExport():
                self._exports.drop(body.export)
            case ListFormats():
                return Formats(format_infos())
            case Ping():
                pass
            case _:
                raise DesktopOcrError(ErrorCode.PROTOCOL, f"A document host does not do {type(body).__name__}.")
        return Done()

    def _inspect(self, body: Inspect) -> DocumentInfo:
        document = self._documents.get(body.source)
        sha256, size = file_sha256(body.source.path)
        return DocumentInfo(document.format, document.page_count, sha256, size)

    def _prepare(self, body: PreparePage) -> PreparedPage:
        started = time.perf_counter()
        part = part_of(body.rotation, body.region)
        document = self._page_of(body.source, body.page)
        layer, reason = None, "you asked for recognition"
        if part == WHOLE and body.text_layer is not TextLayerMode.ALWAYS_OCR:
            layer, reason = document.text_layer(body.page, body.text_layer)
        bitmap = None
        if layer is None:
            bitmap = document.render(body.page, body.dpi, body.max_pixels, part).write(body.bitmap_path)
        return PreparedPage(bitmap, layer, reason, time.perf_counter() - started)

    def _picture(self, body: MakePicture) -> Picture:
        part = part_of(body.rotation, body.region)
        document = self._page_of(body.source, body.page)
        data, width, height = document.picture(body.page, body.max_width, body.max_height, part)
        Path(body.picture_path).write_bytes(data)
        page_width, page_height = part.turned(*document.page_size(body.page))
        return Picture(body.picture_path, width, height, page_width, page_height)

    def _page_of(self, source: Source, page: int) -> Document:
        document = self._documents.get(source)
        if page >= document.page_count:
            raise DesktopOcrError(
                ErrorCode.NO_SUCH_PAGE,
                f"There is no page {page + 1}: the document has {document.page_count}.",
            )
        return document

    def close(self) -> None:
        """Close every document and delete what was written of unfinished exports."""
        self._exports.close()
        self._documents.close()
