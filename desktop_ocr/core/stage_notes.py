"""What is noted of a page that is done without something that was wanted."""

from __future__ import annotations

import msgspec

from desktop_ocr.core.plans import because
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.features import TITLES, Feature
from desktop_ocr.schema.results import DEGRADED, PageNote, PageResult, left_out_note, unloadable_note

_WORDS = {
    ErrorCode.MEMORY_SHORT: "there was not enough memory for the model",
    ErrorCode.OUT_OF_MEMORY: "there was not enough memory for the model",
    ErrorCode.HOST_DIED: "the process ended again and again while it looked for them",
    ErrorCode.TIMED_OUT: "this took too long",
    ErrorCode.PROTOCOL: "the process gave an answer that cannot be",
    ErrorCode.MODEL_MISSING: "model not installed",
}


def left_out(result: PageResult, feature: Feature, error: ErrorInfo) -> PageResult:
    """The result without one of its pending features, and with the reason."""
    if error.code is ErrorCode.MODEL_DAMAGED:
        return _without(result, feature, unloadable_note(TITLES[feature], error))
    words = _WORDS.get(error.code) or error.message.rstrip(".")
    return _without(result, feature, left_out_note(feature, words))


def given_up(result: PageResult, feature: Feature) -> PageResult:
    """The result without one of its pending features, which the pressure on memory does not allow now."""
    why = because([ErrorCode.MEMORY_SHORT])
    return _without(result, feature, PageNote(DEGRADED, f"{TITLES[feature]} were not looked for, because {why}."))


def _without(result: PageResult, feature: Feature, note: PageNote) -> PageResult:
    pending = tuple(one for one in result.pending if one is not feature)
    return msgspec.structs.replace(result, pending=pending, notes=(*result.notes, note))
