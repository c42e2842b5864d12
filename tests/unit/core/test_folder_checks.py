"""What cannot be watched so is refused with a sentence, before it is stored."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop_ocr.core.folder_checks import by_its_names, check_folder, conflicts, done_root, passed_over
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.watching import Original, WatchedFolder

FORMATS = ("pdf", "txt")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("in", "in/sub", "other", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    return tmp_path


def folder(root: Path, name: str = "in", **how: object) -> WatchedFolder:
    return WatchedFolder(str(root / name), id=str(how.pop("id", name)), **how)  # type: ignore[arg-type]


def refused(wanted: WatchedFolder, *others: WatchedFolder) -> str:
    with pytest.raises(DesktopOcrError) as error:
        check_folder(wanted, others, FORMATS)
    assert error.value.code is ErrorCode.USAGE
    return error.value.info.message


def test_what_is_fine(root: Path) -> None:
    others = [folder(root, "other", recursive=True)]
    for wanted in (
        folder(root),
        folder(root, recursive=True, output=str(root / "in" / "new" / "texts"), original=Original.MOVE),
        folder(root, original=Original.DELETE),
        folder(root, original=Original.MOVE, done_folder=str(root / "archive"), formats=()),
    ):
        check_folder(wanted, others, FORMATS)
        check_folder(wanted, [*others, wanted], FORMATS)  # it may take its own place
    assert (root / "in" / "new" / "texts").is_dir()
    assert (root / "in" / "done").is_dir()
    assert (root / "archive").is_dir()
    check_folder(folder(root, "in/sub"), [folder(root)], FORMATS)  # the other one leaves sub-folders out


@pytest.mark.parametrize(("name", "words"), [("nowhere", "is not there"), ("file", "is no folder")])
def test_what_is_no_folder(root: Path, name: str, words: str) -> None:
    assert words in refused(folder(root, name))


def test_paths_that_are_none(root: Path) -> None:
    assert "whole path" in refused(WatchedFolder("in", id="x"))
    assert "not text" in refused(WatchedFolder(str(root / "\udcff"), id="x"))
    assert "whole path" in refused(folder(root, output="texts"))
    assert "is a file" in refused(folder(root, output=str(root / "file")))


def test_formats(root: Path) -> None:
    assert "no format 'odt'" in refused(folder(root, formats=("pdf", "odt")))
    assert "only when something is made" in refused(folder(root, formats=(), original=Original.DELETE))


def test_a_folder_is_watched_once(root: Path) -> None:
    assert "watched already" in refused(folder(root, id="new"), folder(root))
    assert "watched already" in refused(folder(root, "link"), folder(root))
    assert "as a part of" in refused(folder(root, "in/sub"), folder(root, recursive=True))
    assert "which is a part of" in refused(folder(root, recursive=True), folder(root, "in/sub"))


def test_exports_and_originals_do_not_come_to_watched_folders(root: Path) -> None:
    other = folder(root, "other", recursive=True)
    deep = str(root / "other" / "deep")
    assert "taken for new documents" in refused(folder(root, output=str(root / "other")), other)
    assert "taken for new documents" in refused(folder(root, output=deep), other)
    assert "taken for new documents" in refused(folder(root, original=Original.MOVE, done_folder=deep), other)
    assert "taken for new documents" in refused(other, folder(root, output=deep))
    assert "taken for new documents" in refused(other, folder(root, original=Original.MOVE, done_folder=deep))
    for name in ("", ".", "..", "a/../.."):
        assert "where they are" in refused(folder(root, original=Original.MOVE, done_folder=name))


def test_what_we_put_below_a_watched_folder_is_passed_over(root: Path) -> None:
    wanted = folder(root, recursive=True, output=str(root / "in" / "out"), original=Original.MOVE)
    assert passed_over(wanted) == (root / "in" / "out", root / "in" / "done")
    assert passed_over(folder(root, output=str(root / "out"))) == ()


def test_of_folders_that_conflict_the_first_is_watched(root: Path) -> None:
    deep = folder(root, recursive=True, output=str(root / "out"))
    for later in (
        folder(root, id="again"),
        folder(root, "link", id="again"),
        folder(root, "in/sub", id="again"),
        folder(root, "other", id="again", output=str(root / "in")),
        folder(root, "out", id="again"),
        folder(root, "other", id="again", original=Original.MOVE, done_folder=str(root / "in" / "x")),
        folder(root, "other", id="again", original=Original.MOVE, done_folder=".."),
        WatchedFolder("other", id="again"),
        folder(root, "o\0ther", id="again"),
    ):
        assert list(conflicts([deep, later])) == ["again"], later
    one = folder(root, output=str(root / "other"))
    other = folder(root, "other", output=str(root / "in"))
    assert list(conflicts([one, other])) == ["other"]
    third = folder(root, "in/sub", recursive=True)  # what is not watched is in nobody's way
    assert list(conflicts([one, other, third])) == ["other"]
    assert conflicts([folder(root, id="off", enabled=False), folder(root)]) == {}


def test_a_folder_that_is_away_is_no_mistake(root: Path) -> None:
    away = folder(root, "away", recursive=True, output=str(root / "away" / "texts"), original=Original.MOVE)
    assert conflicts([away, folder(root)]) == {}
    assert not (root / "away").exists()
    assert list(conflicts([away, folder(root, "away/sub")])) == ["away/sub"]


def test_the_disk_is_asked_a_few_times_about_each_of_many_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is held against every other one: with a few dozen, a check took longer than it is waited for."""
    folders = []
    for number in range(40):
        (tmp_path / f"in{number}").mkdir()
        output = str(tmp_path / f"out{number}" if number % 2 else tmp_path / f"in{number}" / "texts")
        how = {"recursive": number % 3 > 0, "original": Original.MOVE}
        folders.append(folder(tmp_path, f"in{number}", output=output, **how))
    asked: Counter[tuple[str, str]] = Counter()

    def counted(what: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *args: Any, **how: Any) -> Any:
            asked[what, str(path)] += 1
            return function(path, *args, **how)

        return call

    monkeypatch.setattr(os.path, "realpath", counted("real", os.path.realpath))
    monkeypatch.setattr(os, "stat", counted("status", os.stat))
    assert conflicts(folders) == {}
    assert {("real", one.path) for one in folders} | {("status", one.path) for one in folders} <= set(asked)
    assert max(asked.values()) <= 2
    asked.clear()
    new = folder(tmp_path, "in0", id="new", output=str(tmp_path / "new"), original=Original.MOVE)
    check_folder(new, folders[1:], FORMATS)
    assert ("status", new.path) in asked
    assert max(asked.values()) <= 8


