"""The program without its window: tray, closing, notifications, second starts; on a fake session and a fake tray.

The offscreen platform has no tray: that there is one is said by `fake_tray`; icon and menu are the real ones.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QMenu, QMessageBox, QSystemTrayIcon

from desktop_ocr.gui import background as background_module
from desktop_ocr.gui import notifications, tray, tray_watch
from desktop_ocr.gui.background import Background
from desktop_ocr.gui.log_out import LogOut
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.notifications import Notification, Target
from desktop_ocr.gui.tray_state import Activity, Look
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.events import Event, JobChanged, Notice, WorkHeld, WorkWaits
from desktop_ocr.schema.instance import InstanceAction, InstanceMessage
from desktop_ocr.schema.jobs import JobState, JobView
from desktop_ocr.schema.settings import ClosingWindow
from tests.gui.conftest import HANG_SECONDS, Desk, until
from tests.gui.fake_session import FakeSession


class FakeTray:
    """What the desktop says of its tray."""

    there = True


@pytest.fixture(autouse=True)
def fake_tray(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTray]:
    """There is a tray; nothing takes its time."""
    made = FakeTray()
    monkeypatch.setattr(tray_watch, "qt_has_tray", lambda: made.there)
    monkeypatch.setattr(tray_watch, "LOOK_MS", 10)
    monkeypatch.setattr(tray, "RENEW_MS", 5)
    monkeypatch.setattr(notifications, "COLLECT_MS", 20)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    yield made
    tray.tray_icon.cache_clear()


class Stage:
    """A window with its background."""

    def __init__(self, desk: Desk, window: MainWindow, worker: Worker) -> None:
        self.window = window
        self.back = Background(window, worker)
        self.told: list[Notification] = []
        self.quit: list[int] = []
        self.back.notifier.told.connect(self.told.append)
        window.quit_wanted.connect(lambda: self.quit.append(1))
        self._desk = desk

    def emit(self, event: Event) -> None:
        """The core tells something."""
        assert self._desk.session is not None
        worker = self.window._worker
        worker._loop.call_soon_threadsafe(self._desk.session._emit, event)

    def settings(self, **changes: Any) -> None:
        """The user changes settings."""
        keeper = self.window.keeper
        keeper.apply(msgspec.structs.replace(keeper.settings, **changes))

    def entry(self, text: str) -> QAction:
        """An entry of the tray's menu."""
        found = [action for action in self.back.menu.menu.actions() if action.text().replace("&", "") == text]
        assert found, [action.text() for action in self.back.menu.menu.actions()]
        return found[0]

    def box(self) -> QMessageBox:
        """The question that is being asked."""
        return next(box for box in self.window.findChildren(QMessageBox) if box.isVisible())

    def answer(self, text: str, *, always: bool | None = None) -> None:
        """Answer it."""
        box = self.box()
        if always is not None:
            check = box.findChild(QCheckBox)
            assert check is not None
            check.setChecked(always)
        next(button for button in box.buttons() if button.text().replace("&", "") == text).click()

    @property
    def look(self) -> Look:
        """What the icon shows."""
        assert self.back.tray is not None
        assert self.back.tray.shown is not None
        return self.back.tray.shown.look

    @property
    def tip(self) -> str:
        """The icon's tooltip."""
        assert self.back.tray is not None
        return self.back.tray.icon.toolTip()


async def opened(desk: Desk, **how: Any) -> Stage:
    """With a window, as after a usual start."""
    window = await desk.fake(**how)
    stage = Stage(desk, window, window._worker)
    stage.back._opened()
    stage.back.begin()
    await until(lambda: stage.back.watch.known)
    return stage


async def hidden(desk: Desk, *, only_capture: bool = False, **how: Any) -> Stage:
    """As after `desktop-ocr --background`, or `desktop-ocr capture` while the user chooses a region."""

    def make(emit: Callable[..., None]) -> FakeSession:
        desk.session = FakeSession(emit, **how)
        return desk.session

    worker = Worker(make)
    window = MainWindow(worker, desk.paths, desk.preferences, desk._theme)
    desk._opened.append((window, worker))
    stage = Stage(desk, window, worker)
    ready = asyncio.Event()
    worker.opened.connect(ready.set)
    worker.start()
    if only_capture:
        stage.back.capture_began()
    stage.back.begin(hidden=True, only_capture=only_capture)
    await asyncio.wait_for(ready.wait(), HANG_SECONDS)
    return stage


