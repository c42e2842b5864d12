"""The editor of a page's lines: no key makes more or fewer of them by itself, it asks for that.

The answer takes a moment: keys that come meanwhile are held, and done when it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QMenu

from desktop_ocr.gui.line_marks import Margin, Marks, paint_above, paint_below
from desktop_ocr.gui.line_rows import pasted
from desktop_ocr.gui.line_text import Caret, LineText

_KEEP = QTextCursor.MoveMode.KeepAnchor
_BREAKS = (QKeySequence.StandardKey.InsertParagraphSeparator, QKeySequence.StandardKey.InsertLineSeparator)
_BACK = QKeySequence.StandardKey.DeleteStartOfWord
_AHEAD = (
    QKeySequence.StandardKey.Delete,
    QKeySequence.StandardKey.DeleteEndOfWord,
    QKeySequence.StandardKey.DeleteEndOfLine,
)
_UNDO = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class LineEditor(LineText):
    """Lets lines be typed in, cut, joined and deleted.

    Signals:
        left: the focus goes elsewhere.
        composed: an input method has come to its end.
        split_wanted: a row, and the character before which it is to be cut.
        merge_wanted: a row that is to be joined with the next one.
        delete_wanted: the list of rows that are to go.
    """

    left = Signal()
    composed = Signal()
    split_wanted = Signal(int, int)
    merge_wanted = Signal(int)
    delete_wanted = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self.is_held: Callable[[], bool] = lambda: False
        self._held: list[QKeyEvent | QInputMethodEvent | str] = []
        self._composing = False
        self._menu_actions: Callable[[], Sequence[QAction | None]] = lambda: ()
        self.marks = Marks()
        self.margin = Margin(self)

    # --- how it looks ---------------------------------------------------------------------------------------

    def show_marks(self, marks: Marks) -> None:
        """Mark other things."""
        self.marks = marks
        self.viewport().update()
        self.margin.update()

    def fit_margin(self) -> None:
        """The margin is as wide as its labels are."""
        width = self.margin.wanted_width()
        self.setViewportMargins(width, 0, 0, 0)
        inner = self.contentsRect()
        self.margin.setGeometry(inner.left(), inner.top(), width, inner.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The margin goes along."""
        super().resizeEvent(event)
        self.fit_margin()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Marks below the letters, the letters, and marks above them."""
        painter = QPainter(self.viewport())
        paint_below(painter, self, self.marks)
        painter.end()
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        paint_above(painter, self, self.marks)
        painter.end()

    @property
    def composing(self) -> bool:
        """Whether an input method is at work: nothing may be changed under it."""
        return self._composing

    # --- keys -----------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Undo and redo are the window's."""
        asked = event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if asked and isinstance(event, QKeyEvent) and any(event.matches(key) for key in _UNDO):
            event.ignore()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Keys that would make more or fewer lines ask for that; what comes before the answer waits."""
        if self.is_held():
            self._held.append(event.clone())
            return
        if not self.rows and (event.text() or event.key() == Qt.Key.Key_Return):
            return
        cursor = self.textCursor()
        back = event.key() == Qt.Key.Key_Backspace or event.matches(_BACK)  # the key alone has no standard name here
        ahead = any(event.matches(key) for key in _AHEAD)
        if any(event.matches(key) for key in _UNDO):
            event.ignore()
        elif any(event.matches(key) for key in _BREAKS):
            self._break()
        elif event.matches(QKeySequence.StandardKey.Cut):
            self.cut_selected()
        elif self._several() and (back or ahead):
            self.delete_selected()
        elif back and not cursor.hasSelection() and cursor.atBlockStart():
            self._join(self.row - 1)
        elif ahead and not cursor.hasSelection() and cursor.atBlockEnd():
            self._join(self.row)
        else:
            if self._several() and event.text() and event.text().isprintable():
                self.delete_selected(typing=True)
                if self.is_held():
                    self._held.append(event.clone())
                    return
            super().keyPressEvent(event)

    def release(self) -> None:
        """What was held is done now."""
        held, self._held = self._held, []
        for event in held:
            if isinstance(event, str):
                self._insert(event)
            elif isinstance(event, QInputMethodEvent):
                self.inputMethodEvent(event)
            else:
                self.keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:  # noqa: N802 - Qt's name
        """As long as something is being composed, nothing else happens to the text."""
        if self.is_held() and event.commitString() and not event.preeditString():
            self._held.append(event.clone())
            return
        if self._several() and (event.commitString() or event.preeditString()):
            self.delete_selected(typing=True)
        composing, self._composing = self._composing, bool(event.preeditString())
        super().inputMethodEvent(event)
        if composing and not self._composing:
            self.composed.emit()

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802 - Qt's name
        """Paste as a piece of the line."""
        text = pasted(source.text())
        if text and self.rows:
            self._insert(text)

    def _insert(self, text: str) -> None:
        if self._several() and not self.is_held():
            self.delete_selected(typing=True)
        if self.is_held():
            self._held.append(text)
            return
        self.textCursor().insertText(text)
        self.ensureCursorVisible()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:  # noqa: N802 - Qt's name
        """Text alone."""
        return source.hasText()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """What was typed is to be stored."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.left.emit()

    def _several(self) -> bool:
        cursor = self.textCursor()
        document = self.document()
        first, last = document.findBlock(cursor.selectionStart()), document.findBlock(cursor.selectionEnd())
        return first.blockNumber() != last.blockNumber()

    def _break(self) -> None:
        if self._several():
            return
        cursor = self.textCursor()
        if cursor.hasSelection():
            cursor.removeSelectedText()
        text, at = self.text_of(self.row), cursor.positionInBlock()
        if text[:at].strip() and text[at:].strip():
            self.wish(self.row + 1, 0)
            self.split_wanted.emit(self.row, at)
        elif text[:at].strip() and self.row + 1 < len(self.rows):  # nothing to be cut off: on to the next line
            self.set_caret(Caret(self.row + 1, 0, self.row + 1, 0))
            self.ensureCursorVisible()

    def _join(self, row: int) -> None:
        """Join a row with the next one; an empty one of both goes."""
        if not 0 <= row < len(self.rows) - 1:
            if not self.text_of(self.row) and len(self.rows) > 1:
                self._delete([self.row])
            return
        first, second = self.text_of(row), self.text_of(row + 1)
        if not second.strip() and self.row == row + 1:
            self.wish(row, len(first))
            self.delete_wanted.emit([row + 1])
        elif not first.strip() and self.row == row:
            self.wish(row, 0)
            self.delete_wanted.emit([row])
        else:
            self.wish(row, len(first.rstrip()))
            self.merge_wanted.emit(row)

    def cut_selected(self) -> None:
        """Cut what is selected."""
        self.copy()
        self.delete_selected()

    def delete_selected(self, *, typing: bool = False) -> None:
        """Delete what is selected: lines that are selected as a whole go, of others what is selected.

        Args:
            typing: something is to come in its place: the first line stays.
        """
        cursor = self.textCursor()
        if not self._several():
            cursor.removeSelectedText()
            return
        start, end = cursor.selectionStart(), cursor.selectionEnd()
        document, gone = self.document(), []
        edit = QTextCursor(document)
        edit.beginEditBlock()
        rows = range(document.findBlock(start).blockNumber(), document.findBlock(end).blockNumber() + 1)
        first = rows[0]
        for row in rows:
            block = document.findBlockByNumber(row)
            begin, stop = max(start, block.position()), min(end, block.position() + block.length() - 1)
            whole = begin == block.position() and stop == block.position() + block.length() - 1
            if whole and stop == end and stop == begin and row == rows[-1]:
                continue  # the selection ends before its first character
            if whole and not (typing and row == first):
                gone.append(row)
                continue
            edit.setPosition(begin)
            edit.setPosition(stop, _KEEP)
            edit.removeSelectedText()
            self._touched.add(row)
            end -= stop - begin
        edit.endEditBlock()
        at = start - document.findBlockByNumber(first).position()
        self.set_caret(Caret(first, at, first, at))
        if gone:
            self._delete(gone, first if typing else None)

    def _delete(self, rows: list[int], stay: int | None = None) -> None:
        row = stay if stay is not None else rows[0]
        at = self.textCursor().positionInBlock() if stay is not None or row not in rows else 0
        self.wish(row, at)
        self.delete_wanted.emit(rows)

    # --- the menu -------------------------------------------------------------------------------------------

    def set_menu(self, actions: Callable[[], Sequence[QAction | None]]) -> None:
        """What the context menu offers beside cutting, copying and pasting; None for a line between."""
        self._menu_actions = actions

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """The menu; where the mouse is, the cursor goes, unless something is selected."""
        if event.reason() is QContextMenuEvent.Reason.Mouse and not self.textCursor().hasSelection():
            self.setTextCursor(self.cursorForPosition(event.pos()))
        self.build_menu().popup(event.globalPos())

    def build_menu(self) -> QMenu:
        """The menu for the place of the cursor."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        selected = self.textCursor().hasSelection()
        cut = menu.addAction(self.tr("Cu&t"))
        cut.triggered.connect(self.cut_selected)
        copy = menu.addAction(self.tr("&Copy"))
        copy.triggered.connect(self.copy)
        paste = menu.addAction(self.tr("&Paste"))
        paste.triggered.connect(self.paste)
        for action in (cut, copy):
            action.setEnabled(selected)
        paste.setEnabled(self.canPaste())
        menu.addSeparator()
        for one in self._menu_actions():
            if one is None:
                menu.addSeparator()
            else:
                menu.addAction(one)
        return menu