def test_what_a_check_makes_itself_is_seen_by_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only when a folder is there the disk tells that two names are one (of Windows, macOS; played here by a link)."""
    make = Path.mkdir

    def mkdir(place: Path, *args: Any, **how: Any) -> None:
        if place == root / "new":
            place.symlink_to(root / "other")
        else:
            make(place, *args, **how)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    other = folder(root, "other")
    wanted = folder(root, output=str(root / "new"), recursive=True)
    assert "taken for new documents" in refused(wanted, other)


_NAMED = [
    ("in", "in/text", "in/text"),
    ("link", "in/text", "link/text"),
    ("in", "link/text", "in/text"),
    ("in", "in/here", "in/text"),
    ("in", "link", ""),
    ("link", "out", "out"),
]


@pytest.mark.parametrize(("path", "output", "named"), _NAMED)
def test_targets_in_the_folder_are_called_as_it_calls_them(tmp_path: Path, path: str, output: str, named: str) -> None:
    """Otherwise exports are taken for new documents, and those made of them, too."""
    (tmp_path / "in" / "text").mkdir(parents=True)
    (tmp_path / "in" / "here").symlink_to(tmp_path / "in" / "text")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    done = str(tmp_path / "in" / "done")
    wanted = WatchedFolder(
        str(tmp_path / path), output=str(tmp_path / output), original=Original.MOVE, done_folder=done
    )
    found = by_its_names(wanted)
    assert found.output == (str(tmp_path / named) if named else "")
    assert done_root(found) == tmp_path / path / "done"
    assert by_its_names(found) == found


def test_a_file_system_may_take_two_names_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "done").mkdir()
    (tmp_path / "Done").mkdir()
    monkeypatch.setattr(Path, "iterdir", lambda folder: iter([folder / "other", folder / "done"]))
    monkeypatch.setattr(Path, "samefile", lambda one, other: one.name.casefold() == other.name.casefold())
    folder = WatchedFolder(str(tmp_path), original=Original.MOVE, done_folder="Done")
    assert by_its_names(folder).done_folder == "done"
