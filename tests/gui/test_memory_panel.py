"""The memory panel and the messages about memory, on a fake session, with clicks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest

from desktop_ocr.core.api import PagePicture
from desktop_ocr.gui import message_bar
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.memory_panel import MemoryPanel
from desktop_ocr.gui.memory_words import clock_words, freed_words, model_words, pressure_words
from desktop_ocr.gui.message_bar import MessageBar
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import Event, Freed, HostStarted, WorkHeld
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.memory import FreeReport, HostRole, ModelState, ModelView, Pressure, PressureLevel
from tests.gui.conftest import Desk, until
from tests.gui.fake_memory import GPU

LEFT = Qt.MouseButton.LeftButton
WARNING = Pressure(PressureLevel.WARNING, 0.85, 2, "idle models were unloaded")


async def opened(desk: Desk, window: MainWindow) -> MemoryPanel:
    """The panel, opened by its key, with its first figures."""
    del desk
    QTest.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    panel = window.memory.panel
    assert panel is not None
    await until(lambda: panel.stats is not None)
    return panel


def on_core(window: MainWindow, act: Callable[[], None]) -> None:
    """Do something on the session's loop."""
    window._worker._loop.call_soon_threadsafe(act)


def emit(desk: Desk, window: MainWindow, event: Event) -> None:
    assert desk.session is not None
    session = desk.session
    on_core(window, lambda: session._emit(event))


def bar_with(window: MainWindow, words: str) -> MessageBar | None:
    return next((bar for bar in window.bars.bars() if words in bar.text), None)


# --- words ------------------------------------------------------------------------------------------------------


def test_report_of_what_was_freed() -> None:
    assert freed_words(FreeReport(738.0, 118.0, 1_800.0, 0.0)) == (
        "Freed 1.8 GB of GPU memory and 620 MB of RAM; Desktop OCR now holds 0 MB and 118 MB."
    )
    assert freed_words(FreeReport(738.0, 118.0)) == "Freed 620 MB of RAM; Desktop OCR now holds 118 MB."
    assert freed_words(FreeReport(100.0, 118.0)) == "Freed 0 MB of RAM; Desktop OCR now holds 118 MB."


def test_words_for_pressure_and_models() -> None:
    assert pressure_words(Pressure()) == "There is enough memory."
    assert pressure_words(WARNING) == (
        "Memory is getting short. Idle models were unloaded. Closing other programs helps."
    )
    assert "everything was released" in pressure_words(Pressure(PressureLevel.CRITICAL, emergency=True))
    assert clock_words(252.4) == "4:12"
    view = ModelView("m", "r", "M", "cpu/1", "cpu", ModelState.LOADED, 90.0, idle_seconds_left=252.0, loads=2)
    assert model_words(view) == "CPU · unloads in 4:12 · 2 loads"
    used = msgspec.structs.replace(view, device="gpu:1", references=2, idle_seconds_left=None, loads=1)
    assert model_words(used) == "GPU 1 · 2 pages use it · 1 load"
    assert all(model_words(msgspec.structs.replace(view, state=state)) for state in ModelState)


# --- the panel --------------------------------------------------------------------------------------------------


