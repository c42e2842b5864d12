"""What this program is, and its keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui import icons
from desktop_ocr.gui.words import tr


def program_version() -> str:
    """The installed version."""
    from importlib.metadata import PackageNotFoundError, version  # 30 ms that nobody needs at the start

    try:
        return version("desktop-ocr")
    except PackageNotFoundError:
        return tr("(not installed)")


def show_about(parent: QWidget) -> QDialog:
    """The about dialog."""
    dialog = _dialog(parent, tr("About Desktop OCR"))
    picture = QLabel()
    icons.set_icon(picture, "scan-text", "accent", 56)
    title = QLabel("Desktop OCR")
    title.setObjectName("title")
    text = QLabel(
        tr(
            "Version {version}, with Qt {qt}\n\n"
            "Turns documents into text, tables and searchable PDFs on your own machine, "
            "and gives the memory back.\n\n"
            "Free software under the GNU Affero General Public License, version 3 or later. "
            "Icons by Lucide (ISC licence)."
        ).format(version=program_version(), qt=qVersion())
    )
    text.setWordWrap(True)
    text.setMinimumWidth(360)
    words = QVBoxLayout()
    words.setSpacing(8)
    words.addWidget(title)
    words.addWidget(text)
    row = QHBoxLayout()
    row.setSpacing(18)
    row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
    row.addLayout(words)
    _finish(dialog, row)
    return dialog


def show_shortcuts(parent: QWidget, actions: list[QAction]) -> QDialog:
    """All keys, read from the actions themselves."""
    dialog = _dialog(parent, tr("Keyboard shortcuts"))
    grid = QGridLayout()
    grid.setHorizontalSpacing(28)
    grid.setVerticalSpacing(7)
    rows = [
        (action.text().replace("&", "").rstrip("…"), keys)
        for action in actions
        if (keys := action.shortcut().toString(QKeySequence.SequenceFormat.NativeText))
    ]
    rows += [
        (tr("Turn pages, in the picture"), tr("Page Up, Page Down")),
        (tr("Zoom, in the picture"), tr("Ctrl and mouse wheel")),
    ]
    for number, (text, keys) in enumerate(rows):
        label = QLabel(keys)
        label.setObjectName("heading")
        grid.addWidget(QLabel(text), number, 0)
        grid.addWidget(label, number, 1)
    inside = QWidget()
    inside.setLayout(grid)
    scroll = QScrollArea()
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidgetResizable(True)
    scroll.setWidget(inside)
    scroll.setMinimumSize(440, 420)
    row = QHBoxLayout()
    row.addWidget(scroll)
    _finish(dialog, row)
    return dialog


def _dialog(parent: QWidget, title: str) -> QDialog:
    dialog = QDialog(parent)
    dialog.setWindowTitle(title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    return dialog


def _finish(dialog: QDialog, content: QHBoxLayout) -> None:
    column = QVBoxLayout(dialog)
    column.setContentsMargins(22, 20, 22, 18)
    column.setSpacing(16)
    column.addLayout(content)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column.addWidget(buttons)
    dialog.open()
