"""Broken files through a real document host; `python -m tests.benchmarks.strangers` has thousands of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.mutations import KINDS, made_seeds, mutations
from tests.benchmarks.strangers import tried

pytestmark = pytest.mark.process
COUNT = 44


async def test_broken_files_get_an_answer_in_words_and_leave_nothing(tmp_path: Path) -> None:
    broken = list(mutations(made_seeds(), COUNT, seed=20))
    assert {one.suffix for one in broken} == set(KINDS)
    report = await tried(tmp_path, [], broken)
    assert report.faults == report.deaths == report.timeouts == report.unforeseen == []
    assert report.files == COUNT
    assert report.opened > 10
    assert report.refused > 10


async def test_valid_files_are_all_opened(tmp_path: Path) -> None:
    seeds = made_seeds()
    report = await tried(tmp_path, [], seeds)
    assert report.opened == len(seeds)
    assert report.faults == []
    assert not report.codes
