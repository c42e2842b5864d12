"""The window on a fake session: what the user does, and what there is to see."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from desktop_ocr.gui.export_dialog import ExportDialog
from desktop_ocr.gui.fit import Fit
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.theme import LIGHT, Appearance
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import PageFinished
from desktop_ocr.schema.jobs import JobState, PageState, PageView
from tests.gui.conftest import Desk, until


def drag(window: MainWindow, *urls: QUrl) -> tuple[bool, Qt.DropAction]:
    """Drag something over the window and let it go there; whether it was taken, and how."""
    mime = QMimeData()
    mime.setUrls(list(urls))
    both = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    centre = window.rect().center()
    QGuiApplication.sendEvent(window, QDragEnterEvent(centre, both, mime, buttons, keys))
    assert window.overlay.isVisible() is bool(urls[0].isLocalFile())
    event = QDropEvent(QPointF(centre), both, mime, buttons, keys)
    event.ignore()
    QGuiApplication.sendEvent(window, event)
    assert not window.overlay.isVisible()
    return bool(event.isAccepted()), event.dropAction()


def shown_text(window: MainWindow) -> str:
    """The text beside the picture, or why there is none."""
    result = window.workspace.document.pane.result
    return result.text.toPlainText() if result.stack.currentWidget() is result.text else result.card.words


def test_dropped_file_is_read_and_shown(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        assert window.content.currentWidget() is window.drop_zone
        taken, how = drag(window, QUrl.fromLocalFile("/a/letter.pdf"))
        assert taken
        assert how is Qt.DropAction.CopyAction  # the user's file is not moved
        await until(lambda: "harbour office" in shown_text(window))
        pane = window.workspace.document.pane
        await until(lambda: pane.picture.has_picture)
        assert window.content.currentWidget() is window.workspace
        assert window.state.text() == "All done"

    desk.run(story())


def test_what_is_not_on_this_computer_cannot_be_dropped(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        taken, _how = drag(window, QUrl("https://nowhere.invalid/a.pdf"))
        assert not taken
        assert window.model.rowCount() == 0

    desk.run(story())


def test_pasted_picture_becomes_a_document(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        image = QImage(30, 20, QImage.Format.Format_RGB32)
        image.fill(QColor("white"))
        QGuiApplication.clipboard().setImage(image)
        window.jobs.paste.trigger()
        await until(lambda: window.model.views())
        path = Path(window.model.views()[0].path)
        assert path.parent == desk.paths.pasted
        assert QImage(str(path)).size() == image.size()

    desk.run(story())


def test_empty_clipboard_says_so(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        QGuiApplication.clipboard().clear()
        window.jobs.paste.trigger()
        await until(lambda: window.bars.texts())
        assert "no picture and no file" in window.bars.texts()[0]

    desk.run(story())


def test_refused_files_are_named_and_the_others_are_taken(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        window.commands.add([Path("/a/setup.exe"), Path("/a/letter.pdf")])
        await until(lambda: window.bars.texts())
        assert "setup.exe: This is not a document." in window.bars.texts()[0]
        await until(lambda: window.model.rowCount() == 1)

    desk.run(story())


def test_pages_show_while_the_rest_is_still_to_do(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=5)
        await desk.add(window, "report-40p.pdf", state=None)
        pane = window.workspace.document.pane
        await until(lambda: window.model.views()[0].pages_done == 5)
        await until(lambda: "harbour office" in shown_text(window))
        pane.go_to(20)
        await until(lambda: shown_text(window).startswith("Not read yet"))
        await until(lambda: pane.picture.has_picture)
        assert pane.bar.spin.value() == 21

    desk.run(story())


def test_pages_are_turned_by_keyboard_and_number(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "report-9p.pdf")
        pane = window.workspace.document.pane
        await until(lambda: pane.picture.has_picture)
        QTest.keyClick(pane.picture, Qt.Key.Key_PageDown)
        QTest.keyClick(pane.picture, Qt.Key.Key_PageDown)
        assert pane.page == 2
        QTest.keyClick(pane.picture, Qt.Key.Key_PageUp)
        assert pane.page == 1
        pane.bar.spin.setValue(9)
        assert pane.page == 8
        assert not window.views.forward.isEnabled()
        window.views.first.trigger()
        assert pane.page == 0

    desk.run(story())


def test_turning_many_pages_fast_asks_for_few_pictures(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "report-60p.pdf")
        pane = window.workspace.document.pane
        await until(lambda: pane.picture.has_picture)
        assert desk.session is not None
        desk.session.asked.clear()
        for _ in range(50):
            pane.step(1)
            await asyncio.sleep(0)
        await until(lambda: pane.picture.has_picture)
        pictures = [what for kind, what in desk.session.asked if kind == "picture"]
        assert pictures[-1] == (1, 50)
        assert len(pictures) <= 5

    desk.run(story())


def test_follow_shows_each_page_until_the_user_turns_one(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(pace=0.05)
        await desk.add(window, "report-40p.pdf", state=None)
        pane = window.workspace.document.pane
        await until(lambda: window.views.follow.isEnabled())
        window.views.follow.trigger()
        await until(lambda: pane.page >= 3)
        pane.step(-1)
        assert not window.views.follow.isChecked()
        page = pane.page
        done = window.model.views()[0].pages_done
        await until(lambda: window.model.views()[0].pages_done >= done + 3)
        assert pane.page == page

    desk.run(story())


def test_failed_page_says_why_and_can_be_tried_again(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "bad-3p.pdf")
        pane = window.workspace.document.pane
        await until(lambda: pane.bar.failed.isVisible())
        window.views.failed.trigger()
        await until(lambda: "Scan this page again." in shown_text(window))
        assert pane.page == 1
        pane.result.card.button.click()
        await until(lambda: "harbour office" in shown_text(window))
        await until(lambda: not pane.bar.failed.isVisible())

    desk.run(story())


def test_document_that_cannot_be_opened_says_why(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "broken.pdf", state=JobState.FAILED)
        document = window.workspace.document
        await until(lambda: document.currentWidget() is document.card)
        assert "The file is damaged." in document.card.words
        assert document.card.button.text() == "&Try again"
        assert not window.views.zoom_in.isEnabled()

    desk.run(story())


def test_password_is_asked_for_and_a_wrong_one_is_told(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "locked.pdf", state=JobState.NEEDS_PASSWORD)
        card = window.workspace.document.password
        await until(card.isVisible)
        QTest.keyClicks(card.field, "guess")
        QTest.keyClick(card.field, Qt.Key.Key_Return)
        await until(lambda: "not right" in card.wrong.text())
        assert card.field.text() == ""
        assert card.field.isEnabled()
        QTest.keyClicks(card.field, "secret")
        card.open.click()
        await until(lambda: "harbour office" in shown_text(window))

    desk.run(story())


def test_pause_and_go_on_by_space(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=4)
        await desk.add(window, "report-40p.pdf", state=JobState.RUNNING)
        window.activateWindow()
        window.workspace.queue.list.setFocus()
        await until(window.workspace.queue.list.hasFocus)
        QTest.keyClick(window.workspace.queue.list, Qt.Key.Key_Space)
        await until(lambda: window.model.views()[0].state is JobState.PAUSED)
        await until(lambda: window.jobs.hold.text() == "&Go on")
        QTest.keyClick(window.workspace.queue.list, Qt.Key.Key_Space)
        await until(lambda: window.model.views()[0].state is JobState.RUNNING)
        window.jobs.cancel.trigger()
        await until(lambda: window.model.views()[0].state is JobState.CANCELLED)

    desk.run(story())


def test_remove_can_be_undone(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(stop_at=4)
        await desk.add(window, "one-40p.pdf", "two-40p.pdf", state=JobState.RUNNING)
        window.workspace.queue.choose(1)
        window.activateWindow()
        window.workspace.queue.list.setFocus()
        await until(window.workspace.queue.list.hasFocus)
        QTest.keyClick(window.workspace.queue.list, Qt.Key.Key_Delete)
        assert [view.name for view in window.model.views()] == ["two-40p.pdf"]
        assert desk.session is not None
        await until(lambda: ("paused", 1) in desk.session.asked)
        window.jobs.undo.trigger()
        assert [view.name for view in window.model.views()] == ["one-40p.pdf", "two-40p.pdf"]
        await until(lambda: window.model.view(1).state is JobState.RUNNING)
        assert window.bars.texts() == []

    desk.run(story())


def test_removed_documents_are_forgotten_when_the_window_closes(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one.pdf", "two.pdf")
        window.workspace.removal.remove([1])
        await desk.close()
        assert desk.session is not None
        assert list(desk.session.jobs) == [2]

    desk.run(story())


def test_removing_everything_leads_back_to_the_empty_window(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one.pdf", "two.pdf")
        window.jobs.select_all.trigger()
        window.workspace.removal.remove(window.workspace.queue.jobs())
        await until(lambda: window.content.currentWidget() is window.drop_zone)
        await window.workspace.removal.commit()
        await until(lambda: desk.session is not None and not desk.session.jobs)

    desk.run(story())


def test_unfinished_documents_are_offered(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(unfinished=["old-9p.pdf", "older-9p.pdf"])
        await until(lambda: window.bars.texts())
        assert window.bars.texts() == ["2 documents were not finished last time."]
        assert {view.state for view in window.model.views()} == {JobState.PAUSED}
        window.bars.bars()[0].buttons[0].click()
        await until(lambda: {view.state for view in window.model.views()} == {JobState.DONE})

    desk.run(story())


def test_old_documents_do_not_start_a_host_for_their_thumbnails(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(unfinished=["old-9p.pdf", "older-9p.pdf", "oldest-9p.pdf"])
        pane = window.workspace.document.pane
        await until(lambda: pane.picture.has_picture)  # of the document that is chosen
        window.workspace.queue.list.repaint()
        assert desk.session is not None
        assert {what for kind, what in desk.session.asked if kind == "picture"} == {(1, 0)}

    desk.run(story())


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
        await until(lambda: any("Memory was given back" in text for text in window.bars.texts()))

    desk.run(story())


def test_zoom(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        picture = window.workspace.document.pane.picture
        await until(lambda: picture.has_picture)
        window.views.fit_page.trigger()
        page = picture.factor
        window.views.fit_width.trigger()
        assert picture.factor > page * 0.9
        window.views.actual.trigger()
        assert picture.factor == pytest.approx(1.0)
        assert picture.fit is Fit.FREE
        assert not window.views.fit_width.isChecked()
        window.views.zoom_in.trigger()
        assert window.workspace.document.pane.bar.zoom.text() == "125 %"

    desk.run(story())


def test_copied_text_is_that_of_the_page(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "港务局-1p.pdf")
        await until(lambda: "港务局年度报告" in shown_text(window))
        window.views.copy_page.trigger()
        assert "<h1" in QGuiApplication.clipboard().mimeData().html()
        assert QGuiApplication.clipboard().text().startswith("港务局年度报告")
        window.workspace.document.pane.result.plain.setChecked(True)
        window.views.copy_page.trigger()
        assert QGuiApplication.clipboard().text().startswith("港务局年度报告")
        assert desk.preferences.plain_text

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
    assert max(spent) < 0.05


def test_narrow_window_keeps_everything_reachable(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        window.resize(window.minimumSize())
        await until(lambda: window.width() == window.minimumWidth())
        await until(lambda: window.toolbar.export.geometry().right() <= window.width())
        assert window.toolbar.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly

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


def test_page_that_finishes_while_pages_are_asked_for_is_not_forgotten(desk: Desk) -> None:
    """The event may overtake the answer."""

    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "report-3p.pdf")
        pane = window.workspace.document.pane
        await until(lambda: pane.picture.has_picture)
        assert desk.session is not None
        desk.session.jobs[1].pages[2] = PageView(2, PageState.WAITING)
        learning = asyncio.ensure_future(pane._learn_pages(1))
        await asyncio.sleep(0)
        pane.page_finished(PageFinished(1, 2, PageState.DONE, 0.1))
        await learning
        assert pane._pages.state(2) is PageState.DONE

    desk.run(story())
