"""The window as a whole, on a fake session: closing, sizes, bursts, what is told."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QMenu, QMessageBox

from desktop_ocr.gui import message_bar
from desktop_ocr.gui.log_file import keep_log, log_fault
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.theme import LIGHT, Appearance
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import JobChanged, Notice
from desktop_ocr.schema.jobs import JobState, JobView
from tests.gui.conftest import Desk, until
from tests.gui.fake_memory import GPU
from tests.gui.helpers import on_this_machine, shown_text


def test_closing_while_work_runs_asks_first(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=4)
        await desk.add(window, "report-40p.pdf", state=JobState.RUNNING)
        wanted: list[int] = []
        window.quit_wanted.connect(lambda: wanted.append(1))
        window.close()
        window.close()
        boxes = window.findChildren(QMessageBox)
        assert len(boxes) == 1
        next(button for button in boxes[0].buttons() if button.text() == "&Keep working").click()
        assert window.isVisible()
        assert not wanted
        window.close()
        box = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
        next(button for button in box.buttons() if button.text() == "&Quit").click()
        assert wanted == [1]

    desk.run(story())


def test_closing_an_idle_window_does_not_ask(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        wanted: list[int] = []
        window.quit_wanted.connect(lambda: wanted.append(1))
        window.close()
        assert wanted == [1]

    desk.run(story())


def test_free_memory_says_what_was_measured(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        await until(lambda: window.memory.host_count == 2)
        window.jobs.free.trigger()
        await until(lambda: window.memory.host_count == 0)
        await until(lambda: any(text.startswith("Freed ") for text in window.bars.texts()))
        assert "Freed 846 MB of RAM; Desktop OCR now holds 118 MB." in window.bars.texts()

    desk.run(story())


def test_core_that_cannot_start_is_told(desk: Desk) -> None:
    class Broken:
        async def open(self) -> None:
            raise DesktopOcrError(ErrorCode.LEDGER, "The ledger is damaged.", "Restore it.")

    async def story() -> None:
        opening = asyncio.ensure_future(desk.open(lambda _emit: Broken()))  # type: ignore[arg-type,return-value]
        await until(lambda: desk._opened and desk._opened[0][0].bars.texts())
        window = desk._opened[0][0]
        assert window.bars.texts() == ["The ledger is damaged. Restore it."]
        window.commands.add([Path("/a/b.pdf")])
        await asyncio.sleep(0.1)
        opening.cancel()

    desk.run(story())


def test_bursts_of_events_do_not_hold_the_window_up(desk: Desk) -> None:
    """Processor time, not time by the clock: that is the machine's."""
    spent: list[float] = []

    async def story() -> None:
        window = await desk.fake(pace=0.0)
        take = window.workspace.reducer.take

        def measured(batch: object) -> None:
            started = time.thread_time()
            take(batch)  # type: ignore[arg-type]
            spent.append(time.thread_time() - started)

        worker = window._worker
        worker.events.disconnect(take)
        worker.events.connect(measured)
        await desk.add(window, *(f"report{number}-500p.pdf" for number in range(6)))

    desk.run(story())
    assert max(spent) < on_this_machine(0.05)


@pytest.mark.parametrize("refused", [False, True])
def test_what_happened_before_an_answer_is_told_before_it(desk: Desk, refused: bool) -> None:
    async def story() -> None:
        window = await desk.fake()
        told: list[str] = []
        window._worker.events.connect(lambda batch: told.extend(one.text for one in batch if isinstance(one, Notice)))
        session = desk.session
        assert session is not None

        async def tell(number: int) -> None:
            session._emit(Notice(f"{number}"))
            if refused:
                raise DesktopOcrError(ErrorCode.DISK_FULL, "The disk is full.")

        for number in range(20):
            with contextlib.suppress(DesktopOcrError):
                await window._worker.ask(lambda _session, one=number: tell(one))  # type: ignore[misc]
            assert told == [f"{one}" for one in range(number + 1)]

    desk.run(story())


