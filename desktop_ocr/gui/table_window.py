"""A table that is too long to stand in a page's text, in a window of its own."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHeaderView, QPushButton, QTableView, QVBoxLayout, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.schema.results import Cell, Table

Index = QModelIndex | QPersistentModelIndex

MOST_SPANS = 2_000
WIDEST_COLUMN = 320
MEASURED_ROWS = 50
LONG_TEXT = 40  # characters: it may not fit into its column


class TableModel(QAbstractTableModel):
    """The cells of a `Table`."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table = table
        self._cells = {(cell.row, cell.column): cell for cell in table.cells}

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """How many rows."""
        return 0 if parent is not None and parent.isValid() else self._table.rows

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """How many columns."""
        return 0 if parent is not None and parent.isValid() else self._table.columns

    def cell(self, row: int, column: int) -> Cell | None:
        """The cell that begins there."""
        return self._cells.get((row, column))

    @property
    def table(self) -> Table:
        """The table."""
        return self._table

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, and how it looks."""
        cell = self.cell(index.row(), index.column())
        if cell is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return " ".join(cell.text.split())
        if role == Qt.ItemDataRole.ToolTipRole:
            return cell.text if cell.text.count("\n") or len(cell.text) > LONG_TEXT else None
        if role == Qt.ItemDataRole.FontRole and cell.heading:
            font = QFont()
            font.setWeight(QFont.Weight.DemiBold)
            return font
        return None

    def text(self, rows: range, columns: range) -> str:
        """Some cells, with tabs between them, as spreadsheets take them."""
        return "\n".join(
            "\t".join(" ".join((cell.text if (cell := self.cell(r, c)) else "").split()) for c in columns) for r in rows
        )


class CellsView(QTableView):
    """The cells; Ctrl+C copies all that is selected, where Qt's own would copy one of them.

    Signals:
        copy_wanted: the keys were pressed.
    """

    copy_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Copy, or what Qt does."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
            return
        super().keyPressEvent(event)


def fit_columns(view: QTableView, table: Table) -> None:
    """Columns as wide as what is in their first rows, and cells over several where they span some."""
    header = view.horizontalHeader()
    header.setResizeContentsPrecision(MEASURED_ROWS)  # of thousands of rows it would take long
    header.setMaximumSectionSize(WIDEST_COLUMN)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    view.resizeColumnsToContents()
    view.clearSpans()
    spans = [cell for cell in table.cells if cell.row_span > 1 or cell.column_span > 1]
    for cell in spans[:MOST_SPANS]:
        view.setSpan(cell.row, cell.column, cell.row_span, cell.column_span)


class TableWindow(QDialog):
    """The window."""

    def __init__(self, table: Table, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Table with {rows} rows").format(rows=table.rows))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(760, 560)
        self._table = table
        self.model = TableModel(table)
        self.view = CellsView()
        self.view.setObjectName("cells")
        self.view.setAccessibleName(self.tr("Cells of the table"))
        self.view.setModel(self.model)
        self.view.setWordWrap(False)
        self.view.setCornerButtonEnabled(False)
        fit_columns(self.view, table)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = buttons.addButton(icons.beside(self.tr("&Copy all")), QDialogButtonBox.ButtonRole.ActionRole)
        icons.set_icon(self.copy, "copy")
        for button in buttons.buttons():
            if isinstance(button, QPushButton):
                button.setAutoDefault(False)
        self.copy.clicked.connect(lambda: self._copy(range(table.rows), range(table.columns)))
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 14)
        column.setSpacing(12)
        column.addWidget(self.view, 1)
        column.addWidget(buttons)
        self.view.copy_wanted.connect(self._copy_selected)
        self.view.setFocus()

    def _copy(self, rows: range, columns: range) -> None:
        QGuiApplication.clipboard().setText(self.model.text(rows, columns))

    def _copy_selected(self) -> None:
        """The smallest box around what is selected."""
        chosen = self.view.selectionModel().selectedIndexes()
        if chosen:
            rows, columns = [index.row() for index in chosen], [index.column() for index in chosen]
            self._copy(range(min(rows), max(rows) + 1), range(min(columns), max(columns) + 1))
