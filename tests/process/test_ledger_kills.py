"""A process is killed between statements of the ledger: each operation is there whole, or not at all.

`python -m tests.benchmarks.kills statements` kills between any two.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_ocr.core.ledger import Ledger
from tests.fakes.fake_ledger_work import check

pytestmark = pytest.mark.process


def test_every_write_is_whole_or_not_at_all(tmp_path: Path) -> None:
    kills, total = check(tmp_path, step=5)
    assert total > 100
    assert kills > 50


def test_each_commit_waits_for_the_disk(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    full = 2
    assert ledger._db.execute("PRAGMA synchronous").fetchone() == (full,)
    assert ledger._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    ledger.leases.beat("1:somebody")  # which alone need not wait
    assert ledger._db.execute("PRAGMA synchronous").fetchone() == (full,)
    ledger.close()
