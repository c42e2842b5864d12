"""The program's log: what is in it, what is not, and that it disturbs nobody."""

from __future__ import annotations

import logging
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_ocr.core.log_file import LARGEST, LogFile, last_lines
from desktop_ocr.core.log_lines import LogLines

log = logging.getLogger("desktop_ocr.core.test_log_file")
other = logging.getLogger("some_package")


class Terminal(logging.Handler):
    """What the user's terminal gets."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    handler, root = Terminal(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[LogFile]:
    file = LogFile(tmp_path / "logs", "window")
    assert file.open("Qt 6")
    yield file
    file.close()


def words(file: LogFile) -> list[str]:
    return [line.split(": ", 1)[-1] for line in file.path.read_text(encoding="utf-8").splitlines()]


def test_ours_is_kept_from_info_on_and_others_from_warning_on(kept: LogFile, terminal: Terminal) -> None:
    log.debug("small")
    log.info("page 3 of job 7 is done")
    log.warning("the engine host 12 was killed")
    other.info("theirs, small")
    other.warning("theirs, large")
    started, *lines = words(kept)
    assert started.startswith("started: Desktop OCR ")
    assert started.endswith(", Qt 6")
    assert lines == ["page 3 of job 7 is done", "the engine host 12 was killed", "theirs, large"]
    assert terminal.messages == ["the engine host 12 was killed", "theirs, large"]


def test_lines_in_memory_and_in_the_file_do_not_disturb_each_other(tmp_path: Path, terminal: Terminal) -> None:
    file, lines = LogFile(tmp_path, "window"), LogLines()
    file.open()
    lines.attach()
    log.info("one")
    lines.detach()
    log.info("two")
    file.close()
    log.info("three")
    assert [line.split(": ", 1)[-1] for line in lines.lines] == ["one"]
    assert words(file)[1:] == ["one", "two", "ended"]
    assert terminal.messages == []
    assert not logging.getLogger("desktop_ocr").handlers


def test_names_of_documents_and_the_home_are_taken_out(kept: LogFile) -> None:
    home = Path.home()
    try:
        raise FileNotFoundError(2, "No such file", f"{home}/My secret letters/to Anna.pdf")
    except FileNotFoundError:
        log.exception("opening of job 3")
    log.warning("The file “to Anna and others.tiff” is not there any more. See %s/elsewhere", home)
    text = kept.path.read_text(encoding="utf-8")
    assert "opening of job 3" in text
    assert "FileNotFoundError" in text
    for secret in ("Anna", "letters", str(home)):
        assert secret not in text
    assert "<document>.tiff" in text
    assert "~/elsewhere" in text


def test_it_goes_round(kept: LogFile) -> None:
    for number in range(3 * LARGEST // 1000):
        log.info("%d %s", number, "x" * 1000)
    sizes = [file.stat().st_size for file in kept.path.parent.iterdir()]
    assert len(sizes) == 2
    assert max(sizes) <= LARGEST
    lines = last_lines(kept.path.parent, 3)
    assert [line.split(": ", 1)[1].split()[0] for line in lines] == ["1497", "1498", "1499"]
    assert last_lines(kept.path.parent / "nowhere") == []


def test_a_full_disk_stops_nothing_and_is_not_told_by_the_line(
    kept: LogFile, capsys: pytest.CaptureFixture[str]
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (kept.path.stat().st_size, before[1]))
    try:
        for number in range(20):
            log.info("line %d", number)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    log.info("room again")
    assert "room again" in words(kept)[-1]
    assert "Traceback" not in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    file = LogFile(tmp_path / "file" / "logs", "window")
    assert not file.open()
    log.info("goes on")
    file.close()
