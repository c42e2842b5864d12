"""What a person may change of a page, and the versions that come of it.

A page has the result as it was recognised, which edits never touch, and versions on top of it: each edit makes
another one, undo and redo go back and forth between them, and the current one is what is shown and exported. Lines,
cells and blocks that a person has changed say so (`human`).
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from desktop_ocr.schema.results import BlockKind, Box, PageResult

Index = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
MOST_VERSIONS = 50
"""Of one page: the oldest are forgotten, the recognised result never is."""


class LineText(msgspec.Struct, frozen=True):
    """A line's new text; "" leaves an empty line (`DeleteLines` takes it away)."""

    line: Index
    text: str


class CellText(msgspec.Struct, frozen=True):
    """A cell's new text, lines joined with newlines; `row` and `column` of its upper left corner."""

    block: Index
    row: Index
    column: Index
    text: str


class SetTexts(msgspec.Struct, frozen=True, tag=True):
    """Other text for lines and cells.

    A line that is in a cell changes the cell's text with it. A cell's text is divided among its lines as they are, one
    each; more lines of text than it has go to the last, and lines it has no text for any more are emptied.

    A formula's line takes the place of its LaTeX, and is LaTeX itself between dollar signs ("$E = mc^2$").
    """

    lines: tuple[LineText, ...] = ()
    cells: tuple[CellText, ...] = ()


class SetKind(msgspec.Struct, frozen=True, tag=True):
    """Another kind for a block; `level` of a heading, 1 to 6. A kind without cells loses its table, not its lines."""

    block: Index
    kind: BlockKind
    level: Annotated[int, msgspec.Meta(ge=0, le=6)] = 0


class MergeLines(msgspec.Struct, frozen=True, tag=True):
    """Make one line of several of one block (and one cell): their texts with a space between, their boxes together."""

    lines: tuple[Index, ...]


class SplitLine(msgspec.Struct, frozen=True, tag=True):
    """Make two lines of one, `at` so many characters; spaces at the cut go."""

    line: Index
    at: Index


class DeleteLines(msgspec.Struct, frozen=True, tag=True):
    """Take lines away; a block that has none left, and nothing else, goes with them."""

    lines: tuple[Index, ...]


class DeleteBlocks(msgspec.Struct, frozen=True, tag=True):
    """Take blocks away, with their lines."""

    blocks: tuple[Index, ...]


class MergeBlocks(msgspec.Struct, frozen=True, tag=True):
    """Make one block of several, of the first one's kind and at its place in the reading order."""

    blocks: tuple[Index, ...]


class SplitBlock(msgspec.Struct, frozen=True, tag=True):
    """Make two blocks of one, the second beginning with this line of it. Not of one with cells."""

    line: Index


class MoveBlock(msgspec.Struct, frozen=True, tag=True):
    """Another place in the reading order: `to` is the block's index afterwards."""

    block: Index
    to: Index


class ReplaceRegion(msgspec.Struct, frozen=True, tag=True):
    """Put another reading in the place of what lies in a box.

    Lines whose middle is in `box` go, with blocks that have none left and lie in it; the blocks of `part`, in the
    pixels of the page as it is, come in the reading order where the first of them stood, or where they fit by place.
    """

    box: Box
    part: PageResult


class ReplacePage(msgspec.Struct, frozen=True, tag=True):
    """Another reading of the whole page: of `SessionApi.try_page`."""

    page: PageResult


class AsRecognised(msgspec.Struct, frozen=True, tag=True):
    """Back to the newest result as it was recognised; the page does not count as edited then."""


Edit = (
    SetTexts
    | SetKind
    | MergeLines
    | SplitLine
    | DeleteLines
    | DeleteBlocks
    | MergeBlocks
    | SplitBlock
    | MoveBlock
    | ReplaceRegion
    | ReplacePage
    | AsRecognised
)


class PageVersion(msgspec.Struct, frozen=True):
    """A page as it is shown and exported.

    Attributes:
        result: the page.
        number: of the version; 0 for the page as it was first recognised. Any change of the page changes it, one by
            recognising it again too, and no number is given twice.
        edited: a person has changed it.
        undo, redo: what can be undone and redone, in a few words ("Change of text"); "" for nothing.
        newer: it was recognised again since, and the new result waits for the user to take it (`AsRecognised`) or not
            (`SessionApi.keep_edited`).
    """

    result: PageResult
    number: int = 0
    edited: bool = False
    undo: str = ""
    redo: str = ""
    newer: bool = False


class FindQuery(msgspec.Struct, frozen=True):
    """What to look for.

    Attributes:
        text: the words, found in lines and in cells; over the end of a line they are not found.
        case: capitals count.
        whole_words: only between ends of words.
        pattern: `text` is a regular expression (Python's).
    """

    text: str
    case: bool = False
    whole_words: bool = False
    pattern: bool = False


class Hit(msgspec.Struct, frozen=True):
    """A place where something was found: characters `start` to `end` of a line's text, or of a cell's without lines.

    Attributes:
        page: from 0.
        line: index into `PageResult.lines`; -1 for a cell that has no lines.
        start, end: characters of the text.
        text: the line's text, shortened around the place.
        cell: block, row and column, of a cell that has no lines.
    """

    page: int
    line: int
    start: int
    end: int
    text: str = ""
    cell: tuple[int, int, int] | None = None


class Found(msgspec.Struct, frozen=True):
    """All places in reading order; `more`: there are more than these (`MOST_HITS`)."""

    hits: tuple[Hit, ...] = ()
    more: bool = False


MOST_HITS = 10_000


class Replaced(msgspec.Struct, frozen=True):
    """What "replace" changed: how many places, and the pages, each of which can be undone."""

    places: int
    pages: tuple[int, ...]


class Doubt(msgspec.Struct, frozen=True):
    """A line, or a word of it, that the recogniser was unsure of; `word` is -1 where all of the line is meant."""

    page: int
    line: int
    word: int = -1
