"""How the fake session reads pages another way, and finds files again.

Pages read by a larger model have what the others had wrong; "stubborn" documents cannot be read another way, and
those of "sleepy" ones come when `go_ahead` is set. A file is another document where its name says "other".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import JobOptions, JobView, TextModel
from desktop_ocr.schema.results import Block, Box, Line, PageResult, polygon_box


class FakeSecond:
    """The part of the fake session that tries things."""

    def __init__(
        self,
        asked: list[tuple[str, object]],
        view: Callable[[int], JobView],
        recognised: Callable[[int, int], Awaitable[PageResult | None]],
        locate: Callable[[int, Path], None],
    ) -> None:
        self._asked = asked
        self._view = view
        self._recognised = recognised
        self._locate = locate
        self.go_ahead = asyncio.Event()

    async def try_page(self, job: int, page: int, options: JobOptions, region: Box | None = None) -> PageResult:
        """The page, or what lies in the rectangle, with other words in it."""
        self._asked.append(("try_page", (job, page, options, region)))
        name = self._view(job).name
        if "stubborn" in name:
            raise DesktopOcrError(ErrorCode.MODEL_MISSING, "The model for this language is not installed.", "Get it.")
        if "sleepy" in name:
            await self.go_ahead.wait()
        result = await self._recognised(job, page)
        if result is None:
            raise DesktopOcrError(ErrorCode.NO_SUCH_PAGE, "This page is not finished.")
        return reread(result, options.text_model, region)

    async def relocate(self, job: int, path: Path) -> None:
        """Any file but those that are another document."""
        self._asked.append(("relocate", (job, path)))
        if "other" in path.name:
            raise DesktopOcrError(ErrorCode.FILE_CHANGED, "This is another document.", "Choose the file itself.")
        self._locate(job, path)


def reread(result: PageResult, model: TextModel, region: Box | None) -> PageResult:
    """What a larger model makes of a page: "quay" for "wall", and more sure of itself."""
    sure = model is TextModel.MEDIUM

    def again(line: Line) -> Line:
        text = line.text.replace("wall", "quay").replace("eleven", "11") if sure else line.text
        return msgspec.structs.replace(line, text=text, words=(), confidence=0.99 if sure else line.confidence)

    kept = [at for at, line in enumerate(result.lines) if region is None or _inside(line, region)]
    places = {old: new for new, old in enumerate(kept)}
    blocks = [_with_lines(block, tuple(places[at] for at in block.lines if at in places)) for block in result.blocks]
    return msgspec.structs.replace(
        result,
        lines=tuple(again(result.lines[at]) for at in kept),
        blocks=tuple(block for block in blocks if block.lines),
    )


def _with_lines(block: Block, lines: tuple[int, ...]) -> Block:
    return msgspec.structs.replace(block, lines=lines, table=block.table if lines == block.lines else None)


def _inside(line: Line, region: Box) -> bool:
    box = polygon_box(line.polygon)
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return region[0] <= x <= region[2] and region[1] <= y <= region[3]
