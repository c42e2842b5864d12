"""Every kind of write to a ledger, in processes that kill themselves between two statements.

Run as `python -m tests.fakes.fake_ledger_work FOLDER [STEP]`: for n = 1, 1 + STEP, ... a process of its own works at a
new ledger and kills itself before the n-th statement that SQLite is to run, until one comes to the end. What was
acknowledged before each kill is in FOLDER/n/done, a line an operation; FOLDER/whole has the undisturbed one.
(The processes are forked from this one, which has no thread: hundreds of starts would take minutes.)
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from desktop_ocr.core.ledger import Ledger, PageCost, PageKey, options_key
from desktop_ocr.core.ledger_arrivals import ArrivalRow, MadeFile, SeenFile
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.exports import ExportMade, ExportWish
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.watching import ArrivalState
from tests.fakes.fake_host import fake_result

COST = PageCost(1.0)
OTHER = JobOptions(dpi=300)
TABLES = ("documents", "jobs", "pages", "versions", "searched", "exports", "begun_exports", "days", "arrivals")
TIMES = {"created", "finished", "made", "beat", "begun", "changed"}


def operations(ledger: Ledger) -> Iterator[tuple[str, Callable[[], object]]]:
    """Names of operations, each with what does it: every write that a session makes."""
    options, owner = JobOptions(), "1:somebody"
    key, anew = PageKey(1, options_key(options)), PageKey(1, options_key(OTHER))
    pending = msgspec.structs.replace(fake_result(2), pending=(Feature.FORMULAS,))
    versions = ledger.versions

    def edit(page: int, words: str) -> None:
        current = versions.current(key, page)
        assert current is not None
        line = msgspec.structs.replace(current.result.lines[0], text=words)
        versions.add(key, page, msgspec.structs.replace(current.result, lines=(line,)), words, on=current.number)

    yield "add", lambda: ledger.add_job("/a.pdf", options, "", owner)
    yield "document", lambda: ledger.set_document(1, DocumentInfo("PDF", 4, "a" * 64, 9))
    yield "run", lambda: ledger.set_state(1, JobState.RUNNING, None, owner)
    yield "page 0", lambda: ledger.commit_page(key, fake_result(0), COST)
    yield "page 1", lambda: ledger.commit_page(key, fake_result(1), COST)
    yield "page 2, first stage", lambda: ledger.commit_page(key, pending, COST)
    yield "page 2, last stage", lambda: ledger.commit_stage(key, Feature.FORMULAS, fake_result(2), COST)
    yield "page 3 fails", lambda: ledger.commit_failure(key, 3, ErrorInfo(ErrorCode.TIMED_OUT, "Too slow."), COST)
    yield "edit", lambda: edit(0, "first")
    yield "edit again", lambda: edit(0, "second")
    yield "undo", lambda: versions.undo(key, 0)
    yield "redo", lambda: versions.redo(key, 0)
    yield "undo once more", lambda: versions.undo(key, 0)
    yield "edit on top", lambda: edit(0, "third")
    yield "done", lambda: ledger.set_state(1, JobState.DONE)
    yield "again", lambda: ledger.reset_pages(key, [0, 3])
    yield "page 0 again", lambda: ledger.commit_page(key, fake_result(0), COST)
    yield "settle", lambda: versions.settle(key, 0)
    yield "carry", lambda: versions.carry(key, anew)
    yield "options", lambda: ledger.set_options(1, OTHER)
    yield "another", lambda: ledger.add_job("/b.pdf", options, "1-2", owner)
    yield "moved", lambda: ledger.files.move(1, "/elsewhere/a.pdf")
    yield from _export(ledger, owner)
    yield from _arrive(ledger)
    yield "give up", lambda: ledger.give_up_jobs(owner)
    yield "remove", lambda: ledger.remove_job(1)


def _export(ledger: Ledger, owner: str) -> Iterator[tuple[str, Callable[[], object]]]:
    wish = ExportWish(("txt",), "/out")
    made = ExportMade("txt", "/out/a.txt", "1-4", 9, made=1.0)
    yield "day", lambda: ledger.days.begin(20_000)
    yield "next day", lambda: ledger.days.begin(20_001)
    yield "export begins", lambda: ledger.begun.add(1, wish, Path("/out"), owner, full_name=False)
    yield "export is written", lambda: ledger.begun.set_host(1, "2:host")
    yield "export is interrupted", lambda: ledger.begun.orphan(ledger.begun.all()[0])
    yield "export begins again", lambda: ledger.begun.add(1, wish, Path("/out"), owner, full_name=False)
    yield "export is made", lambda: ledger.exports.add(1, made)
    yield "export ends", lambda: ledger.begun.end(2, 1, wish)
    yield "export that is interrupted", lambda: ledger.begun.add(1, wish, Path("/out"), owner, full_name=True)
    yield "export is interrupted again", lambda: ledger.begun.orphan(ledger.begun.all()[0])
    yield "export is told", lambda: ledger.begun.told(ledger.begun.all())
    yield "exports are inherited", lambda: ledger.exports.inherit(2, 1)


def _arrive(ledger: Ledger) -> Iterator[tuple[str, Callable[[], object]]]:
    arrivals, error = ledger.arrivals, ErrorInfo(ErrorCode.DISK_FULL, "The disk is full.")
    made = (MadeFile("/out/c.txt", 9, "c" * 64, part="/out/.c.part"),)
    yield "arrival", lambda: arrivals.note("f", [SeenFile("/in/c.pdf", 9, 1), SeenFile("/in/d.pdf", 9, 1)])
    yield "arrival grows", lambda: arrivals.note("f", [SeenFile("/in/c.pdf", 99, 2)])
    yield "arrival is begun", lambda: arrivals.begin(1, "c" * 64)
    yield "arrival is a job", lambda: arrivals.set_job(1, 2)
    yield "arrival waits", lambda: arrivals.set_state(1, ArrivalState.WAITING, error=error, attempts=1, next_try=5.0)
    yield "arrival is made", lambda: arrivals.set_made(_row(ledger, 1), made, into="/out")
    yield "arrival is done", lambda: arrivals.finish(1, ArrivalState.DONE, away=True)
    yield "arrival comes again", lambda: arrivals.note("f", [SeenFile("/in/c.pdf", 7, 3)])
    yield "arrival is gone", lambda: arrivals.gone([2])


def _row(ledger: Ledger, number: int) -> ArrivalRow:
    row = ledger.arrivals.row(number)
    assert row is not None
    return row


def state(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What a ledger holds, but for when."""
    db = sqlite3.connect(file)
    try:
        found = {}
        for table in TABLES:
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] not in TIMES]
            found[table] = sorted(db.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall(), key=repr)  # noqa: S608
        return found
    finally:
        db.close()


