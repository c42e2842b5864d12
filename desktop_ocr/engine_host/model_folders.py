"""What is asked of a model's folder before it is loaded, and which parts of a pipeline some features need."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from desktop_ocr.schema.engine_messages import ALLOW_FAKES, FAKE, ModelFolder
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import Feature, Features
from desktop_ocr.schema.roles import ModelRole

__all__ = ["ALLOW_FAKES", "FAKE", "check", "for_features", "unloadable"]

_WEIGHTS = ("inference.onnx", "inference.pdiparams", "model.safetensors", "model_state.pdparams")
"""One of these is in a model's folder."""
_SERVES: Mapping[str, Feature] = {
    ModelRole.PAGE_ORIENTATION: Feature.ORIENTATION,
    ModelRole.UNWARP: Feature.UNWARP,
    ModelRole.TABLE_CLASSIFICATION: Feature.TABLES,
    ModelRole.WIRED_STRUCTURE: Feature.TABLES,
    ModelRole.WIRELESS_STRUCTURE: Feature.TABLES,
    ModelRole.WIRED_CELLS: Feature.TABLES,
    ModelRole.WIRELESS_CELLS: Feature.TABLES,
    ModelRole.FORMULA: Feature.FORMULAS,
    ModelRole.CHART: Feature.CHARTS,
    ModelRole.SEAL_DETECTION: Feature.SEALS,
}
"""Parts of PP-StructureV3 that serve one feature alone; the others serve all pages."""


def check(folder: ModelFolder) -> None:
    """Make sure that a model can be loaded from its folder, and a pipeline's from theirs.

    Raises:
        DesktopOcrError: MODEL_MISSING where the weights are not there, MODEL_DAMAGED where they are a test's.
    """
    for one in folder.parts or (folder,):
        if not any((Path(one.folder) / name).is_file() for name in _WEIGHTS):
            raise DesktopOcrError(
                ErrorCode.MODEL_MISSING,
                f"The model {one.model} is not where it should be.",
                "Start the program again: it lays the model out anew.",
            )
        if (Path(one.folder) / FAKE).exists() and os.environ.get(ALLOW_FAKES) != "1":
            raise DesktopOcrError(
                ErrorCode.MODEL_DAMAGED,
                f"The model {one.model} is no real model: it was made for a test, and knows nothing.",
                "Remove it, and install the real one.",
            )


def unloadable(folder: ModelFolder) -> DesktopOcrError:
    """A model cannot be loaded: its files are not what they should be."""
    if folder.parts:
        return DesktopOcrError(
            ErrorCode.MODEL_DAMAGED,
            f"The model {folder.model} cannot be loaded: the files of one of its models are damaged.",
            "See which, remove it, and install it again: desktop-ocr models verify",
        )
    return DesktopOcrError(
        ErrorCode.MODEL_DAMAGED,
        f"The model {folder.model} cannot be loaded: its files are damaged.",
        folder.remedy or f"Remove it and install it again: desktop-ocr models remove {folder.model}",
    )


def for_features(folder: ModelFolder, features: Features) -> ModelFolder:
    """A pipeline's folder without the parts that serve features which are off."""
    parts = (one for one in folder.parts if one.role not in _SERVES or features.wants(_SERVES[one.role]))
    return msgspec.structs.replace(folder, parts=tuple(parts))
