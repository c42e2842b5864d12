"""A page's recognised text, formatted or plain."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QTextOption
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QTextBrowser,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui import icons
from desktop_ocr.gui.cards import Card
from desktop_ocr.gui.page_loader import LoadedResult
from desktop_ocr.gui.words import tr
from desktop_ocr.schema.results import PageSource

# Laying out a table takes 0.13 ms a cell, 20,000 characters of text 7 ms (measured): what would take longer than the
# window may wait is shown plain. Plain text is laid out as it
# comes into view, but a paragraph at a time, which takes 2 ms for 1,000 Chinese characters: it is shown in pieces.
MOST_MARKDOWN = 20_000
MOST_CELLS = 250
MOST_PLAIN = 200_000
LONGEST_PARAGRAPH = 4_000


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
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.document().setDocumentMargin(18)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() + 1)  # text to be read, not to be glanced at
        self.setFont(font)

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


class DegradedNote(QFrame):
    """Says above a page's text what was left out of it, and offers to read it again."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("message")
        self.setProperty("tone", "warning")
        picture = QLabel()
        picture.setFixedWidth(18)
        icons.set_icon(picture, "circle-dashed", "warning", 16)
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.again = QPushButton(self.tr("Recognise again"))
        self.again.setToolTip(self.tr("Read this page anew, with everything (Ctrl+Shift+R)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.words, 1)
        row.addWidget(self.again, 0, Qt.AlignmentFlag.AlignVCenter)

    def say(self, words: str) -> None:
        """Show what was left out; nothing for ""."""
        if words:
            self.words.setText(self.tr("Less detail: {words}").format(words=words))
        self.setVisible(bool(words))


class ResultView(QWidget):
    """The text beside the picture.

    Signals:
        plain_chosen: the user wants plain (True) or formatted text.
        retry_wanted: the user wants the failed pages tried again.
        again_wanted: the user wants this page recognised again.
    """

    plain_chosen = Signal(bool)
    retry_wanted = Signal()
    again_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._loaded: LoadedResult | None = None
        self.text = PageText()
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
        self.note = DegradedNote()
        self.note.again.clicked.connect(self.again_wanted)
        self.note.hide()
        column.addWidget(bar)
        column.addWidget(self.note)
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

    def show_result(self, loaded: LoadedResult, degraded: str = "") -> None:
        """Show a finished page's text; `degraded` says what was left out of it, or is ""."""
        if not loaded.plain.strip():
            self.show_words("file-text", self.tr("No text on this page"), "")
            self._say_foot(loaded)
            self.note.say(degraded)
            return
        self._loaded = loaded
        self.copy.setEnabled(True)
        self.note.say(degraded)
        self._render()
        self.stack.setCurrentWidget(self.text)

    def copy_page(self) -> None:
        """Put the page's text into the clipboard; formatted, where that is what is shown."""
        if self._loaded is None:
            return
        if self.plain.isChecked() or not fits_markdown(self._loaded.markdown):
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
        self.note.say("")
        self.copy.setEnabled(False)
        self.stack.setCurrentWidget(self.card)

    def _render(self) -> None:
        loaded = self._loaded
        if loaded is None:
            return
        shortened = ""
        if not self.plain.isChecked() and fits_markdown(loaded.markdown):
            self.text.setMarkdown(loaded.markdown)
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


def fits_markdown(text: str) -> bool:
    """Whether formatted text can be laid out without making the window wait."""
    if len(text) > MOST_MARKDOWN:
        return False
    return sum(line.count("|") for line in text.splitlines() if line.startswith("|")) <= MOST_CELLS


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
    facts.extend(note.text for note in result.notes)
    return facts
