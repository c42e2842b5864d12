"""A page while it is edited: lines and blocks keep the numbers they had, until a page is made of them again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.results import Block, BlockKind, Cell, Line, PageResult
from desktop_ocr.text.editing_cells import Rows, cell_of, rows_of

SEEN = frozenset({BlockKind.PICTURE, BlockKind.CHART, BlockKind.SEAL})
"""Kinds that are something without any text."""


class Draft:
    """What `PageResult` holds as tuples and indices, open to be changed.

    Attributes:
        lines: by number; new ones get higher numbers.
        blocks: by number; their lines and captions name numbers, too.
        order: the blocks' numbers in reading order.
    """

    def __init__(self, result: PageResult) -> None:
        """Begin with a page as it is."""
        self.lines = dict(enumerate(result.lines))
        self.blocks = dict(enumerate(result.blocks))
        self.order = list(self.blocks)
        self._result = result
        self._was = dict(self.lines)
        self._line_order = list(self.lines)
        self._homes = {index: number for number, block in self.blocks.items() for index in block.lines}
        self._went: dict[int, BlockKind] = {}
        self._heirs: dict[int, int] = {}  # of blocks that went: what took their place

    def result(self) -> PageResult:
        """The page that came of it, with indices for numbers again."""
        line_at = {number: at for at, number in enumerate(one for one in self._line_order if one in self.lines)}
        block_at = {number: at for at, number in enumerate(self.order)}

        def settled(number: int) -> Block:
            block = self.blocks[number]
            table = block.table
            if table is not None:
                cells = tuple(_renumbered(cell, line_at) for cell in table.cells)
                table = msgspec.structs.replace(table, cells=cells)
            whose = block.caption_of
            if whose is not None:
                whose = self._heirs.get(whose, whose)
                whose = None if whose == number else block_at.get(whose)
            return msgspec.structs.replace(
                block, lines=tuple(line_at[index] for index in block.lines), table=table, caption_of=whose
            )

        return msgspec.structs.replace(
            self._result,
            lines=tuple(self.lines[number] for number in line_at),
            blocks=tuple(settled(number) for number in self.order),
        )

    # --- finding ------------------------------------------------------------------------------------------

    def line(self, number: int) -> Line:
        """A line.

        Raises:
            DesktopOcrError: USAGE, there is none.
        """
        if number not in self.lines:
            raise refused("This line is not on the page any more.")
        return self.lines[number]

    def block(self, number: int) -> Block:
        """A block.

        Raises:
            DesktopOcrError: USAGE, there is none.
        """
        if number not in self.blocks:
            raise refused("This block is not on the page any more.")
        return self.blocks[number]

    def home(self, line: int) -> int:
        """The block that a line is in."""
        self.line(line)
        return self._homes[line]

    def cell_at(self, line: int) -> int | None:
        """Which of its block's cells a line is in; None where the block's cells have no lines."""
        table = self.blocks[self._homes[line]].table
        cells = () if table is None else table.cells
        return next((at for at, cell in enumerate(cells) if line in cell.lines), None)

    # --- changing -----------------------------------------------------------------------------------------

    def change_block(self, number: int, **changes: object) -> None:
        """Give a block other fields; a person did it."""
        self.blocks[number] = msgspec.structs.replace(self.blocks[number], human=True, **changes)

    def change_cell(self, number: int, at: int, cell: Cell) -> None:
        """Put another cell in the place of one."""
        block = self.blocks[number]
        assert block.table is not None  # noqa: S101 - it has a cell
        cells = (*block.table.cells[:at], cell, *block.table.cells[at + 1 :])
        table = msgspec.structs.replace(block.table, cells=cells)
        self.blocks[number] = msgspec.structs.replace(block, table=table)

    def rewrite(self, texts: dict[int, Line]) -> None:
        """Put other lines in the place of lines; the text of their cells changes with them."""
        cells = {(self._homes[index], at) for index in texts if (at := self.cell_at(index)) is not None}
        self.lines |= texts
        for number, at in sorted(cells):
            self._regroup(number, at, lambda rows: rows)

    def drop_lines(self, numbers: Iterable[int]) -> None:
        """Take lines away from page, blocks and cells; blocks stay, even without lines."""
        gone = set(numbers)
        for number in {self._homes[index] for index in gone}:
            block = self.blocks[number]
            cells = block.table.cells if block.table is not None else ()
            for at, cell in enumerate(cells):
                if gone.intersection(cell.lines):
                    self._regroup(number, at, lambda rows: [[one for one in row if one not in gone] for row in rows])
            self.change_block(number, lines=tuple(one for one in block.lines if one not in gone))
        for index in gone:
            del self.lines[index]

    def insert_line(self, line: Line, after: int) -> int:
        """A new line behind another one, in the same block and cell, in a row of its own; returns its number."""
        number = max(self._was) + 1
        home, at = self._homes[after], self.cell_at(after)
        self._was[number] = self.lines[number] = line
        self._homes[number] = home
        self._line_order.insert(self._line_order.index(after) + 1, number)
        own = self.blocks[home].lines
        place = own.index(after) + 1
        self.change_block(home, lines=(*own[:place], number, *own[place:]))
        if at is not None:

            def parted(rows: Rows) -> Rows:
                made: Rows = []
                for row in rows:
                    place = row.index(after) + 1 if after in row else len(row)
                    made += [row[:place], [number, *row[place:]]] if after in row else [row]
                return made

            self._regroup(home, at, parted)
        return number

    def add_lines(self, lines: Sequence[Line]) -> list[int]:
        """New lines that are in no block yet; returns their numbers."""
        first = max(self._was, default=-1) + 1
        numbers = list(range(first, first + len(lines)))
        for number, line in zip(numbers, lines, strict=True):
            self._was[number] = self.lines[number] = line
        self._line_order += numbers
        return numbers

    def add_block(self, block: Block, at: int) -> int:
        """A new block at a place in the reading order; its lines are its own from now on. Returns its number."""
        number = max((*self.blocks, *self._went), default=-1) + 1  # none is given twice: captions name them
        self.blocks[number] = block
        self._homes |= dict.fromkeys(block.lines, number)
        self.order.insert(at, number)
        return number

    def drop_block(self, number: int, *, heir: int | None = None) -> None:
        """Take a block away, which has no lines any more; captions of it become those of `heir`."""
        self._went[number] = self.blocks.pop(number).kind
        self.order.remove(number)
        if heir is not None:
            self._heirs[number] = heir

    def inherit(self, numbers: Sequence[int]) -> None:
        """Let the first of these blocks that has the kind of one that went have its captions."""
        for gone, kind in self._went.items():
            heir = next((number for number in numbers if self.blocks[number].kind is kind), None)
            if heir is not None:
                self._heirs[gone] = heir

    def own_lines(self, number: int, lines: Sequence[int]) -> None:
        """Give a block these lines, which another one had or had not."""
        self._homes |= dict.fromkeys(lines, number)
        self.change_block(number, lines=tuple(lines))

    def drop_if_empty(self, numbers: Iterable[int]) -> None:
        """Take blocks away that have no lines left, and nothing else."""
        for number in set(numbers):
            if number in self.blocks and is_empty(self.blocks[number]):
                self.drop_block(number)

    def _regroup(self, number: int, at: int, change: Callable[[Rows], Rows]) -> None:
        """Set a cell's lines and text after its lines have changed, by the rows they stood in before."""
        table = self.blocks[number].table
        assert table is not None  # noqa: S101 - it has this cell
        cell = table.cells[at]
        rows = change(rows_of(cell, self._was))
        self.change_cell(number, at, cell_of(cell, rows, self.lines))


def is_empty(block: Block) -> bool:
    """Whether a block has no text of any sort and is nothing to be seen."""
    cells = block.table.cells if block.table is not None else ()
    return not block.lines and not block.latex and block.kind not in SEEN and not any(cell.text for cell in cells)


def refused(sentence: str, advice: str = "") -> DesktopOcrError:
    """An edit that cannot be made, and why."""
    return DesktopOcrError(ErrorCode.USAGE, sentence, advice)


def _renumbered(cell: Cell, line_at: dict[int, int]) -> Cell:
    return msgspec.structs.replace(cell, lines=tuple(line_at[index] for index in cell.lines)) if cell.lines else cell
