"""Whether a PDF says the same after Ghostscript has written it anew: that may lose which letters its glyphs stand for.

The pages look the same then, but what is searched for or copied is something else.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass

import pymupdf

from desktop_ocr.document_host import mupdf

MAX_SHARE = 0.005  # of a page's letters that may be others
MIN_LETTERS = 3  # fewer than these are no reason to do without the archive
SHRINK_PAGES = 20  # fonts are kept for so many pages


@dataclass(frozen=True)
class TextHarm:
    """What became of the text; pages are counted from 0.

    Attributes:
        ruined: the first page where too much of it is lost; those behind it were not looked at.
        touched: pages where a few letters are lost.
    """

    ruined: int | None
    touched: tuple[int, ...]


def text_harm(source: pymupdf.Document, copy: pymupdf.Document) -> TextHarm:
    """Compare the letters of each page, wherever they stand on it; the documents have as many pages."""
    touched: list[int] = []
    for page in range(source.page_count):
        before = _letters(source, page)
        if before:  # what MuPDF cannot read cannot be compared
            lost = (before - (_letters(copy, page) or Counter())).total()
            if lost >= MIN_LETTERS and lost > MAX_SHARE * before.total():
                return TextHarm(page, tuple(touched))
            if lost:
                touched.append(page)
        if page % SHRINK_PAGES == SHRINK_PAGES - 1:
            mupdf.shrink_store()
    mupdf.shrink_store()
    return TextHarm(None, tuple(touched))


def _letters(document: pymupdf.Document, page: int) -> Counter[str] | None:
    """How often each sign is on a page, ligatures taken apart; None where the page cannot be read.

    Spaces are the reader's guess. Control signs, signs of private use and U+FFFD say nothing that could be lost.
    """
    try:
        text = unicodedata.normalize("NFKC", document[page].get_text())
    except mupdf.ERRORS:
        return None
    return Counter(sign for sign in text if unicodedata.category(sign)[0] not in "CZ" and sign != "\ufffd")
