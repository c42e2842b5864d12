"""A job belongs to one process: two programs on one ledger, each with its own connection."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
import time
from pathlib import Path

import pytest

from desktop_ocr.core.leases import SILENT_SECONDS, SURELY_OLD, Leases
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.owners import Standing, job_owner, place, process_owner, standing
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import JobOptions, JobState

LIVES = job_owner(os.getppid() or 1)
DEAD = "1:1-00000000@" + ".".join(place())
FAR = "7:1234-abcdef01@0123456789ab.4026531836"


class Clock:
    """Time of day, or a stop watch, that a test sets."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Program:
    """A running program: its connection, its leases, its clocks."""

    def __init__(self, file: Path, owner: str, title: str = "convert") -> None:
        self.clock, self.watch = Clock(), Clock()
        self.ledger = Ledger(file)
        self.leases = Leases(self.ledger, title, owner=owner, clock=self.clock, watch=self.watch)

    def add(self) -> int:
        return self.leases.add(Path("/a.pdf"), JobOptions(), "")

    def beats(self, at: float) -> None:
        """Its beat by its own clock, as its ledger writes it."""
        with sqlite3.connect(self.file) as db:
            db.execute("UPDATE jobs SET beat = ? WHERE owner = ?", (at, self.leases.owner))

    @property
    def file(self) -> str:
        return str(self.ledger._db.execute("PRAGMA database_list").fetchone()[2])

    def sees_elsewhere(self, job: int) -> bool:
        row = self.ledger.job(job)
        assert row is not None
        return self.leases.elsewhere(row)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
def here(file: Path) -> Program:
    return Program(file, job_owner(), "window")


# --- who lives ----------------------------------------------------------------------------------------------------


def test_an_owner_says_which_machine_it_is_of() -> None:
    assert standing(job_owner()) is Standing.RUNS
    assert standing(LIVES) is Standing.RUNS
    assert standing(process_owner()) is Standing.RUNS  # as former versions wrote it
    assert standing(DEAD) is Standing.GONE
    assert standing(None) is Standing.GONE
    assert standing("nonsense") is Standing.GONE
    assert standing(FAR) is Standing.UNKNOWN


@pytest.mark.skipif(sys.platform != "linux", reason="runs under Linux only")
def test_another_container_is_unknown_and_a_former_start_of_this_machine_is_gone() -> None:
    machine, pids = place()
    name = process_owner()
    assert standing(f"{name}@{machine}.{int(pids) + 1}") is Standing.UNKNOWN
    before = name.partition("-")[0] + "-00000000"
    assert standing(f"{before}@{machine}.{int(pids) + 1}") is Standing.GONE
    assert standing(f"{before}@{machine}.{pids}") is Standing.GONE


# --- taking -------------------------------------------------------------------------------------------------------


def test_a_job_of_a_program_that_runs_is_left_to_it_however_long_it_is_silent(file: Path, here: Program) -> None:
    other = Program(file, LIVES)
    job = other.add()
    other.beats(1.0)  # it was stopped for years
    here.watch.now += 10 * SURELY_OLD
    assert here.sees_elsewhere(job)
    assert not here.leases.take(job)
    assert not here.leases.set_state(job, JobState.CANCELLED, keep=False)
    row = here.ledger.job(job)
    assert row is not None
    assert (row.owner, row.title, row.state) == (LIVES, "convert", JobState.OPENING)
    other.leases.beat()
    assert not other.leases.lost


def test_what_a_dead_program_was_at_is_free(file: Path, here: Program) -> None:
    job = Program(file, DEAD).add()
    assert not here.sees_elsewhere(job)
    assert here.leases.set_state(job, JobState.OPENING, keep=True)
    row = here.ledger.job(job)
    assert row is not None
    assert (row.owner, row.title) == (here.leases.owner, "window")
    assert here.leases.held == {job}


def test_a_program_of_another_machine_is_gone_when_its_beat_stands_still_for_long(file: Path, here: Program) -> None:
    far = Program(file, FAR)
    job = far.add()
    far.beats(here.clock.now + 7200)  # its clock is two hours ahead
    assert here.sees_elsewhere(job)
    here.watch.now += SILENT_SECONDS - 1
    assert here.sees_elsewhere(job)
    far.beats(here.clock.now + 7200 + SILENT_SECONDS)
    here.watch.now += SILENT_SECONDS - 1
    assert here.sees_elsewhere(job)
    here.watch.now += SILENT_SECONDS + 1
    assert not here.sees_elsewhere(job)
    assert here.leases.take(job)


def test_a_clock_that_is_set_back_makes_nobody_dead(file: Path, here: Program) -> None:
    far = Program(file, FAR)
    job = far.add()
    far.beats(here.clock.now)
    assert here.sees_elsewhere(job)
    here.clock.now -= 600.0
    for _ in range(20):
        here.clock.now += 10.0
        here.watch.now += 10.0
        far.beats(here.clock.now)
        assert here.sees_elsewhere(job)
    here.watch.now += SILENT_SECONDS + 1
    assert not here.sees_elsewhere(job)


