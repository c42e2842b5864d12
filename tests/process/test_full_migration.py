"""The disk is full while a ledger of a former version is brought to this one: it survives, and is brought there later.

`unshare -rm python -m tests.fakes.fake_full_migration FOLDER VERSION` does it before every statement.
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


@pytest.mark.parametrize("version", [1, 5])
def test_a_former_ledger_survives_a_full_disk(tmp_path: Path, version: int) -> None:
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:
        pytest.skip("this system does not let its users make namespaces")
    program = ["unshare", "-rm", sys.executable, "-m", "tests.fakes.fake_full_migration"]
    done = subprocess.run(
        [*program, str(tmp_path / "disk"), str(version), "9"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    calm, *rest = [json.loads(line) for line in done.stdout.splitlines()]
    assert (calm["told"], calm["version"]) == ("", calm["newest"])
    told = [what["told"] for what in rest if what["told"]]
    assert len(told) >= 3
    assert all("cannot be opened: the disk is full. Make room there" in one for one in told)
    for what in rest:
        assert what["survived"], what
        assert what["same"], what
        assert (what["later"], what["version"]) == ("", calm["newest"]), what
        assert what["names"] == ["ledger.sqlite3"], what