def play(desk: Desk, story: Callable[[], Any]) -> None:
    """Run a story on a stage that it returns."""

    async def whole() -> None:
        stage = await story()
        await stage.back.finish()

    desk.run(whole())


# --- closing ----------------------------------------------------------------------------------------------------------


def test_closing_asks_once_and_keeps_working_hidden(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk, stop_at=4)
        await desk.add(stage.window, "report-40p.pdf", state=JobState.RUNNING)
        stage.window.close()
        stage.window.close()
        assert len([box for box in stage.window.findChildren(QMessageBox) if box.isVisible()]) == 1
        assert "A document is still being read." in stage.box().informativeText()
        stage.answer("Keep working")
        assert not stage.window.isVisible()
        assert stage.window.keeper.settings.close_window is ClosingWindow.KEEP
        pane = stage.window.workspace.document.pane
        await until(lambda: pane.job is None, what="the page's picture given back")
        assert not pane.picture.has_picture
        stage.back.show_window()
        await until(lambda: pane.job == 1 and pane.picture.has_picture)
        stage.window.close()
        assert not stage.window.isVisible()
        assert not stage.quit
        return stage

    play(desk, story)


def test_asked_again_where_the_answer_is_not_for_always(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk)
        stage.window.close()
        stage.answer("Keep working", always=False)
        assert not stage.window.isVisible()
        assert stage.window.keeper.settings.close_window is ClosingWindow.ASK
        stage.back.show_window()
        stage.window.close()
        stage.answer("Cancel")
        assert stage.window.isVisible()
        await until(lambda: stage.back.question is None)
        stage.window.close()
        stage.answer("Quit", always=False)
        assert stage.quit == [1]
        return stage

    play(desk, story)


def test_quitting_instead_is_not_asked_twice(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk, stop_at=4)
        await desk.add(stage.window, "report-40p.pdf", state=JobState.RUNNING)
        stage.window.close()
        stage.answer("Quit")
        assert stage.quit == [1]
        assert stage.window.keeper.settings.close_window is ClosingWindow.QUIT
        return stage

    play(desk, story)


def test_set_to_quit_it_asks_only_while_work_is_under_way(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk, stop_at=4)
        stage.settings(close_window=ClosingWindow.QUIT)
        await desk.add(stage.window, "report-40p.pdf", state=JobState.RUNNING)
        stage.window.close()
        assert stage.box().text() == "A document is still being read. Quit now?"
        assert "Minimise" not in [button.text().replace("&", "") for button in stage.box().buttons()]
        stage.answer("Quit")
        assert stage.quit == [1]
        return stage

    play(desk, story)


def test_the_keys_for_quitting_quit(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk)
        stage.settings(close_window=ClosingWindow.KEEP)
        stage.window.jobs.quit.trigger()
        assert stage.quit == [1]
        return stage

    play(desk, story)


def test_log_out_asks_nothing(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk, stop_at=4)
        await desk.add(stage.window, "report-40p.pdf", state=JobState.RUNNING)
        log_out = LogOut(stage.window)
        log_out.expect_end()
        stage.window.close()
        assert stage.quit == [1]
        log_out.stop()
        return stage

    play(desk, story)


# --- no tray ----------------------------------------------------------------------------------------------------------


def test_without_a_tray_closing_offers_to_minimise_while_work_is_under_way(desk: Desk, fake_tray: FakeTray) -> None:
    fake_tray.there = False

    async def story() -> Stage:
        stage = await opened(desk, stop_at=4)
        assert stage.back.tray is None
        await desk.add(stage.window, "report-40p.pdf", state=JobState.RUNNING)
        stage.window.close()
        assert "This desktop has no tray" in stage.box().informativeText()
        stage.answer("Minimise")
        assert stage.window.isMinimized()
        assert not stage.quit
        return stage

    play(desk, story)


def test_without_a_tray_keeping_means_minimising_which_is_said(desk: Desk, fake_tray: FakeTray) -> None:
    fake_tray.there = False

    async def story() -> Stage:
        stage = await opened(desk)
        stage.settings(close_window=ClosingWindow.KEEP)
        stage.window.close()
        assert stage.window.isMinimized()
        assert [text for text in stage.window.bars.texts() if text.startswith("This desktop has no tray")]
        fake_tray.there = True  # the panel comes late
        await until(lambda: stage.back.tray is not None)
        await until(lambda: not stage.window.bars.texts())
        stage.back.show_window()
        assert not stage.window.isMinimized()
        stage.window.close()
        assert not stage.window.isVisible()
        return stage

    play(desk, story)


