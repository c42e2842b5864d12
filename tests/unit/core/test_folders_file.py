"""The list of watched folders: what people write into it stays, and mistakes are named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_ocr.core.folders_file import FoldersFile
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import JobOptions, TextLayerMode
from desktop_ocr.schema.watching import Original, WatchedFolder

FULL = WatchedFolder(
    "/scans",
    id="full",
    enabled=False,
    formats=("docx", "txt"),
    output="/texts",
    original=Original.MOVE,
    done_folder="fertig",
    recursive=True,
    polling=True,
    settle_seconds=7.5,
    options=JobOptions(dpi=300, text_layer=TextLayerMode.ALWAYS_OCR, language="cyrillic"),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "folders.toml"


def test_what_is_stored_is_read_again(file: Path) -> None:
    store = FoldersFile(file)
    assert store.load() == ([], [])
    plain = WatchedFolder('/with "quotes" and ümlauts', id="plain")
    store.store(FULL)
    store.store(plain)
    assert store.load() == ([FULL, plain], [])
    assert file.stat().st_mode & 0o077 == 0
    store.store(WatchedFolder("/scans", id="full"))  # all back to what is usual
    assert store.load() == ([WatchedFolder("/scans", id="full"), plain], [])
    store.remove("full")
    store.remove("plain")
    assert store.load() == ([], [])
    assert list(file.parent.iterdir()) == [file]


def test_comments_and_what_others_write_stay(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(
        "# mine\nversion = 3\n\n[[folder]]\n# from the scanner\npath = '/scans'\nid = 'a'\ncolour = 'blue'  # new\n\n"
        "[folder.options]\ndpi = 300\nsharp = true\n\n[[folder]]\npath = '/b'\n\n[other]\nkey = 1\n"
    )
    store = FoldersFile(file)
    folders, problems = store.load()
    assert [folder.path for folder in folders] == ["/scans", "/b"]
    assert problems == ["folders.toml, folder 1: colour means nothing."]
    assert folders[1].id  # an id of its own, the same each time
    assert store.load()[0] == folders
    store.store(WatchedFolder("/scans", id="a", polling=True, options=JobOptions(dpi=150)))
    store.store(WatchedFolder("/b", id=folders[1].id, recursive=True))
    text = file.read_text()
    for kept in ("# mine", "version = 3", "# from the scanner", "colour = 'blue'  # new", "sharp = true", "[other]"):
        assert kept in text
    after, _ = store.load()
    assert [(folder.polling, folder.recursive) for folder in after] == [(True, False), (False, True)]
    assert after[0].options == JobOptions(dpi=150)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("path = 3", "Expected 'str', got 'int'"),
        ("formats = ['pdf']", "missing required field 'path'"),
        ("path = '/x'\noriginal = 'burn'", "Invalid enum value 'burn'"),
        ("path = '/x'\nsettle_seconds = 0", "Expected 'float' >= 0.2"),
        ("path = '/x'\nid = 'a'", "another one has the same id"),
    ],
)
def test_a_folder_with_a_mistake_is_not_watched_and_stays_in_the_file(file: Path, entry: str, words: str) -> None:
    file.parent.mkdir()
    file.write_text(f"[[folder]]\npath = '/good'\nid = 'a'\n\n[[folder]]\n{entry}\n")
    store = FoldersFile(file)
    folders, (problem,) = store.load()
    assert [folder.path for folder in folders] == ["/good"]
    assert problem.startswith("folders.toml, folder 2: ")
    assert words in problem
    store.store(WatchedFolder("/new", id="n"))
    assert entry in file.read_text()
    assert [folder.path for folder in store.load()[0]] == ["/good", "/new"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"[[folder]\npath = 'x'", "is not valid TOML"),
        (b"folder = 3", "folders begin with [[folder]]"),
        (b"\xff\xfe", "is not a text in UTF-8"),
        (b"a = " + b"[" * 100_000, "line 1 is too long"),
        (b"# " + b"x\n# " * 400_000, "is too large"),
    ],
)
def test_a_damaged_file_is_told_and_kept_aside(file: Path, data: bytes, words: str) -> None:
    file.parent.mkdir()
    file.write_bytes(data)
    store = FoldersFile(file)
    folders, (problem,) = store.load()
    assert folders == []
    assert words in problem
    assert file.read_bytes() == data  # only looking changes nothing
    store.store(FULL)
    assert store.load() == ([FULL], [])
    assert file.with_name("folders.toml.broken-1").read_bytes() == data


def test_a_file_that_cannot_be_written_is_told(file: Path) -> None:
    file.parent.write_text("no folder")
    with pytest.raises(DesktopOcrError) as error:
        FoldersFile(file).store(FULL)
    assert "watched folders were not saved" in error.value.info.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_is_write_protected_stays(file: Path) -> None:
    FoldersFile(file).store(FULL)
    file.chmod(0o400)
    with pytest.raises(DesktopOcrError) as error:
        FoldersFile(file).remove("full")
    assert error.value.code is ErrorCode.NO_PERMISSION
    assert FoldersFile(file).load() == ([FULL], [])
