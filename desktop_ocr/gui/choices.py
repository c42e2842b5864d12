"""A box in which one of several values with names of their own is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from desktop_ocr.gui.settings_editors import Choice
from desktop_ocr.gui.settings_words import Item

WIDEST = 16_777_215  # Qt's own limit


class NamedChoice(Choice):
    """Like the settings' boxes, for what is no setting; as wide as there is room."""

    def __init__(self, name: str, choices: Sequence[tuple[str, str]], parent: QWidget) -> None:
        """`name` is what screen readers say; `choices` are values, each with its words."""
        self._named = dict(choices)
        super().__init__(Item(name, ""), [value for value, _words in choices], parent)
        self.setAccessibleName(name)
        self.setMinimumWidth(0)
        self.setMaximumWidth(WIDEST)

    def words(self, value: str) -> str:
        """A value in words; one that is not among the choices stands for itself."""
        return self._named.get(str(value), str(value))