def work(folder: Path, fatal: int | None) -> int:
    """Do all operations; kill this process before the statement of that number. Returns how many there were."""
    folder.mkdir()
    file = folder / "ledger.sqlite3"
    shutil.copyfile(folder.parent / "empty.sqlite3", file)
    count = 0

    def counted(_: str) -> None:
        nonlocal count
        count += 1
        if count == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    ledger = Ledger(file)
    ledger._db.set_trace_callback(counted)
    with (folder / "done").open("a") as done:
        for name, operate in operations(ledger):
            operate()
            done.write(f"{name}\n")
            done.flush()
    ledger.close()
    return count


def check(folder: Path, step: int) -> tuple[int, int]:
    """Kill a process before every statement, or every `step`-th, and compare what is there with undisturbed operations.

    Returns:
        How many kills there were, and how many statements.

    Raises:
        AssertionError: something acknowledged is not there, or something is there by half.
    """
    program = [sys.executable, "-m", "tests.fakes.fake_ledger_work", str(folder), str(step)]
    done = subprocess.run(program, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(done.stderr[-2000:])
    after, names = _states(folder / "steps")
    total, acknowledged = int(done.stdout), set()
    for fatal in range(1, total + 1, step):
        file = folder / str(fatal) / "ledger.sqlite3"
        count = len((file.parent / "done").read_text().splitlines())
        acknowledged.add(count)
        ledger = Ledger(file)  # as the next start does
        rescue = ledger.rescue
        ledger.close()
        # What was acknowledged is there; what was under way is there whole, or not at all.
        if rescue is not None or state(file) not in after[count : count + 2]:
            raise AssertionError(f"killed before statement {fatal}, in '{names[count]}': {rescue}")
    if step == 1 and acknowledged != set(range(len(names))):
        raise AssertionError("some operation was never killed at")
    return len(range(1, total + 1, step)), total


def _states(folder: Path) -> tuple[list[dict[str, list[tuple[Any, ...]]]], list[str]]:
    """What a ledger holds before and after each operation of an undisturbed run, and their names."""
    folder.mkdir()
    file = folder / "ledger.sqlite3"
    ledger = Ledger(file)
    found, names = [state(file)], []
    for name, operate in operations(ledger):
        operate()
        names.append(name)
        found.append(state(file))
    ledger.close()
    return found, names


def _main(folder: Path, step: int) -> None:
    Ledger(folder / "empty.sqlite3").close()
    total = work(folder / "whole", None)
    for fatal in range(1, total + 1, step):
        child = os.fork()
        if not child:
            work(folder / str(fatal), fatal)
            os._exit(1)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(f"the process that was to be killed before statement {fatal} came to its end")
    print(total)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
