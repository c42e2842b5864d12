"""A PDF page's own object: what it may hold, where it lies, and text put behind its operators.

MuPDF takes ten times as long to load a page as to look at its object, and a book has a thousand pages.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

import pymupdf
from pymupdf import mupdf as raw

from desktop_ocr.document_host.export.glyphless import RESOURCE_NAME
from desktop_ocr.document_host.export.invisible_text import TEXT_LEVEL, Point, ToPage

FEW = 20  # resources, or bytes by hundreds, that are looked at here
# Operators of which some hold what looks like others: strings, comments, pictures in line.
_NOT_PLAIN = re.compile(rb"[(<%]|\bBI\b")
_RESOURCES = raw.pdf_new_name("Resources")
_TOKEN = re.compile(rb"/?[^\s\[\]/]+")  # a name need not have a blank before it


def pdf_of(document: pymupdf.Document) -> raw.PdfDocument:
    """MuPDF's own document."""
    found = document.this
    return raw.pdf_document_from_fz_document(found) if isinstance(found, raw.FzDocument) else found


def to_page(page: raw.PdfObj) -> ToPage:
    """From the page as displayed to its own coordinates: MuPDF's own matrix, which knows crop box and /Rotate.

    Raises:
        ValueError: the page has no size.
    """
    box, shown = raw.FzRect(), raw.FzMatrix()
    raw.pdf_page_obj_transform(page, box, shown)
    a, b, c, d, e, f = shown.a, shown.b, shown.c, shown.d, shown.e, shown.f
    area = a * d - b * c
    if not area:
        raise ValueError("the page has no size")
    a, b, c, d = d / area, -b / area, -c / area, a / area
    e, f = -(a * e + c * f), -(b * e + d * f)

    def reckon(x: float, y: float) -> Point:
        return a * x + c * y + e, b * x + d * y + f

    return reckon


def shows_only_pictures(page: raw.PdfObj) -> bool:
    """Whether a page has pictures at most, as a scan has: no fonts, notes, fields or forms. False is not sure."""
    # MuPDF's functions without their wrappers only lend what they give: the page keeps it.
    get, size = raw.ll_pdf_dict_gets, raw.ll_pdf_dict_len
    if raw.ll_pdf_array_len(get(page.m_internal, "Annots")):
        return False
    resources = raw.ll_pdf_dict_get_inheritable(page.m_internal, _RESOURCES.m_internal)
    if size(get(resources, "Font")):
        return False
    drawn = get(resources, "XObject")
    count = size(drawn)
    return bool(count <= FEW) and all(
        raw.ll_pdf_to_name(get(raw.ll_pdf_dict_get_val(drawn, at), "Subtype")) == "Image" for at in range(count)
    )


def put_objects(pdf: raw.PdfDocument, objects: Mapping[int, str]) -> None:
    """Write objects, dictionaries of the given entries, by their numbers."""
    text = " ".join([f"<< {entries} >>" for entries in objects.values()])
    stream = raw.fz_open_buffer(raw.fz_new_buffer_from_copied_data(text.encode()))
    space = raw.PdfLexbuf(raw.PDF_LEXBUF_SMALL)
    for number in objects:  # one is read after the other
        raw.pdf_update_object(pdf, number, raw.pdf_parse_stm_obj(pdf, stream, space))


def add_annotation(pdf: raw.PdfDocument, page: raw.PdfObj, annotation: int) -> None:
    """Make an annotation one of the page's."""
    there = raw.pdf_dict_gets(page, "Annots")
    if not raw.pdf_is_array(there):
        there = raw.pdf_dict_put_array(page, raw.pdf_new_name("Annots"), 1)
    raw.pdf_array_push(there, raw.pdf_new_indirect(pdf, annotation, 0))


class TextAppender:
    """Puts text behind pages' own operators, which are enclosed so that they leave no trace."""

    def __init__(self, document: pymupdf.Document) -> None:
        """For a document's pages; adds the number of the font, which is to be written later."""
        self._pdf = pdf_of(document)
        self._openings: dict[int, raw.PdfObj] = {}  # shared by the pages
        self.font: int = document.get_new_xref()
        self._reference = raw.pdf_new_indirect(self._pdf, self.font, 0)

    def append(self, page: raw.PdfObj, operators: bytes) -> None:
        """Put operators behind a page's own."""
        self._name_font(page)
        contents = raw.pdf_dict_gets(page, "Contents")
        streams = raw.pdf_new_array(self._pdf, 3)
        missing, surplus, enclosed = self._balance(page, contents)
        if not enclosed:
            if missing not in self._openings:
                self._openings[missing] = self._stream(b"q\n" * (missing + 1))
            raw.pdf_array_push(streams, self._openings[missing])
        if raw.pdf_is_array(contents):
            for at in range(raw.pdf_array_len(contents)):
                raw.pdf_array_push(streams, raw.pdf_array_get(contents, at))
        elif contents.m_internal:
            raw.pdf_array_push(streams, contents)
        closing = b"\n" if enclosed else b"\n" + b"Q\n" * (surplus + 1)
        raw.pdf_array_push(streams, self._stream(zlib.compress(closing + operators, TEXT_LEVEL), packed=True))
        raw.pdf_dict_puts(page, "Contents", streams)

    def _stream(self, data: bytes, *, packed: bool = False) -> raw.PdfObj:
        entries = raw.pdf_new_dict(self._pdf, 2)
        if packed:
            raw.pdf_dict_puts(entries, "Filter", raw.pdf_new_name("FlateDecode"))
        return raw.pdf_add_stream(self._pdf, raw.fz_new_buffer_from_copied_data(data), entries, int(packed))

    def _name_font(self, page: raw.PdfObj) -> None:
        """Make the font known to the page, in the resources that it has, owns or not: the name is ours alone."""
        resources = raw.pdf_dict_get_inheritable(page, _RESOURCES)
        if not raw.pdf_is_dict(resources):
            resources = raw.pdf_dict_put_dict(page, _RESOURCES, 1)
        fonts = raw.pdf_dict_gets(resources, "Font")
        if not raw.pdf_is_dict(fonts):
            fonts = raw.pdf_dict_put_dict(resources, raw.pdf_new_name("Font"), 1)
        raw.pdf_dict_puts(fonts, RESOURCE_NAME, self._reference)

    def _balance(self, page: raw.PdfObj, contents: raw.PdfObj) -> tuple[int, int, bool]:
        """How many q are missing before a page's operators and how many Q behind; whether q and Q enclose them all.

        Those of a scan are few and plain; others MuPDF goes through.
        """
        if raw.pdf_is_stream(contents) and raw.pdf_to_int(raw.pdf_dict_gets(contents, "Length")) < 100 * FEW:
            data = raw.fz_buffer_extract_copy(raw.pdf_load_stream(contents))
            if len(data) < 100 * FEW and not _NOT_PLAIN.search(data):
                return _plain_balance(data)
        resources = raw.pdf_dict_gets(page, "Resources")
        missing, surplus = raw.pdf_count_q_balance_outparams_fn(self._pdf, resources, contents)
        return missing, surplus, False


def _plain_balance(operators: bytes) -> tuple[int, int, bool]:
    depth, missing, enclosed = 0, 0, True
    for token in _TOKEN.findall(operators):
        if token == b"q":
            depth += 1
        elif depth == 0:
            enclosed = False
            missing += token == b"Q"
        elif token == b"Q":
            depth -= 1
    return missing, depth, enclosed and depth == 0
