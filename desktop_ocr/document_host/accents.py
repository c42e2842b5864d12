"""Accents that a PDF draws on their own, above or below a letter, become one character with it.

TeX's older fonts (OT1) have no accented letters: "Ján" is drawn as "J", an acute accent, "a", "n", and its text
layer says just that.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from desktop_ocr.document_host.glyphs import Glyph

COMBINING = {
    "\u0060": "\u0300",  # grave
    "\u00b4": "\u0301",  # acute
    "\u02c6": "\u0302",  # circumflex
    "\u005e": "\u0302",
    "\u02dc": "\u0303",  # tilde
    "\u007e": "\u0303",
    "\u00af": "\u0304",  # macron
    "\u02d8": "\u0306",  # breve
    "\u02d9": "\u0307",  # dot above
    "\u00a8": "\u0308",  # diaeresis
    "\u02da": "\u030a",  # ring above
    "\u02dd": "\u030b",  # double acute
    "\u02c7": "\u030c",  # caron
    "\u00b8": "\u0327",  # cedilla
    "\u02db": "\u0328",  # ogonek
}
DOTLESS = {"\u0131": "i", "\u0237": "j"}


def compose(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Put lone accents and the letters they stand over together.

    An accent belongs to the next or the former letter where its middle lies within that letter's width: an accent
    that is written for itself has a place of its own in the line.

    Args:
        glyphs: of one line, in the order of the text layer; upright.

    Returns:
        The glyphs, with the letter's box where two became one.
    """
    out: list[Glyph] = []
    waiting: Glyph | None = None
    for glyph in glyphs:
        if waiting is not None:
            joined = _join(glyph, waiting)
            out.extend([joined] if joined else [waiting, glyph])
            waiting = None
        elif glyph.text not in COMBINING:
            out.append(glyph)
        elif out and (joined := _join(out[-1], glyph)):
            out[-1] = joined
        else:
            waiting = glyph
    return out if waiting is None else [*out, waiting]


def _join(letter: Glyph, accent: Glyph) -> Glyph | None:
    """The two as one; None where the accent stands elsewhere, or Unicode has no such letter."""
    if not letter.box[0] <= (accent.box[0] + accent.box[2]) / 2 <= letter.box[2]:
        return None
    base = DOTLESS.get(letter.text, letter.text)
    joined = unicodedata.normalize("NFC", base + COMBINING[accent.text])
    return replace(letter, text=joined) if len(letter.text) == len(joined) == 1 else None
