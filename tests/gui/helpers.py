"""What several tests of the window do and look at."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication

from desktop_ocr.gui.main_window import MainWindow


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