def test_without_a_tray_an_idle_window_just_closes(desk: Desk, fake_tray: FakeTray) -> None:
    fake_tray.there = False

    async def story() -> Stage:
        stage = await opened(desk)
        stage.window.close()
        assert stage.quit == [1]
        return stage

    play(desk, story)


def test_a_tray_that_goes_brings_the_hidden_window_back(desk: Desk, fake_tray: FakeTray) -> None:
    async def story() -> Stage:
        stage = await opened(desk)
        stage.back.hide_window()
        fake_tray.there = False
        await until(stage.window.isVisible)
        assert stage.window.isMinimized()
        return stage

    play(desk, story)


# --- the icon ---------------------------------------------------------------------------------------------------------


def test_icon_and_tooltip_follow_the_work(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk, stop_at=10)
        assert (stage.look, stage.tip) == (Look(), "Desktop OCR")
        await desk.add(stage.window, "report-40p.pdf", state=JobState.RUNNING)
        await until(lambda: stage.look == Look(Activity.WORKING, 12))
        assert stage.tip.startswith("Desktop OCR – page 11 of 40, ")
        assert stage.tip.endswith(" left")
        stage.emit(WorkWaits(("on battery",)))
        await until(lambda: stage.look.activity is Activity.PAUSED)
        assert stage.tip == "Desktop OCR – page 11 of 40, waits: on battery"
        stage.emit(WorkWaits(()))
        await until(lambda: stage.look.activity is Activity.WORKING)
        stage.entry("Pause all").trigger()
        await until(lambda: stage.look == Look(Activity.PAUSED, 12))
        assert stage.tip == "Desktop OCR – paused, 1 document"
        await until(lambda: not stage.entry("Pause all").isEnabled())
        desk.session._stop_at = None  # type: ignore[union-attr]
        await until(stage.entry("Go on with all").isEnabled)
        stage.entry("Go on with all").trigger()
        await until(lambda: stage.look == Look())
        return stage

    play(desk, story)


def test_icon_is_drawn_only_where_it_changes(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk)
        assert stage.back.tray is not None
        icon = stage.back.tray.icon
        before = icon.icon().cacheKey()
        changes: list[int] = []
        for number in range(1, 200):
            view = JobView(7, "/a/b.pdf", "b.pdf", JobState.RUNNING, pages_total=10_000, pages_done=number)
            stage.emit(JobChanged(view))
            await asyncio.sleep(0)
            if icon.icon().cacheKey() != before:
                before = icon.icon().cacheKey()
                changes.append(number)
        await until(lambda: "page 200 of 10000" in stage.tip)
        assert len(changes) <= 2  # idle to working; 200 of 10,000 pages are less than one step
        return stage

    play(desk, story)


def test_click_on_the_icon_shows_and_hides(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk)
        assert stage.back.tray is not None
        activated = stage.back.tray.icon.activated
        reason = QSystemTrayIcon.ActivationReason
        activated.emit(reason.Context)
        assert stage.window.isVisible()
        activated.emit(reason.Trigger)
        assert not stage.window.isVisible()
        activated.emit(reason.DoubleClick)
        activated.emit(reason.Trigger)
        assert not stage.window.isVisible(), "a double click is one"
        stage.back.tray._toggled = 0.0
        activated.emit(reason.DoubleClick)
        assert stage.window.isVisible()
        return stage

    play(desk, story)


def test_hidden_window_gives_back_what_it_is_painted_on(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk)
        canvas = stage.window.backingStore()
        await until(lambda: canvas.size() == stage.window.size())
        stage.back.hide_window()
        await until(lambda: canvas.size().width() == 1)
        stage.back.show_window()
        await until(lambda: canvas.size() == stage.window.size())
        return stage

    play(desk, story)


def test_menu_does_what_it_says(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk)
        await desk.add(stage.window, *(f"a & b {number}.pdf" for number in range(7)))
        stage.back.hide_window()
        recent = stage.back.menu.recent
        await until(lambda: len(recent.actions()) == 5)
        assert [action.text() for action in recent.actions()] == [f"a && b {n}.pdf" for n in (6, 5, 4, 3, 2)]
        recent.actions()[2].trigger()
        assert stage.window.isVisible()
        await until(lambda: stage.window.workspace.document.pane.job == 5)
        stage.back.hide_window()
        await until(stage.entry("Free memory").isEnabled)
        stage.entry("Free memory").trigger()
        await until(lambda: any(text.startswith("Freed ") for text in stage.window.bars.texts()))
        stage.entry("Show Desktop OCR").trigger()
        stage.back.hide_window()
        stage.entry("Quit").trigger()
        assert stage.quit == [1]
        return stage

    play(desk, story)


