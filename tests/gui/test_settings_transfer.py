"""Settings are brought in from a file, and taken along, in the settings dialog of a window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from desktop_ocr.core.settings_file import load_settings, save_settings
from desktop_ocr.core.settings_transfer import export_settings
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.settings_dialog import SettingsDialog
from desktop_ocr.gui.settings_transfer import SettingsTransfer
from desktop_ocr.schema.settings import Settings
from tests.gui.conftest import Desk, until

CHANGED = Settings(attempts=4, notify=False, quiet_from="09:00", quiet_until="17:00")


async def open_dialog(window: MainWindow) -> tuple[SettingsDialog, SettingsTransfer]:
    window.jobs.settings.trigger()
    await until(lambda: window.findChildren(SettingsDialog))
    dialog = window.findChildren(SettingsDialog)[0]
    await until(dialog.isVisible)
    transfer = dialog.findChild(SettingsTransfer)
    assert transfer is not None
    return dialog, transfer


async def choose(transfer: SettingsTransfer, dialog: SettingsDialog, action: int, file: Path) -> None:
    """By the menu of the button, and the chooser that comes."""
    dialog.transfer.menu().actions()[action].trigger()
    await until(lambda: transfer.chooser is not None)
    chooser = transfer.chooser
    assert isinstance(chooser, QFileDialog)
    chooser.fileSelected.emit(str(file))
    chooser.close()


def test_settings_come_from_a_file_and_apply_by_ok(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    export_settings(file, CHANGED)

    async def story() -> None:
        window = await desk.fake()
        dialog, transfer = await open_dialog(window)
        await choose(transfer, dialog, 0, file)
        await until(lambda: dialog.settings() == CHANGED)
        assert "mine.toml are shown here" in dialog.news.text()
        assert dialog.news.isVisible()
        assert window.keeper.settings == Settings()  # not before somebody agrees
        dialog.ok.click()
        await until(lambda: window.keeper.settings == CHANGED)
        await until(lambda: load_settings(desk.paths.settings).settings == CHANGED)

    desk.run(story())


def test_what_cannot_be_used_is_named_and_a_bad_file_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    odd, bad = tmp_path / "odd.toml", tmp_path / "bad.toml"
    odd.write_text("[limits]\nattempts = 99\npage_seconds = 77\nzebra = 1\n")
    bad.write_text("<html>")

    async def story() -> None:
        window = await desk.fake()
        dialog, transfer = await open_dialog(window)
        await choose(transfer, dialog, 0, odd)
        await until(lambda: dialog.settings() == Settings(page_seconds=77.0))
        said = dialog.news.text()
        assert "[limits] attempts: 99 is not between 1 and 5; it is left out." in said
        assert "[limits] zebra: there is no such setting; it is left out." in said
        await choose(transfer, dialog, 0, bad)
        await until(lambda: "bad.toml is not valid TOML" in dialog.problem.text())
        assert dialog.settings() == Settings(page_seconds=77.0)
        dialog.reject()

    desk.run(story())


def test_what_is_shown_is_taken_along(desk: Desk, tmp_path: Path) -> None:
    save_settings(desk.paths.settings, Settings(attempts=3))
    file = tmp_path / "there.toml"

    async def story() -> None:
        window = await desk.fake()
        dialog, transfer = await open_dialog(window)
        dialog.rows["attempts"].set_value(5)
        await choose(transfer, dialog, 1, file)
        await until(lambda: "there.toml" in dialog.news.text())
        assert load_settings(file).settings.attempts == 5
        await choose(transfer, dialog, 1, tmp_path / "there.toml" / "below.toml")
        await until(lambda: "were not saved in below.toml" in dialog.problem.text())
        dialog.reject()

    desk.run(story())
