"""The stages of a page after its text: which there are, which a page needs, and what becomes of one that fails."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Sequence

import msgspec

from desktop_ocr.engine_host.failures import classify
from desktop_ocr.engine_host.features.interfaces import Stage, View
from desktop_ocr.engine_host.models import Models
from desktop_ocr.engine_host.steps import Steps
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import STAGES, TITLES, Feature, Features
from desktop_ocr.schema.results import PageNote, PageResult, left_out_note, unloadable_note

log = logging.getLogger(__name__)

_FEATURES = "desktop_ocr.engine_host.features"
_MODULES: dict[Feature, str] = {
    Feature.TABLES: f"{_FEATURES}.tables_stage",
    Feature.PICTURES: f"{_FEATURES}.pictures_stage",
    Feature.FORMULAS: f"{_FEATURES}.formulas_stage",
    Feature.CHARTS: f"{_FEATURES}.charts_stage",
    Feature.SEALS: f"{_FEATURES}.seals_stage",
}
"""Each has a `STAGE`."""


def stage(feature: Feature) -> Stage:
    """The stage of a feature. Its module is imported when it is first asked for, its models when a page needs them."""
    made: Stage = importlib.import_module(_MODULES[feature]).STAGE
    return made


def plan(models: Models, result: PageResult, features: Features) -> PageResult:
    """The result with the features that its page needs as `pending`, and a note for each that cannot be had."""
    pending, notes = [], list(result.notes)
    for feature in STAGES:
        if feature not in _MODULES or not features.wants(feature):
            continue
        one = stage(feature)
        if not one.needed(result, features.mode(feature)):
            continue
        if one.roles(models.roles):
            pending.append(feature)
        else:
            notes.append(missing(feature))
    return msgspec.structs.replace(result, pending=tuple(pending), notes=tuple(notes))


def perform(models: Models, view: View, result: PageResult, wanted: Sequence[Feature]) -> PageResult:
    """Do those of a page's pending features that are wanted.

    Raises:
        DesktopOcrError: OUT_OF_MEMORY, GPU_LOST: the parent has answers to those. Whatever else goes wrong costs that
            feature alone: a note says so.
    """
    for feature in result.pending:
        if feature in wanted:
            result = _perform_one(models, view, result, feature)
    return result


def _perform_one(models: Models, view: View, result: PageResult, feature: Feature) -> PageResult:
    one = stage(feature)
    left = tuple(other for other in result.pending if other is not feature)
    steps = Steps()
    models.take_notes()
    models.take_used()
    try:
        with steps.measure(feature.value):
            done = one.apply(models, view, result)
    except Exception as error:
        if _is_parents(error, models):
            raise
        log.warning("%s failed: %s", feature, type(error).__name__)
        note = _why(feature, error)
        return msgspec.structs.replace(result, pending=left, notes=(*result.notes, *models.take_notes(), note))
    return msgspec.structs.replace(
        done,
        pending=left,
        steps=(*done.steps, *steps.costs),
        models=tuple(dict.fromkeys((*done.models, *models.take_used()))),
        notes=tuple(dict.fromkeys((*done.notes, *models.take_notes()))),
    )


def _is_parents(error: Exception, models: Models) -> bool:
    if isinstance(error, DesktopOcrError):
        return error.code in (ErrorCode.OUT_OF_MEMORY, ErrorCode.GPU_LOST)
    return classify(error, models.options.device, "this page") is not None


def _why(feature: Feature, error: Exception) -> PageNote:
    code = error.code if isinstance(error, DesktopOcrError) else None
    if isinstance(error, DesktopOcrError) and code is ErrorCode.MODEL_DAMAGED:
        return unloadable_note(TITLES[feature], error.info)
    return missing(feature) if code is ErrorCode.MODEL_MISSING else failed(feature)


def missing(feature: Feature) -> PageNote:
    """That a feature was wanted, and its model is not installed."""
    return left_out_note(feature, "model not installed")


def failed(feature: Feature) -> PageNote:
    """That a feature was tried in vain."""
    return left_out_note(feature, "the model failed on this page")
