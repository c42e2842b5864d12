from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.schema.results import PageNote, PageResult
from tests.unit.core.reviewing import page
from tests.unit.core.shelved import Shelf

DAY = 86_400


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
async def shelf(file: Path) -> AsyncIterator[Shelf]:
    shelf = Shelf(file)
    yield shelf
    await shelf.close()


def large(number: int) -> PageResult:
    """Some 50 KB that cannot be packed, and words."""
    chance = random.Random(number)
    notes = tuple(PageNote("", chance.randbytes(500).hex()) for _ in range(92))
    return msgspec.structs.replace(page(number, *(f"word{chance.random()}" for _ in range(50))), notes=notes)


def age(shelf: Shelf, job: int, days: float) -> None:
    with shelf._ledger._writing():
        for table in ("pages", "searched"):
            shelf._ledger._db.execute(
                f"UPDATE {table} SET finished = ? WHERE document = ?",  # noqa: S608
                (time.time() - days * DAY, shelf.key(job).document),
            )


async def documents(shelf: Shelf) -> list[int]:
    return sorted(hit.job for hit in (await shelf.look("")).hits)


async def test_old_documents_go_unless_they_are_listed(shelf: Shelf) -> None:
    jobs = [shelf.add(f"/{at}.pdf", page(0, "tax"), content=str(at)) for at in range(4)]
    for job, days in zip(jobs, (40, 31, 29, 50), strict=True):
        age(shelf, job, days)
    for job in jobs[:3]:
        await shelf.remove(job)
    assert await shelf.clean_library() == 0
    shelf.set(library_days=30)
    assert await shelf.clean_library() == 2
    assert await documents(shelf) == jobs[2:]


