"""Receipts, to be read, copied and acted on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui import icons
from desktop_ocr.gui.receipt_words import full_text
from desktop_ocr.gui.words import documents_words, shortened
from desktop_ocr.schema.receipts import Receipt

WIDTH, HEIGHT = 600, 400
MOST_LINES = 500


class ReceiptDialog(QDialog):
    """One receipt, or several.

    Signals:
        retry_wanted, again_wanted: failed pages, or pages with less detail, of the jobs of this list.
        page_wanted: a job and a page, from 0, to be shown.
    """

    retry_wanted = Signal(object)
    again_wanted = Signal(object)
    page_wanted = Signal(int, int)

    def __init__(self, receipts: Sequence[Receipt], listed: Collection[int], parent: QWidget) -> None:
        """`listed` are the jobs that are in the list: of others nothing can be done again."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Receipt"))
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._receipts = tuple(receipts)
        self._listed = listed
        one = self._receipts[0] if len(self._receipts) == 1 else None
        heading = QLabel(shortened(one.name) if one else documents_words(len(self._receipts)))
        heading.setObjectName("heading")
        heading.setTextFormat(Qt.TextFormat.PlainText)
        told = QLabel(self.tr("What became of their pages"))
        told.setVisible(one is None)  # the text of one begins with it
        told.setObjectName("muted")
        self.text = QPlainTextEdit(full_text(self._receipts, MOST_LINES))
        self.text.setObjectName("lines")
        self.text.setReadOnly(True)
        self.text.document().setDocumentMargin(8)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(self.tr("What became of the pages"))
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 16)
        column.setSpacing(8)
        column.addWidget(heading)
        column.addWidget(told)
        column.addWidget(self.text, 1)
        column.addLayout(self._make_actions(one))
        column.addSpacing(4)
        column.addWidget(self._make_buttons())
        self.resize(WIDTH, HEIGHT)
        self.text.setFocus()

    def _make_actions(self, one: Receipt | None) -> QHBoxLayout:
        listed = self._listed
        failed = [receipt.job for receipt in self._receipts if receipt.failed and receipt.job in listed]
        less = [receipt.job for receipt in self._receipts if receipt.degraded and receipt.job in listed]
        row = QHBoxLayout()
        row.setSpacing(8)
        self.retry = self._button(self.tr("&Retry failed pages"), "rotate-cw")
        self.retry.clicked.connect(lambda: self._leave_for(lambda: self.retry_wanted.emit(failed)))
        self.retry.setVisible(bool(failed))
        self.again = self._button(self.tr("Do again with full &detail"), "rotate-cw")
        self.again.clicked.connect(lambda: self._leave_for(lambda: self.again_wanted.emit(less)))
        self.again.setVisible(bool(less))
        page = first_page(one) if one is not None else None
        number = page + 1 if page is not None else 0
        self.page = self._button(self.tr("&Show page {n}").format(n=number), "eye")
        self.page.setVisible(page is not None)
        if one is not None:
            self.page.clicked.connect(lambda: self.page_wanted.emit(one.job, number - 1))
        for button in (self.retry, self.again, self.page):
            row.addWidget(button)
        row.addStretch()
        return row

    def _leave_for(self, act: Callable[[], None]) -> None:
        act()
        self.close()

    def _button(self, words: str, name: str) -> QPushButton:
        button = QPushButton(icons.beside(words))
        button.setAutoDefault(False)
        icons.set_icon(button, name)
        return button

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = buttons.addButton(self.tr("Co&py"), QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(full_text(self._receipts)))
        buttons.rejected.connect(self.reject)
        return buttons


def first_page(receipt: Receipt) -> int | None:
    """The page that somebody will want to see first: failed, or with less detail, or incomplete."""
    for notes in (receipt.failed, receipt.degraded, receipt.noted):
        if notes:
            return notes[0].page
    return None
