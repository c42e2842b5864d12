"""A page with a block of every kind, and the export of pages to a file: for tests of the formats."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from results import line

from desktop_ocr.schema.document_messages import Exported, ExportPage, FinishExport, Source, StartExport
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.exports import ExportOptions
from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Box,
    Cell,
    Line,
    PageResult,
    PageSource,
    Table,
    polygon_box,
)

FAILURE = ErrorInfo(ErrorCode.TIMED_OUT, "It took too long.", "Try again.")
HOSTILE = 'a\x00\x0b b\ufffe "q" <x> & \ud800c'  # characters that XML forbids, and those it needs escaped


def export_file(
    handler: Callable[[Any], Any],
    kind: str,
    source: Path,
    target: Path,
    *pages: PageResult | None,
    options: ExportOptions = ExportOptions(),  # noqa: B008
    password: str | None = None,
) -> Exported:
    """Write results, None for a page that failed."""
    told = Source(str(source), password)
    handler(StartExport(1, kind, told, str(target), True, len(pages), options, len(pages)))
    for at, page in enumerate(pages):
        handler(ExportPage(1, page.page if page else at, page, None if page else FAILURE))
    reply = handler(FinishExport(1))
    assert isinstance(reply, Exported)
    return reply


class _Maker:
    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.blocks: list[Block] = []

    def add(self, kind: BlockKind, *texts: tuple[str, Box], box: Box | None = None, **more: Any) -> None:
        numbers = tuple(range(len(self.lines), len(self.lines) + len(texts)))
        self.lines += [line(text, place) for text, place in texts]
        boxes = [place for _, place in texts] or [box or (0, 0, 1, 1)]
        around = box or (
            min(b[0] for b in boxes),
            min(b[1] for b in boxes),
            max(b[2] for b in boxes),
            max(b[3] for b in boxes),
        )
        if "cells" in more:
            rows, columns = more.pop("grid")
            cells = tuple(
                Cell(
                    row,
                    column,
                    self.lines[numbers[at]].text,
                    (numbers[at],),
                    *spans,
                    box=polygon_box(self.lines[numbers[at]].polygon),
                    heading=row == 0,
                )
                for at, (row, column, *spans) in enumerate(more.pop("cells"))
            )
            more["table"] = Table(rows, columns, cells)
        self.blocks.append(Block(kind, around, numbers, **more))


def rich_page(page: int = 0) -> PageResult:
    """1654 x 2339 pixels at 200 dpi, with a block of every kind."""
    made = _Maker()
    made.add(BlockKind.PAGE_HEADER, ("Annual report", (200, 50, 500, 90)))
    made.add(BlockKind.TITLE, ("On the recognition of pages", (200, 150, 900, 210)), level=1)
    made.add(
        BlockKind.TEXT,
        ("It is well known that recog-", (200, 250, 800, 290)),
        ("nised pages hold text.", (200, 300, 700, 340)),
    )
    made.add(BlockKind.SECTION_HEADER, ("Scripts", (200, 380, 400, 430)), level=2)
    made.add(BlockKind.TEXT, ("漢字 テスト", (200, 450, 500, 500)))
    made.add(BlockKind.TEXT, ("שלום עולם טוב", (600, 450, 950, 500)))
    made.add(
        BlockKind.LIST_ITEM,
        ("• first thing", (220, 520, 600, 560)),
        ("• second thing", (220, 570, 600, 610)),
    )
    made.add(
        BlockKind.TABLE,
        ("Sales", (200, 640, 800, 680)),
        ("North", (200, 690, 400, 730)),
        ("1,204", (500, 690, 600, 730)),
        ("South", (200, 740, 400, 780)),
        ("877", (500, 740, 600, 780)),
        grid=(3, 2),
        cells=((0, 0, 1, 2), (1, 0), (1, 1), (2, 0), (2, 1)),
    )
    made.add(BlockKind.CAPTION, ("Table 1: what was sold", (200, 790, 700, 830)), caption_of=7)
    made.add(BlockKind.PICTURE, box=(200, 850, 800, 1250))
    made.add(BlockKind.CHART, ("peak", (300, 1300, 400, 1340)), box=(200, 1280, 800, 1500))
    made.add(BlockKind.FORMULA, box=(200, 1520, 600, 1600), latex=r"a^2 + b^2 < c^2")
    made.add(BlockKind.CODE, ("print(x)", (200, 1620, 500, 1660)), ("if y:", (200, 1670, 350, 1710)))
    made.add(BlockKind.SEAL, box=(900, 1700, 1200, 2000))
    made.add(BlockKind.TEXT, (HOSTILE, (200, 1750, 700, 1800)))
    made.add(BlockKind.FOOTNOTE, ("1 A note at the foot", (200, 2150, 700, 2190)))
    made.add(BlockKind.PAGE_FOOTER, ("17", (800, 2250, 840, 2290)))
    return PageResult(page, 1654, 2339, 200, 0, PageSource.RECOGNISED, tuple(made.lines), tuple(made.blocks))


def clean(text: str) -> str:
    """A line's text without what XML forbids."""
    return "".join(sign for sign in text if sign not in "\x00\x0b\ufffe\ud800")
