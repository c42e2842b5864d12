"""Documents on their way in, on a fake session: dropped, pasted, refused, locked."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from desktop_ocr.schema.jobs import JobState
from tests.gui.conftest import Desk, until
from tests.gui.helpers import drag, shown_text


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


def test_dropped_picture_is_taken_before_it_is_gone(desk: Desk) -> None:
    """Who dragged it takes the data back as soon as it was let go."""

    async def story() -> None:
        window = await desk.fake()
        image = QImage(30, 20, QImage.Format.Format_RGB32)
        image.fill(QColor("white"))
        mime = QMimeData()
        mime.setImageData(image)
        mime.setUrls([QUrl("https://nowhere.invalid/a.png")])
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, mime, buttons, keys))
        mime.clear()
        await until(lambda: window.model.views())
        assert QImage(window.model.views()[0].path).size() == image.size()

    desk.run(story())


def test_markup_in_a_name_is_not_followed(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "<b>broken & co.pdf", state=JobState.FAILED)
        card = window.workspace.document.card
        await until(lambda: "could not be opened" in card.words)
        assert {label.textFormat() for label in card.findChildren(QLabel) if label.text()} == {Qt.TextFormat.PlainText}
        tip = window.model.index(0).data(Qt.ItemDataRole.ToolTipRole)
        assert "/&lt;b&gt;broken &amp; co.pdf" in tip

    desk.run(story())


@pytest.mark.parametrize("pace", [0.0, 0.1])  # whether it is seen to be opened, or asks at once
def test_arrow_keys_pass_a_locked_document(desk: Desk, pace: float) -> None:
    async def story() -> None:
        window = await desk.fake(pace=pace)
        window.activateWindow()
        await desk.add(window, "one.pdf")
        await desk.add(window, "locked.pdf", state=None)
        await until(lambda: window.model.views()[1].state is JobState.NEEDS_PASSWORD)
        field = window.workspace.document.password.field
        await until(field.hasFocus)  # it has just been added, and asks
        await desk.add(window, "three.pdf", state=None)
        await until(lambda: window.workspace.queue.current() == 3)
        queue = window.workspace.queue
        queue.choose(1)
        queue.list.setFocus()
        await until(queue.list.hasFocus)
        QTest.keyClick(queue.list, Qt.Key.Key_Down)
        await until(field.isVisible)
        assert queue.list.hasFocus()
        QTest.keyClick(queue.list, Qt.Key.Key_Down)
        assert queue.current() == 3

    desk.run(story())
