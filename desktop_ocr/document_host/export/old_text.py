"""What a recognised page has of text already: hidden text goes, visible text is not written twice.

Hidden text is what an earlier recogniser made. MuPDF's redaction takes it out of the page's operators, pictures and
drawings left as they are; then the page is drawn again, and where it looks any different everything is put back:
better two texts than a changed page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pymupdf
from pymupdf import mupdf as raw

from desktop_ocr.document_host import mupdf
from desktop_ocr.document_host.export.invisible_text import displayed
from desktop_ocr.document_host.page_text import PageText, read_page_text
from desktop_ocr.document_host.soundness import judge_characters, words_without_ink
from desktop_ocr.schema.results import Box, PageResult, Polygon

COVERED = 0.5  # share of a word's box
LOOK_PIXELS = 1_000_000
KEYS = ("Contents", "Resources", "Annots")


def may_have_text(page: pymupdf.Page) -> bool:
    """Whether a page may have text: a scan without fonts, notes and fields has none, and need not be searched."""
    return bool(page.get_fonts(full=True) or page.first_annot or page.first_widget)


def remove_hidden_text(document: pymupdf.Document, number: int) -> bool:
    """Take text that leaves no ink out of a page; returns whether there was some and it could be done.

    Two kinds: invisible text (render mode 3), and text behind a picture.
    """
    page = document[number]
    text = read_page_text(page, hidden_lines=False)
    removed = False
    if text.hidden:
        removed = _redact(document, number, [page.rect], raw.PDF_REDACT_TEXT_REMOVE_INVISIBLE)
    if text.layer.pictures and text.visible:
        boxes = words_without_ink(page, text)
        if boxes:
            turn = page.derotation_matrix
            rects = [pymupdf.Rect(box) * turn for box in boxes]
            removed |= _redact(document, number, rects, raw.PDF_REDACT_TEXT_REMOVE)
    return removed


def not_visible_already(page: pymupdf.Page, result: PageResult) -> Callable[[Polygon], bool] | None:
    """Says of a recognised word's polygon, in pixels, whether the page lacks visible text in its place.

    None where the page has no visible text that a reader could copy.
    """
    text = read_page_text(page, hidden_lines=False)
    if not text.visible or judge_characters(page, text) is not None:
        return None
    grid = _Grid(text)

    def wanted(polygon: Polygon) -> bool:
        points = [displayed(result, x, y) for x, y in zip(polygon[0::2], polygon[1::2], strict=True)]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return grid.covered((min(xs), min(ys), max(xs), max(ys))) < COVERED

    return wanted


class _Grid:
    """The boxes of a page's words, sorted into strips so that few need to be looked at."""

    STRIP = 36.0  # points

    def __init__(self, text: PageText) -> None:
        self._strips: dict[int, list[Box]] = {}
        for box in text.boxes:
            for strip in self._strips_of(box):
                self._strips.setdefault(strip, []).append(box)

    def covered(self, box: Box) -> float:
        """The share of a box that words' boxes cover, taken one by one and added up."""
        area = (box[2] - box[0]) * (box[3] - box[1])
        near = {other for strip in self._strips_of(box) for other in self._strips.get(strip, ())}
        shared = sum(
            max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
            * max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
            for other in near
        )
        return shared / area if area > 0 else 0.0

    def _strips_of(self, box: Box) -> range:
        return range(int(box[1] // self.STRIP), int(box[3] // self.STRIP) + 1)


@dataclass(frozen=True)
class _State:
    """What redaction changes of a page's object, as PDF text."""

    values: tuple[tuple[str, str], ...]
    annotations: tuple[int, str] | None

    @classmethod
    def of(cls, document: pymupdf.Document, page: int) -> _State:
        values = tuple(document.xref_get_key(page, key) for key in KEYS)
        kind, value = values[KEYS.index("Annots")]
        if kind != "xref":
            return cls(values, None)
        array = int(value.split()[0])
        return cls(values, (array, document.xref_object(array, compressed=True)))

    def put_back(self, document: pymupdf.Document, page: int, *, annotations_only: bool) -> None:
        for key, (_, value) in zip(KEYS, self.values, strict=True):
            if key == "Annots" or not annotations_only:
                document.xref_set_key(page, key, value)
        if self.annotations is not None:
            document.update_object(*self.annotations)


def _redact(document: pymupdf.Document, number: int, rects: list[pymupdf.Rect], text: int) -> bool:
    """Redact text in the rectangles; False, and everything as before, where the page looks different then."""
    page = document[number]
    xref = page.xref
    state = _State.of(document, xref)
    before = _look(page)
    try:
        for rect in rects:
            page.add_redact_annot(rect, fill=(), cross_out=False)
        page.apply_redactions(images=raw.PDF_REDACT_IMAGE_NONE, graphics=raw.PDF_REDACT_LINE_ART_NONE, text=text)
        # Links that lay over the text went with it.
        state.put_back(document, xref, annotations_only=True)
        del page  # so that it is read anew
        same = _look(document[number]) == before
    except mupdf.ERRORS:
        same = False  # a page that MuPDF draws, but cannot rewrite
    if not same:
        state.put_back(document, xref, annotations_only=False)
    return same


def _look(page: pymupdf.Page) -> tuple[int, int, bytes]:
    scale = min(1.0, (LOOK_PIXELS / max(1.0, page.rect.width * page.rect.height)) ** 0.5)
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False)
    return pixmap.width, pixmap.height, pixmap.digest
