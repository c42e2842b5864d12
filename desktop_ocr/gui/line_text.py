"""The lines of a page as paragraphs of a text: bringing versions of the page to the screen, and the cursor.

Plain text is laid out as it comes into view (a page of 300 lines takes 5 ms to be there, one of 2,000 lines 12,
measured), so nothing is laid out here that is not to be seen; marks are painted, and are no formats.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QTimer, Signal
from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument, QTextOption
from PySide6.QtWidgets import QPlainTextDocumentLayout, QPlainTextEdit

from desktop_ocr.gui.line_rows import Row
from desktop_ocr.text.editing_lines import LONGEST, clean

BLOCK_GAP = 12  # pixels between blocks of a page
_KEEP = QTextCursor.MoveMode.KeepAnchor


@dataclass(frozen=True)
class Caret:
    """Where the cursor is, and where the selection begins: rows and characters."""

    row: int
    at: int
    anchor_row: int
    anchor_at: int


class GappedLayout(QPlainTextDocumentLayout):
    """Some air after the last line of each block."""

    def __init__(self, document: QTextDocument, has_gap: Callable[[int], bool]) -> None:
        super().__init__(document)
        self._has_gap = has_gap

    def blockBoundingRect(self, block: QTextBlock) -> QRectF:  # noqa: N802 - Qt's name
        """A paragraph's place, with what is below it."""
        rect = super().blockBoundingRect(block)
        if self._has_gap(block.blockNumber()):
            rect.setHeight(rect.height() + BLOCK_GAP)
        return rect


