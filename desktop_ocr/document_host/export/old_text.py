"""What a recognised page has of text already: hidden text goes, visible text is not written twice."""

from __future__ import annotations

from collections.abc import Callable

import pymupdf

from desktop_ocr.schema.results import PageResult, Polygon


def remove_hidden_text(document: pymupdf.Document, page: pymupdf.Page) -> bool:
    return False


def covered_by_visible_text(page: pymupdf.Page, result: PageResult) -> Callable[[Polygon], bool] | None:
    return None
