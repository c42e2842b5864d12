"""A folder is watched with the system's events, or without them; what it comes to when something is wrong."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import watchfiles

from desktop_ocr.core import watched_folder
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.ledger_arrivals import MadeFile, SeenFile
from desktop_ocr.core.watched_files import sub_folders
from desktop_ocr.core.watched_folder import FolderWatch, _there
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.watching import ArrivalState, WatchedFolder


class Seen:
    """What a watched folder tells."""

    def __init__(self, folder: WatchedFolder) -> None:
        self.ledger = Ledger(None)
        self.settled: list[str] = []
        self.gone: list[int] = []
        self.told = 0
        self.watch = FolderWatch(
            folder, self.ledger.arrivals, settled=self._settle, gone=self.gone.extend, told=self._tell
        )
        self.watch.start()

    def _settle(self, folder: str, paths: Sequence[Path]) -> None:
        assert folder == "f"
        self.settled += [path.name for path in paths]

    def _tell(self, folder: str) -> None:
        assert folder == "f"
        self.told += 1

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        await self.watch.close()
        self.ledger.close()


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[Callable[..., Seen]]:
    made: list[Seen] = []

    def begin(**how: object) -> Seen:
        made.append(Seen(WatchedFolder(str(tmp_path / "in"), id="f", settle_seconds=0.2, **how)))  # type: ignore[arg-type]
        return made[-1]

    (tmp_path / "in").mkdir()
    yield begin
    for seen in made:
        await seen.close()


@pytest.mark.parametrize("polling", [False, True])
async def test_what_comes_changes_and_goes_is_told(
    watch: Callable[..., Seen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, polling: bool
) -> None:
    monkeypatch.setattr(watched_folder, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(watched_folder, "FULL_SECONDS", 0.3 if polling else 300.0)
    inbox = tmp_path / "in"
    (inbox / "before.pdf").write_text("x")
    seen = watch(polling=polling, recursive=True)
    await seen.until(lambda: seen.settled == ["before.pdf"])
    assert seen.watch.polled == polling
    shutil.copytree(inbox, tmp_path / "sub")
    (tmp_path / "sub").rename(inbox / "sub")  # of what is in it the system tells nothing
    await seen.until(lambda: seen.settled == ["before.pdf", "before.pdf"])
    row = seen.ledger.arrivals.at("f", inbox / "sub" / "before.pdf")
    assert row is not None
    seen.ledger.arrivals.begin(row.id, "0" * 64)
    seen.ledger.arrivals.finish(row.id, row.state.DONE, away=False)
    (inbox / "sub" / "before.pdf").write_text("changed")
    await seen.until(lambda: len(seen.settled) == 3)
    other = seen.ledger.arrivals.at("f", inbox / "before.pdf")
    assert other is not None
    (inbox / "before.pdf").unlink()
    await seen.until(lambda: other.id in seen.gone)


async def test_where_the_system_tells_nothing_the_folder_is_looked_through(
    watch: Callable[..., Seen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fake_watch(*paths: object, **how: object) -> Iterator[set[object]]:
        del paths, how
        raise OSError(errno.ENOSPC, "OS file watch limit reached.")
        yield set()

    monkeypatch.setattr(watchfiles, "watch", fake_watch)
    monkeypatch.setattr(watched_folder, "POLL_SECONDS", 0.1)
    seen = watch()
    await seen.until(lambda: seen.watch.polled)
    assert seen.watch.error is None
    (tmp_path / "in" / "a.pdf").write_text("x")
    await seen.until(lambda: seen.settled == ["a.pdf"])


@pytest.mark.parametrize(
    ("name", "how", "polled"),
    [
        ("many", {"recursive": True}, True),
        ("many", {}, False),
        ("few", {"recursive": True}, False),
        ("link", {"recursive": True}, False),
    ],
)
async def test_many_sub_folders_are_not_named_to_the_system(
    watch: Callable[..., Seen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, how: Any, polled: bool
) -> None:
    """The library does so with all other threads held up."""
    real = watchfiles.watch
    named: list[Path] = []

    def noting_watch(*paths: Path, **given: Any) -> Iterator[set[Any]]:
        named.extend(paths)
        yield from real(*paths, **given)

    monkeypatch.setattr(watchfiles, "watch", noting_watch)
    monkeypatch.setattr(watched_folder, "MANY_FOLDERS", 4)
    monkeypatch.setattr(watched_folder, "NAMED_EACH", True)
    monkeypatch.setattr(watched_folder, "POLL_SECONDS", 0.1)
    inbox, away = tmp_path / "in", tmp_path / "away"
    for number in range(5):
        (away / str(number)).mkdir(parents=True)
    if name == "link":
        (inbox / "link").symlink_to(away)
    else:
        (inbox / "a" / ".hidden" / "c" / "d").mkdir(parents=True)
    if name == "many":
        (inbox / "a" / "e").mkdir()
    seen = watch(**how)
    await seen.until(lambda: seen.watch._next_scan)
    assert seen.watch.polled == polled
    assert seen.told == int(polled)
    (inbox / "a.pdf").write_text("x")
    await seen.until(lambda: seen.settled == ["a.pdf"])
    assert named == ([] if polled else [inbox])


async def test_how_long_a_folder_rests_between_two_looks(watch: Callable[..., Seen]) -> None:
    seen = watch()
    await seen.until(lambda: seen.watch._next_scan)
    rests = {}
    for kind, polled, many in (("told", False, False), ("share", True, False), ("many", True, True)):
        seen.watch.polled, seen.watch._many = polled, many
        rests[kind] = [seen.watch._until_next_scan(took) for took in (0.01, 1.0, 20.0)]
    assert rests == {"told": [300.0] * 3, "share": [3.0, 10.0, 200.0], "many": [3.0, 30.0, 300.0]}


def test_sub_folders_are_counted_without_links(tmp_path: Path) -> None:
    (tmp_path / "in" / "a" / "b").mkdir(parents=True)
    (tmp_path / "in" / "a" / "file.pdf").write_text("x")
    (tmp_path / "in" / "link").symlink_to(tmp_path)
    assert sorted(sub_folders(tmp_path / "in")) == [False, False, True, True]
    with pytest.raises(FileNotFoundError):
        list(sub_folders(tmp_path / "nowhere"))


@pytest.mark.parametrize("patience", [5.0, 0.05])
async def test_what_comes_before_the_system_tells_of_changes_is_found(
    watch: Callable[..., Seen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patience: float
) -> None:
    real, go_on = watchfiles.watch, threading.Event()

    def slow_watch(*paths: Path, **how: Any) -> Iterator[set[Any]]:
        go_on.wait(60)  # as where many sub-folders have to be named to the system
        yield from real(*paths, **how)

    monkeypatch.setattr(watchfiles, "watch", slow_watch)
    monkeypatch.setattr(watched_folder, "LISTEN_SECONDS", patience)
    seen = watch()
    await asyncio.sleep(0.3)  # with little patience the first look is over
    (tmp_path / "in" / "a.pdf").write_text("x")
    go_on.set()
    await seen.until(lambda: seen.settled == ["a.pdf"])


async def test_events_that_were_missed_are_made_up_for(
    watch: Callable[..., Seen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fake_watch(*paths: object, stop_event: threading.Event, **how: object) -> Iterator[set[object]]:
        del paths, how
        while not stop_event.is_set():
            time.sleep(0.01)
        yield from ()

    monkeypatch.setattr(watchfiles, "watch", fake_watch)
    monkeypatch.setattr(watched_folder, "FULL_SECONDS", 0.3)
    seen = watch()
    await asyncio.sleep(0.1)
    (tmp_path / "in" / "a.pdf").write_text("x")
    await seen.until(lambda: seen.settled == ["a.pdf"])
    assert not seen.watch.polled


async def test_a_folder_that_goes_and_comes_again(
    watch: Callable[..., Seen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_folder, "LOOK_SECONDS", 0.1)
    seen = watch()
    await seen.until(lambda: seen.told == 0)
    (tmp_path / "in").rename(tmp_path / "away")
    await seen.until(lambda: seen.watch.error)
    assert seen.watch.error is not None
    assert "is not there any more" in seen.watch.error.message
    (tmp_path / "away" / "a.pdf").write_text("x")
    (tmp_path / "away").rename(tmp_path / "in")
    await seen.until(lambda: seen.settled == ["a.pdf"])
    assert seen.watch.error is None
    (tmp_path / "in" / "b.pdf").write_text("x")
    await seen.until(lambda: seen.settled == ["a.pdf", "b.pdf"])


async def test_exports_of_a_share_that_was_not_mounted_for_a_while_stay_ours(
    watch: Callable[..., Seen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_folder, "LOOK_SECONDS", 0.1)
    inbox, away = tmp_path / "in", tmp_path / "away"
    (inbox / "a.pdf").write_text("x")
    seen = watch()
    await seen.until(lambda: seen.settled == ["a.pdf"])
    table = seen.ledger.arrivals
    row = table.at("f", inbox / "a.pdf")
    assert row is not None
    table.begin(row.id, "0" * 64)
    export = inbox / "a.ocr.pdf"
    table.set_made(row, [MadeFile(str(export), 1, "1" * 64)], into=str(inbox))
    table.finish(row.id, ArrivalState.DONE, away=False)
    export.write_text("x, and what somebody wrote into it")
    (inbox / "b.pdf").write_text("y")
    await seen.until(lambda: seen.settled == ["a.pdf", "b.pdf"])
    other, ours = table.at("f", inbox / "b.pdf"), table.at("f", export)
    assert other is not None
    assert ours is not None
    inbox.rename(away)
    inbox.mkdir()
    await seen.until(lambda: other.id in seen.gone)
    assert ours.id not in seen.gone
    inbox.rmdir()
    away.rename(inbox)
    (inbox / "c.pdf").write_text("z")
    await seen.until(lambda: "c.pdf" in seen.settled)
    assert "a.ocr.pdf" not in seen.settled
    export.unlink()
    await seen.until(lambda: ours.id in seen.gone)


async def test_what_the_ledger_did_not_take_is_told_again(
    watch: Callable[..., Seen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_folder, "LOOK_SECONDS", 0.1)
    seen = watch()
    full = DesktopOcrError(ErrorCode.LEDGER, "The stored pages cannot be read.")
    failures = {"settle": 2, "note": 2}
    settle, note = seen.watch._settled, seen.ledger.arrivals.note

    def settling(folder: str, paths: Sequence[Path]) -> None:
        failures["settle"] -= 1
        if failures["settle"] >= 0:
            raise full
        settle(folder, paths)

    def noting(folder: str, files: Sequence[SeenFile]) -> list[SeenFile]:
        failures["note"] -= bool(files)
        if files and failures["note"] >= 0:
            raise full
        return note(folder, files)

    monkeypatch.setattr(seen.watch, "_settled", settling)
    monkeypatch.setattr(seen.ledger.arrivals, "note", noting)
    await asyncio.sleep(0.5)
    (tmp_path / "in" / "a.pdf").write_text("x")
    await seen.until(lambda: seen.settled == ["a.pdf"])
    assert max(failures.values()) <= 0


def test_a_share_that_gives_errors_has_not_lost_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stale(path: str) -> None:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), path)

    assert _there([str(tmp_path), str(tmp_path / "no"), str(tmp_path / "no" / "no")]) == [True, False, False]
    monkeypatch.setattr(os, "lstat", stale)
    assert _there(["/share/a.pdf"]) == [True]


async def test_an_empty_file_is_not_complete_and_one_kept_open_is_after_a_while(
    watch: Callable[..., Seen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_folder, "OPEN_PATIENCE", 3600.0)
    (tmp_path / "in" / "empty.pdf").touch()
    os.utime(tmp_path / "in" / "empty.pdf", (1e9, 1e9))
    with (tmp_path / "in" / "open.pdf").open("w") as file:
        file.write("x")
        file.flush()
        seen = watch()
        await asyncio.sleep(0.6)
        assert seen.settled == []
        monkeypatch.setattr(watched_folder, "OPEN_PATIENCE", 0.2)
        await seen.until(lambda: seen.settled == ["open.pdf"])
    (tmp_path / "in" / "empty.pdf").write_text("x")
    await seen.until(lambda: "empty.pdf" in seen.settled)
