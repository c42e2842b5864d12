"""Pictures of a Word document: in it, or beside it and linked."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote

from docx.opc.constants import RELATIONSHIP_TYPE

from desktop_ocr.document_host.export.registry import ExportContext
from desktop_ocr.document_host.export.word_pages import PageSize
from desktop_ocr.schema.exports import PictureMode
from desktop_ocr.schema.results import Box, PageResult

EMU = 914_400  # an inch
TWIP = EMU // 1440

_INLINE = (
    '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/>'
    '<wp:docPr id="{number}" name="Picture {number}" descr="{text}"/><wp:cNvGraphicFramePr>'
    '<a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr><a:graphic>'
    '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
    '<pic:cNvPr id="0" name="Picture {number}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
    '<a:blip r:{how}="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>'
    '<a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    "</pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
)


class WordPictures:
    """Cuts pictures out of pages and puts them into the document."""

    def __init__(self, document: Any, context: ExportContext) -> None:
        """Pictures of `document`, which is python-docx's."""
        self._part = document.part
        self._context = context
        self._count = 0

    def run(self, result: PageResult, box: Box, size: PageSize, text: str) -> str:
        """A run with a picture, as large as it is on the page, or as fits; "" where there is none.

        Args:
            result: the page.
            box: of the picture, in the page's pixels.
            size: of the paper.
            text: for those who do not see it.
        """
        cut = self._context.picture(result, box)
        if cut is None:
            return ""
        if self._context.options.pictures is PictureMode.BESIDE:
            address = quote(self._context.picture_beside(cut, result.page))
            how, relation = "link", self._part.relate_to(address, RELATIONSHIP_TYPE.IMAGE, is_external=True)
        else:
            how, relation = "embed", self._part.get_or_add_image(io.BytesIO(cut.data))[0]
        width, height = ((box[at + 2] - box[at]) / result.dpi * EMU for at in (0, 1))
        fit = min(1.0, size.text_width * TWIP / width, 0.95 * size.text_height * TWIP / height)
        self._count += 1
        return _INLINE.format(
            width=max(1, round(width * fit)),
            height=max(1, round(height * fit)),
            number=self._count,
            text=text,
            how=how,
            relation=relation,
        )
