"""What the empty window shows, and what lies over it while something is dragged."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.theme import current_colours


class DropZone(QWidget):
    """The empty state: says what the program wants, and offers it without dragging too."""

    def __init__(self, open_files: QAction, open_folder: QAction, paste: QAction) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Drop documents here"))
        frame = QFrame()
        frame.setObjectName("drop")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(28, 28, 28, 28)
        outer.addWidget(frame)

        picture = QLabel()
        icons.set_icon(picture, "scan-text", "accent", 72)
        title = QLabel(self.tr("Drop documents here"))
        title.setObjectName("title")
        hint = QLabel(self.tr("PDF files, scans, photos, or whole folders"))
        hint.setObjectName("muted")
        promise = QLabel(self.tr("Everything is read on this computer. Nothing is sent anywhere."))
        promise.setObjectName("muted")
        for label in (picture, title, hint, promise):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(label is not picture)

        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addStretch()
        for action, name, primary in (
            (open_files, "file-plus", True),
            (open_folder, "folder-open", False),
            (paste, "clipboard-paste", False),
        ):
            # Without the menu's letters: Alt+F is the menu bar's.
            button = QPushButton(icons.beside(action.text().replace("&", "")))
            button.setObjectName("primary" if primary else "")
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            icons.set_icon(button, name, "on_accent" if primary else "text")
            button.clicked.connect(action.trigger)
            buttons.addWidget(button)
        buttons.addStretch()

        column = QVBoxLayout(frame)
        column.setSpacing(8)
        column.addStretch(3)
        column.addWidget(picture)
        column.addSpacing(10)
        column.addWidget(title)
        column.addWidget(hint)
        column.addSpacing(16)
        column.addLayout(buttons)
        column.addStretch(3)
        column.addWidget(promise)
        column.addSpacing(10)


class DropOverlay(QWidget):
    """Lies over the window's content while something that can be dropped is dragged over it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        # The window itself takes the drop: the overlay must not come between.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def appear(self) -> None:
        """Cover the parent."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """A veil, a dashed frame and a word."""
        del event
        colours = current_colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(colours.window)
        veil.setAlphaF(0.95)
        painter.fillRect(self.rect(), veil)
        frame = QRectF(self.rect()).adjusted(28, 28, -28, -28)
        tint = colours.colour("accent")
        tint.setAlphaF(0.10)
        painter.setBrush(tint)
        painter.setPen(QPen(colours.colour("accent"), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(frame, 16, 16)

        ratio = self.devicePixelRatioF()
        centre = self.rect().center()
        painter.drawPixmap(
            centre.x() - 32, centre.y() - 64, icons.pixmap("arrow-down-to-line", 64, colours.accent, ratio)
        )
        font = self.font()
        font.setPixelSize(20)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(colours.colour("text"))
        words = QRectF(frame.left(), centre.y() + 12, frame.width(), 32)
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.tr("Let go to add"))
