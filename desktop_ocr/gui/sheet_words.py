"""What stands on the sheet where there is no picture: that it is on its way, or why it cannot be had."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget


class SheetWords(QWidget):
    """A sentence, and a button where something can be done about it.

    Signals:
        pressed: the button was.
    """

    pressed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.label = QLabel()
        self.label.setObjectName("sheet-words")
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        self.label.setStyleSheet("color: #5b6475; background: transparent;")  # on the white sheet, in both themes
        self.button = QPushButton()
        self.button.setObjectName("primary")
        self.button.clicked.connect(self.pressed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addStretch()
        column.addWidget(self.label)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()

    def say(self, text: str, button: str = "") -> None:
        """A sentence, and perhaps a button. Without one the mouse goes through to the sheet."""
        self.label.setText(text)
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not button)
        self.show()

    def place(self, box: QRect) -> None:
        """Stand in the middle of this part of the view."""
        self.setGeometry(box)
