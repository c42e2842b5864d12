"""Small tables of facts: rows of labels, of which only those are touched that change."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget


class Facts(QWidget):
    """Rows of words; the first column takes what room there is, the last stands at the right."""

    def __init__(self, name: str, columns: int) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._columns = columns
        self._labels: list[list[QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(0, 1)

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Show these."""
        while len(self._labels) < len(rows):
            self._add_row()
        while len(self._labels) > len(rows):
            for label in self._labels.pop():
                self._grid.removeWidget(label)
                label.hide()
                label.deleteLater()
        for labels, words in zip(self._labels, rows, strict=True):
            for column, label in enumerate(labels):
                text = words[column] if column < len(words) else ""
                if label.text() != text:
                    label.setText(text)
                    label.setToolTip(text if label.wordWrap() else "")

    def rows(self) -> list[tuple[str, ...]]:
        """What is shown."""
        return [tuple(label.text() for label in labels) for labels in self._labels]

    def _add_row(self) -> None:
        number = len(self._labels)
        labels = []
        for column in range(self._columns):
            label = QLabel()
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            if column == 0:
                label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
                label.setWordWrap(True)
            else:
                label.setObjectName("muted")
            last = column == self._columns - 1 and column > 0
            side = Qt.AlignmentFlag.AlignRight if last else Qt.AlignmentFlag.AlignLeft
            label.setAlignment(side | Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(label, number, column)
            labels.append(label)
        self._labels.append(labels)
