"""A damaged ledger and several programs: it is not moved away from under one that has it open, and rescued once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.session import Session
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.events import Event, Notice
from tests.process.conftest import REPOSITORY
from tests.unit.core.damage import fill, mark, shown

pytestmark = pytest.mark.process

HOLD = """
import sys
from pathlib import Path
from desktop_ocr.core.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]))
print("" if ledger.rescue is None else ledger.rescue, flush=True)
sys.stdin.read()
"""


def other_program(file: Path) -> subprocess.Popen[str]:
    """One that has the ledger open until its input ends; it prints what it is told of a rescue."""
    words = [sys.executable, "-c", HOLD, str(file)]
    return subprocess.Popen(words, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def lose_first_page(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.write(bytes(4096))


def test_it_is_not_moved_from_under_another_program(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite3"
    texts = fill(file, documents=1, pages=10)
    with other_program(file) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "\n"
        marked = mark(file)
        ledger = Ledger(file)  # it was said to be damaged, can be opened, and another program works with it
        assert ledger.rescue is None
        assert marked.exists()
        ledger.close()
        lose_first_page(file)
        for _ in range(2):
            with pytest.raises(DesktopOcrError, match="another running program has them open"):
                Ledger(file)
        assert not list(tmp_path.glob("ledger-damaged-*"))
        other.communicate("")
    ledger = Ledger(file)
    assert ledger.rescue is not None
    assert shown(ledger) == texts
    ledger.close()
    assert not marked.exists()


def test_of_two_programs_that_start_one_rescues_it(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite3"
    texts = fill(file, documents=2, pages=60)
    lose_first_page(file)
    programs = [other_program(file) for _ in range(2)]
    told = []
    for program in programs:
        assert program.stdout is not None
        told.append(program.stdout.readline().strip())
    for program in programs:
        program.communicate("")
        assert program.returncode == 0
    rescued, opened = sorted(told, key=len, reverse=True)
    assert opened == ""
    (aside,) = tmp_path.glob("ledger-damaged-*")
    assert aside.name in rescued
    ledger = Ledger(file)
    assert shown(ledger) == texts
    ledger.close()


async def test_the_program_starts_and_says_what_happened(
    make_session: Callable[..., Session], events: list[Event], tmp_path: Path
) -> None:
    file = tmp_path / "data" / "ledger.sqlite3"
    fill(file, documents=2, pages=4)
    lose_first_page(file)
    session = make_session()
    await session.open()
    (aside,) = file.parent.glob("ledger-damaged-*")
    (notice,) = [event for event in events if isinstance(event, Notice)]
    assert notice.error
    assert aside.name in notice.text
    assert "2 documents and 8 pages" in notice.text
    assert [view.pages_done for view in session.views()] == [4, 4]
    await session.close()
