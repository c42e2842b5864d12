from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core import dump
from desktop_ocr.core.dump import KEPT, write_dump
from desktop_ocr.core.process_tree import process_tree
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.settings import Settings
from tests.fakes.fake_program import CANNED_SAMPLE, CANNED_STATS


def write(folder: Path, *lines: str, documents: tuple[str | Path, ...] = (), samples: int = 3) -> Path:
    return write_dump(
        folder,
        CANNED_STATS,
        [CANNED_SAMPLE] * samples,
        process_tree(),
        lines,
        Settings(),
        documents=documents,
        reason="asked for",
    )


def test_it_says_what_there_is(tmp_path: Path) -> None:
    path = write(tmp_path / "new" / "dumps", "a line", "another")
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["reason"] == "asked for"
    assert content["stats"] == json.loads(msgspec.json.encode(CANNED_STATS))
    assert content["samples"] == [json.loads(msgspec.json.encode(CANNED_SAMPLE))] * 3
    assert content["processes"][0]["pid"] == content["program"]["pid"] == os.getpid()
    assert content["settings"]["warning"] == 0.8
    assert content["log"] == ["a line", "another"]


def test_a_sample_is_a_line(tmp_path: Path) -> None:
    short, long = write(tmp_path, samples=1), write(tmp_path, samples=101)
    assert len(long.read_text().splitlines()) - len(short.read_text().splitlines()) == 100


def test_nothing_at_hand_is_fine(tmp_path: Path) -> None:
    path = write_dump(tmp_path, CANNED_STATS, [], [], [], Settings())
    assert json.loads(path.read_text())["samples"] == []


def test_it_is_this_users_alone_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "dumps"
    path = write(folder)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(folder.iterdir()) == [path]


def test_no_name_of_a_document_and_no_home(tmp_path: Path, user_home: Path) -> None:
    document = user_home / "Briefe" / "An Oma.pdf"
    stats = msgspec.structs.replace(CANNED_STATS, held="An Oma.pdf waits")
    lines = [f"opening of {document}", "job 1: An Oma.pdf", "An Oma.txt was written", "bad \udcff text"]
    path = write_dump(tmp_path, stats, [], process_tree(), lines, Settings(), documents=[document])
    text = path.read_text(encoding="utf-8")
    for word in ("Oma", "Briefe", str(user_home)):
        assert word not in text
    assert json.loads(text)["stats"]["held"] == "<document>.pdf waits"


def test_figures_that_are_none(tmp_path: Path) -> None:
    stats = msgspec.structs.replace(
        CANNED_STATS, pressure=msgspec.structs.replace(CANNED_STATS.pressure, share=float("nan"))
    )
    path = write_dump(tmp_path, stats, [], [], [], Settings())
    assert json.loads(path.read_text())["stats"]["pressure"]["share"] is None


def test_the_last_ten_are_kept(tmp_path: Path) -> None:
    for number in range(KEPT + 5):
        (tmp_path / f"dump-20200101-0000{number:02d}.json").write_text("{}")
    (tmp_path / "dump-20990101-000000.json").write_text("{}")  # written before the clock was set back
    (tmp_path / "mine.json").write_text("{}")
    abandoned, fresh = tmp_path / ".dump-a.part", tmp_path / ".dump-b.part"
    for part in (abandoned, fresh):
        part.write_text("")
    os.utime(abandoned, (1, 1))
    path = write(tmp_path)
    left = {file.name for file in tmp_path.glob("dump-*.json")}
    assert len(left) == KEPT
    assert {path.name, "dump-20990101-000000.json", "dump-20200101-000014.json"} <= left
    assert "dump-20200101-000000.json" not in left
    assert (tmp_path / "mine.json").exists()
    assert (abandoned.exists(), fresh.exists()) == (False, True)


def test_several_in_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump.time, "strftime", lambda _: "dump-20240131-235959")
    assert [write(tmp_path).name for _ in range(3)] == [
        "dump-20240131-235959.json",
        "dump-20240131-235959-2.json",
        "dump-20240131-235959-3.json",
    ]


def test_where_it_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DesktopOcrError, match="cannot be written") as refused:
        write(tmp_path / "file" / "dumps")
    assert refused.value.code is ErrorCode.NO_PERMISSION


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="runs under Linux only")
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fdopen = os.fdopen

    def full(descriptor: int, mode: str) -> object:
        os.close(descriptor)
        return fdopen(os.open("/dev/full", os.O_WRONLY), mode)

    monkeypatch.setattr(dump.os, "fdopen", full)
    with pytest.raises(DesktopOcrError) as refused:
        write(tmp_path)
    assert refused.value.code is ErrorCode.DISK_FULL
    assert list(tmp_path.iterdir()) == []
