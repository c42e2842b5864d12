"""What a PDF says of itself: bookmarks, language, title; and whether it can become PDF/A."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pymupdf

from desktop_ocr.document_host import mupdf
from desktop_ocr.document_host.export import ghostscript
from desktop_ocr.document_host.export.pdf_text import LANGUAGE, text_string
from desktop_ocr.document_host.export.registry import ExportContext
from desktop_ocr.document_host.export.text_kept import text_harm
from desktop_ocr.document_host.export.xml_text import content
from desktop_ocr.document_host.pdf_file import open_pdf

_TITLE = re.compile(r"(<dc:title>\s*<rdf:Alt>\s*<rdf:li\b[^>]*>)(.*?)(</rdf:li>)", re.DOTALL)
_NO_TITLE = re.compile(r"(<rdf:RDF\b[^>]*>)")
_NEW_TITLE = (
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt>'
    '<rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:title></rdf:Description>'
)
_INKS = re.compile(rb"[\d.]\s+[kK]\s")


def has_outline(document: pymupdf.Document) -> bool:
    """Whether a PDF has bookmarks of its own."""
    kind, _ = document.xref_get_key(document.pdf_catalog(), "Outlines/First")
    return bool(kind == "xref")


def set_language(document: pymupdf.Document, language: str) -> bool:
    """Say which language the text is in; returns whether something was changed."""
    catalog = document.pdf_catalog()
    if not LANGUAGE.fullmatch(language) or document.xref_get_key(catalog, "Lang") == ("string", language):
        return False
    document.xref_set_key(catalog, "Lang", f"({language})")
    return True


def set_title(document: pymupdf.Document, title: str) -> bool:
    """Give the document a title, and have readers show it; returns whether something was changed."""
    if not title or (document.metadata or {}).get("title") == title:
        return False
    kind, value = document.xref_get_key(-1, "Info")
    if kind == "xref":
        info = int(value.split()[0])
    else:
        info = document.get_new_xref()
        document.update_object(info, "<< >>")
        document.xref_set_key(-1, "Info", f"{info} 0 R")
    document.xref_set_key(info, "Title", text_string(title))
    document.xref_set_key(document.pdf_catalog(), "ViewerPreferences/DisplayDocTitle", "true")
    packet = document.get_xml_metadata()
    if packet:  # where both are there they have to say the same
        told = content(title).replace("\\", "\\\\")
        changed, found = _TITLE.subn(rf"\g<1>{told}\g<3>", packet, count=1)
        if not found:
            changed = _NO_TITLE.sub(rf"\g<1>{_NEW_TITLE.format(told)}", packet, count=1)
        document.set_xml_metadata(changed)
    return True


def archive_copy(context: ExportContext) -> bool:
    """Write the document as PDF/A-2b to the output; where that cannot be done, say why, and return False."""
    path = context.source.path
    document = open_pdf(path, context.source.password)
    try:
        if document.is_encrypted or (document.metadata or {}).get("encryption"):
            context.note("No PDF/A was made, but an ordinary PDF: PDF/A knows no passwords, and the document has one.")
            return False
        inks, dated = _has_inks(document), bool((document.metadata or {}).get("creationDate"))
    finally:
        document.close()
    try:
        ghostscript.make_archive(Path(path), context.output, inks=inks, dated=dated)
        touched = _touched_pages(context)
    except ghostscript.NotPossible as error:
        context.note(f"No PDF/A was made, but an ordinary PDF: {error}.")
        return False
    if touched:
        first = f"page {touched[0] + 1}"
        where = first if len(touched) == 1 else f"{len(touched)} pages, the first being {first}"
        context.note(f"In the PDF/A a few letters of the text can no longer be found or copied, on {where}.")
    return True


def _touched_pages(context: ExportContext) -> tuple[int, ...]:
    """The pages, counted from 0, where the archive that lies at the output has lost a few letters of text.

    Raises:
        NotPossible: it has lost more than that, or pages.
    """
    with (
        contextlib.closing(open_pdf(context.source.path, context.source.password)) as source,
        contextlib.closing(open_pdf(str(context.output), None)) as archive,
    ):
        if archive.page_count != source.page_count:
            raise ghostscript.NotPossible("Ghostscript would have changed the number of pages")
        harm = text_harm(source, archive)
    if harm.ruined is not None:
        raise ghostscript.NotPossible(f"Ghostscript would have harmed the text of page {harm.ruined + 1}")
    return harm.touched


def _has_inks(document: pymupdf.Document) -> bool:
    """Whether colours are mixed of printers' inks somewhere; said too often rather than not."""
    try:
        if any("/DeviceCMYK" in document.xref_object(xref) for xref in range(1, document.xref_length())):
            return True
        return any(_INKS.search(document[page].read_contents()) for page in range(document.page_count))
    except mupdf.ERRORS:
        return True
