"""Two readings of a page side by side, what differs marked, and the sums above."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui import icons
from desktop_ocr.gui.cards import Card
from desktop_ocr.gui.compare_list import PADDING, CompareList
from desktop_ocr.gui.comparing import MOST_LINES, Comparison, Sums
from desktop_ocr.gui.words import tr


class CompareView(QWidget):
    """Shows a `Comparison`; it changes nothing."""

    def __init__(self, old: str, new: str) -> None:
        """`old` and `new` are the headings of the two readings."""
        super().__init__()
        self._comparison: Comparison | None = None
        self._headings = (old, new)
        self.summary = QLabel()
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setWordWrap(True)
        self.only = QCheckBox(self.tr("Only lines that &differ"))
        self.only.toggled.connect(lambda _on: self._show_rows())
        self.back = self._button("chevron-up", self.tr("Difference before (Shift+F7)"), -1)
        self.forward = self._button("chevron-down", self.tr("Next difference (F7)"), 1)
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.summary, 1)
        top.addWidget(self.only)
        top.addWidget(self.back)
        top.addWidget(self.forward)
        self.list = CompareList()
        self.card = Card()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.card)
        self.stack.addWidget(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addLayout(self._make_headings())
        column.addWidget(self.stack, 1)
        for keys, by in (("F7", 1), ("Shift+F7", -1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(lambda by=by: self.list.go(by))
        self.show_waiting()

    def _button(self, name: str, words: str, by: int) -> QToolButton:
        button = QToolButton()
        icons.set_icon(button, name)
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.clicked.connect(lambda: self.list.go(by))
        return button

    def _make_headings(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(PADDING, 0, PADDING, 0)
        grid.setHorizontalSpacing(2 * PADDING)
        self.sums: list[QLabel] = []
        for column, words in enumerate(self._headings):
            heading = QLabel(words)
            heading.setObjectName("heading")
            heading.setTextFormat(Qt.TextFormat.PlainText)
            sums = QLabel()
            sums.setObjectName("muted")
            grid.addWidget(heading, 0, column)
            grid.addWidget(sums, 1, column)
            grid.setColumnStretch(column, 1)
            self.sums.append(sums)
        return grid

    def show_waiting(self) -> None:
        """The comparison is on its way."""
        self._comparison = None
        self.card.say("loader", self.tr("Comparing…"), "")
        self.stack.setCurrentWidget(self.card)
        self._show_tools(False)

    def show_comparison(self, comparison: Comparison) -> None:
        """Show one."""
        self._comparison = comparison
        self.summary.setText(summary_words(comparison))
        for label, sums, heading in zip(self.sums, (comparison.old, comparison.new), self._headings, strict=True):
            label.setText(sums_words(sums))
            label.setAccessibleName(f"{heading}: {sums_words(sums)}")
        self._show_tools(not comparison.same)
        if not comparison.rows:
            self.card.say("file-text", self.tr("No text"), self.tr("Neither reading has found any text."))
            self.stack.setCurrentWidget(self.card)
            return
        self.stack.setCurrentWidget(self.list)
        self._show_rows()

    @property
    def comparison(self) -> Comparison | None:
        """What is shown."""
        return self._comparison

    def _show_tools(self, on: bool) -> None:
        for widget in (self.only, self.back, self.forward):
            widget.setEnabled(on)

    def _show_rows(self) -> None:
        if self._comparison is None:
            return
        rows = self._comparison.rows
        self.list.rows.show_rows(tuple(row for row in rows if row.differs) if self.only.isChecked() else rows)
        self.list.go(1)


def summary_words(comparison: Comparison) -> str:
    """What differs, in a sentence."""
    if comparison.same:
        words = tr("Not a word differs.")
        if comparison.old.tables != comparison.new.tables:
            words += " " + tr("The tables do.")
    elif comparison.changed == 0:
        words = tr("The words are the same; lines are divided otherwise.")
    else:
        words = tr("1 word differs.") if comparison.changed == 1 else tr("%n words differ.", comparison.changed)
    return words + (" " + tr("Only the first %n lines are compared.", MOST_LINES) if comparison.cut else "")


def sums_words(sums: Sums) -> str:
    """ "42 lines, 310 words, 93 % sure"."""
    parts = [
        tr("1 line") if sums.lines == 1 else tr("%n lines", sums.lines),
        tr("1 word") if sums.words == 1 else tr("%n words", sums.words),
    ]
    if sums.tables:
        parts.append(tr("1 table") if sums.tables == 1 else tr("%n tables", sums.tables))
    if sums.confidence is not None:
        parts.append(tr("{percent} % sure").format(percent=round(sums.confidence * 100)))
    return ", ".join(parts)
