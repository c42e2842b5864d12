"""Searchable PDF of a PDF: its own bytes, with invisible text appended for the pages that were recognised."""

from __future__ import annotations

import shutil
from pathlib import Path

from pymupdf import mupdf as raw

from desktop_ocr.document_host import mupdf
from desktop_ocr.document_host.export.failure_stamp import FailureStamps
from desktop_ocr.document_host.export.glyphless import CodeTable, add_font
from desktop_ocr.document_host.export.invisible_text import ToPage, page_operators
from desktop_ocr.document_host.export.old_text import clear_old_text
from desktop_ocr.document_host.export.page_objects import (
    TextAppender,
    add_annotation,
    pdf_of,
    put_objects,
    shows_only_pictures,
    to_page,
)
from desktop_ocr.document_host.export.pdf_downsampling import downsample
from desktop_ocr.document_host.export.pdf_outline import Outline, has_headings
from desktop_ocr.document_host.export.pdf_properties import archive_copy, has_outline, set_language, set_title
from desktop_ocr.document_host.export.registry import ExportContext
from desktop_ocr.document_host.export.writing import failed_page_sentence
from desktop_ocr.document_host.pdf_file import open_pdf
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.results import PageResult, PageSource


class PdfCopy:
    """An `Export`.

    The new objects are appended to a copy of the original (an incremental update, ISO 32000-1, 7.5.6): its bytes
    stay as they are, with bookmarks, links, metadata, encryption and password. A PDF that had to be repaired to be
    opened is written anew instead, and so is one whose pictures were made smaller or that became PDF/A. Where
    nothing is to be added the copy is the original, byte for byte.

    Bookmarks are added where the original has none, language and title where the user has named them.
    """

    def __init__(self, context: ExportContext) -> None:
        """Copy the original and open the copy.

        Raises:
            DesktopOcrError: it cannot be opened any more.
            OSError: it cannot be copied.
        """
        self._context = context
        self._path = context.output
        if not (context.options.pdfa and archive_copy(context)):
            shutil.copyfile(context.source.path, self._path)
        self._document = open_pdf(str(self._path), context.source.password)
        self._pdf = pdf_of(self._document)
        self._pages = int(self._document.page_count)
        self._codes = CodeTable()
        self._appender: TextAppender | None = None
        self._changed = False
        self._stamps = FailureStamps(self._add)
        self._outline: Outline | None = None if has_outline(self._document) else Outline()

    def add_page(self, page: int, result: PageResult | None, error: ErrorInfo | None) -> None:
        """Write the text of a page that was recognised; others stay as they are. One that failed says so."""
        if result is None:
            if error is not None and page < self._pages:
                self._stamp(page, failed_page_sentence(page, error))
            return
        recognised = result.source is PageSource.RECOGNISED and bool(result.lines)
        if page >= self._pages:
            if recognised:
                raise DesktopOcrError(ErrorCode.FILE_CHANGED, "The document has changed since it was read.")
            return
        outline = self._outline if has_headings(result) else None
        if not recognised and outline is None:
            return
        try:
            with mupdf.page_errors("written"):
                found = raw.pdf_lookup_page_obj(self._pdf, page)
                placed = to_page(found)
                if outline is not None:
                    outline.add(result, f"{raw.pdf_to_num(found)} 0 R", placed)
                if recognised:
                    self._write(found, page, result, placed)
        except DesktopOcrError:
            if recognised:  # others are as they were, without bookmarks
                raise

    def finish(self) -> None:
        """Write the font, and what is new."""
        with mupdf.page_errors("written"):
            if self._appender is not None:
                font = self._appender.font
                add_font(self._add, self._codes, font=lambda text: put_objects(self._pdf, {font: text}))
            if self._outline:
                bookmarks: dict[int, str] = {}
                root = self._outline.write(lambda: raw.pdf_create_object(self._pdf), bookmarks.__setitem__)
                put_objects(self._pdf, bookmarks)
                self._document.xref_set_key(self._document.pdf_catalog(), "Outlines", f"{root} 0 R")
                self._changed = True
            options = self._context.options
            self._changed |= set_language(self._document, options.language)
            self._changed |= set_title(self._document, options.title)
            smaller = downsample(self._document, options.downsample_dpi) if options.downsample_dpi > 0 else 0
        if smaller:
            self._context.note(f"Page pictures were made smaller, to {options.downsample_dpi} pixels per inch.")
        if not (self._appender or self._changed or smaller):
            self._document.close()
            return
        self._save(anew=smaller > 0)

    def close(self) -> None:
        """Close the copy."""
        if not self._document.is_closed:
            self._document.close()

    def _write(self, found: raw.PdfObj, page: int, result: PageResult, placed: ToPage) -> None:
        """Write a page's text, and take out what was hidden there before."""
        wanted = None
        if not shows_only_pictures(found):
            removed, wanted = clear_old_text(self._document, page, result)
            if removed:
                _allow_appending(self._pdf)
        operators = page_operators(result, placed, self._codes, wanted=wanted)
        if operators:
            self._appender = self._appender or TextAppender(self._document)
            self._appender.append(found, operators)

    def _stamp(self, page: int, sentence: str) -> None:
        """Say on a page that it could not be read; where MuPDF cannot even load it, say it of the export."""
        try:
            with mupdf.page_errors("written"):
                loaded = self._document[page]
                size = loaded.rect.width, loaded.rect.height
                found = raw.pdf_lookup_page_obj(self._pdf, page)
                number = self._stamps.annotation(
                    sentence, size, to_page(found), loaded.rotation % 360, f"{loaded.xref} 0 R"
                )
                add_annotation(self._pdf, found, number)
                self._changed = True
        except DesktopOcrError:
            self._context.note(sentence.strip("[]"))

    def _save(self, *, anew: bool) -> None:
        keep = raw.PDF_ENCRYPT_KEEP
        try:
            if not anew and self._document.can_save_incrementally():
                self._document.save(str(self._path), incremental=True, encryption=keep, deflate=True, no_new_id=True)
                self._document.close()
                return
            other = self._path.with_name(self._path.name + "x")
            try:
                self._document.save(str(other), garbage=1, deflate=True, encryption=keep, no_new_id=True)
                self._document.close()
                other.replace(self._path)
            finally:
                Path(other).unlink(missing_ok=True)
        except mupdf.ERRORS as error:
            if isinstance(error, raw.FzErrorSystem) or "write" in str(error):
                raise DesktopOcrError(
                    ErrorCode.DISK_FULL, "The PDF could not be written to the end.", "Is the disk full? Make room."
                ) from error
            raise DesktopOcrError(
                ErrorCode.EXPORT_FAILED, "The PDF is too damaged to be copied.", "Export the text instead."
            ) from error

    def _add(self, entries: str, stream: bytes | None) -> int:
        number = int(raw.pdf_create_object(self._pdf))
        put_objects(self._pdf, {number: entries})
        if stream is not None:
            reference = raw.pdf_new_indirect(self._pdf, number, 0)
            raw.pdf_update_stream(self._pdf, reference, raw.fz_new_buffer_from_copied_data(stream), 1)
        return number


def _allow_appending(pdf: raw.PdfDocument) -> None:
    """MuPDF refuses to append to a file with redactions, as what was taken out would still be in it.

    Here nothing is to be kept secret: the text that was taken out was a bad copy of what the page shows.
    """
    pdf.m_internal.redacted = 0
