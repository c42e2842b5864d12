"""The disk becomes full in the middle of a job, on a real file system of a few MB: nothing is lost, and it goes on.

`python -m tests.benchmarks.kills full` does it at 20 moments.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.conftest import REPOSITORY

pytestmark = pytest.mark.process


def test_a_full_disk_holds_the_document_until_there_is_room(tmp_path: Path) -> None:
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:
        pytest.skip("this system does not let its users make namespaces")
    program = ["unshare", "-rm", sys.executable, "-m", "tests.fakes.fake_full_disk", str(tmp_path / "disk")]
    moments = ["0", "0.5"]
    done = subprocess.run(
        [*program, *moments], cwd=REPOSITORY, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    start, *rest = [json.loads(line) for line in done.stdout.splitlines()]
    assert start["same"]
    assert "the disk is full. Make room there" in start["told"][0]
    assert len(rest) == len(moments) - 1
    for what in rest:
        assert what["same"], what
        assert what["by_itself"], what
        assert what["left"] == []
        held, why = what["told"][:2]
        assert held == "1 document is paused because the disk is full. Make room there: then it goes on by itself."
        assert why == "The disk with the stored pages is full. Make room and try again."
