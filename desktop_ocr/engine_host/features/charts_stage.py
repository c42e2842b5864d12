"""Charts: pictures of figures become tables of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from desktop_ocr.engine_host.features.interfaces import View
from desktop_ocr.engine_host.geometry import area
from desktop_ocr.schema.features import Feature, FeatureMode
from desktop_ocr.schema.results import Block, BlockKind, PageResult
from desktop_ocr.schema.roles import ModelRole

if TYPE_CHECKING:
    from desktop_ocr.engine_host.models import Models

_TELL_CHARTS = "PP-DocLayout"
"""Layout models whose name begins so know charts from other pictures."""
_LEAST_AREA = 0.02
"""Of the page: a picture that is smaller holds no chart that one could read."""
_LEAST_LINES = 3
"""Of writing in a picture that may be a chart: its axes are labelled."""


class ChartsStage:
    """Reads a page's charts, one by one."""

    feature = Feature.CHARTS

    def needed(self, result: PageResult, mode: FeatureMode) -> bool:
        """Whether the page has a chart, or a picture that may be one: some layout models do not tell them apart."""
        return mode is not FeatureMode.OFF and bool(candidates(result))

    def roles(self, configured: frozenset[str]) -> tuple[str, ...]:
        """The model for charts."""
        return (ModelRole.CHART,) if ModelRole.CHART in configured else ()

    def apply(self, models: Models, view: View, result: PageResult) -> PageResult:
        """The result with its charts as tables. A picture that none is found in stays one."""
        blocks = list(result.blocks)
        for number in candidates(result):
            table = models.charts().read(view.crop(blocks[number].box))
            if table is not None:
                blocks[number] = msgspec.structs.replace(blocks[number], kind=BlockKind.CHART, table=table)
        return msgspec.structs.replace(result, blocks=tuple(blocks))


def candidates(result: PageResult) -> list[int]:
    """Numbers of the blocks that are charts and were not read, or may be charts."""
    told = any(name.startswith(_TELL_CHARTS) for name in result.models)
    page = result.width * result.height
    return [
        number
        for number, block in enumerate(result.blocks)
        if block.table is None and (block.kind is BlockKind.CHART or (not told and _may_be(block, page)))
    ]


def _may_be(block: Block, page: float) -> bool:
    return (
        block.kind is BlockKind.PICTURE and len(block.lines) >= _LEAST_LINES and area(block.box) >= _LEAST_AREA * page
    )


STAGE = ChartsStage()
