"""A page's recognised text, formatted or plain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from string import Template
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QTextOption
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QTextBrowser,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui import icons
from desktop_ocr.gui.cards import Card
from desktop_ocr.gui.page_html import TABLE_LINK
from desktop_ocr.gui.page_loader import LoadedResult
from desktop_ocr.gui.page_notes import PageNotes
from desktop_ocr.gui.theme import current_colours
from desktop_ocr.gui.words import tr
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.results import DEGRADED, LEFT_OUT, PageSource

# Laying out 20,000 characters of text takes 7 ms (measured), and what `page_html` lets through of tables up to 30: what
# would take longer than the window may wait is shown plain. Plain text is laid out as it comes into view, but a
# paragraph at a time, which takes 2 ms for 1,000 Chinese characters: it is shown in pieces.
MOST_FORMATTED = 20_000
MOST_PLAIN = 200_000
LONGEST_PARAGRAPH = 4_000


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
    """Text from a document: follows no links and loads nothing, whatever the text says."""

    def __init__(self) -> None:
        super().__init__()
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
        del kind, name
        return None


class ResultView(QWidget):
    """The text beside the picture.

    Signals:
        plain_chosen: the user wants plain (True) or formatted text.
        retry_wanted: the user wants the failed pages tried again.
        again_wanted: the user wants this page recognised again.
        models_wanted: the user wants a model for a `Feature`, or None, that this page was done without.
    """

    plain_chosen = Signal(bool)
    retry_wanted = Signal()
    again_wanted = Signal()
    models_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._loaded: LoadedResult | None = None
        self.text = PageText()
        self.text.anchorClicked.connect(self._open_table)
        self.card = Card(32)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.card)
        self.stack.addWidget(self.text)

        self.formatted = self._choice(self.tr("Formatted"), self.tr("Headings, lists and tables"))
        self.plain = self._choice(self.tr("Plain"), self.tr("Text without any format"))
        group = QButtonGroup(self)
        group.addButton(self.formatted)
        group.addButton(self.plain)
        self.formatted.setChecked(True)
        self.copy = QToolButton()
        self.copy.setText(icons.beside(self.tr("Copy")))
        self.copy.setToolTip(self.tr("Copy the text of this page (Ctrl+Shift+C)"))
        self.copy.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        icons.set_icon(self.copy, "copy")
        self.foot = QLabel()
        self.foot.setObjectName("muted")
        self.foot.setContentsMargins(18, 4, 12, 6)
        self.foot.setWordWrap(True)
        self.foot.setTextFormat(Qt.TextFormat.PlainText)

        bar = QWidget()
        bar.setObjectName("pane-bar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(10, 4, 8, 4)
        row.setSpacing(2)
        row.addWidget(self.formatted)
        row.addWidget(self.plain)
        row.addStretch()
        row.addWidget(self.copy)
        self.bar = bar
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.notes = PageNotes()
        self.notes.again_wanted.connect(self.again_wanted)
        self.notes.models_wanted.connect(self.models_wanted)
        column.addWidget(bar)
        column.addWidget(self.notes)
        column.addWidget(self.stack, 1)
        column.addWidget(self.foot)

        self.plain.toggled.connect(self._render)
        self.plain.toggled.connect(self.plain_chosen)
        self.copy.clicked.connect(self.copy_page)
        self.show_words("loader", "", "")

    def _choice(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(True)
        return button

    # --- content --------------------------------------------------------------------------------------------

    def show_words(self, name: str, title: str, text: str = "") -> None:
        """Say why there is no text."""
        self._forget()
        self.card.say(name, title, text)

    def show_failure(self, why: str) -> None:
        """Say why the page failed, and offer another try."""
        self._forget()
        self.card.say(
            "circle-alert",
            self.tr("This page could not be read"),
            why,
            role="danger",
            button=self.tr("&Try again"),
            act=self.retry_wanted.emit,
        )

    def show_result(self, loaded: LoadedResult, degraded: str = "", installed: Sequence[Feature] = ()) -> None:
        """Show a page's text.

        Args:
            loaded: the page; the text of one that is shown already stays where it was scrolled to.
            degraded: what was left out of it for want of memory, or "".
            installed: features that a model is installed for by now.
        """
        if not loaded.plain.strip() and not loaded.page.html:
            self.show_words("file-text", self.tr("No text on this page"), "")
            self._say_foot(loaded)
            self.notes.show_page(loaded.result, degraded, installed)
            return
        scrolled = self.text.verticalScrollBar().value() if self._loaded is not None else 0
        self._loaded = loaded
        self.copy.setEnabled(True)
        self.notes.show_page(loaded.result, degraded, installed)
        self._render()
        self.stack.setCurrentWidget(self.text)
        self.text.verticalScrollBar().setValue(scrolled)

    @property
    def shows_text(self) -> bool:
        """Whether there is text of a page."""
        return self._loaded is not None

    def renew_colours(self) -> None:
        """The theme has changed."""
        self.text.dress()
        self._render()

    def _open_table(self, url: QUrl) -> None:
        """A link to a table that was cut."""
        words = url.toString()
        if self._loaded is None or not words.startswith(TABLE_LINK):
            return
        number = words.removeprefix(TABLE_LINK)
        tables = self._loaded.page.tables
        if number.isdecimal() and int(number) < len(tables):
            from desktop_ocr.gui.table_window import TableWindow

            TableWindow(tables[int(number)], self.window()).open()

    def copy_page(self) -> None:
        """Put the page's text into the clipboard; formatted, where that is what is shown."""
        if self._loaded is None:
            return
        if self.plain.isChecked() or not fits_formatted(self._loaded.plain):
            QGuiApplication.clipboard().setText(self._loaded.plain)
            return
        # Copied by Qt itself: mime data made here would outlive the interpreter in the clipboard, and crash the exit.
        cursor = self.text.textCursor()
        self.text.selectAll()
        self.text.copy()
        self.text.setTextCursor(cursor)

    def _forget(self) -> None:
        self._loaded = None
        self.text.clear()
        self.foot.hide()
        self.notes.clear()
        self.copy.setEnabled(False)
        self.stack.setCurrentWidget(self.card)

    def _render(self) -> None:
        loaded = self._loaded
        if loaded is None:
            return
        shortened = ""
        if not self.plain.isChecked() and fits_formatted(loaded.plain):
            self.text.setHtml(loaded.page.html)
        else:
            if not self.plain.isChecked():
                shortened = self.tr("This page is long: it is shown as plain text.")
            if len(loaded.plain) > MOST_PLAIN:
                shortened = self.tr("Only the beginning of this very long page is shown.")
            self.text.setPlainText(in_pieces(loaded.plain[:MOST_PLAIN]))
        self._say_foot(loaded, shortened)

    def _say_foot(self, loaded: LoadedResult, more: str = "") -> None:
        self.foot.setText("  ·  ".join([*page_facts(loaded), *([more] if more else [])]))
        self.foot.show()


def fits_formatted(text: str) -> bool:
    """Whether formatted text can be laid out without making the window wait."""
    return len(text) <= MOST_FORMATTED


def in_pieces(text: str) -> str:
    """Text without paragraphs that would take too long to lay out, for showing only."""
    return re.sub(rf"([^\n]{{{LONGEST_PARAGRAPH}}})(?!\n)", r"\1\n", text)


def page_facts(loaded: LoadedResult) -> list[str]:
    """Where a page's text came from, how sure it is, what it took, and what the pipeline noted."""
    result = loaded.result
    facts = []
    if result.source is PageSource.TEXT_LAYER:
        facts.append(tr("The document's own text"))
    elif result.lines:
        letters = sum(len(line.text) for line in result.lines) or 1
        sure = sum(line.confidence * len(line.text) for line in result.lines) / letters
        facts.append(tr("Recognised, {sure} % sure").format(sure=f"{sure * 100:.0f}"))
    seconds = sum(step.seconds for step in result.steps)
    if seconds >= 0.1:
        facts.append(f"{seconds:.1f} s")
    facts.extend(note.text for note in result.notes if note.code not in (DEGRADED, LEFT_OUT))  # those have bars
    return facts
