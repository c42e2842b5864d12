"""Whatever is edited on whatever page: what comes of it is a page, and says what it should."""

from __future__ import annotations

from collections import Counter
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_ocr.schema.edits import (
    DeleteBlocks,
    DeleteLines,
    Edit,
    MergeBlocks,
    MergeLines,
    MoveBlock,
    SetKind,
    SplitBlock,
    SplitLine,
)
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.results import PageResult, check_page_result
from desktop_ocr.text.editing import apply, title
from tests.unit.text.made_up_pages import edit, page

KEEPS_TEXT = (MergeLines, SplitLine, MergeBlocks, SplitBlock, MoveBlock, SetKind)


def letters(of: PageResult) -> Counter[str]:
    return Counter(sign for line in of.lines for sign in line.text if not sign.isspace())


def check(before: PageResult, change: Edit) -> PageResult:
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


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_what_comes_of_edits_is_a_page(seed: int) -> None:
    chance = Random(seed)
    made = page(chance)
    check_page_result(made)
    for _ in range(6):
        made = check(made, edit(chance, made))