def test_quitting_from_the_tray_asks_in_front_of_the_window(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk, stop_at=4)
        await desk.add(stage.window, "report-40p.pdf", state=JobState.RUNNING)
        stage.back.hide_window()
        stage.entry("Quit").trigger()
        assert stage.window.isVisible()
        stage.answer("Quit")
        assert stage.quit == [1]
        return stage

    play(desk, story)


def test_watched_folders_and_capture_are_asked_for(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk)
        stage.back.hide_window()
        stage.entry("Watched folders…").trigger()
        assert stage.window.isVisible()
        assert stage.window.watched.dialog is not None
        assert stage.window.watched.dialog.isVisible()
        heard: list[str] = []
        assert not stage.entry("Capture text from the screen…").isVisible(), "nobody provides it"
        stage.back.capture_wanted.connect(heard.append)
        stage.entry("Capture text from the screen…").trigger()
        stage.back.take_message(InstanceMessage(InstanceAction.CAPTURE, (), "t"))
        assert heard == ["", "t"]
        return stage

    play(desk, story)


def test_keys_of_the_trays_menu_are_unlike(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk)
        menu: QMenu = stage.back.menu.menu
        texts = [action.text() for action in menu.actions()]
        keys = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
        assert len(keys) == len(set(keys)) >= 8, texts
        return stage

    play(desk, story)


def test_start_at_log_in_is_switched_in_the_menu(desk: Desk, user_home: Path) -> None:
    async def story() -> Stage:
        stage = await opened(desk)
        entry = user_home / "config" / "autostart" / "desktop-ocr.desktop"
        action = stage.entry("Start at log-in")
        assert not action.isChecked()
        action.trigger()
        await until(entry.exists)
        await until(action.isChecked)
        action.trigger()
        await until(lambda: not entry.exists())
        await until(lambda: not action.isChecked())
        entry.parent.rmdir()
        entry.parent.write_text("no folder")
        action.trigger()
        await until(lambda: any("cannot be changed" in text for text in stage.window.bars.texts()))
        await until(lambda: not action.isChecked())
        return stage

    play(desk, story)


# --- started in the background ----------------------------------------------------------------------------------------


