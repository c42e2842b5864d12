"""Paragraphs that go on in another block: in the next column, or beyond a figure."""

from __future__ import annotations

from desktop_ocr.text.breaks import ENDS
from desktop_ocr.text.joining import HYPHENS

SHORTEST = 20  # characters of a paragraph's part: less is a label


def goes_on(before: str, after: str, *, shortest: int = SHORTEST) -> bool:
    """Whether a paragraph that ends with one text goes on with another: in the middle of a sentence.

    It does where the first ends without a full stop, or with a divided word, and the second begins with a small
    letter. Scripts without capitals tell nothing, and are left as they are.

    Args:
        before, after: the texts.
        shortest: characters that the first must have.
    """
    if len(before) < shortest or not after or not after[0].islower():
        return False
    last = before[-1]
    if last in HYPHENS:
        return len(before) > 1 and before[-2].isalpha()
    return last not in ENDS
