"""Accents that a PDF draws on their own, above or below a letter, become one character with it.

TeX's older fonts (OT1) have no accented letters: "Ján" is drawn as "J", an acute accent, "a", "n", and its text
layer says just that.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeVar

from desktop_ocr.schema.results import Box

T = TypeVar("T")

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


def compose(
    characters: Sequence[T], text: Callable[[T], str], box: Callable[[T], Box], with_text: Callable[[T, str], T]
) -> list[T]:
    """Put lone accents and the letters they stand over together.

    An accent belongs to the next or the former letter where its middle lies within that letter's width: an accent
    that is written for itself has a place of its own in the line.

    Args:
        characters: of one line, in the order of the text layer; upright.
        text: a character's text.
        box: its box: as wide as its advance.
        with_text: the same character with another text.

    Returns:
        The characters, with the letter's box where two became one.
    """
    out: list[T] = []
    waiting: T | None = None
    for character in characters:
        if waiting is not None:
            joined = _join(text(character), text(waiting)) if _over(box(waiting), box(character)) else None
            out.append(with_text(character, joined) if joined else waiting)
            if not joined:
                out.append(character)
            waiting = None
        elif text(character) not in COMBINING:
            out.append(character)
        elif out and _over(box(character), box(out[-1])) and (joined := _join(text(out[-1]), text(character))):
            out[-1] = with_text(out[-1], joined)
        else:
            waiting = character
    return out if waiting is None else [*out, waiting]


def _over(accent: Box, letter: Box) -> bool:
    return letter[0] <= (accent[0] + accent[2]) / 2 <= letter[2]


def _join(letter: str, accent: str) -> str | None:
    """One character, or None where Unicode has none: then it is no accent of that letter."""
    joined = unicodedata.normalize("NFC", DOTLESS.get(letter, letter) + COMBINING[accent])
    return joined if len(letter) == len(joined) == 1 else None
