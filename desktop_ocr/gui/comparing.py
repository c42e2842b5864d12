"""What two readings of a page have in common and what not, line by line and word by word. Without Qt.

Not for the window's thread: a dense page takes some ten milliseconds.
"""

from __future__ import annotations

import difflib
import enum
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from desktop_ocr.schema.results import Box, PageResult, polygon_box
from desktop_ocr.text.plain import plain_text

MOST_LINES = 1500
MOST_WORDS = 1200
"""Of a run of lines that differ: longer ones are marked as a whole."""
MOST_LETTERS = 4000
"""Of a line."""

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class Mark(enum.Enum):
    """How a piece of text stands to the other reading."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True)
class Piece:
    """A run of text with one mark."""

    text: str
    mark: Mark


Pieces = tuple[Piece, ...]


@dataclass(frozen=True)
class Row:
    """A line of the old reading and what stands there in the new one; None where there is nothing.

    `differs`: they are not the same.
    """

    old: Pieces | None
    new: Pieces | None
    differs: bool


@dataclass(frozen=True)
class Sums:
    """A reading in figures; `confidence` is the mean over its lines, 0 to 1, None where it has none."""

    lines: int
    words: int
    tables: int
    confidence: float | None


@dataclass(frozen=True)
class Comparison:
    """Two readings side by side.

    Attributes:
        rows: in reading order.
        old, new: in figures.
        changed: words of either that are not in the other.
        cut: the texts are longer than what is shown of them.
    """

    rows: tuple[Row, ...]
    old: Sums
    new: Sums
    changed: int
    cut: bool = False

    @property
    def same(self) -> bool:
        """No word differs."""
        return not any(row.differs for row in self.rows)


def compare(old: PageResult, new: PageResult) -> Comparison:
    """Compare two readings of the same page, or of the same part of it."""
    before, after = _lines(old), _lines(new)
    cut = max(len(before), len(after)) > MOST_LINES
    rows = tuple(_rows(before[:MOST_LINES], after[:MOST_LINES]))
    gone = sum(_words(row.old, Mark.GONE) for row in rows)
    came = sum(_words(row.new, Mark.NEW) for row in rows)
    return Comparison(rows, sums(old), sums(new), max(gone, came), cut)


def sums(result: PageResult) -> Sums:
    """A reading in figures."""
    words = sum(len(line.split()) for line in plain_text(result).splitlines())
    sure = [line.confidence for line in result.lines if line.text.strip()]
    tables = sum(block.table is not None for block in result.blocks)
    return Sums(len(sure), words, tables, sum(sure) / len(sure) if sure else None)


def lines_in(result: PageResult, box: Box) -> list[int]:
    """The lines of a page whose middles lie in a rectangle."""
    return [at for at, line in enumerate(result.lines) if _inside(polygon_box(line.polygon), box)]


def _inside(one: Box, box: Box) -> bool:
    x, y = (one[0] + one[2]) / 2, (one[1] + one[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _lines(result: PageResult) -> list[str]:
    return [" ".join(line.split())[:MOST_LETTERS] for line in plain_text(result).splitlines() if line.strip()]


def _rows(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            for line in before[a:b]:
                same = (Piece(line, Mark.SAME),)
                yield Row(same, same, False)
        else:
            old, new = _marked(before[a:b], after[c:d])
            for one, other in itertools.zip_longest(old, new):
                yield Row(one, other, True)


def _marked(old: Sequence[str], new: Sequence[str]) -> tuple[list[Pieces], list[Pieces]]:
    """Lines that differ, their words marked: found over all of them, so that another break of a line is no change."""
    before, after = _split(old), _split(new)
    words = [word for word in before if not word.isspace()], [word for word in after if not word.isspace()]
    if not words[0] or not words[1] or max(len(words[0]), len(words[1])) > MOST_WORDS:
        return _whole(old, Mark.GONE), _whole(new, Mark.NEW)
    gone, came = [True] * len(words[0]), [True] * len(words[1])
    matcher = difflib.SequenceMatcher(None, *words, autojunk=False)
    for a, b, size in matcher.get_matching_blocks():
        gone[a : a + size] = [False] * size
        came[b : b + size] = [False] * size
    return _pieces(before, gone, Mark.GONE), _pieces(after, came, Mark.NEW)


def _split(lines: Sequence[str]) -> list[str]:
    """Words, signs and spaces; a newline after each line."""
    return [word for line in lines for word in (*_WORDS.findall(line), "\n")]


def _whole(lines: Sequence[str], mark: Mark) -> list[Pieces]:
    return [(Piece(line, mark),) for line in lines]


def _pieces(split: Sequence[str], marked: Sequence[bool], mark: Mark) -> list[Pieces]:
    made: list[Pieces] = []
    runs: list[tuple[str, Mark]] = []
    at = 0
    for word in split:
        if word == "\n":
            made.append(tuple(Piece(text, how) for text, how in runs))
            runs = []
            continue
        if word.isspace():
            how = runs[-1][1] if runs and at < len(marked) and marked[at] else Mark.SAME
        else:
            how = mark if marked[at] else Mark.SAME
            at += 1
        if runs and runs[-1][1] is how:
            runs[-1] = (runs[-1][0] + word, how)
        else:
            runs.append((word, how))
    return made


def _words(pieces: Pieces | None, mark: Mark) -> int:
    return sum(len(piece.text.split()) for piece in pieces or () if piece.mark is mark)
