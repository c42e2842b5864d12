"""Right-to-left words as they stand on the page, from left to right: so PDF readers expect them."""

from __future__ import annotations

import re

# What keeps its order in right-to-left text: numbers with the signs between their figures, words of other scripts.
_LEFT_TO_RIGHT = re.compile(
    r"(?:[0-9\u0660-\u0669\u06f0-\u06f9]+(?:[.,:/][0-9\u0660-\u0669\u06f0-\u06f9]+)*%?|[A-Za-z\u00c0-\u024f]+)+"
)
# Where Unicode has all characters that run from right to left (bidirectional classes R and AL), and others.
_BACKWARDS = re.compile("[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")


def may_run_backwards(text: str) -> bool:
    """Whether some of a text may run from right to left; False is sure."""
    return not text.isascii() and _BACKWARDS.search(text) is not None


def visual(text: str) -> str:
    """A right-to-left word, its characters in the order in which they stand on the page.

    Brackets are not exchanged: readers take a character for what it is, not for what it looks like.
    """
    shown, at = "", 0
    for found in _LEFT_TO_RIGHT.finditer(text):
        shown = found.group() + text[at : found.start()][::-1] + shown
        at = found.end()
    return text[at:][::-1] + shown
