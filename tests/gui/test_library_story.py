"""The library on the real core: a text layer without layout needs no models, so only the document host takes part."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_ocr.gui.configuration import Configuration
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.running import core_session
from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.settings import Settings
from tests.gui.conftest import Desk, until
from tests.gui.helpers import press, question

pytestmark = [pytest.mark.process]

PAGE_SECONDS = 60.0
PLAIN = JobOptions(layout=False)
WORDS = "kitchen prism"  # the last one is unfinished


async def open_window(desk: Desk) -> MainWindow:
    window = await desk.open(core_session(desk.paths, Configuration(desk.paths.config, Settings(options=PLAIN))))
    window.activateWindow()
    return window


def test_removed_document_is_found_opened_taken_over_and_deleted(desk: Desk, documents: Path, tmp_path: Path) -> None:
    copy = tmp_path / "a copy.pdf"
    shutil.copy(documents / "born_digital.pdf", copy)

    async def story() -> None:
        window = await open_window(desk)
        window.commands.add([documents / "born_digital.pdf"])
        await until(lambda: [view.state for view in window.model.views()] == [JobState.DONE], PAGE_SECONDS)
        job = window.model.views()[0].job
        window.workspace.removal.remove([job])
        assert "Its pages stay in the library." in window.bars.texts()[0]
        await window.workspace.removal.commit()
        await until(lambda: window.content.currentWidget() is window.drop_zone)

        # found as it is typed, and opened with the words lit
        QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
        page = window.keeping.library.page
        assert page is not None
        await until(page.field.hasFocus)
        await until(lambda: page.list.found.rowCount() == 1)
        assert page.list.found.hits()[0].name == "born_digital.pdf"
        assert not page.list.found.hits()[0].listed
        await until(lambda: page.size_label.text().startswith("1 document, 2 pages, "))
        QTest.keyClicks(page.field, WORDS)
        await until(lambda: page.count.text() == "Found on 1 page")
        hit = page.list.found.hits()[0]
        assert [part.text.lower() for part in hit.snippet if part.lit]
        QTest.keyClick(page.field, Qt.Key.Key_Return)
        pane = window.workspace.document.pane
        await until(lambda: pane.review.job == job and pane.review.hits, 30)
        assert window.content.currentWidget() is window.workspace
        assert [view.name for view in window.model.views()] == ["born_digital.pdf"]
        result = pane.review.result
        assert result is not None
        lit = [result.lines[one.line].text[one.start : one.end].lower() for one in pane.review.hits]
        assert set(lit) == {word.lower() for word in hit.words}

        # the same content under another name is not read again
        window.commands.add([copy])
        await until(lambda: any("taken from the library" in text for text in window.bars.texts()), PAGE_SECONDS)
        assert any("“a copy.pdf” was read today: its 2 pages were taken" in text for text in window.bars.texts())
        await until(lambda: all(view.state is JobState.DONE for view in window.model.views()), PAGE_SECONDS)
        other = next(view.job for view in window.model.views() if view.job != job)
        window.keeping.receipts.show(other)
        await until(lambda: window.keeping.receipts.dialog is not None)
        receipt = window.keeping.receipts.dialog
        assert receipt is not None
        assert "2 pages, all fine" in receipt.text.toPlainText()
        receipt.close()

        # deleted for good
        window.jobs.select_all.trigger()
        await until(lambda: len(window.workspace.selected()) == 2 and window.jobs.delete.isEnabled())
        window.jobs.delete.trigger()
        press(window, "Delete results")
        await until(lambda: not window.model.views())
        await until(lambda: question(window) is None)
        window.activateWindow()
        await until(window.isActiveWindow)
        QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
        await until(page.field.hasFocus)
        page.show_all()
        await until(lambda: page.card.words.startswith("The library is empty"))
        await until(lambda: page.size_label.text() == "Nothing is stored")

    desk.run(story())
