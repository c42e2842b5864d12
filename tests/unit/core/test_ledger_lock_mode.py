"""What lies beside the ledger is for this user alone."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from desktop_ocr.core.ledger import Ledger


@pytest.mark.skipif(sys.platform == "win32", reason="runs under Linux and macOS: Windows has no such modes")
def test_a_rescue_leaves_nothing_that_others_can_open(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite3"
    file.write_bytes(b"no database" * 1000)
    before = os.umask(0o022)
    try:
        Ledger(file).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "ledger.sqlite3-lock").stat().st_mode) == 0o600
