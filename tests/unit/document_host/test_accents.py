"""Accents drawn on their own."""

from __future__ import annotations

import pytest

from desktop_ocr.document_host.accents import compose
from desktop_ocr.document_host.glyphs import Glyph


def joined(*characters: tuple[str, float, float]) -> str:
    """The text of characters that reach from one x to another, after composing."""
    line = [Glyph(text, (x0, 0.0, x1, 10.0), (x0, 10.0), 10.0, True) for text, x0, x1 in characters]
    return "".join(glyph.text for glyph in compose(line))


@pytest.mark.parametrize(
    ("characters", "text"),
    [
        ([("J", 0, 4), ("´", 5, 9), ("a", 4, 10), ("n", 10, 17)], "Ján"),
        ([("´", 0, 3), ("ı", 0, 3)], "í"),
        ([("c", 0, 5), ("¸", 1, 4), ("a", 5, 10)], "ça"),
        ([("¨", 1, 5), ("U", 0, 8), ("b", 8, 12)], "Üb"),
        # A key's or an accent's own name: it has a place of its own.
        ([("a", 0, 5), ("´", 5, 8), ("b", 8, 13)], "a´b"),
        ([("x", 0, 5), ("^", 5, 9), ("2", 9, 14)], "x^2"),
        ([("~", 0, 5), ("/", 5, 8)], "~/"),
        ([("a", 0, 5), ("´", 5, 8)], "a´"),
        # No such letter.
        ([("¸", 0, 5), ("7", 0, 5)], "¸7"),
        ([], ""),
    ],
)
def test_accents_join_the_letter_they_stand_over(characters: list[tuple[str, float, float]], text: str) -> None:
    assert joined(*characters) == text
