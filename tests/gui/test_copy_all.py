"""All that was read of a document goes into the clipboard."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication

from desktop_ocr.gui import copy_all
from tests.gui.conftest import Desk, until


def test_all_pages_are_copied_and_failed_ones_are_named(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "bad-3p.pdf")
        await until(window.jobs.copy_all.isEnabled)
        window.jobs.copy_all.trigger()
        await until(lambda: "Copied the text of 2 pages." in window.bars.texts())
        text = QGuiApplication.clipboard().text()
        assert text.count("Annual report of the harbour office\n") == 2
        assert "\n\n[Page 2 could not be read: The page's picture is damaged.]\n\n" in text
        window.jobs.copy_markdown.trigger()
        await until(lambda: QGuiApplication.clipboard().text().startswith("# Annual report"))
        assert "Page 2 could not be read: The page" in QGuiApplication.clipboard().text()

    desk.run(story())


def test_pages_that_are_not_read_yet_are_counted(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(unfinished=["old-5p.pdf"])
        await until(window.jobs.copy_all.isEnabled)
        window.jobs.copy_all.trigger()
        await until(lambda: "Copied the text of 2 pages. Not read yet: 3 pages." in window.bars.texts())

    desk.run(story())


def test_too_much_text_is_not_copied_but_offered_as_a_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copy_all, "MOST_LETTERS", 1000)
    monkeypatch.setattr(copy_all, "MANY_PAGES", 5)

    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "long-40p.pdf")
        QGuiApplication.clipboard().setText("as before")
        await until(window.jobs.copy_all.isEnabled)
        window.jobs.copy_all.trigger()
        await until(lambda: any("too much text" in text for text in window.bars.texts()))
        assert QGuiApplication.clipboard().text() == "as before"
        assert "Collecting the text…" not in window.bars.texts()
        (button,) = window.bars.bars()[0].buttons
        button.click()
        await until(lambda: window.workspace.exporting._dialog is not None)

    desk.run(story())
