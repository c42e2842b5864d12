"""The Help menu: diagnostics are seen before they are copied; the folder of the logs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from tests.gui.conftest import Desk, until


def test_diagnostics_are_seen_and_copied(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "my diary-2p.pdf")
        desk.paths.logs.mkdir(parents=True)
        (desk.paths.logs / "window.log").write_text("job 1 is done: /somewhere/my diary-2p.pdf\n")
        window.jobs.diagnostics.trigger()
        await until(lambda: window.diagnostics.dialog is not None)
        dialog = window.diagnostics.dialog
        assert dialog is not None
        text = dialog.text.toPlainText()
        for part in ("Desktop OCR: ", "offscreen", "Screens: ", "memory MB: ram", "job 1 is done: <document>.pdf"):
            assert part in text, part
        assert "diary" not in text
        QGuiApplication.clipboard().setText("before")
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        await until(lambda: window.diagnostics.dialog is None)
        assert QGuiApplication.clipboard().text() == text
        assert window.bars.texts() == ["The diagnostics are on the clipboard."]

    desk.run(story())


def test_leaving_copies_nothing_and_the_log_folder_is_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        "desktop_ocr.gui.folders.QDesktopServices.openUrl", lambda url: opened.append(url.toLocalFile()) or True
    )

    async def story() -> None:
        window = await desk.fake()
        QGuiApplication.clipboard().setText("before")
        window.jobs.diagnostics.trigger()
        await until(lambda: window.diagnostics.dialog is not None)
        QTest.keyClick(window.diagnostics.dialog, Qt.Key.Key_Escape)  # type: ignore[arg-type] - it is there
        await until(lambda: window.diagnostics.dialog is None)
        assert QGuiApplication.clipboard().text() == "before"
        window.jobs.show_logs.trigger()
        assert opened == [str(desk.paths.logs)]

    desk.run(story())
