"""Cards that stand where a document or a page cannot be shown: why, and what can be done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.words import shortened

WIDEST = 420


class Card(QWidget):
    """An icon, a title, a sentence and perhaps a button, in the middle."""

    def __init__(self, icon_size: int = 40) -> None:
        super().__init__()
        self._icon_size = icon_size
        self._act: Callable[[], None] | None = None
        self._picture = QLabel()
        self._title = QLabel()
        self._title.setObjectName("heading")
        self._text = QLabel()
        self._text.setObjectName("muted")
        self._title.setTextFormat(Qt.TextFormat.PlainText)  # names of files must not be taken for markup
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self._picture, self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(label is not self._picture)
        self.button = QPushButton()
        self.button.clicked.connect(self._pressed)
        middle = QWidget()
        middle.setMaximumWidth(WIDEST)
        self.column = QVBoxLayout(middle)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.column.addStretch(2)
        for label in (self._picture, self._title, self._text):
            self.column.addWidget(label)
        self.column.addSpacing(6)
        self.column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.column.addStretch(3)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 24, 24, 24)
        row.addStretch(1)
        row.addWidget(middle, 1000)
        row.addStretch(1)
        self.say("info", "", "")

    def say(
        self,
        name: str,
        title: str,
        text: str,
        *,
        role: str = "muted",
        button: str = "",
        act: Callable[[], None] | None = None,
    ) -> None:
        """Show something else."""
        icons.set_icon(self._picture, name, role, self._icon_size)
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self._act = act
        self.setAccessibleName(f"{title}. {text}".strip())

    @property
    def words(self) -> str:
        """Title and sentence."""
        return f"{self._title.text()} {self._text.text()}".strip()

    def _pressed(self) -> None:
        if self._act is not None:
            self._act()


class PasswordCard(Card):
    """Asks for a document's password.

    Signals:
        given: the password.
    """

    given = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setPlaceholderText(self.tr("Password"))
        self.field.setAccessibleName(self.tr("Password of the document"))
        self.field.setFixedWidth(240)
        self.wrong = QLabel()
        self.wrong.setObjectName("wrong")
        self.wrong.setTextFormat(Qt.TextFormat.PlainText)
        self.wrong.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.wrong.setWordWrap(True)
        self.open = QPushButton(self.tr("Un&lock"))
        self.open.setObjectName("primary")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch()
        row.addWidget(self.field)
        row.addWidget(self.open)
        row.addStretch()
        self.column.insertLayout(self.column.count() - 1, row)
        self.column.insertWidget(self.column.count() - 1, self.wrong)
        self.field.textChanged.connect(lambda text: self.open.setEnabled(bool(text)))
        self.field.returnPressed.connect(self._give)
        self.open.clicked.connect(self._give)
        self.open.setEnabled(False)

    def ask(self, document: str, wrong: str, *, focus: bool) -> None:
        """Ask for the password of a document; `wrong` says that the last one was not right."""
        self.say(
            "lock",
            self.tr("“{name}” is protected by a password").format(name=shortened(document)),
            self.tr("It is used to open the document now, and is not kept."),
            role="warning",
        )
        self.wrong.setText(wrong)
        self.wrong.setVisible(bool(wrong))
        self.field.setEnabled(True)
        self.field.clear()
        if focus and self.isVisible():
            self.field.setFocus()

    def _give(self) -> None:
        if self.field.text():
            self.field.setEnabled(False)
            self.open.setEnabled(False)
            self.given.emit(self.field.text())
