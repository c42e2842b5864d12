"""Two windows never run: real processes, of which the first has a fake core (`fake_first`)."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.process]

REPOSITORY = Path(__file__).parents[2]
SECONDS = 60.0
PLATFORM = ("This plugin does not support", "systemTrayWindowChanged")  # of no meaning: what offscreen cannot do
SECOND = "import sys; from desktop_ocr.__main__ import main; sys.exit(main())"


class Program:
    """A start of the program; its lines of output can be waited for."""

    def __init__(self, *words: str | bytes, folder: Path | None = None, **environment: str) -> None:
        before = {name: value for name, value in os.environ.items() if name != "DBUS_SESSION_BUS_ADDRESS"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.gui.fake_first", *words],
            cwd=folder or REPOSITORY,
            env={**before, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(REPOSITORY), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self.errors: list[str] = []
        self._threads = [
            threading.Thread(target=self._read_lines, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _read_lines(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.strip())

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self.errors += [line for line in self.process.stderr if not any(told in line for told in PLATFORM)]

    def wait_for(self, line: str) -> None:
        """Wait until it says that."""
        heard = []
        try:
            while (told := self._lines.get(timeout=SECONDS)) != line:
                heard.append(told)
        except queue.Empty:
            pytest.fail(f"no {line!r}, but {heard}; {self.errors}")

    def rest(self) -> list[str]:
        """What it said besides, when it has ended."""
        self.process.wait(SECONDS)
        for thread in self._threads:
            thread.join(SECONDS)
        return [self._lines.get() for _ in range(self._lines.qsize())]

    def say(self, line: str) -> None:
        """Have it do something."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def end(self) -> None:
        """End it in good order."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(SECONDS) == 0


@pytest.fixture
def programs() -> Iterator[list[Program]]:
    """Those started; none outlives the test."""
    made: list[Program] = []
    yield made
    for program in made:
        if program.process.poll() is None:
            program.process.kill()
        program.rest()
        for stream in (program.process.stdin, program.process.stdout, program.process.stderr):
            assert stream is not None
            stream.close()


def second(*words: str | bytes, folder: Path = REPOSITORY, **environment: str) -> subprocess.CompletedProcess[str]:
    """A later start, to its end: the program itself, with nothing fake in it."""
    return subprocess.run(
        [sys.executable, "-X", "importtime", "-c", SECOND, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def complaints(errors: str) -> list[str]:
    """Lines that are not Python's list of imports."""
    return [line for line in errors.splitlines() if not line.startswith("import time:")]


def test_a_second_start_hands_its_files_over_and_leaves(programs: list[Program], tmp_path: Path) -> None:
    odd = b"caf\xe9 \xff.pdf"
    (tmp_path / "scans").mkdir()
    (tmp_path / "scans" / os.fsdecode(odd)).write_bytes(b"%PDF")
    first = Program("--background", FAKE_TRAY="1")
    programs.append(first)
    first.wait_for("ready")

    left = second("--background")
    assert (left.returncode, left.stdout, complaints(left.stderr)) == (0, "", [])
    left = second(odd, "../letter.png", folder=tmp_path / "scans")
    assert (left.returncode, left.stdout, complaints(left.stderr)) == (0, "", [])
    assert "PySide6" not in left.stderr, "it is over before Qt would be there"
    assert "asyncio" not in left.stderr

    first.wait_for("shown")  # not before, by the start in the background
    first.wait_for(f"added {os.fsencode(tmp_path / 'scans') + b'/' + odd!a}")
    first.wait_for(f"added {os.fsencode(tmp_path / 'letter.png')!a}")
    first.end()
    assert first.rest() == ["hidden"]
    assert first.errors == []


def test_starts_at_the_same_moment_make_one_window(programs: list[Program]) -> None:
    programs += [Program(f"/somewhere/{number}.pdf") for number in range(3)]
    gone = queue.Queue[int]()
    for number, program in enumerate(programs):
        threading.Thread(target=lambda n=number, p=program: (p.process.wait(), gone.put(n)), daemon=True).start()
    left = {gone.get(timeout=SECONDS) for _ in range(2)}
    (number,) = {0, 1, 2} - left
    one = programs[number]
    for other in left:
        assert programs[other].process.returncode == 0
        assert programs[other].rest() == []
    # In whichever order they came.
    said = []
    while sum(line.startswith("added") for line in said) < 3:
        said.append(one._lines.get(timeout=SECONDS))
    assert {f"added {f'/somewhere/{n}.pdf'.encode()!a}" for n in range(3)} <= set(said)
    one.end()


def test_one_that_hangs_is_told_and_what_it_left_behind_when_killed_is_taken_over(
    programs: list[Program], user_home: Path
) -> None:
    first = Program()
    programs.append(first)
    first.wait_for("ready")
    first.process.send_signal(signal.SIGSTOP)
    left = second("/a/b.pdf")
    assert left.returncode == 1
    assert complaints(left.stderr) == [
        f"desktop-ocr: Desktop OCR is running already (process {first.process.pid}), but does not answer. "
        "Wait a moment and try again. If that does not help, end that process."
    ]
    first.process.kill()
    first.process.wait()
    sockets = list((user_home / "tmp").glob("desktop-ocr-*/window-*"))
    assert len(sockets) == 1
    assert (user_home / "data" / "desktop-ocr" / "window.lock").exists()
    later = Program("/a/b.pdf")
    programs.append(later)
    later.wait_for("added b'/a/b.pdf'")
    assert second().returncode == 0
    later.end()
    assert not sockets[0].exists()


@pytest.mark.parametrize("words", [("--background", "/a/report-40p.pdf"), ()])
def test_the_end_of_the_session_ends_it_and_asks_nothing(
    programs: list[Program], user_home: Path, words: tuple[str, ...]
) -> None:
    """Without a window, and with one that would stay in the background if it were closed."""
    settings = user_home / "config" / "desktop-ocr" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[background]\nclose_window = "keep"\n', encoding="utf-8")
    first = Program(*words, FAKE_TRAY="1", FAKE_STOP_AT="4")
    programs.append(first)
    first.wait_for("added b'/a/report-40p.pdf'" if words else "ready")
    if not words:
        first.say("close")
        first.wait_for("hidden")
        assert second().returncode == 0
        first.wait_for("shown")
    first.say("quit event")
    assert first.process.wait(SECONDS) == 0
    assert "asked" not in first.rest()
    assert first.errors == []


def test_without_a_tray_the_window_of_a_start_in_the_background_is_minimised(programs: list[Program]) -> None:
    first = Program("--background")
    programs.append(first)
    first.wait_for("minimised")
    assert second().returncode == 0
    first.end()
    assert first.errors == []
