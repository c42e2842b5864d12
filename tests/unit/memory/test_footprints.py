"""What this machine measured, and the file that it is kept in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_ocr.memory.footprints import (
    EDGES,
    KEPT,
    KINDS,
    MB_PER_MEGAPIXEL,
    NO_PAGE,
    SAVE_SECONDS,
    VERSION,
    Footprints,
    pixels_bucket,
)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "footprints.json"


@settings(deadline=None)
@given(st.integers(0, 400_000_000))
def test_buckets_hold_their_pages(pixels) -> None:
    bucket = pixels_bucket(pixels)
    assert pixels <= bucket * 1e6
    assert bucket == EDGES[0] or pixels_bucket(pixels // 3) < bucket
    assert bucket != NO_PAGE


def test_the_largest_of_the_last_few() -> None:
    footprints = Footprints(None)
    assert footprints.lookup("page", "m", "cpu", 4) is None
    for mb in (900, 500, 700):
        footprints.record("page", "m", "cpu", 4, mb)
    assert footprints.lookup("page", "m", "cpu", 4) == (900, 3)
    for _ in range(KEPT - 2):
        footprints.record("page", "m", "cpu", 4, 600)
    assert footprints.lookup("page", "m", "cpu", 4) == (700, KEPT + 1), "an odd page is forgotten in time"
    assert footprints.lookup("page", "m", "gpu:0", 4) is None
    assert footprints.lookup("load", "m", "cpu", 4) is None
    assert footprints.lookup("page", "n", "cpu", 4) is None


def test_near_page_sizes_stand_in() -> None:
    footprints = Footprints(None)
    footprints.record("page", "m", "cpu", 4, 700)
    assert footprints.lookup("page", "m", "cpu", 9) == (700 + 5 * MB_PER_MEGAPIXEL, 1)
    assert footprints.lookup("page", "m", "cpu", 2) == (700, 1), "not less than what is known"
    footprints.record("page", "m", "cpu", 24, 1500)
    footprints.record("page", "m", "cpu", 24, 1500)
    assert footprints.lookup("page", "m", "cpu", 9) == (700 + 800 * 5 / 20, 1)
    assert footprints.lookup("page", "m", "cpu", 36) == (1500 + 12 * MB_PER_MEGAPIXEL, 2)
    footprints.record("page", "m", "cpu", 24, 600)
    for _ in range(KEPT):
        footprints.record("page", "m", "cpu", 24, 600)
    assert footprints.lookup("page", "m", "cpu", 9)[0] == 700, "a larger page takes no less than a smaller one"


def test_loading_and_pages_do_not_stand_in_for_each_other() -> None:
    footprints = Footprints(None)
    footprints.record("x", "m", "cpu", NO_PAGE, 70)
    assert footprints.lookup("x", "m", "cpu", 4) is None
    footprints.record("y", "m", "cpu", 4, 70)
    assert footprints.lookup("y", "m", "cpu", NO_PAGE) is None


@pytest.mark.parametrize("mb", [float("nan"), float("inf"), -1.0, 1e12])
def test_what_cannot_be_is_left_out(mb, caplog) -> None:
    footprints = Footprints(None)
    footprints.record("page", "m", "cpu", 4, mb)
    assert footprints.lookup("page", "m", "cpu", 4) is None
    assert "not a footprint" in caplog.text


def test_they_are_kept(file: Path) -> None:
    footprints = Footprints(file)
    footprints.record("page", "a+b@1280", "gpu:0", 4, 812.34)
    footprints.record("load", "Größe", "cpu", NO_PAGE, 0)
    footprints.close()
    again = Footprints(file)
    assert again.lookup("page", "a+b@1280", "gpu:0", 4) == (812.3, 1)
    assert again.lookup("load", "Größe", "cpu", NO_PAGE) == (0, 1)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_the_disk_is_left_alone_most_of_the_time(file: Path) -> None:
    clock = Clock()
    footprints = Footprints(file, clock=clock)
    footprints.record("page", "m", "cpu", 4, 1)
    first = file.read_bytes()
    for _ in range(20):
        footprints.record("page", "m", "cpu", 4, 2)
    assert file.read_bytes() == first
    clock.now += SAVE_SECONDS
    footprints.record("page", "m", "cpu", 4, 3)
    second = file.read_bytes()
    assert second != first
    footprints.record("page", "m", "cpu", 4, 4)
    assert file.read_bytes() == second
    footprints.close()
    assert Footprints(file).lookup("page", "m", "cpu", 4) == (4, 23)
    file.unlink()
    footprints.close()
    assert not file.exists(), "nothing new, nothing written"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe\x00",
        b'{"version": "1"}',
        json.dumps({"version": VERSION}).encode(),
        json.dumps({"version": VERSION + 1, "entries": []}).encode(),
        json.dumps({"version": VERSION, "entries": [{"operation": "page"}]}).encode(),
        b'{"version":1,"entries":[{"operation":"p","model":"m","device":"cpu","bucket":4,"mb":[-5],"count":1}]}',
        b'{"version":1,"entries":[{"operation":"p","model":"m","device":"cpu","bucket":4,"mb":[NaN],"count":1}]}',
        b'{"version":1,"entries":[{"operation":"p","model":"m","device":"cpu","bucket":4,"mb":[1e999],"count":1}]}',
        b'{"version":1,"entries":[{"operation":"p","model":"m","device":"cpu","bucket":4,"mb":[],"count":1}]}',
        b"[" * 100_000,
        b" " * 5_000_000,
    ],
    ids=range(14),
)
def test_a_damaged_or_foreign_file_is_set_aside(file: Path, data, caplog) -> None:
    file.parent.mkdir()
    file.write_bytes(data)
    footprints = Footprints(file)
    assert "is not used" in caplog.text
    aside = file.with_name(file.name + ".aside")
    assert aside.read_bytes() == data
    assert footprints.lookup("p", "m", "cpu", 4) is None
    footprints.record("page", "m", "cpu", 4, 5)
    footprints.close()
    assert Footprints(file).lookup("page", "m", "cpu", 4) == (5, 1)


def test_a_file_that_cannot_be_written_is_told_once(tmp_path: Path, caplog) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    clock = Clock()
    footprints = Footprints(blocked / "footprints.json", clock=clock)
    caplog.clear()
    for _ in range(3):
        clock.now += SAVE_SECONDS
        footprints.record("page", "m", "cpu", 4, 5)
    footprints.close()
    assert len(caplog.records) == 1
    assert footprints.lookup("page", "m", "cpu", 4) == (5, 3)


def test_there_is_an_end_to_it(file: Path) -> None:
    footprints = Footprints(file)
    footprints.record("page", "first", "cpu", 4, 1)
    for number in range(KINDS - 1):
        footprints.record("page", f"model {number}", "cpu", 4, 1)
    footprints.record("page", "first", "cpu", 4, 1)
    footprints.record("page", "one too many", "cpu", 4, 1)
    footprints.close()
    again = Footprints(file)
    assert again.lookup("page", "model 0", "cpu", 4) is None
    assert again.lookup("page", "model 1", "cpu", 4) is not None
    assert again.lookup("page", "first", "cpu", 4) == (1, 2)
