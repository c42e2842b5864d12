"""Exports that were begun: noted while they run, cleared away and told after their program is gone."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from desktop_ocr.core import begun_exports
from desktop_ocr.core.begun_exports import BegunNote, InterruptedExports
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.owners import job_owner
from desktop_ocr.core.part_files import delete_parts
from desktop_ocr.schema.events import Event, ExportsInterrupted
from desktop_ocr.schema.exports import ExportWish
from desktop_ocr.schema.jobs import JobOptions

GONE = "99999999:1"
ELSEWHERE = "99999999:1@othermachine.1"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite3")


@pytest.fixture
def job(ledger: Ledger) -> int:
    return ledger.add_job("/in/a.pdf", JobOptions(), "", "me")


@pytest.fixture
def wish(tmp_path: Path) -> ExportWish:
    return ExportWish(("txt", "pdf"), str(tmp_path))


def part(folder: Path, pid: int = 99999999) -> Path:
    file = folder / f".desktop-ocr-{pid}-ab_c1.part"
    file.write_text("half")
    return file


async def looked(ledger: Ledger, *, tells: bool = True) -> list[ExportsInterrupted]:
    events: list[Event] = []
    await InterruptedExports(ledger, events.append, tells=tells).look()
    return [event for event in events if isinstance(event, ExportsInterrupted)]


def begun(ledger: Ledger, job: int, wish: ExportWish, owner: str = GONE, host: str = GONE) -> int:
    number = ledger.begun.add(job, wish, Path(wish.folder), owner, full_name=True)
    ledger.begun.set_host(number, host)
    return number


def test_a_note_is_there_as_long_as_the_export_runs(ledger: Ledger, job: int, wish: ExportWish) -> None:
    note = BegunNote(ledger, job, wish, full_name=True)
    note.writes(None)
    (found,) = ledger.begun.all()
    assert (found.job, found.wish, found.full_name, found.folder) == (job, wish, True, Path(wish.folder))
    assert (found.owner, found.host) == (job_owner(), "")
    note.writes(os.getpid())
    assert ledger.begun.all()[0].host == job_owner()
    note.writes(99999999)
    assert ledger.begun.all()[0].host == "99999999:"
    note.end(made=False)
    assert ledger.begun.all() == []


def test_that_it_cannot_be_noted_keeps_no_export_back(job: int, wish: ExportWish) -> None:
    broken = Ledger(None)
    broken._rows("DROP TABLE begun_exports")
    note = BegunNote(broken, job, wish, full_name=False)
    note.writes(os.getpid())
    note.end(made=True)
    odd = ExportWish(("txt",), "/out/\udce9")  # refused later, with a sentence
    BegunNote(Ledger(None), job, odd, full_name=False).end(made=False)


async def test_what_a_dead_program_left_is_cleared_away_and_told_once(
    ledger: Ledger, job: int, wish: ExportWish, tmp_path: Path
) -> None:
    begun(ledger, job, wish)
    ours, others = part(tmp_path), part(tmp_path, 9999999)
    ((told,),) = [event.exports for event in await looked(ledger)]
    assert (told.job, told.name, told.folder, told.wish, told.full_name) == (job, "a.pdf", str(tmp_path), wish, True)
    assert not ours.exists()
    assert others.exists()
    assert await looked(ledger) == []


async def test_the_command_line_clears_away_and_leaves_telling_to_the_window(
    ledger: Ledger, job: int, wish: ExportWish, tmp_path: Path
) -> None:
    begun(ledger, job, wish)
    ours = part(tmp_path)
    assert await looked(ledger, tells=False) == []
    assert not ours.exists()
    assert len(await looked(ledger)) == 1


async def test_nobody_is_told_of_what_was_made_meanwhile(ledger: Ledger, job: int, wish: ExportWish) -> None:
    begun(ledger, job, wish)
    await looked(ledger, tells=False)
    BegunNote(ledger, job, wish, full_name=True).end(made=True)
    assert await looked(ledger) == []


async def test_of_a_document_that_was_removed_nobody_is_told(
    ledger: Ledger, job: int, wish: ExportWish, tmp_path: Path
) -> None:
    begun(ledger, job, wish)
    ours = part(tmp_path)
    ledger.remove_job(job)
    assert await looked(ledger) == []
    assert not ours.exists()
    assert ledger.begun.all() == []


@pytest.mark.parametrize("owner", [job_owner(), job_owner(os.getppid()), ELSEWHERE], ids=["we", "parent", "elsewhere"])
async def test_what_may_be_at_work_is_left_alone(
    ledger: Ledger, job: int, wish: ExportWish, tmp_path: Path, owner: str
) -> None:
    begun(ledger, job, wish, owner)
    ours = part(tmp_path)
    assert await looked(ledger) == []
    assert ours.exists()


async def test_a_host_that_has_not_ended_yet_is_waited_for(
    ledger: Ledger, job: int, wish: ExportWish, tmp_path: Path
) -> None:
    begun(ledger, job, wish, host=job_owner(os.getppid()))
    ours = part(tmp_path, os.getppid())
    assert await InterruptedExports(ledger, lambda _: None, tells=True).look()
    assert ours.exists()


async def test_of_another_machine_only_what_is_old_is_deleted(
    ledger: Ledger, job: int, wish: ExportWish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(begun_exports, "FOREIGN_SECONDS", 0.0)
    begun(ledger, job, wish, ELSEWHERE, ELSEWHERE)
    ours = part(tmp_path)
    young = tmp_path / ".desktop-ocr-99999999-young.part"
    young.write_text("x")
    os.utime(ours, (time.time() - 7200,) * 2)
    assert len(await looked(ledger)) == 1
    assert not ours.exists()
    assert young.exists()


def test_of_a_folder_only_the_files_of_that_host_go(tmp_path: Path) -> None:
    gone = [".desktop-ocr-12-ab_c1.part", ".desktop-ocr-12-x.part.old"]
    stay = [".desktop-ocr-123-x.part", ".desktop-ocr-12-x.txt", "desktop-ocr-12-x.part", ".desktop-ocr-12-x.part x"]
    for name in (*gone, *stay):
        (tmp_path / name).touch()
    (tmp_path / ".desktop-ocr-12-folder.part").mkdir()
    (tmp_path / ".desktop-ocr-12-link.part").symlink_to(tmp_path / stay[0])
    assert delete_parts(tmp_path, 12) == len(gone)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*stay, ".desktop-ocr-12-folder.part", ".desktop-ocr-12-link.part"}
    assert delete_parts(tmp_path / "away", 12) == 0


def test_a_job_that_takes_anothers_place_has_its_exports(ledger: Ledger, job: int, wish: ExportWish) -> None:
    begun(ledger, job, wish)
    new = ledger.add_job("/in/a.pdf", JobOptions(), "", "me")
    ledger.exports.inherit(new, job)
    assert [note.job for note in ledger.begun.all()] == [new]
