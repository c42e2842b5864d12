from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from desktop_ocr.core.inputs import expand
from desktop_ocr.schema.errors import ErrorCode


def test_folders_stand_for_their_documents_in_natural_order(tmp_path: Path) -> None:
    for name in ("page 10.png", "page 2.PNG", "notes.txt", ".hidden.pdf", "sub/a.pdf", ".git/b.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    files, refused = expand([tmp_path])
    assert [(f.path.name, f.below) for f in files] == [("page 2.PNG", ""), ("page 10.png", ""), ("a.pdf", "sub")]
    assert refused == []


def test_a_named_file_is_taken_whatever_its_ending_and_once(tmp_path: Path) -> None:
    odd = tmp_path / "scan.dat"
    odd.write_bytes(b"x")
    files, _ = expand([odd, tmp_path / "." / "scan.dat"])
    assert [f.path for f in files] == [odd]


def test_what_gives_no_document_is_refused_by_name(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    files, refused = expand([empty, tmp_path / "gone.pdf"])
    assert files == []
    assert [(Path(r.path).name, r.error.code) for r in refused] == [
        ("empty", ErrorCode.NO_DOCUMENTS),
        ("gone.pdf", ErrorCode.NOT_FOUND),
    ]


def test_a_folder_that_links_to_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"x")
    (tmp_path / "loop").symlink_to(tmp_path)
    files, _ = expand([tmp_path])
    assert len(files) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_told(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0)
    try:
        _, refused = expand([closed])
    finally:
        closed.chmod(0o700)
    assert refused[0].error.code is ErrorCode.NO_PERMISSION


def test_numbers_of_every_kind_are_sorted(tmp_path: Path) -> None:
    for name in ("1²2.png", "٣.png", "①.png", "3.png"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "1²").mkdir()
    files, _ = expand([tmp_path])
    assert len(files) == 4


def test_a_name_with_a_nul_is_refused() -> None:
    files, refused = expand([Path("a\0.pdf")])
    assert files == []
    assert refused[0].error.code is ErrorCode.NOT_FOUND


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes under Linux only")
def test_a_name_that_is_no_text_is_refused_and_keeps_no_other_back(tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/r\xe9sum\xe9.pdf"))
    odd.write_bytes(b"x")
    (tmp_path / "a.pdf").write_bytes(b"x")
    for paths in ([odd, tmp_path / "a.pdf"], [tmp_path]):
        files, refused = expand(paths)
        assert [file.path.name for file in files] == ["a.pdf"]
        (refusal,) = refused
        assert refusal.path.encode().endswith(b"r?sum?.pdf")
        assert "Rename" in refusal.error.advice


def test_a_sub_folder_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.pdf").write_bytes(b"x")
    closed = tmp_path / "closed"
    closed.mkdir()
    scandir = os.scandir

    def refusing(path: str) -> object:
        if path == str(closed):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    files, refused = expand([tmp_path])
    assert len(files) == 1
    assert [(r.path, r.error.code) for r in refused] == [(str(closed), ErrorCode.NO_PERMISSION)]
