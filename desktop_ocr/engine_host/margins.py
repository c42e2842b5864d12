"""Page headers and footers: running heads, page numbers, and what stands beside them.

They are kept in a page's result and left out of its Markdown. What is wrongly taken for one is lost there, so each
sign is checked against the page: a header stands above the page's text, a footer below, and a page of labels alone,
a map, a drawing or a receipt, has neither.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from desktop_ocr.engine_host.drafts import Draft, Sheet
from desktop_ocr.engine_host.geometry import Placed, area, overlap, union
from desktop_ocr.engine_host.reading_order import rows
from desktop_ocr.schema.results import BlockKind, polygon_box

if TYPE_CHECKING:
    from desktop_ocr.engine_host.features.interfaces import Region

MARGINS = frozenset({BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER})
_TAKEN_FOR = frozenset({BlockKind.TEXT, BlockKind.SECTION_HEADER})
_BODY = 30
"""Characters of a page's body: what stands below as much is no page header, what stands above it no page footer."""
_PAGE_OF_TEXT = 40
"""Characters in lines of prose from which on a page can have headers and footers beside them at all."""
_PROSE_LINES = 5
"""Lines of prose from which on a number by itself at a page's edge is the page's."""
_MOST_ROWS = 6
"""Rows of a page header or footer."""
_EDGE = 0.15
"""Share of the page's height at each end where headers and footers are looked for."""
_SEEN = 0.5
"""Score from which on a model that sees a header or footer in the page's picture is believed."""
_RUNNING = 60
"""Characters of a running head's parts: a longer one is text."""
_STRAY, _STRAY_SMALL, _STRAY_APART = 30, 0.85, 3.0
"""Characters at most, and of a line's height: what stands by itself between a footer and the text."""
_LARGE = 1.2
"""Of the usual line's height: what is larger is a heading, whatever a model saw there."""
_NUMBER = r"(?:\d{1,4}|[ivxlc]{1,7}|[IVXLC]{1,7})"
_PAGE_NUMBER = re.compile(
    rf"(?:[-–—·•|\[(]\s?)?(?:p\.?|pg\.?|page|seite|s\.|página|pagina)?\s?{_NUMBER}(?:\s?(?:/|of|von|de|di|sur)\s?\d{{1,4}})?"
    rf"(?:\s?[-–—·•|\])])?\.?|第\s?\d{{1,4}}\s?[页頁]|\d{{1,4}}\s?ページ|[A-Z]{{1,2}}[-–]\d{{1,4}}",
    re.IGNORECASE,
)


def set_apart(drafts: Sequence[Draft], sheet: Sheet, regions: Sequence[Region] = ()) -> list[Draft]:
    """The blocks with the page's headers and footers set apart from the text they were taken for part of.

    Args:
        drafts: the blocks as found; their kinds may change.
        sheet: the page.
        regions: what a model saw in the page's picture, on the deskewed page.
    """
    _doubt(drafts, sheet)
    if sheet.prose(sheet.placed) < _PAGE_OF_TEXT:
        return list(drafts)
    in_rows = rows([line for line in sheet.placed if line.upright])
    kept = list(drafts)
    for kind, ordered in ((BlockKind.PAGE_HEADER, in_rows), (BlockKind.PAGE_FOOTER, in_rows[::-1])):
        marginal = _marginal(ordered, kind, kept, sheet, regions)
        kept = _moved(kept, marginal, kind)
    return kept


def _doubt(drafts: Sequence[Draft], sheet: Sheet) -> None:
    """Make text of headers below a part of the body, of footers above one, and of both where there is no body.

    The date of a letter, below the sender's address, was taken for a page header, and names at the edges of maps.
    """
    body = [draft for draft in drafts if draft.kind not in MARGINS and draft.kind is not BlockKind.FOOTNOTE]
    text = sheet.prose(sheet.placed)
    for draft in drafts:
        if draft.kind is BlockKind.PAGE_HEADER:
            beyond = [other for other in body if other.box[3] <= draft.box[1]]
        elif draft.kind is BlockKind.PAGE_FOOTER:
            beyond = [other for other in body if other.box[1] >= draft.box[3]]
        else:
            continue
        outside = sum(sheet.lengths[line.number] for other in beyond for line in other.lines)
        if outside >= _BODY or text - sheet.prose(draft.lines) < _PAGE_OF_TEXT:
            draft.kind = BlockKind.TEXT


def _marginal(
    in_rows: Sequence[Sequence[Placed]],
    kind: BlockKind,
    drafts: Sequence[Draft],
    sheet: Sheet,
    regions: Sequence[Region],
) -> frozenset[int]:
    """Numbers of the lines of a page's header or footer: those of its outermost rows, as far as there is a sign of it.

    Args:
        in_rows: the page's rows from the edge inwards.
        kind: header or footer.
        drafts: the blocks; lines of those of the kind are marginal already.
        sheet: the page.
        regions: what was seen in the picture.
    """
    homes = {line.number: draft for draft in drafts for line in draft.lines}
    named = {number for number, draft in homes.items() if draft.kind is kind}
    named |= {number for number in _seen(kind, sheet, regions) if homes[number].kind is BlockKind.TEXT}
    sure = set(named)
    found = set(named)
    outside: set[int] = set()
    for count, row in enumerate(in_rows[:_MOST_ROWS]):
        box = union([line.box for line in row])
        if not _at_edge(box[1], box[3], kind, sheet):
            break
        numbers = {line.number for line in row}
        inwards = in_rows[count + 1 :]
        if _is_numbered(row, inwards[:2], sheet):
            sure |= numbers
            # What stands further out than a page's number is of the margin, too: "Downloaded on 12 July".
            found |= numbers | outside
        elif numbers & named and all(_is_running(line, sheet) for line in row):
            found |= numbers | outside
        elif found and (_is_ornament(row, sheet) or _is_stray(row, inwards, sheet)):
            found |= numbers
        else:
            outside |= numbers
    # What is part of a block of the body is not.
    return frozenset(
        number
        for number in found
        if number in sure or (homes[number].kind in _TAKEN_FOR and _ends_in(homes[number], found))
    )


