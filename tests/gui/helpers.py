"""What several tests of the window do and look at."""

from __future__ import annotations

import statistics
import time

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QMenu, QMessageBox, QWidget

from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.page_pane import PagePane
from desktop_ocr.schema.results import Box

COUNTING_SECONDS = 0.012  # what counting takes of an ordinary machine's processor


def on_this_machine(seconds: float) -> float:
    """So much of an ordinary machine's processor time, on this one: one that is slower or busy now may take longer."""

    def counting() -> float:
        started = time.thread_time()
        sum(number * number for number in range(200_000))
        return time.thread_time() - started

    return seconds * max(1.0, statistics.median(counting() for _ in range(5)) / COUNTING_SECONDS)


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
    for part in (result.text, result.lines):
        if result.current is part:
            return part.toPlainText()
    return result.card.words


def question(window: MainWindow) -> QMessageBox | None:
    """What the window asks."""
    return next((box for box in window.findChildren(QMessageBox) if box.isVisible()), None)


def press(window: MainWindow, words: str) -> None:
    """Answer by the button of these words."""
    box = question(window)
    assert box is not None
    next(button for button in box.buttons() if button.text().replace("&", "") == words).click()


def pressed(menu: QMenu, words: str) -> None:
    """Choose what a menu calls by these words."""
    next(action for action in menu.actions() if action.text().replace("&", "") == words).trigger()


def drag_around(pane: PagePane, box: Box) -> Box:
    """Choose a part of the page with the mouse and Shift: so much of it, in pixels; the rectangle that came of it."""
    screen = pane.picture.to_screen(box).toRect()
    view, left, shift = pane.picture.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
    QTest.mousePress(view, left, shift, screen.topLeft())
    QTest.mouseMove(view, screen.center())
    QTest.mouseMove(view, screen.bottomRight())
    QTest.mouseRelease(view, left, shift, screen.bottomRight())
    assert pane.region is not None
    return pane.region


def keys_of(widget: QWidget) -> list[str]:
    """The letters that lead to what is in a dialog, with Alt."""
    found = [*widget.findChildren(QAbstractButton), *widget.findChildren(QLabel)]
    texts = [one.text() for one in found if isinstance(one, QAbstractButton) or one.buddy() is not None]
    return sorted(text[text.index("&") + 1].lower() for text in texts if "&" in text)