async def test_a_clock_that_is_far_ahead_at_the_start_costs_no_document(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.set(library_days=30)
    job = shelf.add("/a.pdf", page(0, "tax"), content="a")
    await shelf.remove(job)
    cleaner, now = shelf._library.cleaner, time.time()

    async def start(days: float) -> int:
        monkeypatch.setattr("desktop_ocr.core.library_cleaning.time.time", lambda: now + days * DAY)
        return await cleaner.clean_by_itself()

    for days in (0, 1, 2000, 2000, 2, 9, 1000, 10):  # it is wrong for a day, and right again
        assert await start(days) == 0
    assert await documents(shelf) == [job]
    assert await start(40) == 0  # a month later, by a clock that is right: one start too late
    assert await start(41) == 1


async def test_what_is_too_large_goes_whatever_the_clock_says(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    for at in range(30):
        await shelf.remove(shelf.add(f"/{at}.pdf", large(at), content=str(at)))
    shelf.set(library_limit_mb=1, library_days=30)
    later = time.time() + 2000 * DAY
    monkeypatch.setattr("desktop_ocr.core.library_cleaning.time.time", lambda: later)
    assert 0 < await shelf._library.cleaner.clean_by_itself() < 30


@pytest.mark.parametrize(
    ("starts", "last"),
    [
        ([0, 1, 2], True),
        ([0, 7], True),
        ([0, 8], False),
        ([0, 8, 8], False),
        ([0, 8, 9], True),
        ([0, 30, 60], True),  # who starts it once a month
        ([0, 30, 60, 90], False),
        ([0, 3000, 1], True),  # it was ahead, and is right again
        ([0, 3000, 1, 3000], False),
    ],
)
def test_which_start_believes_the_clock(shelf: Shelf, starts: list[int], last: bool) -> None:
    *before, latest = starts
    for day in before:
        shelf._ledger.days.begin(20_000 + day)
    assert shelf._ledger.days.begin(20_000 + latest) is last


@pytest.mark.parametrize(("days", "believed"), [(0, True), (7, True), (9, False)])
def test_the_first_start_that_notes_days_looks_at_what_was_stored_last(shelf: Shelf, days: int, believed: bool) -> None:
    today = int(time.time() // DAY)
    assert shelf._ledger.days.begin(today + 1000)  # nothing is stored yet
    shelf._ledger._rows("DELETE FROM days")
    shelf.add("/a.pdf", page(0, "tax"), content="a")
    assert shelf._ledger.days.begin(today + days) is believed


async def test_a_document_is_as_old_as_what_was_corrected_last(shelf: Shelf) -> None:
    jobs = [shelf.add(f"/{at}.pdf", page(0, "tax"), content=str(at)) for at in range(2)]
    for job, days in zip(jobs, (50, 40), strict=True):
        age(shelf, job, days)
    key, versions = shelf.key(jobs[0]), shelf._ledger.versions
    before = versions.current(key, 0)
    assert before is not None
    versions.add(key, 0, page(0, "taxes"), "Change", on=before.number)
    for job in jobs:
        await shelf.remove(job)
    shelf.set(library_days=30)
    assert await shelf.clean_library() == 1
    assert await documents(shelf) == jobs[:1]


async def test_the_oldest_go_until_the_library_is_small_enough_and_the_file_with_them(shelf: Shelf, file: Path) -> None:
    jobs = [shelf.add(f"/{at}.pdf", *map(large, range(at * 10, at * 10 + 10)), content=str(at)) for at in range(5)]
    for at, job in enumerate(jobs):
        age(shelf, job, 10 - at)
    for job in (jobs[3], jobs[0], jobs[1]):
        await shelf.remove(job)
    shelf._ledger._rows("PRAGMA wal_checkpoint(TRUNCATE)")
    before = file.stat().st_size
    assert 2.5e6 < before < 3.3e6
    shelf.set(library_limit_mb=2)
    assert await shelf.clean_library() == 2
    assert await documents(shelf) == jobs[2:]
    after = file.stat().st_size
    assert after <= 2e6
    assert after < before * 0.75
    assert shelf._ledger._rows("PRAGMA freelist_count") == [(0,)]
    assert (await shelf.look("")).total == 3


async def test_forgetting_gives_the_space_back(shelf: Shelf, file: Path) -> None:
    job = shelf.add("/a.pdf", *map(large, range(20)), count=20)
    shelf._ledger._rows("PRAGMA wal_checkpoint(TRUNCATE)")
    before = file.stat().st_size
    await shelf.forget([job])
    for task in shelf.tasks:
        await task
    assert file.stat().st_size < before / 4


async def test_a_ledger_of_a_former_version_is_written_anew_when_nothing_is_in_work(file: Path) -> None:
    old = sqlite3.connect(file, isolation_level=None)
    old.execute("PRAGMA journal_mode = WAL")
    old.execute("CREATE TABLE first (x)")  # from here on the file's way to give space back is decided
    old.execute("DROP TABLE first")
    old.close()
    shelf = Shelf(file)
    jobs = [shelf.add(f"/{at}.pdf", *map(large, range(10)), content=str(at)) for at in range(2)]
    assert shelf._ledger._rows("PRAGMA auto_vacuum") == [(0,)]
    shelf._ledger._rows("PRAGMA wal_checkpoint(TRUNCATE)")
    before = file.stat().st_size
    shelf.busy = True
    await shelf.forget(jobs[:1])
    await shelf.clean_library()
    assert file.stat().st_size >= before
    shelf.busy = False
    await shelf.clean_library()
    assert file.stat().st_size < before * 0.7
    assert shelf._ledger.result(shelf.key(jobs[1]), 3) == large(3)
    assert len(await shelf.places(large(3).lines[0].text)) == 1
    await shelf.close()


async def test_a_page_is_stored_while_space_is_given_back(shelf: Shelf) -> None:
    jobs = [shelf.add(f"/{at}.pdf", *map(large, range(10)), content=str(at)) for at in range(3)]
    await shelf.forget(jobs[:2])
    later = shelf.add("/later.pdf", page(0, "later"), content="later")
    for task in shelf.tasks:
        await task
    assert await shelf.places("later") == [(later, 0)]
    assert shelf._ledger._rows("PRAGMA integrity_check") == [("ok",)]
