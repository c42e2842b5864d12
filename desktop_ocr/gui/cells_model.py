"""The cells of a table that can be corrected, and the field in which one is."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QObject, Qt, Signal
from PySide6.QtGui import QBrush, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop_ocr.gui.table_window import Index, TableModel
from desktop_ocr.gui.theme import current_colours
from desktop_ocr.schema.results import Table

FIELD_LINES = 3  # that are to be seen of a text being edited


class CellsModel(TableModel):
    """A table whose cells are written in.

    Signals:
        written: row, column and text of a cell that the user has changed.
    """

    written = Signal(int, int, str)

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._unsaved: dict[tuple[int, int], str] = {}
        self._hits: set[tuple[int, int]] = set()
        self.locked = False  # nothing can be written now

    def show_table(self, table: Table) -> None:
        """Another table."""
        self.beginResetModel()
        self._put(table)
        self._unsaved = {}
        self.endResetModel()

    def renew(self, table: Table) -> None:
        """The same grid, with other texts: only those are drawn again."""
        before = self._cells
        self._put(table)
        for place, cell in self._cells.items():
            if cell != before.get(place):
                index = self.index(*place)
                self.dataChanged.emit(index, index)

    def _put(self, table: Table) -> None:
        self._table = table
        self._cells = {(cell.row, cell.column): cell for cell in table.cells}

    def fits(self, table: Table) -> bool:
        """Whether a table has the same grid and spans."""
        grid = (table.rows, table.columns, len(table.cells)) == (
            self._table.rows,
            self._table.columns,
            len(self._table.cells),
        )
        return grid and all(
            (old := self._cells.get((cell.row, cell.column))) is not None
            and (old.row_span, old.column_span) == (cell.row_span, cell.column_span)
            for cell in table.cells
        )

    def show_unsaved(self, texts: dict[tuple[int, int], str]) -> None:
        """Texts that are not stored yet stand in place of those that are."""
        changed = set(self._unsaved) | set(texts)
        self._unsaved = dict(texts)
        self._tell(changed)

    def mark_hits(self, places: set[tuple[int, int]]) -> None:
        """Cells in which something was found."""
        changed, self._hits = self._hits | places, places
        self._tell(changed)

    def _tell(self, places: set[tuple[int, int]]) -> None:
        for row, column in places:
            index = self.index(row, column)
            self.dataChanged.emit(index, index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, and how it looks."""
        place = (index.row(), index.column())
        cell = self.cell(*place)
        if cell is not None and role == Qt.ItemDataRole.EditRole:
            return self._unsaved.get(place, cell.text)
        if cell is not None and role == Qt.ItemDataRole.DisplayRole and place in self._unsaved:
            return " ".join(self._unsaved[place].split())
        if role == Qt.ItemDataRole.BackgroundRole and place in self._hits:
            colour = current_colours().colour("amber")
            colour.setAlphaF(0.35)
            return QBrush(colour)
        if cell is not None and role == Qt.ItemDataRole.ToolTipRole and cell.human:
            return f"{cell.text}\n{self.tr('Written by a person')}".strip()
        return super().data(index, role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Cells that are there can be edited; what no cell covers cannot."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        there = self.cell(index.row(), index.column()) is not None
        return flags | Qt.ItemFlag.ItemIsEditable if there and not self.locked else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802 - Qt's name
        """The user has written something."""
        place = (index.row(), index.column())
        if role != Qt.ItemDataRole.EditRole or self.cell(*place) is None:
            return False
        text = str(value)
        if text != self.data(index, Qt.ItemDataRole.EditRole):
            self.written.emit(*place, text)
        return True


class CellField(QPlainTextEdit):
    """Where a cell is written: Return is done, Shift or Alt with Return begins another line.

    Signals:
        done: the user is done.
    """

    done = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.filled = False
        self.setObjectName("cell-field")
        self.setAccessibleName(self.tr("Text of the cell"))
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(3)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Return, and what Qt does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier):
                self.textCursor().insertText("\n")
            else:
                self.done.emit()
            return
        super().keyPressEvent(event)


class CellDelegate(QStyledItemDelegate):
    """Opens a field for a cell."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.field: CellField | None = None

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: N802
        """A field with room for some lines."""
        del option, index
        field = CellField(parent)
        field.done.connect(lambda: self.finish())
        field.destroyed.connect(lambda: self._forget(field))
        self.field = field
        return field

    def _forget(self, field: CellField) -> None:
        if self.field is field:
            self.field = None

    def destroyEditor(self, editor: QWidget, index: Index) -> None:  # noqa: N802 - Qt's name
        """It is not there any more."""
        self.field = None
        super().destroyEditor(editor, index)

    def finish(self) -> None:
        """Take what is in the field, if there is one."""
        field, self.field = self.field, None
        if field is not None:
            self.commitData.emit(field)
            self.closeEditor.emit(field, QStyledItemDelegate.EndEditHint.NoHint)

    def setEditorData(self, editor: QWidget, index: Index) -> None:  # noqa: N802 - Qt's name
        """All of the cell's text, selected."""
        if isinstance(editor, CellField) and not editor.filled:
            editor.filled = True
            editor.setPlainText(str(index.data(Qt.ItemDataRole.EditRole) or ""))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:  # noqa: N802
        """What was written."""
        if isinstance(editor, CellField):
            model.setData(model.index(index.row(), index.column()), editor.toPlainText(), Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        """As large as the cell, and as its text needs."""
        lines = min(FIELD_LINES, str(index.data(Qt.ItemDataRole.EditRole) or "").count("\n") + 1)
        rect = option.rect
        rect.setHeight(max(rect.height(), lines * editor.fontMetrics().lineSpacing() + 14))
        rect.setWidth(max(rect.width(), 120))
        editor.setGeometry(rect)
