"""The window's memory is a file for this user alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from desktop_ocr.gui.preferences import Preferences

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes of files are of POSIX systems")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("former", [False, True])
def test_nobody_else_can_read_what_the_window_remembers(former: bool, tmp_path: Path) -> None:
    config = tmp_path / "config"
    if former:  # as former versions have left it
        config.mkdir(mode=0o755)
        (config / "window.ini").write_text("[General]\nmemory-width=321\n")
        (config / "window.ini").chmod(0o644)
    before = os.umask(0o022)
    try:
        preferences = Preferences(config)
        assert preferences.memory_width == (321 if former else 400)
        preferences.memory_width = 456
        preferences.save()
    finally:
        os.umask(before)
    assert mode(config / "window.ini") == 0o600
    assert mode(config) == (0o755 if former else 0o700)
    assert Preferences(config).memory_width == 456