class LineText(QPlainTextEdit):
    """Shows rows, a paragraph each, whose texts may be changed; their number may not.

    Signals:
        typed: the user has changed the text of a row.
        row_changed: the cursor is in another row.
    """

    typed = Signal()
    row_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lines")
        self.setAccessibleName(self.tr("Lines of the page, to be edited"))
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTabChangesFocus(True)
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.setCursorWidth(2)
        self.rows: list[Row] = []
        document = QTextDocument(self)
        document.setDefaultFont(self.font())
        # A layout of Python's own outlives no document: both are the editor's.
        self._layout = GappedLayout(document, self._has_gap)
        document.setDocumentLayout(self._layout)
        self.setDocument(document)
        document.setDocumentMargin(14)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() + 1)
        self.setFont(font)
        self._touched: set[int] = set()
        self._rendering = False
        self._wish: tuple[int, int] | None = None
        self._row = -1
        document.contentsChange.connect(self._changed)
        self.cursorPositionChanged.connect(self._moved)

    # --- rows -----------------------------------------------------------------------------------------------

    def _has_gap(self, number: int) -> bool:
        return number + 1 < len(self.rows) and self.rows[number].last

    @property
    def row(self) -> int:
        """The row with the cursor; -1 where there are none."""
        return self.textCursor().blockNumber() if self.rows else -1

    def row_of(self, line: int) -> int:
        """The row of a line of the page; -1 for none."""
        return next((at for at, row in enumerate(self.rows) if row.line == line), -1)

    def text_of(self, row: int) -> str:
        """A row's text as it stands."""
        return self.document().findBlockByNumber(row).text()

    def typed_rows(self) -> dict[int, str]:
        """The texts that are not those of `rows`, by row."""
        texts = {row: self.text_of(row) for row in sorted(self._touched) if row < len(self.rows)}
        return {row: text for row, text in texts.items() if not same(text, self.rows[row].text)}

    def chosen_rows(self) -> list[int]:
        """The rows that the selection, or the cursor, is in; not one in which it ends before the first character."""
        cursor = self.textCursor()
        if not self.rows:
            return []
        first = self.document().findBlock(cursor.selectionStart())
        last = self.document().findBlock(cursor.selectionEnd())
        end = last.blockNumber()
        if end > first.blockNumber() and cursor.selectionEnd() == last.position():
            end -= 1
        return list(range(first.blockNumber(), end + 1))

    def put(self, rows: list[Row]) -> None:
        """Show another page."""
        self._rendering = True
        self.rows = rows
        self._touched.clear()
        self._wish = None
        self.setPlainText("\n".join(row.text for row in rows))
        self.verticalScrollBar().setValue(0)
        self._rendering = False
        self._row = -1
        self._moved()

    def renew(self, rows: list[Row]) -> None:
        """Show another version of the same page: only what has changed is touched, and neither cursor nor view moves.

        What was typed, and is in no version yet, stays.
        """
        kept = self.typed_rows()
        caret, seen = self.caret(), self.verticalScrollBar().value()
        self._rendering = True
        if len(rows) == len(self.rows):
            for at, row in enumerate(rows):
                if row.text == self.rows[at].text or at in kept:
                    continue
                if not same(self.text_of(at), row.text):
                    self._set_text(at, row.text)
        else:
            caret, kept = self._replace_middle(rows, caret, kept)
            if self._wish is not None:
                caret = Caret(*self._wish, *self._wish)
                self._wish = None
        self.rows = rows
        self._touched = set(kept)
        if not self.typed_rows():  # what was typed and stored is undone as an edit of the page from now on
            self.setUndoRedoEnabled(False)
            self.setUndoRedoEnabled(True)
        self.set_caret(caret)
        self.verticalScrollBar().setValue(seen)
        self._rendering = False
        self.viewport().update()
        self._moved()

    def _set_text(self, row: int, text: str) -> None:
        cursor = QTextCursor(self.document().findBlockByNumber(row))
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, _KEEP)
        cursor.insertText(text)

    def _replace_middle(self, rows: list[Row], caret: Caret, kept: dict[int, str]) -> tuple[Caret, dict[int, str]]:
        """Put in place what lies between the rows that are the same at the beginning and at the end.

        Returns:
            where the cursor is to be, and the texts that are not stored yet, by their rows now.
        """
        old = [row.text for row in self.rows]
        for at in self._touched - kept.keys():
            if at < len(old):
                old[at] = self.text_of(at)
        new = [row.text for row in rows]
        if not old or not new:
            self.setPlainText("\n".join(new))
            return Caret(0, 0, 0, 0), {}
        shorter = min(len(old), len(new))
        head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
        tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
        document = self.document()
        cursor = QTextCursor(document)
        gone, come = old[head : len(old) - tail], new[head : len(new) - tail]
        if gone:
            cursor.setPosition(document.findBlockByNumber(head).position())
            end = document.findBlockByNumber(head + len(gone) - 1)
            cursor.setPosition(end.position() + end.length() - 1, _KEEP)
            if come:
                cursor.insertText("\n".join(come))
            else:
                cursor.removeSelectedText()
                cursor.deleteChar() if head < len(new) else cursor.deletePreviousChar()
        elif head == 0:
            cursor.insertText("\n".join(come) + "\n")
        else:
            before = document.findBlockByNumber(head - 1)
            cursor.setPosition(before.position() + before.length() - 1)
            cursor.insertText("\n" + "\n".join(come))
        moved = len(new) - len(old)

        def now(row: int) -> int:
            return max(0, row if row < head else row + moved if row >= len(old) - tail else min(row, len(new) - 1))

        still = {now(row): text for row, text in kept.items() if row < head or row >= len(old) - tail}
        return Caret(now(caret.row), caret.at, now(caret.anchor_row), caret.anchor_at), still

    def take_back(self) -> bool:
        """Take back what was typed and is not stored; whether there was something."""
        typed = self.typed_rows()
        if not typed:
            return False
        if self.document().isUndoAvailable():
            self.undo()
        else:
            for row in typed:
                self._set_text(row, self.rows[row].text)
        return True

    def restore(self, texts: dict[int, str]) -> None:
        """Put in texts that could not be stored before."""
        for row, text in texts.items():
            if row < len(self.rows) and self.text_of(row) != text:
                self._set_text(row, text)

    # --- the cursor -----------------------------------------------------------------------------------------

    def caret(self) -> Caret:
        """Where the cursor is."""
        cursor = self.textCursor()
        anchor = self.document().findBlock(cursor.anchor())
        return Caret(
            cursor.blockNumber(), cursor.positionInBlock(), anchor.blockNumber(), cursor.anchor() - anchor.position()
        )

    def set_caret(self, caret: Caret) -> None:
        """Move the cursor; beyond the end of a row is its end."""
        if caret == self.caret():
            return
        cursor = self.textCursor()
        cursor.setPosition(self._position(caret.anchor_row, caret.anchor_at))
        cursor.setPosition(self._position(caret.row, caret.at), _KEEP)
        self.setTextCursor(cursor)

    def _position(self, row: int, at: int) -> int:
        block = self.document().findBlockByNumber(max(0, min(row, self.document().blockCount() - 1)))
        return block.position() + max(0, min(at, block.length() - 1))

    def select(self, row: int, start: int, end: int) -> None:
        """Select characters of a row, and see that they can be seen."""
        self.set_caret(Caret(row, end, row, start))
        self.ensure_seen()

    def ensure_seen(self) -> None:
        """Scroll to the cursor, to the middle where it is out of sight."""
        rect = self.cursorRect()
        if rect.top() < 0 or rect.bottom() > self.viewport().height():
            self.centerCursor()

    def wish(self, row: int, at: int) -> None:
        """Where the cursor is to be when there are more or fewer rows."""
        self._wish = (row, at)

    def drop_wish(self) -> None:
        """They did not come."""
        self._wish = None

    def _moved(self) -> None:
        if not self._rendering and self.row != self._row:
            self._row = self.row
            self.row_changed.emit()

    def _changed(self, position: int, removed: int, added: int) -> None:
        if self._rendering or not (removed or added):
            return
        if self.document().blockCount() != max(1, len(self.rows)):
            # Something slipped by (a drag to another program, say): lines are not lost by accident.
            QTimer.singleShot(0, self, self.undo)
            return
        self._touched.add(self.document().findBlock(position).blockNumber())
        self.typed.emit()


def same(text: str, stored: str) -> bool:
    """Whether a text is stored as that one: spaces around it are not kept."""
    return text == stored or (max(len(text), len(stored)) <= LONGEST and clean(text) == clean(stored))
