"""Lines of a paragraph become one line: hyphens at line ends, scripts without spaces, right-to-left text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Hyphen-minus, hyphen, soft hyphen, and the double oblique hyphen of Fraktur prints.
HYPHENS = "-\u2010\u00ad\u2e17"
SOFT_HYPHEN = "\u00ad"

# Scripts written without spaces between words. Hangul is not among them.
_UNSPACED = re.compile(
    "["
    "\u3000-\u303f\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    "\U00020000-\U0003ffff"
    "]"
)


def is_unspaced(character: str) -> bool:
    """Whether a character belongs to a script without spaces between words (Chinese, Japanese, Thai, ...)."""
    return bool(_UNSPACED.match(character))


def join_lines(lines: Iterable[str]) -> str:
    """The lines of one paragraph as running text.

    A hyphen at a line's end goes where it only divided a word: the line ends with a letter and the hyphen, and the
    next begins with a small letter ("recog-" + "nised"). It stays before a capital or a digit ("Anglo-" +
    "American"), and where the divided word has a hyphen already ("state-of-" + "the-art"). Letters of scripts
    without cases are joined without a space, the hyphen kept.
    """
    text = ""
    for line in (line.strip() for line in lines):
        if not line:
            continue
        text = join_two(text, line) if text else line
    return text


def join_two(left: str, right: str) -> str:
    """Two lines that follow each other in a paragraph, neither of them empty."""
    if left[-1] == SOFT_HYPHEN:
        return left[:-1] + right
    if left[-1] in HYPHENS and len(left) > 1 and left[-2].isalpha():
        return _without_hyphen(left, right)
    if (
        left[-1] in HYPHENS
        and len(left) > 1
        and left[-2].isdigit()
        and right[0].isalnum()
        and not _begins_with_and(right)
    ):
        return left + right  # "9-" + "methyl", "1914-" + "1918"
    if is_unspaced(left[-1]) and is_unspaced(right[0]):
        return left + right
    return f"{left} {right}"


def _without_hyphen(left: str, right: str) -> str:
    if _begins_with_and(right):
        return f"{left} {right}"  # "pre- and postwar"
    word = re.split(r"\s", left[:-1])[-1]
    divided = right[0].islower() and word[-1].islower() and not any(hyphen in word for hyphen in HYPHENS)
    return (left[:-1] if divided else left) + right


def _begins_with_and(text: str) -> bool:
    return text.split(maxsplit=1)[0] in ("and", "or", "und", "oder", "et", "ou", "y", "o", "e")


def is_right_to_left(text: str) -> bool:
    """Whether a text's first strong character runs right to left (Unicode's rule P2)."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False