def test_a_beat_of_yesterday_need_not_be_watched(file: Path, here: Program) -> None:
    far = Program(file, FAR)
    job = far.add()
    far.beats(here.clock.now - SURELY_OLD - 1)
    assert here.leases.take(job)


def test_a_program_that_was_taken_for_dead_notices_and_writes_nothing_over_the_others(
    file: Path, here: Program
) -> None:
    far = Program(file, FAR)
    job = far.add()
    far.beats(here.clock.now - SURELY_OLD - 1)
    here.leases.set_state(job, JobState.RUNNING, keep=True)
    far.clock.now += SILENT_SECONDS  # its laptop is opened again, and a page is ready
    assert not far.leases.sure(job)
    assert far.leases.lost == {job}
    assert far.leases.held == set()
    assert not far.leases.set_state(job, JobState.DONE, keep=False)
    row = far.ledger.job(job)
    assert row is not None
    assert (row.state, row.owner) == (JobState.RUNNING, here.leases.owner)
    assert here.leases.sure(job)


def test_it_is_not_asked_again_and_again_whose_a_job_is(here: Program) -> None:
    job = here.add()
    before = here.ledger._db.total_changes
    assert here.leases.sure(job)
    assert here.ledger._db.total_changes == before
    here.clock.now += SILENT_SECONDS
    assert here.leases.sure(job)
    assert here.ledger._db.total_changes == before + 1


def test_of_many_who_want_a_job_one_gets_it(file: Path) -> None:
    first = Program(file, DEAD)
    jobs = [first.add() for _ in range(12)]
    # Of each other they know that they run: one that has a job keeps it.
    owners = [job_owner(pid) for pid in (os.getpid(), os.getppid() or 1)]
    won: dict[str, list[int]] = {owner: [] for owner in owners}
    start = threading.Barrier(len(owners))

    def take_all(owner: str) -> None:
        program = Program(file, owner)
        start.wait()
        won[owner] = [job for job in jobs if program.leases.take(job)]
        assert program.leases.held == set(won[owner])
        program.ledger.close()

    threads = [threading.Thread(target=take_all, args=(owner,)) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(job for taken in won.values() for job in taken) == jobs
    assert {row.job: row.owner for row in first.ledger.jobs()} == {
        job: owner for owner, taken in won.items() for job in taken
    }


def test_what_is_seen_as_free_and_taken_meanwhile_is_not_taken_again(file: Path, here: Program) -> None:
    job = Program(file, DEAD).add()
    seen = here.ledger.leases.of(job)
    assert seen is not None
    other = Program(file, LIVES)
    assert other.leases.take(job)
    assert not here.ledger.leases.release(seen)
    assert not here.ledger.leases.claim(job, here.leases.owner, "window")
    assert not here.leases.take(job)
    assert other.leases.sure(job)


# --- the beat -----------------------------------------------------------------------------------------------------


def test_an_idle_program_writes_nothing(here: Program) -> None:
    job = here.add()
    here.leases.set_state(job, JobState.PAUSED, keep=False)
    before = here.ledger._db.total_changes
    here.leases.beat()
    assert here.ledger._db.total_changes == before


def test_one_write_renews_all_jobs_and_the_next_page_waits_for_the_disk_again(file: Path, here: Program) -> None:
    jobs = [here.add() for _ in range(3)]
    began = time.time()
    statements: list[str] = []
    here.ledger._db.set_trace_callback(statements.append)
    here.leases.beat()
    here.ledger._db.set_trace_callback(None)
    assert sum(text.startswith("UPDATE") for text in statements) == 1
    assert here.ledger._db.execute("PRAGMA synchronous").fetchone() == (2,)
    seen = Program(file, LIVES).ledger.leases.all()
    assert [lease.job for lease in seen] == jobs
    assert all(lease.beat >= began for lease in seen)


def test_a_beat_that_cannot_be_written_loses_nothing(file: Path, here: Program) -> None:
    job = here.add()
    here.ledger._db.execute("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DesktopOcrError) as caught:
        here.leases.beat()
    assert caught.value.code is ErrorCode.LEDGER
    here.clock.now += SILENT_SECONDS
    assert here.leases.sure(job)
    assert here.leases.held == {job}
    other.execute("ROLLBACK")
    other.close()
    assert here.ledger._db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_job_that_was_deleted_is_lost(file: Path, here: Program) -> None:
    job = here.add()
    Program(file, LIVES).ledger.remove_job(job)
    here.leases.beat()
    assert here.leases.lost == {job}


def test_the_number_of_the_ledger_changes_when_others_write(file: Path, here: Program) -> None:
    other = Program(file, LIVES)
    before = here.ledger.leases.version()
    here.add()
    assert here.ledger.leases.version() == before
    other.add()
    assert here.ledger.leases.version() != before
