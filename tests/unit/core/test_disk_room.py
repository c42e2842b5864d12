"""Documents that a full disk stopped: when they go on, and when they are left to the user."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from desktop_ocr.core import disk_room
from desktop_ocr.core.disk_room import DiskRoom
from desktop_ocr.core.job import Job
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.jobs import JobOptions, JobState

FULL = ErrorInfo(ErrorCode.DISK_FULL, "The disk is full.")


class FakeParts:
    """In place of the documents and of what holds them: notes what it is asked for."""

    def __init__(self) -> None:
        self.jobs = {
            number: Job(number, Path(f"/{number}.pdf"), JobOptions(), state=JobState.RUNNING) for number in (1, 2)
        }
        self.held: frozenset[int] = frozenset()
        self.reopened: list[int] = []
        self.why = ""

    def hold(self, job: Job, error: ErrorInfo, why: str) -> None:
        job.state, job.error, self.why = JobState.PAUSED, error, why
        self.held |= {job.number}

    def forget(self, number: int) -> None:
        self.held -= {number}

    def reopen(self, job: Job) -> None:
        job.state = JobState.OPENING
        self.reopened.append(job.number)


@pytest.fixture
def parts() -> FakeParts:
    return FakeParts()


@pytest.fixture
def room(parts: FakeParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DiskRoom:
    monkeypatch.setattr(disk_room, "SHORTEST_WAIT", 0.01)
    return DiskRoom(parts, lambda: parts, [tmp_path / "data"])  # type: ignore[arg-type,return-value]


async def over(room: DiskRoom) -> None:
    assert room._task is not None
    async with asyncio.timeout(60):
        await room._task


async def test_they_go_on_when_there_is_room(room: DiskRoom, parts: FakeParts, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("nothing can be written here")
    for job in parts.jobs.values():
        room.met(job, FULL)
        room.met(job, FULL)  # another of its pages
    assert "it goes on by itself" in parts.why
    for _ in range(5):
        await asyncio.sleep(0.02)
    assert parts.reopened == []
    (tmp_path / "data").unlink()
    await over(room)
    assert parts.reopened == [1, 2]
    assert parts.held == frozenset()
    assert list((tmp_path / "data").iterdir()) == []


async def test_those_that_the_user_decided_about_are_left_to_him(room: DiskRoom, parts: FakeParts) -> None:
    for job in parts.jobs.values():
        room.met(job, FULL)
    parts.forget(1)
    parts.jobs[1].state = JobState.CANCELLED
    await over(room)
    assert parts.reopened == [2]


async def test_room_that_does_not_last_is_looked_for_less_often(room: DiskRoom, parts: FakeParts) -> None:
    waits = []
    for _ in range(3):
        parts.jobs[1].state = JobState.RUNNING
        room.met(parts.jobs[1], FULL)
        waits.append(room._wait)
        await over(room)
    assert waits == [0.01, 0.02, 0.04]
    assert parts.reopened == [1, 1, 1]
    await room.close()
