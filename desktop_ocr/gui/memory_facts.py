"""Small tables of facts: rows of labels, of which only those are touched that change."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget


class Facts(QWidget):
    """Rows of words; the first column takes what room there is."""

    def __init__(self, name: str, columns: int, *, right_from: int = 1) -> None:
        """Columns from `right_from` on are figures, which stand at the right."""
        super().__init__()
        self.setAccessibleName(name)
        self._columns = columns
        self._right_from = right_from
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
        # A column without words takes no room, nor does the gap beside it.
        for column in range(1, self._columns):
            used = any(labels[column].text() for labels in self._labels)
            for labels in self._labels:
                if labels[column].isHidden() is used:
                    labels[column].setVisible(used)

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
            side = Qt.AlignmentFlag.AlignRight if column >= self._right_from else Qt.AlignmentFlag.AlignLeft
            label.setAlignment(side | Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(label, number, column)
            labels.append(label)
        self._labels.append(labels)
