"""A character of a PDF page."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_ocr.schema.results import Box


@dataclass(frozen=True)
class Glyph:
    """A character, in points of the page before /Rotate, as MuPDF gives it.

    `box` is as wide as its advance and as high as its ink; `size` is its font's, and `origin` lies on the baseline.
    `drawn`: the file has it, and draws it; spaces that MuPDF or we put between words are not.
    """

    text: str
    box: Box
    origin: tuple[float, float]
    size: float
    visible: bool
    drawn: bool = True
