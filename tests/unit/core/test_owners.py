from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from desktop_ocr.core.owners import owner_alive, process_owner
from desktop_ocr.core.runtime import RuntimeFolder
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode


def test_owner_names_a_process_and_not_just_a_pid() -> None:
    assert owner_alive(process_owner())
    pid, _, _ = process_owner().partition(":")
    assert not owner_alive(f"{pid}:1.00")
    assert not owner_alive(None)
    assert not owner_alive("nonsense")


@pytest.mark.skipif(sys.platform != "linux", reason="runs under Linux only")
def test_a_running_program_stays_alive_when_the_clock_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = process_owner()
    boot = psutil.boot_time()
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: boot + 3600)
    assert owner_alive(owner)
    assert process_owner() == owner


def test_only_what_is_named_like_ours_is_swept(tmp_path: Path) -> None:
    for name in ("1-1.00", "999999-123-abc", "Documents", "notes-2024"):
        (tmp_path / name).mkdir()
    folder = RuntimeFolder(tmp_path)
    assert folder.sweep() == 2
    assert {path.name for path in tmp_path.iterdir()} == {"Documents", "notes-2024", folder.path.name}


def test_a_temporary_folder_that_was_deleted_is_made_again(tmp_path: Path) -> None:
    folder = RuntimeFolder(tmp_path / "run")
    folder.remove()
    (tmp_path / "run").rmdir()
    folder.new_file(".rgb").write_bytes(b"x")
    assert (tmp_path / "run").stat().st_mode & 0o077 == 0


def test_a_link_that_another_user_put_there_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    link = tmp_path / "run"
    link.symlink_to(tmp_path / "home")
    stranger = SimpleNamespace(st_uid=os.getuid() + 1)
    monkeypatch.setattr(Path, "lstat", lambda path: stranger if path == link else os.lstat(path))
    with pytest.raises(DesktopOcrError) as caught:
        RuntimeFolder(link)
    assert caught.value.code is ErrorCode.NO_PERMISSION
    assert list((tmp_path / "home").iterdir()) == []
