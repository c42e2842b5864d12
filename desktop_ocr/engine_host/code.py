"""Code on a page: lines that read like a program, in letters that are equally wide."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

from desktop_ocr.engine_host.drafts import Draft, Sheet
from desktop_ocr.engine_host.geometry import Placed, union
from desktop_ocr.schema.results import BlockKind

_LIKE_CODE = 0.3
"""Share of a block's lines that must read like code where its letters are equally wide: its comments do not."""
_ALL_CODE = 0.7
"""The same where they are not, or that cannot be told."""
_FEWEST = 2
"""Lines of code by themselves. One such line may be anything."""
_LEAST_TOLD = 6
"""Characters from which on a line's width says how wide its letters are."""
_EQUAL, _WIDE = 0.022, 0.52
"""Spread of letters' widths over lines, and their width for the line's height. Measured: code and typewriting have
0.003 and 0.62, running text 0.015 to 0.07 and at most 0.51, receipts' narrow printing at most 0.50."""
_GAP = 2.5
"""Of a line's height: parts of a program that stand apart by less are one block."""
_MAY_BE = frozenset({BlockKind.TEXT, BlockKind.LIST_ITEM, BlockKind.SECTION_HEADER, BlockKind.FORMULA})

_SIGNS = re.compile(
    r"[;{}]\s*$|^\s*[{})\]]+[;,]?\s*$"  # how lines end in many languages
    r"|^\s*(?:def|class|for|while|if|elif|else|try|except|with|switch|case)\b.*:\s*$"
    r"|^\s*(?:import\s+[\w.]+|from\s+[\w.]+\s+import\b.*|#\s?include\b.*|#!/.*|package\s+[\w.]+|using\s+[\w.]+);?\s*$"
    r"|^\s*(?:return|print|echo|yield|raise|throw)\b\s*[\w(\"'\[{+*/=.<>, -]*[)\]\"'\w];?\s*$(?<![a-z]\.)"
    r"|^\s*(?:public|private|protected|static|const|let|var|function|fn|func|void|int|double|float|char)\s+\w+.*[({=;]"
    r"|^\s*(?:>>>|\.\.\.|\$|//|/\*|\*/|--\s|<[/!?]?\w+[^>]*>)"
    r"|^\s*[\w.\[\]\"']+\s*(?:[-+*/|&:]?=|<-|:=)\s*\S"
    r"|\w\(\S*\)\s*[;:{]?\s*$|=>|==|!=|&&|\|\||::|->"
)


def set_apart(drafts: Sequence[Draft], sheet: Sheet) -> list[Draft]:
    """The blocks with those of code named so, and the parts of a program in one block."""
    for draft in drafts:
        if draft.kind in _MAY_BE and _is_code(draft.lines, sheet):
            draft.kind = BlockKind.CODE
    return _joined(drafts, sheet)


def _is_code(lines: Sequence[Placed], sheet: Sheet) -> bool:
    if len(lines) < _FEWEST:
        return False
    like_code = sum(bool(_SIGNS.search(sheet.text(line))) for line in lines)
    least = (_LIKE_CODE if equally_wide(lines, sheet) else _ALL_CODE) * len(lines)
    return like_code >= max(_FEWEST, least)


def equally_wide(lines: Sequence[Placed], sheet: Sheet) -> bool:
    """Whether the letters of lines are equally wide, as a typewriter's are; False where that cannot be told."""
    told = [line for line in lines if line.upright and len(sheet.text(line)) >= _LEAST_TOLD]
    if len(told) < _FEWEST:
        return False
    widths = [(line.box[2] - line.box[0]) / len(sheet.text(line)) for line in told]
    usual = statistics.fmean(widths)
    height = statistics.fmean(line.height for line in told)
    return statistics.pstdev(widths) <= _EQUAL * usual and usual >= _WIDE * height


def _joined(drafts: Sequence[Draft], sheet: Sheet) -> list[Draft]:
    """The blocks with neighbouring parts of a program joined, single lines in the same letters too."""
    joined = list(drafts)
    for draft in [one for one in drafts if one.kind is BlockKind.CODE]:
        if draft not in joined:
            continue
        while (part := next((one for one in joined if _is_part(one, draft, sheet)), None)) is not None:
            joined.remove(part)
            draft.lines = draft.lines + part.lines
            draft.box = union([draft.box, part.box])
    return joined


def _is_part(draft: Draft, code: Draft, sheet: Sheet) -> bool:
    if draft is code or not draft.lines or draft.kind not in _MAY_BE | {BlockKind.CODE}:
        return False
    apart = max(draft.box[1] - code.box[3], code.box[1] - draft.box[3])
    beside = min(draft.box[2], code.box[2]) - max(draft.box[0], code.box[0])
    if apart > _GAP * sheet.line_height or beside <= 0:
        return False
    if draft.kind is BlockKind.CODE:
        return True
    alike = len(draft.lines) == 1 and all(_SIGNS.search(sheet.text(line)) for line in draft.lines)
    return alike and equally_wide([*code.lines, *draft.lines], sheet)
