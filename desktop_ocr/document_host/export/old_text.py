"""What a recognised page has of text already: hidden text goes, visible text is not written twice.

Hidden text is what an earlier recogniser made. MuPDF's redaction takes it out of the page's operators, pictures and
drawings left as they are; then the page is drawn again, and where it looks any different everything is put back:
better two texts than a changed page.
"""

from __future__ import annotations

import re
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
# In MuPDF's trace: what leaves no ink, and what is not told of in full.
_INVISIBLE = re.compile(rb"<ignore_text\b.*?</ignore_text>\s*", re.DOTALL)
_PICTURE = re.compile(rb'<\w*image\w*\b[^>]* width="(\d+)" height="(\d+)"')
_UNSURE = re.compile(rb"<\w*(?:text|shade)\b")
KEYS = ("Contents", "Resources", "Annots")


def clear_old_text(
    document: pymupdf.Document, number: int, result: PageResult
) -> tuple[bool, Callable[[Polygon], bool] | None]:
    """Take hidden text out of a page.

    Returns:
        Whether there was some and it could be done; and what says of a recognised word's polygon, in pixels, whether
        the page lacks visible text in its place: None where the page has no visible text that a reader could copy.
    """
    page = document[number]
    if not _may_have_text(page):
        return False, None
    if _all_text_invisible(page):
        return _remove_invisible(document, number), None
    text = read_page_text(page, hidden_lines=False)
    removed = _remove_hidden(document, number, text)
    if not text.visible:
        return removed, None
    page = document[number]
    if removed:
        text = read_page_text(page, hidden_lines=False)
    return removed, _not_visible_already(page, text, result)


def _may_have_text(page: pymupdf.Page) -> bool:
    """Whether a page may have text: a scan without fonts, notes and fields has none, and need not be searched."""
    return bool(page.get_fonts(full=True) or page.first_annot or page.first_widget)


def _all_text_invisible(page: pymupdf.Page) -> bool:
    """Whether a page has text, and all of it invisible (render mode 3); False is not sure.

    As most recognisers leave it: such a page's letters need not be read one by one.
    """
    if page.first_annot or page.first_widget:
        return False
    texts = [(kind, box) for kind, box in page.get_bboxlog() if kind.endswith("-text")]
    return all(kind == "ignore-text" for kind, _ in texts) and any(
        pymupdf.Rect(box).intersects(page.rect) for _, box in texts
    )


def _remove_hidden(document: pymupdf.Document, number: int, text: PageText) -> bool:
    """Take text that leaves no ink out of a page; returns whether there was some and it could be done.

    Two kinds: invisible text (render mode 3), and text behind a picture.
    """
    removed = _remove_invisible(document, number) if text.hidden else False
    if text.layer.pictures and text.visible:
        page = document[number]
        boxes = words_without_ink(page, text)
        if boxes:
            turn = page.derotation_matrix
            rects = [pymupdf.Rect(box) * turn for box in boxes]
            removed |= _redact(document, number, rects, raw.PDF_REDACT_TEXT_REMOVE)
    return removed


def _remove_invisible(document: pymupdf.Document, number: int) -> bool:
    return _redact(document, number, [document[number].rect], raw.PDF_REDACT_TEXT_REMOVE_INVISIBLE)


def _not_visible_already(page: pymupdf.Page, text: PageText, result: PageResult) -> Callable[[Polygon], bool] | None:
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

    page: int
    values: tuple[tuple[str, str], ...]
    annotations: tuple[int, str] | None

    @classmethod
    def of(cls, document: pymupdf.Document, page: int) -> _State:
        values = tuple(document.xref_get_key(page, key) for key in KEYS)
        kind, value = values[KEYS.index("Annots")]
        if kind != "xref":
            return cls(page, values, None)
        array = int(value.split()[0])
        return cls(page, values, (array, document.xref_object(array, compressed=True)))

    def put_back(self, document: pymupdf.Document, *, annotations_only: bool) -> None:
        for key, (_, value) in zip(KEYS, self.values, strict=True):
            if key == "Annots" or not annotations_only:
                document.xref_set_key(self.page, key, value)
        if self.annotations is not None:
            document.update_object(*self.annotations)


def _redact(document: pymupdf.Document, number: int, rects: list[pymupdf.Rect], text: int) -> bool:
    """Redact text in the rectangles; False, and everything as before, where the page looks different then."""
    state = _State.of(document, document[number].xref)
    drawing = _drawing(document[number])
    before = _look(document[number]) if drawing is None else None
    try:
        _apply(document, number, state, rects, text)
        same = drawing is not None and drawing == _drawing(document[number])
        if not same:
            after = _look(document[number])
            if before is None:
                state.put_back(document, annotations_only=False)
                before = _look(document[number])
                _apply(document, number, state, rects, text)
            same = before == after
    except mupdf.ERRORS:
        same = False  # a page that MuPDF draws, but cannot rewrite
    if not same:
        state.put_back(document, annotations_only=False)
    return same


def _apply(document: pymupdf.Document, number: int, state: _State, rects: list[pymupdf.Rect], text: int) -> None:
    page = document[number]
    for rect in rects:
        page.add_redact_annot(rect, fill=(), cross_out=False)
    page.apply_redactions(images=raw.PDF_REDACT_IMAGE_NONE, graphics=raw.PDF_REDACT_LINE_ART_NONE, text=text)
    # Links that lay over the text went with it.
    state.put_back(document, annotations_only=True)


def _drawing(page: pymupdf.Page) -> tuple[bytes, frozenset[int]] | None:
    """What is drawn on a page, step by step, and the numbers of its pictures; None where that does not tell all.

    So two pages are compared without drawing either. MuPDF's trace has every path, place and colour with six digits,
    but of letters only their numbers, of gradients little, and of pictures only places and sizes: that is enough
    where no two pictures of the page have the same size.
    """
    buffer = raw.FzBuffer(1 << 14)
    output = raw.FzOutput(buffer)
    device = raw.fz_new_trace_device(output)
    raw.fz_run_page(_loaded(page), device, raw.FzMatrix(), raw.FzCookie())
    raw.fz_close_device(device)
    raw.fz_close_output(output)
    drawn = _INVISIBLE.sub(b"", raw.fz_buffer_extract_copy(buffer))
    pictures = {image[0]: (image[2], image[3]) for image in page.get_images(full=True)}
    sizes = set(pictures.values())
    shown = {(int(width), int(height)) for width, height in _PICTURE.findall(drawn)}
    if _UNSURE.search(drawn) or len(sizes) < len(pictures) or not shown <= sizes:
        return None
    return drawn, frozenset(pictures)


def _loaded(page: pymupdf.Page) -> raw.FzPage:
    return page.this if isinstance(page.this, raw.FzPage) else page.this.super()


def _look(page: pymupdf.Page) -> tuple[int, int, bytes]:
    scale = min(1.0, (LOOK_PIXELS / max(1.0, page.rect.width * page.rect.height)) ** 0.5)
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False)
    return pixmap.width, pixmap.height, pixmap.digest
