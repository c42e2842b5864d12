"""The lines of a page as the editor has them: one a paragraph, in reading order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from desktop_ocr.gui.mark_looks import kind_name
from desktop_ocr.schema.results import Block, BlockKind, Line, PageResult

Span = tuple[int, int]
"""Characters of a line, from and to."""

_BREAKS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029\x00]+")  # what a text editor makes paragraphs of


@dataclass(frozen=True)
class Row:
    """A line in the editor.

    Attributes:
        line: index into `PageResult.lines`.
        block: index into `PageResult.blocks`.
        text: of the line, in one paragraph.
        first, last: of its block.
        label: the block's kind, of its first line; "" of others.
        human: a person has written it.
    """

    line: int
    block: int
    text: str
    first: bool = False
    last: bool = False
    label: str = ""
    human: bool = False


def page_rows(result: PageResult) -> list[Row]:
    """All lines of a page, block by block."""
    rows = []
    for number, block in enumerate(result.blocks):
        last = len(block.lines) - 1
        for at, index in enumerate(block.lines):
            line = result.lines[index]
            label = block_name(block) if at == 0 else ""
            rows.append(Row(index, number, one_line(line.text), at == 0, at == last, label, line.human))
    return rows


def one_line(text: str) -> str:
    """Text without anything that would break a paragraph."""
    return _BREAKS.sub(" ", text)


def pasted(text: str) -> str:
    """What is pasted, as a piece of one line: newlines become spaces."""
    return one_line(text.strip("\r\n"))


def doubtful_spans(line: Line, below: float) -> list[Span]:
    """The words of a line with a confidence under `below`; all of it, where its words are not known."""
    if line.human:
        return []
    if not line.words:
        return [(0, len(line.text))] if line.confidence < below and line.text.strip() else []
    return [span for word, span in zip(line.words, word_spans(line), strict=True) if word.confidence < below and span]


def word_spans(line: Line) -> Sequence[Span | None]:
    """Where a line's words are in its text; None for one that is not there."""
    spans: list[Span | None] = []
    at = 0
    for word in line.words:
        found = line.text.find(word.text, at) if word.text else -1
        if found < 0:
            spans.append(None)
            continue
        at = found + len(word.text)
        spans.append((found, at))
    return spans


def block_name(block: Block) -> str:
    """A block's kind in a word or two; a heading's with its level."""
    name = kind_name(block.kind)
    return f"{name} {block.level}" if block.kind is BlockKind.SECTION_HEADER and block.level else name
