"""How the model of a role is loaded. Nothing is imported before that: a role that is not used costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder
from desktop_ocr.schema.roles import ModelRole

Loader = Callable[[ModelFolder, EngineOptions], Any]


def _orientation(folder: ModelFolder, options: EngineOptions) -> Any:
    from desktop_ocr.engine_host.orientation import OrientationFinder

    return OrientationFinder(folder, options)


def _line_finder(folder: ModelFolder, options: EngineOptions) -> Any:
    from desktop_ocr.engine_host.line_finder import LineFinder

    return LineFinder(folder, options)


def _line_reader(folder: ModelFolder, options: EngineOptions) -> Any:
    from desktop_ocr.engine_host.line_reader import LineReader

    return LineReader(folder, options)


def _layout(folder: ModelFolder, options: EngineOptions) -> Any:
    del folder, options  # it comes with PyMuPDF
    from desktop_ocr.engine_host.layout import LayoutFinder

    return LayoutFinder()


def _regions(folder: ModelFolder, options: EngineOptions) -> Any:
    if folder.model == "picodet-cdla":  # the one that paddleocr cannot run: its wheel has raw heads
        from desktop_ocr.engine_host.features.regions_cdla import RegionFinderCdla

        return RegionFinderCdla(folder, options)
    from desktop_ocr.engine_host.features.regions_paddle import RegionFinderPaddle

    return RegionFinderPaddle(folder, options)


def _unwarper(folder: ModelFolder, options: EngineOptions) -> Any:
    from desktop_ocr.engine_host.features.unwarper import PageUnwarper

    return PageUnwarper(folder, options)


def _formulas(folder: ModelFolder, options: EngineOptions) -> Any:
    from desktop_ocr.engine_host.features.formula_reader import FormulaReaderPaddle

    return FormulaReaderPaddle(folder, options)


def _charts(folder: ModelFolder, options: EngineOptions) -> Any:
    from desktop_ocr.engine_host.features.chart_reader import ChartReaderPaddle

    return ChartReaderPaddle(folder, options)


def _seals(folder: ModelFolder, options: EngineOptions) -> Any:
    from desktop_ocr.engine_host.features.seal_reader import SealReaderPaddle

    return SealReaderPaddle(folder, options)


def _table_structure(folder: ModelFolder, options: EngineOptions) -> Any:
    from desktop_ocr.engine_host.features.table_slanet import TableReaderSlanet

    return TableReaderSlanet(folder, options)


def _table_pipeline(folder: ModelFolder, options: EngineOptions) -> Any:
    from desktop_ocr.engine_host.features.table_pipeline import TablePipelineReader

    return TablePipelineReader(folder, options)


def _structure(folder: ModelFolder, options: EngineOptions) -> Any:
    from desktop_ocr.engine_host.features.structure import StructureReaderPaddle

    return StructureReaderPaddle(folder, options)


LOADERS: Mapping[str, Loader] = {
    ModelRole.PAGE_ORIENTATION: _orientation,
    ModelRole.TEXT_DETECTION: _line_finder,
    ModelRole.TEXT_RECOGNITION: _line_reader,
    ModelRole.SECOND_RECOGNITION: _line_reader,
    ModelRole.LAYOUT: _layout,
    ModelRole.REGIONS: _regions,
    ModelRole.UNWARP: _unwarper,
    ModelRole.FORMULA: _formulas,
    ModelRole.CHART: _charts,
    ModelRole.SEAL_DETECTION: _seals,
    ModelRole.TABLE_STRUCTURE: _table_structure,
    ModelRole.TABLE_PIPELINE: _table_pipeline,
    ModelRole.STRUCTURE: _structure,
}
"""By role. What a loader returns is a reader or finder of `features.interfaces` or of its own module; where it has a
method `close`, that is called before it is forgotten."""

SHARE_PADDLE = frozenset(ModelRole) - {ModelRole.LAYOUT}
"""Roles whose libraries are shared with others: some 160 MB of code that are nobody's own, and stay."""

WITHOUT_FOLDER = frozenset({ModelRole.LAYOUT})
"""Roles whose model needs no folder."""
