"""`desktop-ocr convert` is killed again and again: a few of the 100 times of `python -m tests.benchmarks.kills`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.kills import program_kills

pytestmark = pytest.mark.process


def test_each_page_is_done_once_and_the_output_is_the_same(tmp_path: Path) -> None:
    assert program_kills(tmp_path, pages=15, kills=2, seed=5) == []
