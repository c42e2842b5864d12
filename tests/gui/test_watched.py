"""Watched folders in the window: added, changed, switched, removed; errors at the form; files that failed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.watched_dialog import WatchedDialog
from desktop_ocr.gui.watched_form import WatchedForm
from desktop_ocr.gui.watched_more import OptionsDialog
from desktop_ocr.gui.watched_words import done_words, next_words, standing_words
from desktop_ocr.gui.worker import coalesce
from desktop_ocr.schema.events import WatchedChanged
from desktop_ocr.schema.features import Profile
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.watching import Arrival, ArrivalState, Original, WatchedFolder, WatchedView
from tests.gui.conftest import Desk, until
from tests.gui.fake_session import FakeSession
from tests.gui.fake_watched import DAMAGED, LOCKED, UNPLUGGED
from tests.gui.helpers import keys_of, press

LEFT = Qt.MouseButton.LeftButton


def core(desk: Desk) -> FakeSession:
    assert desk.session is not None
    return desk.session


async def on_core(window: MainWindow, act: Callable[[], object]) -> None:
    async def acting(_session: object) -> None:
        act()

    await window._worker.ask(acting)


async def open_dialog(window: MainWindow) -> WatchedDialog:
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_W, both)
    await until(lambda: window.watched.dialog is not None and window.watched.folders.known)
    assert window.watched.dialog is not None
    return window.watched.dialog


async def open_form(window: MainWindow, button: QPushButton) -> WatchedForm:
    button.click()
    # It has the keys a moment after it has come.
    await until(lambda: window.watched.form is not None and window.watched.form.isActiveWindow())
    assert window.watched.form is not None
    return window.watched.form


async def with_folders(desk: Desk, *folders: WatchedFolder) -> tuple[MainWindow, WatchedDialog]:
    window = await desk.fake()
    for folder in folders:
        await window._worker.ask(lambda session, one=folder: session.watch(one))  # type: ignore[misc]
    return window, await open_dialog(window)


def row(dialog: WatchedDialog, number: int) -> list[str]:
    item = dialog.list.topLevelItem(number)
    assert item is not None
    return [item.text(column) for column in range(6)]


# --- words ------------------------------------------------------------------------------------------------------


def test_what_is_done_with_files_in_words() -> None:
    assert done_words(WatchedFolder("/in")) == "Exported as PDF to the same folder."
    folder = WatchedFolder("/in", output="/out", formats=("pdf", "txt"), original=Original.MOVE, recursive=True)
    assert done_words(folder) == "Exported as PDF, TXT to /out. Originals are moved to done. Sub-folders, too."
    assert "No files are made." in done_words(WatchedFolder("/in", formats=()))
    assert standing_words(WatchedView(WatchedFolder("/in", enabled=False), error=UNPLUGGED)) == "Off"
    assert standing_words(WatchedView(WatchedFolder("/in"), error=UNPLUGGED)) == "Cannot be watched"


def test_the_next_try_in_words() -> None:
    waits = Arrival("f", "/in/a.pdf", ArrivalState.WAITING, next_try=1000.0)
    assert next_words(waits, 1001.0) == "now"
    assert next_words(waits, 900.0) not in ("", "now")
    assert next_words(Arrival("f", "/in/a.pdf", ArrivalState.FAILED), 0.0) == "when you want it"


def test_only_the_last_of_many_changes_is_told() -> None:
    views = [WatchedView(WatchedFolder("/in", id=one), done=n) for n in range(5) for one in ("a", "b")]
    assert coalesce([WatchedChanged(view) for view in views]) == tuple(WatchedChanged(view) for view in views[-2:])


# --- adding, changing, removing ---------------------------------------------------------------------------------


def test_a_folder_is_added_by_the_form(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        dialog = await open_dialog(window)
        assert "No folder is watched" in dialog.card.words
        form = await open_form(window, dialog.card.button)
        assert not form.go.isEnabled()
        form.path.setText(str(tmp_path))
        QTest.mouseClick(form.formats["txt"], LEFT, pos=QPoint(8, 10))
        form.recursive.setChecked(True)
        form.originals[Original.MOVE].setChecked(True)
        assert form.done_folder.isEnabled()
        form.done_folder.setText("finished")
        form.go.click()
        await until(lambda: window.watched.form is None)
        await until(lambda: dialog.list.topLevelItemCount() == 1)
        wanted = WatchedFolder(
            str(tmp_path),
            formats=("pdf", "txt"),
            original=Original.MOVE,
            done_folder="finished",
            recursive=True,
        )
        assert core(desk).asked[-1] == ("watch", wanted)
        assert row(dialog, 0)[1] == "Watched"
        assert "Exported as PDF, TXT" in dialog.does.text()
        assert "moved to finished" in dialog.does.text()

    desk.run(story())


def test_a_refusal_is_told_at_the_form_and_nothing_entered_is_lost(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window, dialog = await with_folders(desk, WatchedFolder(str(tmp_path / "a")))
        form = await open_form(window, dialog.add)
        form.path.setText(str(tmp_path / "missing"))
        form.output.setText("/out")
        form.go.click()
        await until(lambda: form.problem.isVisible())
        assert "is not there. Choose a folder." in form.problem.text()
        assert (form.path.text(), form.output.text()) == (str(tmp_path / "missing"), "/out")
        assert form.go.isEnabled()
        form.path.setText(str(tmp_path / "a"))
        assert not form.problem.isVisible()
        form.go.click()
        await until(lambda: "is watched already" in form.problem.text())
        form.path.setText(str(tmp_path / "b"))
        form.go.click()
        await until(lambda: dialog.list.topLevelItemCount() == 2)
        # The core tells of the new one before it answers the form, which chooses it.
        await until(lambda: (view := dialog.list.view()) is not None and view.folder.path == str(tmp_path / "b"))

    desk.run(story())


def test_deleting_originals_is_warned_of_and_needs_a_format(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        dialog = await open_dialog(window)
        form = await open_form(window, dialog.card.button)
        form.path.setText(str(tmp_path))
        assert not form.warning.isVisible()
        form.originals[Original.DELETE].setChecked(True)
        assert form.warning.isVisible()
        assert "deleted for good" in form.warning.text()
        form.formats["pdf"].setChecked(False)
        assert "at least one format" in form.problem.text()
        assert not form.go.isEnabled()
        form.originals[Original.LEAVE].setChecked(True)
        assert form.go.isEnabled()
        assert form.no_format.isVisible()
        assert not form.output.isEnabled()
        form.go.click()
        await until(lambda: dialog.list.topLevelItemCount() == 1)
        assert "No files are made." in dialog.does.text()

    desk.run(story())


def test_a_folder_is_changed_with_options_of_its_own(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window, dialog = await with_folders(desk, WatchedFolder(str(tmp_path), formats=("pdf", "of-another-package")))
        form = await open_form(window, dialog.edit)
        assert form.windowTitle() == "Watched folder"
        assert not form.rest.isVisible()
        form.more.click()
        assert form.rest.isVisible()
        assert not form.rest.choose.isEnabled()
        form.rest.own.setChecked(True)
        form.rest.choose.click()
        await until(lambda: form.rest.findChildren(OptionsDialog))
        options = form.rest.findChildren(OptionsDialog)[0]
        recognition = options.layout().itemAt(0).widget()
        recognition.profiles[Profile.FULL].click()  # type: ignore[union-attr]
        next(button for button in options.findChildren(QPushButton) if button.text() == "OK").click()
        form.rest.polling.setChecked(True)
        form.rest.settle.set_value(7.5)
        form.go.click()
        await until(lambda: window.watched.form is None)
        stored = core(desk).watching.views["folder-1"].folder
        assert stored.polling
        assert stored.settle_seconds == 7.5
        assert stored.formats == ("pdf", "of-another-package")  # a package that is gone today may come back
        assert stored.options is not None
        assert stored.options.profile is Profile.FULL
        assert stored.options.features == JobOptions().with_profile(Profile.FULL).features
        again = await open_form(window, dialog.edit)
        assert again.rest.isVisible()  # what is not as usual is not hidden
        again.reject()

    desk.run(story())


def test_switching_off_and_removing(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window, dialog = await with_folders(desk, WatchedFolder(str(tmp_path)))
        dialog.list.setFocus()
        QTest.keyClick(dialog.list, Qt.Key.Key_Space)
        await until(lambda: not core(desk).watching.views["folder-1"].folder.enabled)
        await until(lambda: row(dialog, 0)[1] == "Off")
        QTest.keyClick(dialog.list, Qt.Key.Key_Delete)
        await until(lambda: window.watched.question is not None)
        press_in(dialog, "Keep")
        await until(lambda: window.watched.question is None)
        assert dialog.list.topLevelItemCount() == 1
        dialog.remove.click()
        await until(lambda: window.watched.question is not None)
        press_in(dialog, "Watch no more")
        await until(lambda: "No folder is watched" in dialog.card.words)
        assert ("unwatch", "folder-1") in core(desk).asked
        assert dialog.stack.currentWidget() is dialog.card

    desk.run(story())


def press_in(dialog: WatchedDialog, words: str) -> None:
    press(dialog, words)  # type: ignore[arg-type] - any widget with a question


# --- news and files ---------------------------------------------------------------------------------------------


def test_counts_and_states_follow_what_happens(desk: Desk) -> None:
    async def story() -> None:
        window, dialog = await with_folders(desk, WatchedFolder("/a/in"), WatchedFolder("/b/in"))
        fake = core(desk).watching
        await on_core(window, lambda: fake.come("folder-1", "/a/in/x.pdf", ArrivalState.WORKING))
        await until(lambda: row(dialog, 0)[2:] == ["1", "–", "–", "–"])
        await on_core(window, lambda: fake.come("folder-1", "/a/in/x.pdf", ArrivalState.DONE))
        await on_core(window, lambda: fake.stand("folder-2", polled=True))
        await until(lambda: row(dialog, 0)[2:] == ["–", "–", "–", "1"])
        await until(lambda: row(dialog, 1)[1] == "Watched, by looking again")
        said = dialog.list.topLevelItem(0).data(0, Qt.ItemDataRole.AccessibleTextRole)  # type: ignore[union-attr]
        assert said == "/a/in, Watched, 0 in work, 0 waiting, 0 failed, 1 done"

    desk.run(story())


def test_a_folder_that_cannot_be_watched_is_told_once_and_taken_back(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await window._worker.ask(lambda session: session.watch(WatchedFolder("/media/stick")))
        fake = core(desk).watching
        await on_core(window, lambda: fake.stand("folder-1", error=UNPLUGGED))
        told = "The folder “/media/stick” cannot be watched. The folder is not there any more. Is its disk plugged in?"
        await until(lambda: window.bars.texts() == [told])
        await on_core(window, lambda: fake.count("folder-1"))  # the same again
        window.bars.bars()[0].buttons[0].click()
        await until(lambda: window.watched.dialog is not None and window.watched.dialog.list.topLevelItemCount() == 1)
        dialog = window.watched.dialog
        assert dialog is not None
        assert dialog.state.text() == str(UNPLUGGED)
        await on_core(window, lambda: fake.stand("folder-1"))
        await until(lambda: row(dialog, 0)[1] == "Watched")
        await on_core(window, lambda: fake.stand("folder-1", error=UNPLUGGED))
        await until(lambda: window.bars.texts() == [told])
        await on_core(window, lambda: fake.stand("folder-1"))
        await until(lambda: window.bars.texts() == [])
        assert row(dialog, 0)[1] == "Watched"

    desk.run(story())


def test_files_that_failed_are_tried_again_and_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        "desktop_ocr.gui.folders.QDesktopServices.openUrl", lambda url: opened.append(url.toLocalFile()) or True
    )

    async def story() -> None:
        window, dialog = await with_folders(desk, WatchedFolder("/a/in"), WatchedFolder("/b/in"))
        await desk.add(window, "old-3p.pdf", "broken.pdf", state=None)
        await until(lambda: len(window.model.views()) == 2)
        fake = core(desk).watching
        soon = time.time() + 600

        def come() -> None:
            fake.come("folder-1", "/a/in/working.pdf", ArrivalState.WORKING)
            fake.come("folder-1", "/a/in/broken.pdf", ArrivalState.FAILED, error=DAMAGED, job=2)
            fake.come("folder-1", "/a/in/locked.pdf", ArrivalState.WAITING, error=LOCKED, attempts=3, next_try=soon)

        await on_core(window, come)
        model = dialog.arrivals.arrivals
        await until(lambda: [Path(one.path).name for one in model.all()] == ["locked.pdf", "broken.pdf"])
        cells = [[model.index(r, c).data() for c in range(4)] for r in range(2)]
        assert cells == [
            ["locked.pdf", "Waits", LOCKED.message, "3"],
            ["broken.pdf", "Failed", DAMAGED.message, "1"],
        ]
        assert dialog.heading.text() == "Files that failed or wait: 2 files"
        dialog.arrivals.setCurrentIndex(model.index(1, 0))
        assert dialog.document.isEnabled()
        QTest.keyClick(dialog.arrivals, Qt.Key.Key_Return)
        await until(lambda: window.workspace.queue.current() == 2)
        dialog.show_file.click()
        assert opened == ["/a/in"]
        dialog.retry.click()
        await until(lambda: ("retry_arrivals", ("folder-1", (Path("/a/in/broken.pdf"),))) in core(desk).asked)
        await until(lambda: [Path(one.path).name for one in model.all()] == ["locked.pdf"])
        assert dialog.bars.texts() == ["1 file is tried again."]
        dialog.retry_all.click()
        await until(lambda: ("retry_arrivals", ("folder-1", ())) in core(desk).asked)
        await until(lambda: not dialog.arrivals.isVisible())
        assert dialog.none.isVisible()
        dialog.list.choose("folder-2")
        assert dialog.none.isVisible()

    desk.run(story())


def test_a_thousand_files_that_failed_are_shown_at_once(desk: Desk) -> None:
    async def story() -> None:
        window, dialog = await with_folders(desk, WatchedFolder("/a/in"))
        fake = core(desk).watching

        def come() -> None:
            for number in range(1000):
                fake.come("folder-1", f"/a/in/{number}.pdf", ArrivalState.FAILED, error=DAMAGED)

        await on_core(window, come)
        await until(lambda: dialog.arrivals.arrivals.rowCount() == 1000)
        assert row(dialog, 0)[4] == "1,000"
        dialog.arrivals.selectAll()
        await on_core(window, lambda: fake.come("folder-1", "/a/in/new.pdf", ArrivalState.FAILED, error=DAMAGED))
        await until(lambda: dialog.arrivals.arrivals.rowCount() == 1001)
        assert len(dialog.arrivals.chosen_arrivals()) == 1000  # those that were chosen, and not the new one

    desk.run(story())


# --- keys and names ---------------------------------------------------------------------------------------------


def test_all_can_be_reached_by_keys_and_has_a_name(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window, dialog = await with_folders(desk, WatchedFolder(str(tmp_path)))
        assert len(set(keys_of(dialog))) == len(keys_of(dialog))
        for widget in (dialog.list, dialog.arrivals):
            assert widget.accessibleName()
        form = await open_form(window, dialog.add)
        form.more.setChecked(True)
        keys = keys_of(form)
        assert len(set(keys)) == len(keys), keys
        for field in (form.path, form.output, form.done_folder, form.rest.settle):
            assert field.accessibleName()
        form.path.setFocus()
        seen = []
        for _ in range(40):
            seen.append(QApplication.focusWidget())
            QTest.keyClick(form, Qt.Key.Key_Tab)
            if QApplication.focusWidget() is form.path:
                break
        wanted = [form.path, form.choose, form.recursive, *form.formats.values(), form.output, form.choose_output]
        assert seen[: len(wanted)] == wanted
        assert form.rest.settle in seen
        QTest.keyClick(form, Qt.Key.Key_Escape)
        await until(lambda: window.watched.form is None)
        names = [action.text() for action in window.findChildren(QAction)]
        assert "&Watched folders…" in names
        assert all(label.text() != "" or not label.isVisible() for label in form.findChildren(QLabel))

    desk.run(story())
