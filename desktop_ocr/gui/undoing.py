"""One undo for all of the window: it takes back whatever was done last."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from desktop_ocr.gui.removal import Removal
from desktop_ocr.gui.result_view import ResultView
from desktop_ocr.gui.review import Review


class Undoing(QObject):
    """What is being typed comes first; then the later one of the page's last edit and a document's removal."""

    def __init__(self, undo: QAction, redo: QAction, review: Review, result: ResultView, removal: Removal) -> None:
        super().__init__(review)
        self._undo, self._redo = undo, redo
        self._review = review
        self._result = result
        self._removal = removal
        self._removed_last = False
        undo.triggered.connect(lambda: self._take_back())
        redo.triggered.connect(lambda: review.redo())
        review.edited.connect(self._edited)
        review.page_changed.connect(self._renew)
        removal.changed.connect(self._removed)
        result.lines.typed.connect(self._renew)
        result.lines.left.connect(self._renew)
        self._renew()

    def _edited(self) -> None:
        self._removed_last = False
        self._renew()

    def _removed(self) -> None:
        self._removed_last = self._removal.can_undo
        self._renew()

    @property
    def _typing(self) -> bool:
        return self._result.lines.hasFocus() and bool(self._result.lines.typed_rows())

    @property
    def _removal_comes_first(self) -> bool:
        version = self._review.version
        return self._removal.can_undo and (self._removed_last or version is None or not version.undo)

    def _take_back(self) -> None:
        if self._result.editing.undo_typing():
            self._renew()
        elif self._removal_comes_first:
            self._removal.undo()
        else:
            self._review.undo()

    def _renew(self) -> None:
        version = self._review.version
        what = version.undo if version is not None else ""
        if self._typing:
            words, there = self.tr("&Undo typing"), True
        elif self._removal_comes_first:
            words, there = self.tr("&Undo remove"), True
        else:
            words = self.tr("&Undo: {what}").format(what=what) if what else self.tr("&Undo")
            there = bool(what)
        self._undo.setText(words)
        self._undo.setEnabled(there)
        again = version.redo if version is not None else ""
        self._redo.setText(self.tr("Re&do: {what}").format(what=again) if again else self.tr("Re&do"))
        self._redo.setEnabled(bool(again))
