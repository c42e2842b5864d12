"""Where a block's lines end because they are meant to: addresses, verses, receipts; not running text."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_ocr.schema.results import Box, Line, polygon_box
from desktop_ocr.text.joining import HYPHENS, is_right_to_left, is_unspaced, join_lines
from desktop_ocr.text.rows import in_rows

SPACE = 0.8  # of a line's height: a space, and some more, because a justified line may be a little short
MOST = 0.5  # share of meant line ends from which on all are
MANY, SHORT = 0.3, 30.0  # the same where a usual line has no more characters than that
LEAST_ENTRIES, LONGEST_ENTRY = 3, 60  # rows, and characters in the longest
ENDS = ".!?:;…。！？”\"'»)"


def paragraphs(lines: Sequence[Line]) -> list[str]:
    """A block's lines as pieces, each of which stands on a line of its own.

    A line that ends although the next one's first word would have fitted beside it ends on purpose. Where most of a
    block's lines do, or stand in rows of several, each is a piece; otherwise a piece ends where such a line also ends
    a sentence.
    """
    rows = [row for row in in_rows([line for line in lines if line.text.strip()], sort=False) if row]
    texts = [" ".join(" ".join(line.text.split()) for line in row) for row in rows]
    if len(rows) < 2:
        return texts
    boxes = [_box(row) for row in rows]
    if sum(box[3] - box[1] > box[2] - box[0] for box in boxes) * 2 > len(boxes):
        return [join_lines(texts)]  # written downwards
    if sum(len(row) > 1 for row in rows) * 2 >= len(rows):
        return texts  # rows of a receipt or a form
    meant = _meant_ends(rows, texts, boxes)
    share = sum(meant) / len(meant)
    usual = sorted(map(len, texts))[len(texts) // 2]
    if share >= MOST or (share >= MANY and usual <= SHORT) or _are_entries(texts):
        return texts
    pieces: list[list[str]] = [[texts[0]]]
    for ended, before, text in zip(meant, texts, texts[1:], strict=False):
        if ended and before[-1] in ENDS:
            pieces.append([text])
        else:
            pieces[-1].append(text)
    return [join_lines(piece) for piece in pieces]


def _are_entries(texts: Sequence[str]) -> bool:
    """Whether rows are names or the like below each other: each begins with a capital, and none ends a sentence.

    Two say so where both begin with a figure: times of an agenda, years of a life.
    """
    return (
        (len(texts) >= LEAST_ENTRIES or all(text[0].isdigit() for text in texts))
        and max(map(len, texts)) <= LONGEST_ENTRY
        and all(text[0].isupper() or text[0].isdigit() for text in texts)
        and not any(text[-1] in ENDS + HYPHENS + "," for text in texts)
    )


def _meant_ends(rows: Sequence[Sequence[Line]], texts: Sequence[str], boxes: Sequence[Box]) -> list[bool]:
    """For each row but the last, whether the next one's first word would have fitted beside it."""
    backwards = sum(map(is_right_to_left, texts)) * 2 > len(texts)
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    return [
        (box[0] - left if backwards else right - box[2]) > _first_word(row) + SPACE * (box[3] - box[1])
        and text[-1] not in HYPHENS
        for text, box, row in zip(texts, boxes, rows[1:], strict=False)
    ]


def _first_word(row: Sequence[Line]) -> float:
    """The width of a row's first word; of its first character in scripts without spaces."""
    line = row[0]
    box = polygon_box(line.polygon)
    text = line.text.strip()
    if is_unspaced(text[0]):
        return box[3] - box[1]
    if line.words:
        first = polygon_box(line.words[0].polygon)
        return first[2] - first[0]
    return (box[2] - box[0]) * len(text.split()[0]) / len(text)


def _box(row: Sequence[Line]) -> Box:
    boxes = [polygon_box(line.polygon) for line in row]
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)
