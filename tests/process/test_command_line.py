"""The command as a shell starts it: its streams, names that are no Unicode, a terminal of another encoding."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full"])
def test_streams_that_are_closed_or_full_change_nothing(closed: str, tmp_path: Path) -> None:
    line = f'exec "$@" {closed}'
    words = [sys.executable, "-m", "desktop_ocr", "convert", str(tmp_path / "gone.pdf"), "--private"]
    out = subprocess.run(["sh", "-c", line, "sh", *words], capture_output=True, text=True, timeout=60)
    assert out.returncode == 1
    assert "Traceback" not in out.stderr
    assert ("no such file" in out.stderr) == ("2>" not in closed)


def test_a_report_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "desktop_ocr", "convert", str(tmp_path / "gone.pdf"), "--private", "--json"]
    out = subprocess.run(["sh", "-c", 'exec "$@" >/dev/full', "sh", *words], capture_output=True, text=True, timeout=60)
    assert out.returncode == 1
    assert "report cannot be written" in out.stderr
    assert "Traceback" not in out.stderr


def test_names_and_options_that_are_no_unicode(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "desktop_ocr", "convert", "--private", "--json"]
    out = subprocess.run([*words, b"b\xff.pdf"], capture_output=True, cwd=tmp_path, timeout=60)
    assert out.returncode == 1
    assert b'"b?.pdf"' in out.stdout
    for option in (b"--out", b"--password"):
        out = subprocess.run([*words, "a.pdf", option, b"\xff"], capture_output=True, cwd=tmp_path, timeout=60)
        assert out.returncode == 2
        assert b"Traceback" not in out.stderr


def test_a_terminal_of_another_encoding(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "desktop_ocr", "convert", "--private", "日本.pdf"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii:strict"}
    out = subprocess.run(words, capture_output=True, cwd=tmp_path, env=environment, timeout=60)
    assert out.returncode == 1
    assert b"Traceback" not in out.stderr
