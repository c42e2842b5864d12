"""Patterns that would take gigabytes are known before they are compiled."""

from __future__ import annotations

import pytest

from desktop_ocr.core.matching import LARGEST_PATTERN, Matcher
from desktop_ocr.core.pattern_cost import TOO_LARGE, pattern_cost
from desktop_ocr.schema.edits import FindQuery
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode


@pytest.mark.parametrize(
    ("pattern", "cost"),
    [
        ("", 0),
        ("abc", 3),
        (r"\d{4}-\d{2}", 7),
        ("a{3,5}", 5),
        ("a{2,}", 2),
        ("(ab){3}", 6),
        ("((a{100}){100}){100}", 1_000_000),
        (r"[({}\]]{3}", 3),
        (r"\({5}", 5),
        ("x{99999999999}", TOO_LARGE),
        (")){2}", 3),
    ],
)
def test_repetitions_are_counted(pattern: str, cost: int) -> None:
    assert pattern_cost(pattern) == cost


@pytest.mark.parametrize(
    "pattern", ["x{10000000}", "((a{100}){100}){100}", "(a{1000}){1000}", "(?:(?:ab{99}c){99}){9}"]
)
def test_large_patterns_are_refused(pattern: str) -> None:
    assert pattern_cost(pattern) > LARGEST_PATTERN
    with pytest.raises(DesktopOcrError) as caught:
        Matcher(FindQuery(pattern, pattern=True))
    assert caught.value.code is ErrorCode.USAGE


def test_braces_of_ordinary_text_are_no_repetitions() -> None:
    Matcher(FindQuery("x{10000000}"))
