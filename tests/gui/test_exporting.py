"""Exports, on a fake session: what is asked, and what is told."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from desktop_ocr.core.api import ExportOutcome
from desktop_ocr.gui.export_dialog import ExportDialog, ExportWish, absolute
from tests.gui.conftest import Desk, until


def test_export_asks_for_what_the_dialog_says(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf", "a.png", "full.pdf")
        dialog = window.workspace.exporting.ask([1])
        assert dialog.only_selected.isChecked()
        assert not dialog.overwrite.isChecked()
        dialog.all_documents.setChecked(True)
        for name, box in dialog.formats.items():
            box.setChecked(name in ("md", "pdf"))
        dialog.folder.setText(str(tmp_path))
        dialog.go.click()
        await until(lambda: len(window.bars.texts()) == 2)
        assert desk.session is not None
        asked = [what for kind, what in desk.session.asked if kind == "export"]
        # Two documents differ only in their ending: they keep it. The third does not need to.
        assert asked == [
            (1, ("md", "pdf"), tmp_path, False, True),
            (2, ("md", "pdf"), tmp_path, False, True),
            (3, ("md", "pdf"), tmp_path, False, False),
        ]
        bad, good = window.bars.texts()
        assert good == f"Exported 4 files to {tmp_path}."
        assert "full.md: The disk is full. Make room and export again." in bad
        assert desk.preferences.export_folder == str(tmp_path)
        assert desk.preferences.export_formats == ["md", "pdf"]

    desk.run(story())


def test_export_needs_a_format_and_a_folder(desk: Desk) -> None:
    dialog = ExportDialog([1], [1], 0, desk.preferences)
    for box in dialog.formats.values():
        box.setChecked(False)
    assert not dialog.go.isEnabled()
    dialog.formats["txt"].setChecked(True)
    assert dialog.go.isEnabled()
    dialog.folder.clear()
    assert not dialog.go.isEnabled()
    dialog.deleteLater()


def test_enter_exports_from_wherever_the_focus_is(desk: Desk, tmp_path: Path) -> None:
    dialog = ExportDialog([1], [1], 0, desk.preferences)
    wishes: list[ExportWish] = []
    dialog.wished.connect(wishes.append)
    dialog.show()
    dialog.folder.setFocus()
    dialog.folder.setText(str(tmp_path))
    assert dialog.go.isDefault()
    QTest.keyClick(dialog.folder, Qt.Key.Key_Return)
    assert [one.folder for one in wishes] == [tmp_path]
    dialog.deleteLater()


def wish(folder: Path, *jobs: int) -> ExportWish:
    return ExportWish(jobs, ("txt",), folder, overwrite=False)


def test_export_goes_on_whatever_else_is_said(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, *(f"{number}.pdf" for number in range(8)))
        exporting = asyncio.ensure_future(window.workspace.exporting.run(wish(tmp_path, *range(1, 9))))
        for number in range(6):
            await asyncio.sleep(0.005)
            window.bars.say(f"message {number}")
        await exporting
        assert f"Exported 8 files to {tmp_path}." in window.bars.texts()
        assert not any("Exporting" in text for text in window.bars.texts())

    desk.run(story())


def test_two_exports_at_a_time_tell_each_for_itself(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf", "b.pdf")
        run = window.workspace.exporting.run
        await asyncio.gather(run(wish(tmp_path, 1)), run(wish(tmp_path, 2)))
        assert sorted(window.bars.texts()) == ["Exported a.txt.", "Exported b.txt."]

    desk.run(story())


def test_closing_while_files_are_written_asks_first(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        wanted: list[int] = []
        window.quit_wanted.connect(lambda: wanted.append(1))
        exporting = asyncio.ensure_future(window.workspace.exporting.run(wish(tmp_path, 1)))
        await asyncio.sleep(0)
        window.close()
        box = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
        assert box.text() == "Documents are still being exported. Quit now?"
        assert box.defaultButton().text() == "&Keep working"
        box.reject()
        await exporting
        assert not wanted
        window.close()
        assert wanted == [1]

    desk.run(story())


def test_folder_is_never_that_in_which_the_program_was_started(tmp_path: Path) -> None:
    assert absolute("exports") == Path.home() / "exports"
    assert absolute("~/exports") == Path.home() / "exports"
    assert absolute(str(tmp_path)) == tmp_path
    assert absolute("~nobody-of-this-name/x").is_absolute()


def test_export_that_changes_nothing_says_so(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        same = ExportOutcome("txt", str(tmp_path / "a.txt"), unchanged=True)
        window.workspace.exporting._tell([same], tmp_path)
        assert window.bars.texts() == ["Exported a.txt. Nothing had changed since the last export."]

    desk.run(story())


def test_folder_that_cannot_be_shown_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)

    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        window.jobs.show_file.trigger()
        assert window.bars.texts() == ["The folder /somewhere cannot be shown."]

    desk.run(story())


def test_an_export_can_be_stopped(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf", "slow.pdf", "c.pdf")
        exporting = asyncio.ensure_future(window.workspace.exporting.run(wish(tmp_path, 1, 2, 3)))
        await until(lambda: window.bars.texts() == ["Exporting document 2 of 3…"])
        (bar,) = window.bars._bars
        (button,) = bar.buttons
        assert button.text() == "Sto&p"  # Alt+S shows the folder of the export before
        button.click()
        await exporting
        assert sorted(window.bars.texts()) == ["Exported a.txt.", "The export was stopped."]
        assert not window.workspace.exporting.under_way
        assert desk.session is not None
        assert [what[0] for kind, what in desk.session.asked if kind == "export"] == [1, 2]

    desk.run(story())