def test_narrow_window_keeps_everything_reachable(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        window.resize(window.minimumSize())
        await until(lambda: window.width() == window.minimumWidth())
        await until(lambda: window.toolbar.export.geometry().right() <= window.width())
        assert window.toolbar.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly

    desk.run(story())


@pytest.mark.parametrize("width", [720, 961, 1101])
def test_figures_of_memory_are_never_cut_off(desk: Desk, width: int) -> None:
    async def story() -> None:
        window = await desk.fake(gpus=[GPU], stop_at=4)
        window.resize(width, 600)
        await desk.add(window, "report-48p.pdf", state=JobState.RUNNING)
        gauges = window.memory.gauges
        await until(lambda: gauges.gpus and gauges.gpus[0].isVisible())

        def cut_off() -> list[str]:
            return [
                label.text()
                for label in (window.state, gauges.ram, *gauges.gpus)
                if label.width() < label.sizeHint().width()
                or label.mapTo(window, label.rect().topRight()).x() >= window.width()
            ]

        await until(lambda: not cut_off())  # it is laid out a moment later

    desk.run(story())


def test_sizes_and_choices_are_remembered(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        window.resize(760, 600)
        window.workspace.document.pane.result.plain.setChecked(True)
        window._theme.set_appearance(Appearance.DARK)
        await desk.close()
        assert desk.preferences.appearance is Appearance.DARK
        again = await desk.fake()
        assert (again.width(), again.height()) == (760, 600)
        assert again.workspace.document.pane.result.plain.isChecked()
        again._theme.set_appearance(Appearance.LIGHT)
        colour = again.palette().color(QPalette.ColorRole.Window)
        assert colour == LIGHT.colour("window")

    desk.run(story())


def test_notices_are_shown_and_mere_news_goes_by_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_bar, "GOOD_NEWS_MS", 300)

    async def story() -> None:
        window = await desk.fake()
        assert desk.session is not None
        session = desk.session

        async def tell(_session: object) -> None:
            session._emit(Notice("'a.pdf' is in the list already."))
            session._emit(Notice("'b.pdf' is paused: The disk is full.", error=True))

        await window._worker.ask(tell)
        await until(lambda: len(window.bars.texts()) == 2)
        await until(lambda: window.bars.texts() == ["'b.pdf' is paused: The disk is full."])

    desk.run(story())


def test_memory_can_be_freed_twice_in_a_row(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        window.memory.commands.free()
        window.memory.commands.free()
        await until(lambda: any(text.startswith("Freed ") for text in window.bars.texts()))
        await until(lambda: not window.tasks._running)
        assert len(window.bars.texts()) == 1

    desk.run(story())


def test_folder_of_a_thousand_documents_does_not_hold_the_window_up(desk: Desk) -> None:
    async def story() -> float:
        window = await desk.fake()
        batch = tuple(JobChanged(JobView(n, f"/a/{n}.pdf", f"{n}.pdf", JobState.WAITING)) for n in range(1000))
        started = time.thread_time()
        window.workspace.reducer.take(batch)
        return time.thread_time() - started

    assert desk.run(story()) < on_this_machine(0.05)


def test_system_may_tell_its_colours_before_the_window_is_furnished(desk: Desk) -> None:
    async def story() -> None:
        window = MainWindow(Worker(lambda _emit: None), desk.paths, desk.preferences, desk._theme)  # type: ignore[arg-type,return-value]
        desk._theme.changed.emit()
        window.deleteLater()

    desk.run(story())


def test_keys_of_menus_are_unlike(desk: Desk) -> None:
    """And those of buttons in the window are none of the menu bar's."""

    def letters(texts: Iterable[str]) -> list[str]:
        return [text[text.index("&") + 1].lower() for text in texts if "&" in text]

    async def story() -> None:
        window = await desk.fake()
        titles = letters(action.text() for action in window.menuBar().actions())
        for menu in window.findChildren(QMenu):
            keys = letters(action.text() for action in menu.actions())
            assert len(keys) == len(set(keys)), menu.title()
        buttons = ["&Show in folder", "&Undo", "&Go on", "&Not now", "&Try again", "St&op", "Repo&rt…", "E&xport…"]
        buttons.append(window.workspace.document.password.open.text())
        assert len({*letters(buttons), *titles}) == len(buttons) + len(titles)

    desk.run(story())


def test_focus_is_seen_in_every_part_of_the_window(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        await until(lambda: "harbour office" in shown_text(window))
        window.activateWindow()
        pane = window.workspace.document.pane
        for part in (pane.picture, pane.result.text):
            part.setFocus()
            await until(part.hasFocus)
            assert part.grab().toImage().pixelColor(0, 20) == LIGHT.colour("accent"), part
            window.workspace.queue.list.setFocus()
            assert part.grab().toImage().pixelColor(0, 20) != LIGHT.colour("accent"), part

    desk.run(story())


def test_what_a_slot_raises_is_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = keep_log(tmp_path)
    try:
        log_fault(ValueError, ValueError("of a slot"), None)
    finally:
        log.close()
    assert "ValueError: of a slot" in (tmp_path / "window.log").read_text(encoding="utf-8")
    assert "of a slot" in capsys.readouterr().err
