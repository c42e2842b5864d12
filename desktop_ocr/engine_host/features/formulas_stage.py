"""Formulas: the blocks that the layout takes for one are read as LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from desktop_ocr.engine_host.features.interfaces import View
from desktop_ocr.schema.features import Feature, FeatureMode
from desktop_ocr.schema.results import Block, BlockKind, PageResult
from desktop_ocr.schema.roles import ModelRole

if TYPE_CHECKING:
    from desktop_ocr.engine_host.models import Models

_MARGIN = 0.02
"""Of an inch around a formula: layout models cut indices off."""


class FormulasStage:
    """Reads a page's formulas, all in one go."""

    feature = Feature.FORMULAS

    def needed(self, result: PageResult, mode: FeatureMode) -> bool:
        """Whether the page has a formula that was not read."""
        return mode is not FeatureMode.OFF and any(map(_unread, result.blocks))

    def roles(self, configured: frozenset[str]) -> tuple[str, ...]:
        """The model for formulas."""
        return (ModelRole.FORMULA,) if ModelRole.FORMULA in configured else ()

    def apply(self, models: Models, view: View, result: PageResult) -> PageResult:
        """The result with its formulas as LaTeX. The lines that were read there stay: searchable PDFs want them."""
        numbers = [number for number, block in enumerate(result.blocks) if _unread(block)]
        if not numbers:
            return result
        pictures = [view.crop(result.blocks[number].box, result.dpi * _MARGIN) for number in numbers]
        blocks = list(result.blocks)
        for number, latex in zip(numbers, models.formulas().read(pictures), strict=True):
            blocks[number] = msgspec.structs.replace(blocks[number], latex=latex)
        return msgspec.structs.replace(result, blocks=tuple(blocks))


def _unread(block: Block) -> bool:
    return block.kind is BlockKind.FORMULA and not block.latex


STAGE = FormulasStage()