def _at_edge(top: float, bottom: float, kind: BlockKind, sheet: Sheet) -> bool:
    if kind is BlockKind.PAGE_HEADER:
        return bottom <= _EDGE * sheet.height
    return top >= (1 - _EDGE) * sheet.height


def _seen(kind: BlockKind, sheet: Sheet, regions: Sequence[Region]) -> set[int]:
    boxes = [region.box for region in regions if region.kind is kind and region.score >= _SEEN]
    return {
        line.number
        for line in sheet.placed
        if _at_edge(line.box[1], line.box[3], kind, sheet)
        and _is_running(line, sheet)
        and any(overlap(line.box, box) >= 0.6 * area(line.box) > 0 for box in boxes)
    }


def _is_running(line: Placed, sheet: Sheet) -> bool:
    return sheet.lengths[line.number] <= _RUNNING and line.height <= _LARGE * sheet.line_height


def _ends_in(draft: Draft, numbers: set[int]) -> bool:
    """Whether all of a block's lines are among some."""
    return all(line.number in numbers for line in draft.lines)


def _is_numbered(row: Sequence[Placed], inwards: Sequence[Sequence[Placed]], sheet: Sheet) -> bool:
    """Whether a page's outermost row holds its number: alone, or at one end, far from a running head.

    Args:
        row: of the page.
        inwards: the rows that come next.
        sheet: the page.
    """
    prose = [line for line in sheet.placed if sheet.prose([line]) and line.number not in {one.number for one in row}]
    if len(prose) < _PROSE_LINES:
        return False
    parts = _row_parts(row, sheet)
    if len(parts) > 1:
        apart = all(b.left - a.right > 2 * sheet.line_height for a, b in itertools.pairwise(parts))
        # Rows of the same kind below are those of a table.
        alike = any(
            len(found) > 1 and any(_PAGE_NUMBER.fullmatch(part.text) for part in found)
            for found in (_row_parts(other, sheet) for other in inwards)
        )
        short = all(len(part.text) <= _RUNNING for part in parts)
        return short and apart and not alike and any(_PAGE_NUMBER.fullmatch(parts[end].text) for end in (0, -1))
    line = row[0]
    return len(row) == 1 and _is_number(line, sheet) and _stands_apart(line, prose, inwards)


class _Part(NamedTuple):
    """Words of a row that stand together, and from where to where they reach."""

    text: str
    left: float
    right: float


def _row_parts(row: Sequence[Placed], sheet: Sheet) -> list[_Part]:
    """A row's lines from the left, parted where there is a wide gap between words: a detector may join over those."""
    parts: list[_Part] = []
    for line in sorted(row, key=lambda line: line.box[0]):
        words = sheet.lines[line.number].words
        texts = [word.text for word in words]
        if len(texts) < 2 or "".join(texts) != "".join(sheet.text(line).split()):
            parts.append(_Part(sheet.text(line), line.box[0], line.box[2]))
            continue
        boxes = [polygon_box(word.polygon) for word in words]
        first = 0
        for number in range(1, len(words) + 1):
            if number == len(words) or boxes[number][0] - boxes[number - 1][2] > 2 * sheet.line_height:
                parts.append(_Part(" ".join(texts[first:number]), boxes[first][0], boxes[number - 1][2]))
                first = number
    return parts


def _is_ornament(row: Sequence[Placed], sheet: Sheet) -> bool:
    return not any(sign.isalnum() for line in row for sign in sheet.text(line))


def _is_stray(row: Sequence[Placed], inwards: Sequence[Sequence[Placed]], sheet: Sheet) -> bool:
    """Whether a row beside a header or footer is a few small words, far from the text."""
    next_box = union([line.box for line in inwards[0]]) if inwards else None
    box = union([line.box for line in row])
    gap = max(next_box[1] - box[3], box[1] - next_box[3]) if next_box else 0.0
    small = all(
        line.height <= _STRAY_SMALL * sheet.line_height and sheet.lengths[line.number] <= _STRAY for line in row
    )
    return small and gap >= _STRAY_APART * sheet.line_height


def _is_number(line: Placed, sheet: Sheet) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(sheet.text(line)))


def _stands_apart(line: Placed, prose: Sequence[Placed], inwards: Sequence[Sequence[Placed]]) -> bool:
    """Whether a number is in the middle of the page's text or at its outer side, and not a paragraph's last line."""
    left, right = min(one.box[0] for one in prose), max(one.box[2] for one in prose)
    middle = (line.box[0] + line.box[2]) / 2
    if abs(middle - (left + right) / 2) < 0.05 * (right - left) or middle > right - 0.1 * (right - left):
        return True
    nearest = [other for row in inwards[:1] for other in row]
    gap = min((max(line.box[1] - o.box[3], o.box[1] - line.box[3]) for o in nearest), default=line.height)
    return gap >= line.height


def _moved(drafts: Sequence[Draft], numbers: frozenset[int], kind: BlockKind) -> list[Draft]:
    """The blocks with some lines taken out of theirs, and made headers or footers of: one for each row's part."""
    kept: list[Draft] = []
    for draft in drafts:
        if draft.kind is kind or not draft.lines:
            kept.append(draft)
            continue
        out = [line for line in draft.lines if line.number in numbers]
        left = draft.without(numbers)
        if left is not None:
            kept.append(left)
        kept += [Draft.around(kind, [line]) for line in out]
    return kept
