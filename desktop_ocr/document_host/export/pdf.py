"""Searchable PDF: the document's own pages with invisible text over them."""

from __future__ import annotations

from desktop_ocr.document_host.export.registry import Export, ExportContext
from desktop_ocr.document_host.opening import read_head
from desktop_ocr.document_host.sniffing import sniff


class PdfFormat:
    """Of a PDF a copy with text added (`pdf_copy`), of pictures a PDF that holds them (`pdf_pictures`)."""

    name = "pdf"
    suffix = ".pdf"

    def begin(self, context: ExportContext) -> Export:
        """Start a file."""
        if sniff(read_head(context.source.path)) == "PDF":
            from desktop_ocr.document_host.export.pdf_copy import PdfCopy

            return PdfCopy(context)
        from desktop_ocr.document_host.export.pdf_pictures import PdfPictures

        return PdfPictures(context)
