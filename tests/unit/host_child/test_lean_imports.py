"""Modules that are found missing for a while."""

from __future__ import annotations

import importlib
import sys

import pytest

from desktop_ocr.host_child.lean_imports import without


def test_what_is_left_out_cannot_be_imported_meanwhile_and_can_afterwards() -> None:
    sys.modules.pop("colorsys", None)
    with without("colorsys"), pytest.raises(ImportError):
        importlib.import_module("colorsys")
    assert importlib.import_module("colorsys").rgb_to_hsv


def test_what_is_there_already_stays() -> None:
    before = importlib.import_module("colorsys")
    with pytest.raises(RuntimeError), without("colorsys", "never_heard_of"):
        raise RuntimeError
    assert sys.modules["colorsys"] is before
    assert "never_heard_of" not in sys.modules
