"""The real `desktop-ocr convert`, and a session of its own, with a fake engine: for kills and full disks.

Documents are real PDFs with a text layer, opened by the real document host; the fake engine makes a page's lines from
that layer, in one block. Run as a program:

    python -m tests.fakes.fake_program_runs convert DELAY LOG ARGUMENTS...   the command line; LOG gets a line a page
    python -m tests.fakes.fake_program_runs engine DELAY LOG                 the engine host

The command line counts what it writes to the ledger, a line a statement in LOG.writes, and kills itself before the
statement whose number is in the environment as KILL_BEFORE.
"""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from desktop_ocr.core import ledger_db
from desktop_ocr.core.ledger import Ledger, PageKey, options_key
from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.schema.engine_messages import Arrange, Recognised
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.messages import ReplyBody, RequestBody
from desktop_ocr.schema.results import Block, BlockKind, PageResult, PageSource

KILL_BEFORE = "KILL_BEFORE"
READING = ("SELECT", "PRAGMA", "WITH", "--")  # what begins so changes nothing; "--" are a trigger's own statements
REPOSITORY = Path(__file__).parents[2]
_MAKE = """
import sys, pymupdf
book = pymupdf.open()
for number in range(int(sys.argv[2])):
    page = book.new_page(width=300, height=200)
    for line in range(6):
        page.insert_text((20, 30 + 25 * line), f"Page {number + 1} of the report, line {line} of 6", fontsize=11)
book.save(sys.argv[1])
"""

Content = dict[int, tuple[object, ...]]
"""What pages say, by number: nothing of what they cost."""


def make_pdf(target: Path, pages: int) -> Path:
    """A PDF of so many short pages with a text layer."""
    subprocess.run([sys.executable, "-c", _MAKE, str(target), str(pages)], check=True)
    return target


def command(what: str, delay: float, log: Path, *arguments: str) -> list[str]:
    """This module as a program."""
    begin = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); from tests.fakes.fake_program_runs import main; "
    return [sys.executable, "-c", f"{begin}sys.exit(main(sys.argv[1:]))", what, str(delay), str(log), *arguments]


async def start(delay: float, log: Path, role: HostRole) -> HostProcess:
    """A real document host, or the fake engine."""
    if role is HostRole.DOCUMENT:
        return await HostProcess.start(role, scratch=log.parent)
    return await HostProcess.start(role, command("engine", delay, log))


def contents(file: Path) -> Content:
    """What a ledger holds of the finished pages of its last job that was opened."""
    ledger = Ledger(file)
    try:
        row = next((row for row in reversed(ledger.jobs()) if row.document is not None), None)
        if row is None or row.document is None or row.info is None:
            return {}
        key = PageKey(row.document, options_key(row.options))
        results = ledger.results(key, list(range(row.info.pages)))
        return {page: _content(result) for page, result, _ in results if result is not None}
    finally:
        ledger.close()


def _content(result: PageResult) -> tuple[object, ...]:
    notes = tuple(note for note in result.notes if note.code != "attempts")
    size = (result.width, result.height, result.dpi, result.rotation)
    return (*size, result.source, result.lines, result.blocks, notes, result.models, result.pending)


def main(arguments: list[str]) -> int:
    """See the module."""
    what, delay, log = arguments[0], float(arguments[1]), Path(arguments[2])
    if what == "engine":
        return _engine(delay, log)
    from desktop_ocr.cli import convert
    from desktop_ocr.cli.main import run_command

    _count_writes(log.with_name("writes"), int(os.environ.get(KILL_BEFORE, "0")))
    convert.Session = functools.partial(convert.Session, start=functools.partial(start, delay, log))  # type: ignore[attr-defined,assignment]
    return run_command(["convert", *arguments[3:]])


def _count_writes(log: Path, fatal: int) -> None:
    """Kill this process before its statement of that number that writes to the ledger."""
    count = 0

    def counted(statement: str) -> None:
        nonlocal count
        if statement.lstrip().upper().startswith(READING):
            return
        count += 1
        if count == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{' '.join(statement.split())[:40]}\n")

    class Counted(ledger_db.LedgerConnection):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.set_trace_callback(counted)

    ledger_db.LedgerConnection = Counted  # type: ignore[misc]


def _engine(delay: float, log: Path) -> int:
    from desktop_ocr.host_child.serve import serve
    from tests.fakes.fake_host import make

    def maker() -> object:
        usual = make("engine", {"counts": str(log.parent)})()

        def handler(body: RequestBody) -> ReplyBody:
            answer = usual(body)
            if not isinstance(body, Arrange) or not isinstance(answer, Recognised):
                return answer
            with log.open("ab", buffering=0) as file:
                file.write(f"{body.page}\n".encode())
            time.sleep(delay)
            layer = body.layer
            block = Block(
                BlockKind.TEXT, (0.0, 0.0, float(layer.width), float(layer.height)), tuple(range(len(layer.lines)))
            )
            result = PageResult(
                body.page, layer.width, layer.height, 72.0, 0, PageSource.TEXT_LAYER, layer.lines, (block,)
            )
            return Recognised(result, answer.memory, answer.loaded)

        return handler

    return serve("engine", maker)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
