"""What `--list-features` says that features take."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_ocr.cli.feature_list import print_features
from desktop_ocr.models.catalog import entry


def test_models_that_work_one_after_another_take_what_the_largest_does_and_the_others_weights(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    assert print_features() == 0
    rows = capsys.readouterr().out.splitlines()
    (tables,) = [row for row in rows if row.strip().startswith("tables")]
    (pictures,) = [row for row in rows if row.strip().startswith("pictures")]
    seen, cells = entry("picodet-cdla"), entry("SLANet_plus")
    assert seen is not None
    assert cells is not None
    assert f"about {seen.memory_mb:.0f} MB" in pictures
    if cells.id in tables:  # its wheel is for some Pythons only
        least, most = seen.memory_mb, seen.memory_mb + cells.memory_mb
        (shown,) = [int(word) for word in tables.split() if word.isdigit()]
        assert least < shown < most
