"""Actions on the text of the page: their texts, keys and icons."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from desktop_ocr.gui import icons


class EditActions(QObject):
    """Made once, shown in the menus. Undo is `JobActions.undo`: there is one for all of the window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.redo = self._action(self.tr("Re&do"), "redo-2", QKeySequence.StandardKey.Redo)
        keys = {*self.redo.shortcuts(), QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")}
        self.redo.setShortcuts(sorted(keys, key=lambda key: key.toString(), reverse=True))
        self.find = self._action(self.tr("&Find…"), "search", QKeySequence.StandardKey.Find)
        self.replace = self._action(self.tr("Find and rep&lace…"), "replace", "Ctrl+H")
        self.find_next = self._action(self.tr("Find &next"), "", "F3")
        self.find_back = self._action(self.tr("Find pre&vious"), "", "Shift+F3")
        self.doubt_next = self._action(self.tr("Next dou&btful word"), "", "F8")
        self.doubt_back = self._action(self.tr("Previous doubtful &word"), "", "Shift+F8")
        self.copy_markdown = self._action(self.tr("Copy the page as &Markdown"), "", "")
        self.redo.setEnabled(False)

    def _action(self, text: str, name: str, keys: str | QKeySequence.StandardKey) -> QAction:
        action = QAction(text, self._window)
        plain = text.replace("&", "").rstrip("…")
        if keys != "":
            action.setShortcut(QKeySequence(keys))
            shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{plain} ({shown})")
        if name:
            icons.set_icon(action, name)
        self._window.addAction(action)
        return action

    def page_actions(self) -> list[QAction]:
        """Those that need a document with text."""
        finds = [self.find, self.replace, self.find_next, self.find_back]
        return [*finds, self.doubt_next, self.doubt_back, self.copy_markdown]

    def all_actions(self) -> list[QAction]:
        """Every action."""
        return [value for value in vars(self).values() if isinstance(value, QAction)]
