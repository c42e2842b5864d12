"""Editors of the settings dialog in which something is typed: texts, times of the day, keys."""

from __future__ import annotations

import re

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QKeySequenceEdit, QLineEdit, QWidget

from desktop_ocr.core.settings_fields import Field
from desktop_ocr.gui.settings_words import Item
from desktop_ocr.gui.words import tr

EDITOR_WIDTH = 230
TEXT_WIDTH = 300
CLOCK_WIDTH = 90


class Text(QLineEdit):
    """A line of text that has to look like something.

    Signals:
        edited: somebody changed it.
    """

    edited = Signal()

    def __init__(self, item: Item, field: Field, parent: QWidget) -> None:
        super().__init__(parent)
        self._pattern = re.compile(field.pattern)
        self.setPlaceholderText(item.example)
        self.setFixedWidth(TEXT_WIDTH)
        self.textChanged.connect(lambda _text: self.edited.emit())

    @property
    def sound(self) -> bool:
        """Whether it can be used."""
        return self._pattern.search(self.value()) is not None

    def value(self) -> str:
        """The value as the settings have it."""
        return self.text().strip()

    def set_value(self, value: str) -> None:
        """Show a value."""
        self.setText(value)
        self.edited.emit()

    def words(self, value: str) -> str:
        """A value in words."""
        return value or tr("empty")


class Clock(Text):
    """A time of the day, or none. "9" and "9:30" are understood, too."""

    def __init__(self, item: Item, field: Field, parent: QWidget) -> None:
        super().__init__(item, field, parent)
        self.setFixedWidth(CLOCK_WIDTH)
        self.editingFinished.connect(lambda: self.setText(self.value()))

    def value(self) -> str:
        """The value as the settings have it."""
        text = super().value()
        found = re.fullmatch(r"(\d{1,2})(?:[:.](\d{2}))?", text)
        return f"{int(found[1]):02}:{found[2] or '00'}" if found else text


class Keys(QKeySequenceEdit):
    """A key with others held down; what is pressed here is what is meant.

    Signals:
        edited: somebody changed it.
    """

    edited = Signal()

    def __init__(self, item: Item, parent: QWidget) -> None:
        super().__init__(parent)
        self._value = self._seen = ""
        self.setMaximumSequenceLength(1)
        self.setClearButtonEnabled(True)
        self.setFixedWidth(EDITOR_WIDTH)
        self.setToolTip(tr("Press the keys: {item}").format(item=item.label.replace("&", "")))
        self.keySequenceChanged.connect(lambda _keys: self.edited.emit())

    def value(self) -> str:
        """The value as the settings have it; what the file said in its own way stays, unless somebody changes it."""
        shown = self.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        return self._value if shown == self._seen else shown

    def set_value(self, value: str) -> None:
        """Show a value."""
        blocked = self.blockSignals(True)
        keys = QKeySequence(value)
        if keys.count() > 1:  # Qt warns of more than there may be
            keys = QKeySequence(keys[0])  # type: ignore[index]
        self.setKeySequence(keys)
        self.blockSignals(blocked)
        self._value, self._seen = value, self.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        self.edited.emit()

    def words(self, value: str) -> str:
        """A value in words."""
        return QKeySequence(value).toString(QKeySequence.SequenceFormat.NativeText) or tr("none")
