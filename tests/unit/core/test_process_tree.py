from __future__ import annotations

import os
import subprocess
import sys

import pytest

from desktop_ocr.core.process_tree import plain_command, process_tree


def test_this_process_and_its_children() -> None:
    program = "import sys; print('ready', flush=True); sys.stdin.read()"
    words = [sys.executable, "-c", program, "/home/anna/letter.pdf", "--password=geheim"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        entries = {entry.pid: entry for entry in process_tree()}
        assert child.stdin is not None
        child.stdin.close()
    assert entries[child.pid].parent == os.getpid()
    for entry in (entries[os.getpid()], entries[child.pid]):
        assert entry.name
        assert entry.status in ("running", "sleeping", "disk-sleep")
        assert entry.rss_mb is not None
        assert 1 < entry.rss_mb < 10_000
        assert entry.threads
        assert entry.cpu_seconds is not None
        assert entry.open_files
    assert entries[child.pid].command == f"{sys.executable} -c ... --password=..."


def test_a_dead_child_that_nobody_awaited_is_listed_without_what_it_has_not() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    try:
        entry = next(entry for entry in process_tree() if entry.pid == child.pid)
    finally:
        child.wait()
    assert entry.status == "zombie"
    assert not entry.command


def test_a_process_that_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert process_tree(child.pid) == []


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        (["python", "-P", "-m", "desktop_ocr.engine_host"], "python -P -m desktop_ocr.engine_host"),
        (["desktop-ocr", "a.pdf", "b c.pdf"], "desktop-ocr ..."),
        (["desktop-ocr", "convert", "/x", "--password", "p", "--out=/y"], "desktop-ocr ... --password ... --out=..."),
        (["desktop-ocr", "-secret letter.pdf"], "desktop-ocr ..."),
        ([], ""),
    ],
)  # fmt: skip
def test_commands_are_told_without_what_the_user_named(words: list[str], plain: str) -> None:
    assert plain_command(words) == plain
