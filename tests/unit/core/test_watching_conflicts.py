"""Folders that somebody wrote into the file so that one is in another's way."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_ocr.core.folders_file import FoldersFile
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.watching import Watching
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.events import Event, Notice
from desktop_ocr.schema.watching import WatchedFolder
from tests.fakes.fake_desk import FakeDesk


async def _formats() -> list[str]:
    return ["pdf", "txt"]


async def test_the_later_one_is_shown_with_its_error_until_the_other_is_off(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    file = FoldersFile(tmp_path / "folders.toml")
    first = WatchedFolder(str(one), id="1" * 32, output=str(other))
    second = WatchedFolder(str(other), id="2" * 32, output=str(one))
    file.store(first)
    file.store(second)
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    heard: list[Event] = []
    watching = Watching(file, ledger.arrivals, FakeDesk(), heard.append, _formats, active=True)
    await watching.start()
    try:
        (notice,) = [event for event in heard if isinstance(event, Notice)]
        assert notice.error
        assert str(other) in notice.text
        views = await watching.views()
        assert [view.error is None for view in views] == [True, False]
        assert list(watching._watches) == [first.id]
        with pytest.raises(DesktopOcrError):
            await watching.watch(second)
        off = WatchedFolder(str(one), id=first.id, output=str(other), enabled=False)
        await watching.watch(off)
        assert [view.error for view in await watching.views()] == [None, None]
        assert list(watching._watches) == [second.id]
        with pytest.raises(DesktopOcrError):
            await watching.watch(first)
        one.rename(tmp_path / "away")
        await watching.watch(off)  # it can be switched off though it is away
        await watching.unwatch(second.id)
    finally:
        await watching.close()
        ledger.close()
