"""Lets the user choose between two readings of a page."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from desktop_ocr.gui.compare_view import CompareView
from desktop_ocr.gui.comparing import Comparison

WIDTH, HEIGHT = 860, 560


class CompareDialog(QDialog):
    """The dialog; it changes nothing itself. Escape keeps the old reading.

    Signals:
        taken: the user wants the new reading.
        kept: the user keeps the old one.
        others_wanted: the user wants to try other settings.
    """

    taken = Signal()
    kept = Signal()
    others_wanted = Signal()

    def __init__(
        self,
        what: str,
        note: str,
        parent: QWidget,
        *,
        headings: tuple[str, str],
        keep: str,
        take: str,
        others: bool = False,
        asks: bool = False,
    ) -> None:
        """`headings` of the two readings, and the words of the buttons.

        `others`: other settings can be tried. `asks`: to close it is no answer, only "keep" is.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("Compare two readings"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._asks = asks
        heading = QLabel(what)
        heading.setObjectName("heading")
        heading.setTextFormat(Qt.TextFormat.PlainText)
        self.note = QLabel(note)
        self.note.setObjectName("muted")
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self.note.setVisible(bool(note))
        self.view = CompareView(*headings)
        buttons = QDialogButtonBox()
        self.others = buttons.addButton(self.tr("&Other settings…"), QDialogButtonBox.ButtonRole.ActionRole)
        self.others.setVisible(others)
        self.keep = buttons.addButton(keep, QDialogButtonBox.ButtonRole.RejectRole)
        self.take = buttons.addButton(take, QDialogButtonBox.ButtonRole.AcceptRole)
        for button in (self.others, self.keep):
            button.setAutoDefault(False)
        self.others.clicked.connect(self._try_others)
        self.keep.clicked.connect(self._keep)
        self.take.clicked.connect(self._take)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 16)
        column.setSpacing(10)
        column.addWidget(heading)
        column.addWidget(self.note)
        column.addWidget(self.view, 1)
        column.addWidget(buttons)
        self.take.setDefault(True)
        self.take.setEnabled(False)
        self.resize(WIDTH, HEIGHT)
        self.view.list.setFocus()

    def show_comparison(self, comparison: Comparison) -> None:
        """The comparison is made."""
        self.view.show_comparison(comparison)
        self.take.setEnabled(True)
        (self.keep if comparison.same else self.view.list).setFocus()

    def reject(self) -> None:
        """Escape: the old reading stays."""
        super().reject()
        if not self._asks:
            self.kept.emit()

    def _keep(self) -> None:
        super().reject()
        self.kept.emit()

    def _take(self) -> None:
        self.accept()
        self.taken.emit()

    def _try_others(self) -> None:
        self.done(int(QDialog.DialogCode.Rejected))
        self.others_wanted.emit()
