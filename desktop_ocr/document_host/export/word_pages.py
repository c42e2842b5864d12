"""The paper of a Word document, as large as the pages that were recognised."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_ocr.schema.results import PageResult

TWIPS = 1440  # an inch
SMALLEST, LARGEST = 4 * TWIPS, 22 * TWIPS  # what Word can have, and what leaves room for text
MARGIN = 0.08  # of the shorter side: little enough for what stood between the margins to fit on one page
ALIKE = 0.03


@dataclass(frozen=True)
class PageSize:
    """Width, height and margin in twentieths of a point; A4 where nothing is known."""

    width: int = 11906
    height: int = 16838

    @property
    def margin(self) -> int:
        """On each side."""
        return min(TWIPS, round(min(self.width, self.height) * MARGIN))

    @property
    def text_width(self) -> int:
        """Between the margins."""
        return self.width - 2 * self.margin

    @property
    def text_height(self) -> int:
        """Between the margins."""
        return self.height - 2 * self.margin

    def like(self, other: PageSize) -> bool:
        """Whether both are the same paper: scans differ by a little."""
        return (
            abs(self.width - other.width) <= ALIKE * other.width
            and abs(self.height - other.height) <= ALIKE * other.height
        )


def size_of(result: PageResult) -> PageSize:
    """The paper of a page."""
    width, height = (
        min(LARGEST, max(SMALLEST, round(pixels / result.dpi * TWIPS))) for pixels in (result.width, result.height)
    )
    return PageSize(width, height)


def section(size: PageSize, *, inside_paragraph: bool) -> str:
    """What ends a section: the last one stands by itself, others in their last paragraph."""
    turned = ' w:orient="landscape"' if size.width > size.height else ""
    made = (
        f'<w:sectPr><w:type w:val="nextPage"/><w:pgSz w:w="{size.width}" w:h="{size.height}"{turned}/>'
        f'<w:pgMar w:top="{size.margin}" w:right="{size.margin}" w:bottom="{size.margin}" w:left="{size.margin}" '
        f'w:header="{size.margin // 2}" w:footer="{size.margin // 2}" w:gutter="0"/></w:sectPr>'
    )
    if not inside_paragraph:
        return made
    return f'<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>{made}</w:pPr></w:p>'
