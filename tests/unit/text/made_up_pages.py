"""Pages and edits made up by chance: any blocks, tables with spans, words or none, text of any script.

Made from a `Random` and not drawn piece by piece, which is a hundred times as fast: a failure names its seed.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import msgspec

from desktop_ocr.schema.edits import (
    CellText,
    DeleteBlocks,
    DeleteLines,
    Edit,
    LineText,
    MergeBlocks,
    MergeLines,
    MoveBlock,
    ReplaceRegion,
    SetKind,
    SetTexts,
    SplitBlock,
    SplitLine,
)
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Cell,
    Line,
    PageResult,
    PageSource,
    Polygon,
    Table,
    Word,
    box_polygon,
    check_page_result,
    polygon_box,
)
from desktop_ocr.text.editing import apply, title

WORDS = ("the", "quick", "Über", "12.50", "字符識別", "ไทย", "שלום", "مرحبا", "a_b", "—", "e\u0301", "x")
TYPED = ("", " ", "\n", "\x00", "\ud800", "two\nlines", "字符abc", "\u2028", "a\u00a0b", "\u202eevil", "x" * 300)


def text(chance: Random) -> str:
    """Some words."""
    return " ".join(chance.choices(WORDS, k=chance.randint(0, 5)))


def polygon(chance: Random) -> Polygon:
    """Upright, leaning, or without any size."""
    x, y = chance.uniform(0, 900), chance.uniform(0, 900)
    wide, high = chance.choice((0, 5, 100, 300)), chance.choice((0, 10, 40))
    if chance.random() < 0.5:
        return box_polygon((x, y, x + wide, y + high))
    lean = chance.uniform(-20, 20)
    return x, y, x + wide, y + lean, x + wide, y + lean + high, x, y + high


def line(chance: Random) -> Line:
    """A line, with words or without."""
    said, confidence = text(chance), chance.choice((0.5, 0.9, 1.0))
    words = tuple(Word(one, polygon(chance), confidence) for one in said.split())
    return Line(said, polygon(chance), confidence, words if chance.random() < 0.7 else ())


def page(chance: Random, most: int = 6) -> PageResult:
    """Up to `most` blocks; every line in one of them, every line of a table in one of its cells."""
    lines: list[Line] = []
    blocks: list[Block] = []
    for _ in range(chance.randint(0, most)):
        kind = chance.choice((*BlockKind, BlockKind.TABLE, BlockKind.TABLE, BlockKind.TEXT))
        indices = list(range(len(lines), len(lines) + chance.randint(0, 6)))
        lines += [line(chance) for _ in indices]
        chance.shuffle(indices)
        block = Block(kind, polygon_box(polygon(chance)), tuple(indices))
        if kind in (BlockKind.TABLE, BlockKind.CHART) and chance.random() < 0.8:
            block = msgspec.structs.replace(block, table=_table(chance, indices, lines))
        if kind is BlockKind.FORMULA:
            block = msgspec.structs.replace(block, latex=chance.choice(("", "E = mc^2")))
        blocks.append(block)
    for at, block in enumerate(blocks):
        if block.kind is BlockKind.CAPTION and chance.random() < 0.7:
            blocks[at] = msgspec.structs.replace(block, caption_of=chance.randrange(len(blocks)))
    return PageResult(0, 1200, 1000, 100, 0, PageSource.RECOGNISED, tuple(lines), tuple(blocks))


def _table(chance: Random, indices: list[int], lines: list[Line]) -> Table:
    """Two columns; the first row may be one wide cell. A chart's cells have text and no lines."""
    rows, wide = chance.randint(1, 3), chance.random() < 0.3
    held: dict[tuple[int, int], list[int]] = {(row, column): [] for row in range(rows) for column in range(2)}
    if wide:
        del held[0, 1]
    if chance.random() < 0.3:
        cells = [Cell(row, column, text(chance)) for row, column in held]
    else:
        for index in indices:
            chance.choice(list(held.values())).append(index)
        joint = chance.choice(("\n", " "))
        cells = [Cell(*at, joint.join(lines[one].text for one in own), tuple(own)) for at, own in held.items()]
    if wide:
        cells[0] = msgspec.structs.replace(cells[0], column_span=2)
    return Table(rows, 2, tuple(cells))


