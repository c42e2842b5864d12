"""Blocks in the making: every line of the page goes into exactly one."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from desktop_ocr.engine_host.geometry import Found, Placed, across, area, overlap, union
from desktop_ocr.engine_host.words import is_spaceless
from desktop_ocr.schema.results import BlockKind, Box, Line

FIGURES = frozenset({BlockKind.PICTURE, BlockKind.CHART, BlockKind.SEAL})
_BELONGS = 0.5
"""Share of a line's box that must lie in a block for the line to belong to it."""
_ON_IT, _TEXT_ON_IT = 0.8, 0.1
"""Share of a text that lies on a picture, and of the picture that is text, from which on it is a background."""
_PROSE_LINE = 20
"""Characters from which on a line is more than a label."""


class Sheet(NamedTuple):
    """A page whose lines are being put into blocks; boxes are those of the deskewed page.

    Attributes:
        lines: as recognised or read.
        placed: where each lies.
        width, height: of the page in pixels.
        line_height: usual height of a line in pixels.
        lengths: characters of each line; those of scripts without spaces, which say more, count twice.
    """

    lines: Sequence[Line]
    placed: Sequence[Placed]
    width: float
    height: float
    line_height: float
    lengths: Sequence[int]

    @classmethod
    def of(cls, lines: Sequence[Line], placed: Sequence[Placed], width: float, height: float) -> Sheet:
        """The sheet of a page's lines."""
        line_height = statistics.median(line.height for line in placed) if placed else 1.0
        lengths = [sum(2 if is_spaceless(sign) else 1 for sign in line.text) for line in lines]
        return cls(lines, placed, width, height, line_height, lengths)

    def text(self, line: Placed) -> str:
        """What a line says, without white space around it."""
        return self.lines[line.number].text.strip()

    def prose(self, lines: Sequence[Placed]) -> int:
        """Characters in those lines that are more than labels."""
        lengths = (self.lengths[line.number] for line in lines)
        return sum(length for length in lengths if length >= _PROSE_LINE)


class Draft:
    """A block in the making."""

    def __init__(self, kind: BlockKind, box: Box, lines: Sequence[Placed] = ()) -> None:
        """A block of a kind at a place.

        Args:
            kind: its role.
            box: on the deskewed page, in pixels.
            lines: in any order.
        """
        self.kind = kind
        self.box = box
        self.lines = list(lines)

    @classmethod
    def around(cls, kind: BlockKind, lines: Sequence[Placed]) -> Draft:
        """The block of some lines, at least one."""
        return cls(kind, union([line.box for line in lines]), lines)

    def without(self, numbers: frozenset[int]) -> Draft | None:
        """The block without some of its lines; None where none is left. It is as large as the lines that stay.

        A figure is what was seen, whatever lines are in it: it stays as it is.
        """
        left = [line for line in self.lines if line.number not in numbers]
        if len(left) == len(self.lines):
            return self
        if self.kind in FIGURES:
            return Draft(self.kind, self.box, left)
        return Draft.around(self.kind, left) if left else None


def assign(placed: Sequence[Placed], found: Sequence[Found], pictures: Sequence[Box]) -> list[Draft]:
    """Give every line to the block it lies in; lines that lie in none make text blocks of their own.

    A picture that the model sees is believed where the page is known to have one there. Elsewhere there is nothing
    but text, and its lines become text blocks.
    """
    drafts = [Draft(one.kind, one.box) for one in found if one.kind is not BlockKind.PICTURE]
    frames = [Draft(BlockKind.PICTURE, box) for box in pictures]
    left: list[Placed] = []
    for line in placed:
        home = _home(line, drafts) or _home(line, frames)
        if home is None:
            left.append(line)
        else:
            home.lines.append(line)
    kept = [draft for draft in drafts if draft.lines]
    backgrounds = [frame for frame in frames if _is_background(frame.box, kept)]
    left += [line for frame in backgrounds for line in frame.lines]
    return kept + [frame for frame in frames if frame not in backgrounds] + clusters(left)


def _is_background(box: Box, drafts: Sequence[Draft]) -> bool:
    """Whether a picture lies behind text, such as a card or a coloured bar: text is much of what is on it."""
    on_it = [draft for draft in drafts if overlap(draft.box, box) >= _ON_IT * area(draft.box) > 0]
    return sum(area(draft.box) for draft in on_it) >= _TEXT_ON_IT * area(box) > 0


def clusters(lines: Sequence[Placed]) -> list[Draft]:
    """Text blocks of lines that follow each other closely and are about as high.

    Where a line stands below two that stand side by side, or above two, it is of neither's block. The columns of
    vertical writing follow each other from right to left.
    """
    own = {line.number: line for line in lines}
    turned = [Placed(line.number, across(line.box), line.height, True) for line in lines if not line.upright]
    found = _clusters([line for line in lines if line.upright])
    for draft in _clusters(turned):
        found.append(Draft.around(BlockKind.TEXT, [own[line.number] for line in draft.lines]))
    return found


def _clusters(lines: Sequence[Placed]) -> list[Draft]:
    drafts: list[Draft] = []
    near: list[Draft] = []  # those that a line further down may still follow
    ordered = sorted(lines, key=lambda line: line.box[1])
    for number, line in enumerate(ordered):
        near = [draft for draft in near if draft.lines[-1].box[3] + draft.lines[-1].height > line.box[1]]
        above = [draft for draft in near if _follows(line, draft.lines[-1])]
        if len(above) == 1 and not _parted_below(above[0].lines[-1], ordered[number:]):
            above[0].lines.append(line)
            above[0].box = union([above[0].box, line.box])
        else:
            drafts.append(Draft.around(BlockKind.TEXT, [line]))
            near.append(drafts[-1])
    return drafts


def _parted_below(above: Placed, lines: Sequence[Placed]) -> bool:
    """Whether several of the lines that come next stand side by side below a line."""
    beside: list[Placed] = []
    for line in lines:
        if line.box[1] > above.box[3] + 1.5 * above.height:
            break
        if _follows(line, above):
            beside.append(line)
    first = beside[0] if beside else None
    return first is not None and any(_beside(first, line) for line in beside[1:])


def _beside(one: Placed, other: Placed) -> bool:
    apart = max(one.box[0], other.box[0]) - min(one.box[2], other.box[2])
    shared = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    return apart > 2 * min(one.height, other.height) and shared > 0.5 * min(one.height, other.height)


def _follows(line: Placed, above: Placed) -> bool:
    shared = min(line.box[2], above.box[2]) - max(line.box[0], above.box[0])
    gap = line.box[1] - above.box[3]
    height = min(line.height, above.height)
    return shared > 0 and -0.5 * height < gap < 0.8 * height and max(line.height, above.height) < 1.6 * height


def _home(line: Placed, drafts: Sequence[Draft]) -> Draft | None:
    """The block that holds most of a line; of several, the smallest."""
    whole = area(line.box)
    best: Draft | None = None
    best_rank = (0.0, 0.0)
    for draft in drafts:
        share = overlap(line.box, draft.box) / whole if whole else float(_inside(line.box, draft.box))
        if share >= _BELONGS:
            rank = (round(share, 1), -area(draft.box))
            if best is None or rank > best_rank:
                best, best_rank = draft, rank
    return best


def _inside(box: Box, other: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return other[0] <= x <= other[2] and other[1] <= y <= other[3]
