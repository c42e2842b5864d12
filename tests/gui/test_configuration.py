"""Settings in the window: read at the start, changed by menu and dialog, kept; and the end of the desktop's session."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from desktop_ocr.core.settings_file import load_settings, save_settings
from desktop_ocr.gui import garbage
from desktop_ocr.gui.configuration import Configuration
from desktop_ocr.gui.log_out import LogOut
from desktop_ocr.gui.settings_dialog import SettingsDialog
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.settings import Settings
from tests.gui.conftest import Desk, until
from tests.gui.fake_session import FakeSession


def test_file_tells_the_settings_and_is_not_read_where_they_are_given(tmp_path: Path) -> None:
    save_settings(tmp_path / "settings.toml", Settings(warning=0.7))
    assert Configuration(tmp_path).read().warning == 0.7
    assert Configuration(tmp_path, Settings(warning=0.6)).read().warning == 0.6
    (tmp_path / "settings.toml").write_text("[memory]\nwarning = 7\n", encoding="utf-8")
    broken = Configuration(tmp_path)
    assert broken.read() == Settings()
    assert len(broken.problems) == 1


def test_problems_of_the_file_are_shown_and_thresholds_reach_the_gauges(desk: Desk) -> None:
    desk.paths.config.mkdir(parents=True)
    text = "[memory]\nwarning = 0.2\nno_such_thing = 1\n"
    (desk.paths.config / "settings.toml").write_text(text, encoding="utf-8")

    async def story() -> None:
        configuration = Configuration(desk.paths.config)

        def make(emit: object) -> FakeSession:
            configuration.read()
            return FakeSession(emit, interval=0.02)  # type: ignore[arg-type]

        window = await desk.open(make, configuration)
        await until(lambda: any("no_such_thing" in said for said in window.bars.texts()))
        await until(lambda: window.memory.sample is not None)
        assert window.memory.gauges.ram.level.value == "warning"

    desk.run(story())


def test_dialog_shows_the_settings_and_what_is_applied_is_kept(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: bool(window.findChildren(SettingsDialog)))
        dialog = window.findChildren(SettingsDialog)[0]
        dialog.applied.emit(msgspec.structs.replace(window.keeper.settings, warning=0.3))
        session = desk.session
        assert session is not None
        await until(lambda: session.settings is not None and session.settings.warning == 0.3)
        await until(lambda: load_settings(desk.paths.config / "settings.toml").settings.warning == 0.3)
        await until(lambda: window.memory.gauges.ram.level.value == "warning")
        dialog.close()

    desk.run(story())


def test_changes_that_follow_each_other_are_kept_in_order(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        for number in range(1, 9):
            window.keeper.apply(msgspec.structs.replace(window.keeper.settings, max_predictions=number))
        await until(lambda: not window.tasks._running)
        assert load_settings(desk.paths.config / "settings.toml").settings.max_predictions == 8
        assert desk.session is not None
        assert desk.session.settings is not None
        assert desk.session.settings.max_predictions == 8

    desk.run(story())


# --- the end of the desktop's session ---------------------------------------------------------------------------


def test_who_logs_out_is_not_asked(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=4)
        await desk.add(window, "report-40p.pdf", state=JobState.RUNNING)
        wanted: list[int] = []
        window.quit_wanted.connect(lambda: wanted.append(1))
        log_out = LogOut(window)
        window.resize(777, 555)
        log_out.expect_end()
        assert desk.preferences.state("geometry").size() > 0
        window.close()
        assert wanted == [1]
        assert not window.findChildren(QMessageBox)
        log_out.stop()

    desk.run(story())


def test_log_out_that_came_to_nothing_is_forgotten(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=4)
        await desk.add(window, "report-40p.pdf", state=JobState.RUNNING)
        log_out = LogOut(window)
        log_out._forget.setInterval(1)
        log_out.expect_end()
        await until(lambda: not window._end_expected)
        window.close()
        assert len(window.findChildren(QMessageBox)) == 1
        log_out.stop()

    desk.run(story())


def test_giving_back_collects_what_lies_in_cycles(desk: Desk) -> None:
    async def story() -> None:
        class Big:
            def __init__(self) -> None:
                self.me = self

        window = await desk.fake()
        Big()
        assert any(isinstance(one, Big) for one in gc.get_objects())
        window.workspace.free()
        assert not any(isinstance(one, Big) for one in gc.get_objects())
        garbage.give_back()
        await asyncio.sleep(0)

    desk.run(story())