def edit(chance: Random, on: PageResult) -> Edit:
    """An edit that is mostly possible on a page, and sometimes not quite."""
    one_line = chance.randint(0, max(0, len(on.lines) - (chance.random() < 0.95)))
    one_block = chance.randint(0, max(0, len(on.blocks) - (chance.random() < 0.95)))
    typed = chance.choice(TYPED) if chance.random() < 0.3 else text(chance)
    tables = [at for at, block in enumerate(on.blocks) if block.table is not None] or [one_block]
    cell = CellText(chance.choice(tables), chance.randint(0, 2), chance.randint(0, 1), f"{typed}\n{text(chance)}")
    neighbours = on.blocks[one_block].lines if one_block < len(on.blocks) else ()
    beside = tuple(chance.sample(neighbours, min(len(neighbours), chance.randint(2, 3))))
    some_blocks = tuple(chance.choices(range(len(on.blocks) + 1), k=2))
    at = chance.randint(0, len(on.lines[one_line].text) if one_line < len(on.lines) else 3)
    kinds: list[Edit] = [
        SetTexts((LineText(one_line, typed),)),
        SetTexts((LineText(one_line, _retyped(chance, on, one_line)),)),
        SetTexts(cells=(cell,)),
        SetKind(one_block, chance.choice(list(BlockKind)), chance.randint(0, 6)),
        MergeLines(beside),
        SplitLine(one_line, at),
        DeleteLines((one_line, *beside)),
        DeleteBlocks((one_block,)),
        MergeBlocks(some_blocks),
        MergeBlocks(tuple(tables)),
        SplitBlock(one_line),
        MoveBlock(one_block, chance.randint(0, max(0, len(on.blocks) - 1))),
        ReplaceRegion((100, 100, chance.uniform(200, 1200), chance.uniform(200, 1000)), page(chance, 2)),
    ]
    return chance.choice(kinds)


def _retyped(chance: Random, on: PageResult, index: int) -> str:
    """A line's text with a word more, less, or another one."""
    words = on.lines[index].text.split() if index < len(on.lines) else []
    at = chance.randint(0, len(words))
    words[at : at + chance.randint(0, 1)] = chance.choices(WORDS, k=chance.randint(0, 2))
    return " ".join(words)


KEEPS_TEXT = (MergeLines, SplitLine, MergeBlocks, SplitBlock, MoveBlock, SetKind)


def letters(of: PageResult) -> Counter[str]:
    """What the lines say, without spaces."""
    return Counter(sign for line in of.lines for sign in line.text if not sign.isspace())


def check(before: PageResult, change: Edit) -> PageResult:
    """Make an edit, if it is possible, and assert all that holds of any edit; returns what came of it."""
    try:
        made = apply(before, change)
    except DesktopOcrError as error:
        assert error.code is ErrorCode.USAGE  # noqa: PT017
        assert str(error.info)  # noqa: PT017
        return before
    assert title(change)
    check_page_result(made)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=PageResult) == made
    if isinstance(change, KEEPS_TEXT):
        assert letters(made) == letters(before)
    if isinstance(change, (DeleteLines, DeleteBlocks)):
        assert not letters(made) - letters(before)
    old = set(before.lines)
    for line in made.lines:
        if line not in old and line.human:
            assert line.confidence == 1.0
            assert all(word.confidence == 1.0 for word in line.words)
            if line.words:
                assert "".join(word.text for word in line.words) == "".join(line.text.split())
        assert "\n" not in line.text
    for block in made.blocks:
        for cell in block.table.cells if block.table is not None else ():
            if cell.human and cell.lines:
                assert cell.text.split() == " ".join(made.lines[one].text for one in cell.lines).split()
    return made