def test_panel_asks_only_while_it_is_seen(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        assert window.memory.panel is None  # it is not even made
        assert desk.session is not None
        memory = desk.session.memory
        panel = await opened(desk, window)
        panel._poll.setInterval(20)
        await until(lambda: memory.stats_asked > 3)
        panel.close_button.click()
        assert not panel.isVisible()
        assert not window.jobs.memory.isChecked()
        await until(lambda: not panel._asking)
        asked = memory.stats_asked
        await asyncio.sleep(0.2)
        assert memory.stats_asked == asked

    desk.run(story())


def test_panel_shows_models_services_queue_and_processes(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=4, gpus=[GPU])
        await desk.add(window, "report-40p.pdf", state=JobState.RUNNING)
        await until(lambda: window.model.views()[0].pages_done == 4)
        panel = await opened(desk, window)
        assert [row.title.text() for row in panel.models.rows][:2] == [
            "Text detection, PP-OCRv6 small",
            "Text recognition, PP-OCRv6 small",
        ]
        assert panel.models.rows[0].state.text() == "GPU 0 · 1 page uses it · 1 load"
        assert panel.services.rows() == [
            ("gpu:0/1", "Working", "Process 4242", "4 pages"),
            ("cpu/1", "No process", "", "0 pages"),
        ]
        assert ("Pages waiting", "35") in panel.queue.rows()
        assert ("Pages in work", "1") in panel.queue.rows()
        names = [row[0] for row in panel.processes.rows()]
        assert names == ["This window", "Text recognition, process 4242", "Documents, process 4243", "All together"]
        assert panel.processes.rows()[1][2] == "GPU 1.1 GB"
        assert panel.document.rows() == [("Expected for its pages", "640 MB"), ("Taken at most", "702 MB")]
        assert panel.pressure.text() == "There is enough memory."
        panel.plot.grab()

    desk.run(story())


def test_model_in_use_cannot_be_unloaded_and_says_why(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=4)
        await desk.add(window, "report-40p.pdf", state=JobState.RUNNING)
        await until(lambda: window.model.views()[0].pages_done == 4)
        row = (await opened(desk, window)).models.rows[0]
        assert not row.button.isEnabled()
        assert row.button.toolTip() == "In use: 1 page uses it"
        QTest.mouseClick(row.button, LEFT)
        QTest.keyClick(row, Qt.Key.Key_Delete)
        assert desk.session is not None
        assert not any(what == "unload_model" for what, _how in desk.session.asked)

    desk.run(story())


def test_idle_models_are_unloaded_by_button_and_key(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        panel = await opened(desk, window)
        await until(lambda: panel.models.rows[0].button.isEnabled())
        QTest.mouseClick(panel.models.rows[0].button, LEFT)
        await until(lambda: panel.models.rows[0].state.text().startswith("Not loaded"))
        assert not panel.models.rows[0].button.isVisible()
        panel.models.rows[1].setFocus()
        QTest.keyClick(panel.models.rows[1], Qt.Key.Key_Delete)
        await until(lambda: panel.models.rows[1].state.text().startswith("Not loaded"))
        assert desk.session is not None
        unloaded = [how for what, how in desk.session.asked if what == "unload_model"]
        assert unloaded == [("ppocrv6-small-det", "cpu/1"), ("ppocrv6-small-rec", "cpu/1")]
        assert len(window.model.views()) == 1  # Del in the panel removes no document

    desk.run(story())


def test_arrows_go_from_model_to_model(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        window.activateWindow()
        rows = (await opened(desk, window)).models.rows
        rows[0].setFocus()
        await until(rows[0].hasFocus)
        QTest.keyClick(rows[0], Qt.Key.Key_Down)
        assert rows[1].hasFocus()
        QTest.keyClick(rows[1], Qt.Key.Key_Up)
        assert rows[0].hasFocus()

    desk.run(story())


def test_diagnostics_are_saved_and_their_folder_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: shown.append(url.toLocalFile()) or True)

    async def story() -> None:
        window = await desk.fake()
        panel = await opened(desk, window)
        QTest.mouseClick(panel.diagnostics, LEFT)
        await until(lambda: bar_with(window, "Diagnostics were saved") is not None)
        bar = bar_with(window, "2026-11-21-1204.json")
        assert bar is not None
        QTest.mouseClick(bar.buttons[0], LEFT)
        assert [Path(folder).name for folder in shown] == ["diagnostics"]

    desk.run(story())


def test_panel_that_was_open_is_open_again_and_as_wide(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        window.resize(1300, 700)
        await opened(desk, window)
        assert window.memory.dock is not None
        window.resizeDocks([window.memory.dock], [460], Qt.Orientation.Horizontal)
        await until(lambda: window.memory.dock is not None and window.memory.dock.width() == 460)
        await desk.close()
        again = await desk.fake()
        assert desk.preferences.memory_width == 460
        await until(lambda: again.memory.dock is not None and again.memory.dock.isVisible())
        again.jobs.memory.trigger()
        await desk.close()
        assert (await desk.fake()).memory.dock is None

    desk.run(story())


def test_window_with_its_panel_is_wide_enough(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        window.resize(window.minimumSize())
        least = window.minimumWidth()
        panel = await opened(desk, window)
        # As far as the screen has it.
        assert window.minimumWidth() == min(
            least + panel.minimumWidth() + 4, window.screen().availableGeometry().width()
        )
        panel.close_button.click()
        assert window.minimumWidth() == least

    desk.run(story())


# --- giving back ------------------------------------------------------------------------------------------------


def test_freeing_pauses_says_so_and_one_click_resumes(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=4)
        await desk.add(window, "report-40p.pdf", "letters-20p.pdf", state=JobState.RUNNING)
        await until(lambda: window.memory.host_count == 2)
        button = window.toolbar.widgetForAction(window.jobs.free)
        assert desk.session is not None
        desk.session.standing = True
        QTest.mouseClick(button, LEFT)
        await until(lambda: window.bars.texts()[:1] == ["Giving memory back…"])
        desk.session.standing = False
        await until(lambda: bar_with(window, "2 documents are paused because memory was given back.") is not None)
        await until(lambda: "Giving memory back…" not in window.bars.texts())
        assert bar_with(window, "Freed 846 MB of RAM; Desktop OCR now holds 118 MB.") is not None
        assert window.memory.host_count == 0
        assert all(view.state is JobState.PAUSED for view in window.model.views())
        bar = bar_with(window, "2 documents are paused")
        assert bar is not None
        QTest.mouseClick(bar.buttons[0], LEFT)
        await until(lambda: all(view.state is JobState.RUNNING for view in window.model.views()))
        assert bar_with(window, "paused") is None

    desk.run(story())


def test_message_of_held_work_outlasts_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_bar, "GOOD_NEWS_MS", 30)

    async def story() -> None:
        window = await desk.fake(stop_at=4)
        await desk.add(window, "report-40p.pdf", state=JobState.RUNNING)
        window.jobs.free.trigger()
        await until(lambda: bar_with(window, "1 document is paused") is not None)
        for number in range(6):
            window.bars.say(f"message {number}")
        await asyncio.sleep(0.1)
        assert bar_with(window, "1 document is paused") is not None

    desk.run(story())


def test_work_resumed_by_other_means_needs_no_message(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=4)
        await desk.add(window, "report-40p.pdf", "letters-20p.pdf", state=JobState.RUNNING)
        window.jobs.free.trigger()
        await until(lambda: bar_with(window, "2 documents are paused") is not None)
        window.workspace.queue.choose(1)
        await until(lambda: window.jobs.resumes)
        window.jobs.hold.trigger()
        await until(lambda: bar_with(window, "1 document is still paused.") is not None)
        window.jobs.resume_all.trigger()
        await until(lambda: bar_with(window, "paused") is None)

    desk.run(story())


def test_memory_freed_from_the_command_line_is_told_and_caches_go(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a-9p.pdf")
        pane = window.workspace.document.pane
        await until(lambda: pane.picture.has_picture)
        pane.step(1)
        await until(lambda: len(pane.loader._kept) == 2)
        emit(desk, window, WorkHeld("", (1,)))
        emit(desk, window, Freed(FreeReport(900.0, 120.0, 600.0, 0.0, paused=(1,))))
        await until(lambda: bar_with(window, "Freed 600 MB of GPU memory and 780 MB of RAM") is not None)
        assert not pane.loader._kept
        assert pane.picture.has_picture  # what is looked at stays

    desk.run(story())


def test_thumbnails_out_of_sight_go_and_come_again(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, *(f"{number}.pdf" for number in range(30)))
        queue = window.workspace.queue
        for job in range(1, 31, 3):  # scrolls through all of them
            queue.choose(job)
            await asyncio.sleep(0.02)
        await until(lambda: sum(picture is not None for picture in window.model._thumbnails.values()) >= 20)
        window.workspace.free()
        visible = queue.visible_jobs()
        assert 1 <= len(visible) < 12
        assert set(window.model._thumbnails) <= set(visible)
        queue.choose(1)
        await until(lambda: window.model._thumbnails.get(1) is not None)

    desk.run(story())


# --- pressure ---------------------------------------------------------------------------------------------------


def test_pressure_has_one_message_kept_up_to_date(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=4)
        await desk.add(window, "report-40p.pdf", "later-20p.pdf", state=JobState.RUNNING)
        session = desk.session
        assert session is not None
        on_core(window, lambda: session.press(msgspec.structs.replace(WARNING, deferred=True)))
        await until(lambda: bar_with(window, "Documents in the background wait.") is not None)
        await until(lambda: window.model.views()[1].deferred)
        first = window.bars.bars()[0]
        assert first.buttons[1].isVisible()
        for share in range(86, 96):
            pressure = Pressure(PressureLevel.CRITICAL, share / 100, 3, f"step {share} was taken")
            on_core(window, lambda pressure=pressure: session.press(pressure))
        await until(lambda: bar_with(window, "Step 95 was taken.") is not None)
        assert window.bars.bars() == [first]
        assert first.property("tone") == "danger"
        assert not first.buttons[1].isVisible()
        on_core(window, lambda: session.press(Pressure()))
        await until(lambda: not window.bars.texts())

    desk.run(story())


def test_message_of_pressure_that_was_closed_returns_when_it_gets_worse(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        news = window.memory.news
        news.pressure(WARNING)
        window.bars.bars()[0].leave()
        news.pressure(msgspec.structs.replace(WARNING, words="caches were cleared"))
        assert not window.bars.texts()
        news.pressure(Pressure(PressureLevel.CRITICAL, 0.97))
        assert window.bars.texts() == ["Memory is very short. Closing other programs helps."]
        window.bars.bars()[0].leave()
        news.pressure(WARNING)
        assert not window.bars.texts()
        news.pressure(Pressure(PressureLevel.CRITICAL, 0.97, emergency=True))
        assert len(window.bars.texts()) == 1
        news.pressure(Pressure())
        assert not window.bars.texts()
        news.pressure(WARNING)  # short anew
        assert len(window.bars.texts()) == 1

    desk.run(story())


def test_deferred_documents_say_so_and_go_on_when_told(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=4)
        await desk.add(window, "report-40p.pdf", "later-20p.pdf", state=JobState.RUNNING)
        session = desk.session
        assert session is not None
        on_core(window, lambda: session.press(msgspec.structs.replace(WARNING, deferred=True)))
        await until(lambda: window.model.views()[1].deferred)
        index = window.model.index_of(2)
        assert "Waits: memory is short" in window.model.data(index, Qt.ItemDataRole.AccessibleTextRole)
        window.workspace.queue.list.grab()
        bar = bar_with(window, "Memory is getting short.")
        assert bar is not None
        QTest.mouseClick(bar.buttons[1], LEFT)
        await until(lambda: not window.model.views()[1].deferred)
        assert ("go_on_anyway", None) in session.asked

    desk.run(story())


def test_memory_is_freed_from_the_message(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        window.memory.news.pressure(WARNING)
        QTest.mouseClick(window.bars.bars()[0].buttons[0], LEFT)
        await until(lambda: bar_with(window, "Freed ") is not None)
        assert desk.session is not None
        assert ("free", None) in desk.session.asked

    desk.run(story())


LIST = 4  # what a picture in the list is asked for with; those of the page have a region too


@contextmanager
def broken_off(desk: Desk, code: ErrorCode) -> Iterator[list[object]]:
    """Let pictures in the list come to nothing; those that were asked for."""
    session = desk.session
    assert session is not None
    draw, broken = session.picture, list[object]()

    async def picture(*asked: Any) -> PagePicture:
        if len(asked) > LIST:
            return await draw(*asked)
        broken.append(asked)
        raise DesktopOcrError(code, "This was stopped.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "picture", picture)
        yield broken


@pytest.mark.parametrize("code", [ErrorCode.FREED, ErrorCode.HOST_DIED, ErrorCode.MEMORY_SHORT])
def test_a_thumbnail_that_was_broken_off_comes_with_the_next_host(desk: Desk, code: ErrorCode) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "report-3p.pdf")
        await until(lambda: window.model._thumbnails.get(1) is not None)
        with broken_off(desk, code) as broken:
            window.model.forget_thumbnail(1)
            await until(lambda: broken and not window.workspace.thumbnails._fetching)
            window.model.forget_thumbnail(1)  # it is painted again
            await asyncio.sleep(0.1)
            assert len(broken) == 1  # which would start a host
            assert window.model._thumbnails.get(1) is None
        emit(desk, window, HostStarted(HostRole.DOCUMENT, 77))
        await until(lambda: window.model._thumbnails.get(1) is not None)

    desk.run(story())


def test_a_document_that_hosts_die_of_is_given_up(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "report-3p.pdf")
        await until(lambda: window.model._thumbnails.get(1) is not None)
        with broken_off(desk, ErrorCode.HOST_DIED) as broken:
            window.model.forget_thumbnail(1)
            for number in (1, 2, 3):
                await until(lambda n=number: len(broken) >= n)  # type: ignore[misc]
                emit(desk, window, HostStarted(HostRole.DOCUMENT, 77 + number))
            await until(lambda: window.model._thumbnails == {1: None})
            assert len(broken) == 3

    desk.run(story())
