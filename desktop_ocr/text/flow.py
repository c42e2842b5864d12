"""Paragraphs that go on in another block: in the next column, or beyond a figure."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from desktop_ocr.schema.results import Block, BlockKind, Box, Line, polygon_box
from desktop_ocr.text.breaks import ENDS
from desktop_ocr.text.joining import HYPHENS, join_two

SHORTEST = 20  # characters of a paragraph's part: less is a label
PROSE = 25  # characters of a usual line in running text
FLOATS = frozenset({BlockKind.PICTURE, BlockKind.CHART, BlockKind.TABLE, BlockKind.CAPTION, BlockKind.SEAL})
"""What may stand in the middle of a paragraph that goes on below it."""
BELOW = 1.5  # line heights: a paragraph's rest stands so near below it, whatever is read between the two
_NOTE = re.compile(r"(?:[a-z]\s?|[*†‡§]\s?)[A-Z]")


@dataclass
class Piece:
    """A block on its way to Markdown.

    Attributes:
        block: the block.
        lines: its lines.
        paragraphs: of running text: each stands on a line of its own. They are moved where they go on elsewhere.
    """

    block: Block
    lines: Sequence[Line]
    paragraphs: list[str]


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
        return len(before) > 1 and not before[-2].isspace()
    return last not in ENDS


def join_paragraphs(pieces: Sequence[Piece]) -> None:
    """Move the rest of a paragraph that goes on in a later block to where it began.

    Args:
        pieces: in reading order; their paragraphs change.
    """
    last: Piece | None = None
    prose: list[Piece] = []
    for number, piece in enumerate(pieces):
        if piece.block.kind in FLOATS or _is_tables_note(piece, pieces[number - 1] if number else None):
            continue
        if piece.block.kind is not BlockKind.TEXT:
            last = None
            continue
        if not piece.lines:  # they were deleted
            continue
        begun = next((one for one in prose[::-1] if _is_below(piece, one) and _go_on(one, piece)), None)
        if begun is None and last is not None and _go_on(last, piece):
            begun = last
        if begun is not None:
            begun.paragraphs[-1] = join_two(begun.paragraphs[-1], piece.paragraphs.pop(0))
        if piece.paragraphs and statistics.median(len(line.text) for line in piece.lines) >= PROSE:
            last = piece
            prose.append(piece)


def _go_on(before: Piece, after: Piece) -> bool:
    return bool(before.paragraphs and after.paragraphs) and goes_on(before.paragraphs[-1], after.paragraphs[0])


def _is_tables_note(piece: Piece, before: Piece | None) -> bool:
    """Whether a block is a note below a table: "a The numbers are those of figure 5"."""
    return (
        before is not None
        and before.block.kind is BlockKind.TABLE
        and bool(piece.paragraphs)
        and _NOTE.match(piece.paragraphs[0]) is not None
    )


def _is_below(piece: Piece, above: Piece) -> bool:
    box, other = _box(piece.lines), _box(above.lines)
    high = statistics.median(b[3] - b[1] for b in (polygon_box(line.polygon) for line in above.lines))
    shared = min(box[2], other[2]) - max(box[0], other[0])
    near = -0.5 * high <= box[1] - other[3] <= BELOW * high
    return near and shared >= 0.5 * min(box[2] - box[0], other[2] - other[0])


def _box(lines: Sequence[Line]) -> Box:
    boxes = [polygon_box(line.polygon) for line in lines]
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)
