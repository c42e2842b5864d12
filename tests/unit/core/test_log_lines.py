from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from desktop_ocr.core.log_lines import LONGEST, NAME, LogLines

log = logging.getLogger(f"{NAME}.core.test_log_lines")


class Collecting(logging.Handler):
    """A handler of the rest of the program: a terminal, a log file."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@pytest.fixture
def elsewhere() -> Iterator[Collecting]:
    handler = Collecting()
    root = logging.getLogger()
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.WARNING)
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def lines() -> Iterator[LogLines]:
    lines = LogLines()
    lines.attach()
    yield lines
    lines.detach()


def test_info_is_kept_and_the_others_get_what_they_got_before(lines: LogLines, elsewhere: Collecting) -> None:
    log.debug("small")
    log.info("a host was started")
    log.warning("a host died")
    assert [line.split(": ", 1)[1] for line in lines.lines] == ["a host was started", "a host died"]
    assert f" INFO {log.name}: a host was started" in lines.lines[0]
    assert elsewhere.messages == ["a host died"]


def test_levels_that_somebody_set_still_hold(lines: LogLines, elsewhere: Collecting) -> None:
    log.setLevel(logging.DEBUG)
    try:
        log.debug("small")
    finally:
        log.setLevel(logging.NOTSET)
    assert elsewhere.messages == ["small"]
    assert lines.lines == ()
    logging.getLogger().setLevel(logging.ERROR)
    log.warning("a host died")
    assert elsewhere.messages == ["small"]
    assert len(lines.lines) == 1


def test_the_last_lines_are_kept(elsewhere: Collecting) -> None:
    lines = LogLines(3)
    lines.attach()
    for number in range(10):
        log.info("line %d", number)
    lines.detach()
    assert [line[-6:] for line in lines.lines] == ["line 7", "line 8", "line 9"]
    assert elsewhere.messages == []


def test_a_line_is_not_longer_than_it_may_be(lines: LogLines) -> None:
    log.info("x" * 100_000)
    assert len(lines.lines[0]) == LONGEST


def test_tracebacks_are_kept(lines: LogLines) -> None:
    try:
        raise ValueError("a fault that was put here")
    except ValueError:
        log.exception("page 1")
    assert "a fault that was put here" in lines.lines[0]
    assert "Traceback" in lines.lines[0]


def test_a_line_that_cannot_be_formatted_fails_nobody() -> None:
    class Bad:
        def __str__(self) -> str:
            raise RuntimeError("no words")

    # Attached here: pytest gives loggers that do not pass on a handler of its own, which such a line does fail.
    lines = LogLines()
    lines.attach()
    log.info("%s", Bad())
    lines.detach()
    assert "cannot be formatted (RuntimeError)" in lines.lines[0]


def test_sessions_that_come_and_go_in_any_order(elsewhere: Collecting) -> None:
    logger = logging.getLogger(NAME)
    before = logger.level, logger.propagate, list(logger.handlers)
    first, second = LogLines(), LogLines()
    first.attach()
    second.attach()
    log.warning("one")
    first.detach()
    log.info("two")
    second.detach()
    second.detach()
    log.info("three")
    assert (len(first.lines), len(second.lines)) == (1, 2)
    assert elsewhere.messages == ["one"]
    assert (logger.level, logger.propagate, list(logger.handlers)) == before