def test_started_without_a_window_it_works_and_is_furnished_when_first_seen(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await hidden(desk, stop_at=2)
        await until(lambda: stage.back.tray is not None)
        stage.back.take_message(InstanceMessage(InstanceAction.BACKGROUND, (b"/a/report-40p.pdf", b"/a/caf\xe9.pdf")))
        await until(lambda: len(stage.window.model.views()) == 2)
        assert {view.path for view in stage.window.model.views()} == {
            "/a/report-40p.pdf",
            os.fsdecode(b"/a/caf\xe9.pdf"),
        }
        await until(lambda: stage.look.activity is Activity.WORKING)
        stage.emit(Notice("The disk is full.", error=True))
        await until(lambda: stage.look.asks)
        assert not stage.window.isVisible()
        assert not stage.window.furnished
        stage.back.toggle()
        assert stage.window.isVisible()
        assert not stage.window.furnished  # in steps, which others come between
        assert stage.window.content.currentWidget() is stage.window.unfurnished
        await until(lambda: stage.window.furnished)
        assert "The disk is full." in stage.window.bars.texts()
        await until(lambda: stage.window.memory.host_count == 2)
        await until(lambda: stage.window.workspace.document.pane.job == 1)
        await until(lambda: not stage.look.asks)
        return stage

    play(desk, story)


def test_window_that_goes_again_while_it_is_furnished_shows_no_page(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await hidden(desk, stop_at=2)
        stage.back.take_message(InstanceMessage(InstanceAction.BACKGROUND, (b"/a/report-40p.pdf",)))
        await until(stage.window.model.views)
        stage.back.toggle()
        stage.back.hide_window()
        await until(lambda: stage.window.furnished)
        assert stage.window.workspace.document.pane.job is None
        stage.back.toggle()
        await until(lambda: stage.window.workspace.document.pane.job == 1)
        return stage

    play(desk, story)


def test_a_note_opens_its_document_in_a_window_that_is_not_made_yet(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await hidden(desk)
        files = (b"/a/invoice-3p.pdf", b"/a/report-2p.pdf")
        stage.back.take_message(InstanceMessage(InstanceAction.BACKGROUND, files))
        await until(lambda: [view.state for view in stage.window.model.views()] == [JobState.DONE] * 2)
        stage.back.show_document(Target(2))
        await until(lambda: stage.window.furnished)
        await until(lambda: stage.window.workspace.document.pane.job == 2)
        return stage

    play(desk, story)


def test_started_without_a_window_it_can_be_paused_and_ended(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await hidden(desk, stop_at=2)
        stage.back.take_message(InstanceMessage(InstanceAction.BACKGROUND, (b"/a/report-40p.pdf",)))
        await until(stage.entry("Pause all").isEnabled)
        stage.entry("Pause all").trigger()
        await until(lambda: stage.window.model.views()[0].state is JobState.PAUSED)
        stage.entry("Quit").trigger()
        assert stage.quit == [1]
        assert not stage.window.furnished
        return stage

    play(desk, story)


def test_started_without_a_window_and_without_a_tray_it_says_so_minimised(
    desk: Desk, fake_tray: FakeTray, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_tray.there = False
    monkeypatch.setattr(background_module, "TRAY_MS", 30)

    async def story() -> Stage:
        stage = await hidden(desk)
        await until(stage.window.isVisible)
        assert stage.window.isMinimized()
        assert [text for text in stage.window.bars.texts() if text.startswith("This desktop has no tray")]
        return stage

    play(desk, story)


def test_a_window_that_has_no_tray_waits_for_the_capture(
    desk: Desk, fake_tray: FakeTray, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_tray.there = False
    monkeypatch.setattr(background_module, "TRAY_MS", 30)

    async def story() -> Stage:
        stage = await hidden(desk, only_capture=True)
        await until(lambda: not stage.back._patience.isActive())
        assert not stage.window.isVisible()
        stage.back.capture_over(False)
        await until(stage.window.isVisible)
        assert stage.window.isMinimized()
        assert stage.quit == []
        return stage

    play(desk, story)


@pytest.mark.parametrize("soon", [True, False])
def test_a_capture_that_was_given_up_leaves_no_program_that_nobody_sees(
    soon: bool, desk: Desk, fake_tray: FakeTray, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_tray.there = False
    monkeypatch.setattr(background_module, "TRAY_MS", 3_600_000 if soon else 30)

    async def story() -> Stage:
        stage = await hidden(desk, only_capture=True)
        await until(lambda: soon or not stage.back._patience.isActive())
        await until(lambda: stage.back.watch.known)
        stage.back.capture_over(True)
        await until(lambda: stage.quit == [1])
        assert not stage.window.isVisible()
        return stage

    play(desk, story)


@pytest.mark.parametrize("with_tray", [True, False])
def test_a_capture_that_was_given_up_ends_nothing_else(
    with_tray: bool, desk: Desk, fake_tray: FakeTray, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_tray.there = with_tray
    monkeypatch.setattr(background_module, "TRAY_MS", 30)

    async def story() -> Stage:
        stage = await hidden(desk, only_capture=True)
        await until(lambda: not stage.back._patience.isActive())
        if not with_tray:  # a later start wants something
            stage.back.take_message(InstanceMessage(InstanceAction.BACKGROUND, (b"/a/letter.pdf",)))
        stage.back.capture_over(True)
        if not with_tray:
            await until(stage.window.isMinimized)
        await asyncio.sleep(0.05)
        assert stage.quit == []
        assert stage.window.isVisible() is not with_tray
        return stage

    play(desk, story)


def test_interrupted_work_is_offered_and_not_begun(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await hidden(desk, unfinished=["report-9p.pdf", "letter.pdf"])
        for view in stage.window.model.views():
            stage.window.model.put(msgspec.structs.replace(view, interrupted=True))
        stage.back._opened()
        stage.window.commands.offer_to_go_on()
        await until(lambda: stage.told)
        assert stage.told[0] == Notification(
            "Desktop OCR needs an answer", "Work on 2 documents was interrupted. Go on with it?", Target(), asks=True
        )
        assert all(view.state is JobState.PAUSED for view in stage.window.model.views())
        stage.back.show_document(stage.told[0].target)
        assert stage.window.isVisible()
        bar = next(bar for bar in stage.window.bars.bars() if "interrupted" in bar.text)
        bar.buttons[0].click()
        await until(lambda: all(view.state is JobState.DONE for view in stage.window.model.views()))
        return stage

    play(desk, story)


# --- notifications ----------------------------------------------------------------------------------------------------


def test_done_documents_are_told_together(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk)
        stage.back.hide_window()
        await desk.add(stage.window, *(f"report{number}.pdf" for number in range(40)))
        await until(lambda: stage.told and "All done" in stage.told[-1].title)
        assert len(stage.told) <= 3
        assert not any(note.asks for note in stage.told)
        return stage

    play(desk, story)


def test_a_click_opens_the_page_that_failed(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk)
        stage.back.hide_window()
        await desk.add(stage.window, "fine.pdf", "bad-4p.pdf")
        await until(lambda: stage.told and not stage.back.notifier._done)
        note = stage.told[-1]
        assert note.target == Target(2, failed=True)
        assert "1 page failed" in note.text
        assert stage.back.tray_notes is not None
        stage.back.tray_notes.show(note)
        assert stage.back.tray is not None
        stage.back.tray.icon.messageClicked.emit()
        pane = stage.window.workspace.document.pane
        await until(lambda: (pane.job, pane.page) == (2, 1))
        assert stage.window.isVisible()
        return stage

    play(desk, story)


def test_what_needs_an_answer_is_told(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk)
        stage.back.hide_window()
        await desk.add(stage.window, "locked.pdf", state=JobState.NEEDS_PASSWORD)
        await until(lambda: stage.told)
        assert (stage.told[0].text, stage.told[0].asks) == ("“locked.pdf” needs a password.", True)
        await until(lambda: stage.look.asks)
        await desk.add(stage.window, "broken.pdf", state=None)
        await until(lambda: len(stage.told) == 2)
        assert stage.told[1].text.startswith("“broken.pdf”: ")
        assert stage.told[1].target == Target(2)
        stage.emit(WorkHeld("2 documents are paused because memory was given back.", (1, 2)))
        await until(lambda: len(stage.told) == 3)
        assert "1 document needs a password, 2 errors" in stage.tip
        stage.back.show_document(stage.told[0].target)
        await until(stage.window.workspace.document.password.isVisible)
        return stage

    play(desk, story)


def test_nothing_is_told_to_who_looks_or_does_not_want_it(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk)
        await until(stage.window.isActiveWindow)
        await desk.add(stage.window, "a.pdf")
        await until(lambda: not stage.back.notifier._done)
        stage.back.hide_window()
        stage.settings(notify=False)
        await desk.add(stage.window, "b.pdf")
        await until(lambda: not stage.back.notifier._done)
        assert stage.told == []
        return stage

    play(desk, story)


def test_a_thousand_broken_files_are_no_thousand_notifications(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "COLLECT_MS", 0)

    async def story() -> Stage:
        stage = await opened(desk)
        stage.back.hide_window()
        notifier = stage.back.notifier
        stage.back.news.busy.disconnect(notifier.busy)  # the fake session does not work
        notifier.busy(True)
        for number in range(1000):
            notifier.asks(number, f"“{number}.pdf” is damaged.")
            await asyncio.sleep(0)
        assert len(stage.told) <= 1
        notifier.busy(False)
        await until(lambda: not notifier._asking)
        assert len(stage.told) <= 2
        assert "documents need an answer" in stage.told[-1].text
        return stage

    play(desk, story)


def test_documents_of_former_runs_are_no_news(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await hidden(desk, unfinished=["report-9p.pdf"])
        await until(lambda: stage.window.model.views())
        assert stage.back.notifier._done == {}
        assert stage.back.notifier._asking == {}
        return stage

    play(desk, story)


# --- second starts ----------------------------------------------------------------------------------------------------


def test_a_second_start_brings_the_window_and_adds_its_files(desk: Desk) -> None:
    async def story() -> Stage:
        stage = await opened(desk)
        stage.back.hide_window()
        stage.back.take_message(InstanceMessage(InstanceAction.BACKGROUND))
        assert not stage.window.isVisible()
        stage.back.take_message(InstanceMessage(InstanceAction.OPEN, (b"/a/b.pdf",), "a-token"))
        assert stage.window.isVisible()
        assert "XDG_ACTIVATION_TOKEN" not in os.environ
        await until(lambda: [view.name for view in stage.window.model.views()] == ["b.pdf"])
        stage.back.hide_window()
        stage.back.take_message(InstanceMessage(InstanceAction.SHOW))
        assert stage.window.isVisible()
        return stage

    play(desk, story)
