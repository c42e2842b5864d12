"""A real folder, watched by the real core behind the window; only documents and models are fake, in real processes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_ocr.core.session import Session
from desktop_ocr.gui.watched_dialog import WatchedDialog
from desktop_ocr.schema.events import Event
from desktop_ocr.schema.settings import Settings
from desktop_ocr.schema.watching import Original
from tests.gui.conftest import Desk, until
from tests.process.conftest import FakeHosts

pytestmark = pytest.mark.process

SECONDS = 60.0


def counts(dialog: WatchedDialog) -> list[str]:
    """Waiting, failed and done, of the first folder."""
    item = dialog.list.topLevelItem(0)
    return [item.text(column) for column in (3, 4, 5)] if item is not None else []


def test_a_folder_is_watched_a_file_fails_and_is_tried_again(desk: Desk, tmp_path: Path) -> None:
    hosts = FakeHosts(tmp_path / "fake")
    hosts.write(document_pages=2, exports=True)
    folder = tmp_path / "in"
    folder.mkdir()

    def make(emit: Callable[[Event], None]) -> Session:
        return Session(desk.paths, Settings(), emit, start=hosts.start, title="window", watch=True)

    async def story() -> None:
        window = await desk.open(make)
        window.jobs.watched.trigger()
        await until(lambda: window.watched.folders.known)
        dialog = window.watched.dialog
        assert dialog is not None
        dialog.card.button.click()
        await until(lambda: window.watched.form is not None)
        form = window.watched.form
        assert form is not None
        form.path.setText(str(tmp_path / "nowhere"))
        form.go.click()
        await until(lambda: "is not there" in form.problem.text())  # in the core's own words
        form.path.setText(str(folder))
        form.formats["pdf"].setChecked(False)
        form.formats["txt"].setChecked(True)
        form.originals[Original.MOVE].setChecked(True)
        form.rest.settle.set_value(0.3)
        form.go.click()
        await until(lambda: dialog.list.topLevelItemCount() == 1)

        (folder / "one.pdf").write_bytes(b"one")
        (folder / "two.pdf").write_bytes(b"two")
        await until(lambda: counts(dialog) == ["–", "–", "2"], SECONDS, "both files done")
        made = {file.name for file in folder.rglob("*") if file.is_file()}
        assert made == {"one.pdf", "two.pdf", "one.txt", "two.txt"}
        assert {file.name for file in (folder / "done").iterdir()} == {"one.pdf", "two.pdf"}

        (folder / "three.pdf").write_bytes(b"damaged")
        await until(lambda: counts(dialog)[1:] == ["1", "2"], SECONDS, "a file that failed")
        arrivals = dialog.arrivals.arrivals
        await until(lambda: arrivals.rowCount() == 1)
        shown = [arrivals.index(0, column).data() for column in range(3)]
        assert shown == ["three.pdf", "Failed", "The file is damaged."]
        dialog.arrivals.setCurrentIndex(arrivals.index(0, 0))
        tries = arrivals.arrival(0).attempts
        dialog.retry.click()
        await until(lambda: arrivals.rowCount() == 1 and arrivals.arrival(0).attempts > tries, SECONDS, "a second try")
        assert (folder / "three.pdf").is_file()
        dialog.document.click()
        await until(lambda: window.workspace.queue.current() == arrivals.arrival(0).job)

        (folder / "three.pdf").write_bytes(b"three")  # scanned again
        await until(lambda: counts(dialog) == ["–", "–", "3"], SECONDS, "the file that failed, done")
        await until(lambda: not dialog.arrivals.isVisible())
        assert (folder / "done" / "three.pdf").read_bytes() == b"three"

        dialog.list.setFocus()
        QTest.keyClick(dialog.list, Qt.Key.Key_Space)
        await until(lambda: dialog.list.topLevelItem(0).text(1) == "Off")  # type: ignore[union-attr]
        view = dialog.list.view()
        assert view is not None
        assert not view.folder.enabled

    desk.run(story())
