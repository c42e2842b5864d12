from __future__ import annotations

import os
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
