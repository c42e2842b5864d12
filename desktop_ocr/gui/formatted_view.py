"""A page's text as it is to be read: headings, lists and tables. A click chooses its block, or cell, on the page."""

from __future__ import annotations

from dataclasses import asdict
from string import Template
from typing import Any

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextOption,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser, QTextEdit

from desktop_ocr.gui.page_html import BLOCK_NAME
from desktop_ocr.gui.review import NOWHERE, Place, Review
from desktop_ocr.gui.theme import current_colours

BY = "formatted"
CLICK = 4  # pixels that the mouse may move in one
_KEEP = QTextCursor.MoveMode.KeepAnchor

_LOOKS = """
table.grid { border-collapse: collapse; border: 1px solid $strong_border; margin-top: 8px; margin-bottom: 8px; }
td, th { border: 1px solid $strong_border; }
th { background-color: $window; }
pre { background-color: $window; font-family: monospace; margin-top: 8px; margin-bottom: 8px; }
p.formula { margin-left: 18px; margin-top: 8px; margin-bottom: 8px; }
code { font-family: monospace; background-color: $window; }
p.muted { color: $muted; }
a { color: $accent; }
"""


class PageText(QTextBrowser):
    """Text from a document: follows no links and loads nothing, whatever the text says.

    Signals:
        place_clicked: a `Place`.
    """

    place_clicked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._pressed: QPoint | None = None
        self.setObjectName("result")
        self._menu_actions: list[QAction] = []
        self.setAccessibleName(self.tr("Text of the page"))
        self.setOpenLinks(False)
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.setUndoRedoEnabled(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTextInteractionFlags(  # the only links are our own, to tables that were cut
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.dress()
        self.document().setDocumentMargin(18)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() + 1)  # text to be read, not to be glanced at
        self.setFont(font)

    def dress(self) -> None:
        """Take on the theme's colours; what is shown already keeps its own until it is shown again."""
        self.document().setDefaultStyleSheet(Template(_LOOKS).substitute(asdict(current_colours())))

    def set_menu(self, actions: list[QAction]) -> None:
        """What the context menu offers beside Qt's own."""
        self._menu_actions = actions

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Qt's menu, and more."""
        menu = self.createStandardContextMenu(event.pos())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addSeparator()
        menu.addActions(self._menu_actions)
        menu.popup(event.globalPos())

    def loadResource(self, kind: int, name: QUrl | str) -> Any:  # noqa: N802 - Qt's name
        """Nothing is ever loaded: neither from the network nor from the disk."""
        del name
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return None
        # Where there is no picture Qt takes its address for a file's name, and loads that itself.
        nothing = QImage(1, 1, QImage.Format.Format_ARGB32)
        nothing.fill(Qt.GlobalColor.transparent)
        return nothing

    # --- places ---------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Where the mouse goes down."""
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A click, and not the end of a selection, chooses a block."""
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        here = event.position().toPoint()
        clicked = (
            pressed is not None and (here - pressed).manhattanLength() < 4 and not self.textCursor().hasSelection()
        )
        if clicked and event.button() is Qt.MouseButton.LeftButton and not self.anchorAt(here):
            self.place_clicked.emit(place_at(self.cursorForPosition(here)))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Alt with the arrow keys is the window's: a browser would go back."""
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()
            return
        super().keyPressEvent(event)

    def show_place(self, place: Place, scroll: bool) -> None:
        """Tint a block or cell, and perhaps see that it is to be seen."""
        cursor = cursor_of(self, place)
        if cursor is None:
            self.setExtraSelections([])
            return
        tint = QTextEdit.ExtraSelection()
        colours = current_colours()
        tint.format.setBackground(colours.colour("selected"))
        tint.format.setProperty(QTextFormat.Property.FullWidthSelection, False)
        tint.cursor = cursor
        self.setExtraSelections([tint])
        if scroll:
            top = QTextCursor(cursor)
            top.setPosition(cursor.selectionStart())
            rect = self.cursorRect(top)
            if rect.top() < 0 or rect.bottom() > self.viewport().height():
                bar = self.verticalScrollBar()
                bar.setValue(bar.value() + rect.top() - self.viewport().height() // 3)


class FormattedPlaces:
    """Keeps the formatted text and the review's place together."""

    def __init__(self, text: PageText, review: Review) -> None:
        self._text = text
        self._review = review
        text.place_clicked.connect(self._clicked)
        review.place_changed.connect(self._show)

    def _clicked(self, place: Place) -> None:
        if place != NOWHERE:
            self._review.choose(place, BY)

    def _show(self, by: str) -> None:
        if self._text.isVisible():
            self._text.show_place(self._review.place, scroll=by != BY)

    def renew(self) -> None:
        """The text is another one."""
        self._text.show_place(self._review.place, scroll=False)


def names_in(block: QTextBlock) -> list[tuple[int, int]]:
    """The blocks of the page that have their name in a paragraph: position and index."""
    found = []
    pieces = block.begin()
    while not pieces.atEnd():
        piece = pieces.fragment()
        for name in piece.charFormat().anchorNames():
            number = name.removeprefix(BLOCK_NAME)
            if name.startswith(BLOCK_NAME) and number.isdecimal():
                found.append((piece.position(), int(number)))
        pieces += 1
    return found


def block_at(block: QTextBlock, position: int) -> int:
    """The block of the page that a position is in; -1 for none."""
    here = names_in(block)
    before = [number for at, number in here if at <= position]
    if before or here:
        return before[-1] if before else here[0][1]
    block = block.previous()
    while block.isValid():
        if names := names_in(block):
            return names[-1][1]
        block = block.previous()
    return -1


def place_at(cursor: QTextCursor) -> Place:
    """The block and cell that a position is in."""
    table = cursor.currentTable()
    if not isinstance(table, QTextTable):
        return Place(block_at(cursor.block(), cursor.position()))
    cell = table.cellAt(cursor)
    block = table.firstCursorPosition().block()
    while block.isValid() and block.position() <= table.lastPosition():
        if names := names_in(block):  # in the first cell that has text
            return Place(names[0][1], cell=(cell.row(), cell.column()))
        block = block.next()
    return Place(block_at(cell.firstCursorPosition().block().previous(), cell.firstPosition()))


def cursor_of(text: QTextEdit, place: Place) -> QTextCursor | None:
    """A selection of what is shown of a block or cell; None where nothing is."""
    if place.block < 0:
        return None
    start = end = None
    block = text.document().begin()
    while block.isValid():
        for at, number in names_in(block):
            if start is None and number == place.block:
                # The name stands behind the block's first word: what comes before it is the block's too.
                start = max(block.position(), at) if len(names_in(block)) > 1 else block.position()
            elif start is not None:
                end = at if block.contains(start) else block.position() - 1
                break
        if end is not None:
            break
        block = block.next()
    if start is None:
        return None
    cursor = QTextCursor(text.document())
    cursor.setPosition(start)
    table = cursor.currentTable()
    if isinstance(table, QTextTable):
        return _in_table(cursor, table, place)
    cursor.setPosition(max(start, end if end is not None else text.document().characterCount() - 1), _KEEP)
    return cursor


def _in_table(cursor: QTextCursor, table: QTextTable, place: Place) -> QTextCursor:
    cell = table.cellAt(*place.cell) if place.cell is not None else None
    if cell is not None and cell.isValid():
        cursor.setPosition(cell.firstPosition())
        cursor.setPosition(cell.lastPosition(), _KEEP)
    else:
        cursor.setPosition(table.firstPosition())
        cursor.setPosition(table.lastPosition(), _KEEP)
    return cursor
