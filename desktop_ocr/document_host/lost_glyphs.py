"""How much of a page's text has glyphs that say nothing: letters whose font does not say which they are.

Old TeX files with fonts made of bitmaps lose some of their letters so: every "c" is a space that leaves ink, every
"fi" is U+FFFD, and the rest reads well. One in thirty letters is enough to spoil one word in six.

A lost glyph counts where it is part of a word: two letters stand right before it or after it. Bullets and signs of
formulas stand alone, and so does what a line begins with.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

MAX_LOST_SHARE = 0.02
"""Of a page's letters and digits."""
MAX_HARMED_SHARE = 0.05
"""Of its words."""
MIN_LOST = 3
"""So many lost glyphs are more than a few odd signs."""
LOST = "\ufffd"
_WORD = 2
"""Letters in a row that make a word."""


@dataclass(frozen=True)
class Harm:
    """What a text has lost.

    Attributes:
        letters: letters and digits that are there.
        lost: glyphs that belong to words, and are no characters.
        words: with two letters in a row; characters as wide as high, which stand without spaces, are no words'.
        harmed: words that have lost glyphs.
    """

    letters: int
    lost: int
    words: int
    harmed: int

    @property
    def much(self) -> bool:
        """Whether that is more than a reader would put up with."""
        if self.lost < MIN_LOST:
            return False
        return self.lost > MAX_LOST_SHARE * self.letters or self.harmed > MAX_HARMED_SHARE * self.words


def is_bad(character: str) -> bool:
    """Whether a character has no meaning to a reader: replacement, private use, control, surrogate, unassigned."""
    return character == LOST or unicodedata.category(character) in ("Co", "Cc", "Cs", "Cn")


def harm_of(text: str) -> Harm:
    """What a text has lost.

    Args:
        text: of a page, lines ended by newlines; what says nothing is U+FFFD or another character of no meaning.
    """
    letters = lost = words = harmed = 0
    for line in text.split("\n"):
        for number, token in enumerate(line.split()):
            marks = "".join(_mark(character) for character in token)
            letters += sum(mark in "aW9" for mark in marks)
            if number == 0 and marks.startswith("?"):
                marks = marks.lstrip("?")  # a bullet
            count = sum(_in_word(marks, place) for place, mark in enumerate(marks) if mark == "?")
            lost += count
            if "a" * _WORD in marks:
                words += 1
                harmed += count > 0
    return Harm(letters, lost, words, harmed)


def _mark(character: str) -> str:
    """The kind of a character: a letter, a wide one, a digit, a lost one, or a sign."""
    if is_bad(character):
        return "?"
    if character.isalpha():
        return "W" if unicodedata.east_asian_width(character) in "WF" else "a"
    return "9" if character.isdigit() else "."


def _in_word(marks: str, place: int) -> bool:
    """Whether a lost glyph has two letters right beside it, other lost ones aside."""
    before = marks[:place].rstrip("?")[-_WORD:]
    after = marks[place + 1 :].lstrip("?")[:_WORD]
    return any(len(side) == _WORD and set(side) <= set("aW") for side in (before, after))
