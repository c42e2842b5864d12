"""A page's text beside its picture: formatted, line by line to be corrected, or its tables."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui import icons
from desktop_ocr.gui.cards import Card
from desktop_ocr.gui.formatted_view import FormattedPlaces, PageText
from desktop_ocr.gui.line_editor import LineEditor
from desktop_ocr.gui.page_html import TABLE_LINK
from desktop_ocr.gui.page_loader import LoadedResult
from desktop_ocr.gui.page_notes import PageNotes
from desktop_ocr.gui.review import Review
from desktop_ocr.gui.table_view import TablesView
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.text_editing import TextEditing
from desktop_ocr.gui.words import tr
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.results import DEGRADED, LEFT_OUT, PageSource

# Laying out 20,000 characters of text takes 7 ms (measured), and what `page_html` lets through of tables up to 30: what
# would take longer than the window may wait is shown plain. Plain text is laid out as it comes into view, but a
# paragraph at a time, which takes 2 ms for 1,000 Chinese characters: it is shown in pieces.
MOST_FORMATTED = 20_000
MOST_PLAIN = 200_000
LONGEST_PARAGRAPH = 4_000
ROOM_FOR_WORDS, ROOM_FOR_GUESTS = 400, 340  # pixels


class Shown(enum.StrEnum):
    """How a page's text is shown. The values are stored."""

    FORMATTED = "formatted"
    LINES = "lines"
    TABLES = "tables"


class ResultView(QWidget):
    """The text beside the picture.

    Signals:
        view_chosen: the user wants it shown another way, a `Shown`.
        retry_wanted: the user wants the failed pages tried again.
        again_wanted: the user wants this page recognised again.
        models_wanted: the user wants a model for a `Feature`, or None, that this page was done without.
        compare_wanted: the user wants to see his text and a newer one.
    """

    view_chosen = Signal(object)
    retry_wanted = Signal()
    again_wanted = Signal()
    models_wanted = Signal(object)
    compare_wanted = Signal()

    def __init__(self, review: Review, tasks: Tasks) -> None:
        super().__init__()
        self.setObjectName("pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._review = review
        self._loaded: LoadedResult | None = None
        self._rendered: LoadedResult | None = None  # what the formatted text is of
        self._facts: tuple[LoadedResult | None, list[str]] = (None, [])  # summed up once: pages have many lines
        self._about: tuple[str, Sequence[Feature]] = ("", ())
        self.text = PageText()
        self.text.anchorClicked.connect(self._open_table)
        self._places = FormattedPlaces(self.text, review)
        self.lines = LineEditor()
        self.editing = TextEditing(self.lines, review, tasks)
        self.tables_view = TablesView(review, tasks)
        self.card = Card(32)
        self.stack = QStackedWidget()
        for widget in (self.card, self.text, self.lines, self.tables_view):
            self.stack.addWidget(widget)
        self.formatted = self._choice(self.tr("Formatted"), self.tr("Headings, lists and tables, to be read"))
        self.plain = self._choice(self.tr("Text"), self.tr("Line by line, to be corrected"))
        self.tables = self._choice(self.tr("Tables"), self.tr("The tables of this page, to be corrected"))
        self._buttons = {Shown.FORMATTED: self.formatted, Shown.LINES: self.plain, Shown.TABLES: self.tables}
        self.formatted.setChecked(True)
        self._shortened = ""
        self._guests: list[QToolButton] = []
        self._lay_out()
        self._connect()
        self.show_words("loader", "", "")

    def _choice(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName("choice")
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(True)
        return button

    def _lay_out(self) -> None:
        group = QButtonGroup(self)
        self.bar = QWidget()
        self.bar.setObjectName("pane-bar")
        self.bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = self._row = QHBoxLayout(self.bar)
        row.setContentsMargins(10, 4, 8, 4)
        row.setSpacing(2)
        for button in self._buttons.values():
            group.addButton(button)
            row.addWidget(button)
        row.addStretch()
        self.copy = QToolButton()
        self.copy.setText(icons.beside(self.tr("Copy")))
        self.copy.setToolTip(self.tr("Copy the text of this page (Ctrl+Shift+C)"))
        self.copy.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        icons.set_icon(self.copy, "copy")
        row.addWidget(self.copy)
        self.foot = QLabel()
        self.foot.setObjectName("muted")
        self.foot.setWordWrap(True)
        self.foot.setTextFormat(Qt.TextFormat.PlainText)
        self.saved = QLabel()
        self.saved.setObjectName("muted")
        self.saved.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        below = QHBoxLayout()
        below.setContentsMargins(18, 4, 14, 6)
        below.addWidget(self.foot, 1)
        below.addWidget(self.saved)
        self.notes = PageNotes()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.bar)
        self._column.addWidget(self.notes)
        self._column.addWidget(self.stack, 1)
        self._column.addLayout(below)

    def _connect(self) -> None:
        notes, review = self.notes, self._review
        notes.again_wanted.connect(self.again_wanted)
        notes.models_wanted.connect(self.models_wanted)
        notes.compare_wanted.connect(self.compare_wanted)
        notes.recognised_wanted.connect(review.take_recognised)
        notes.keep_wanted.connect(review.keep_edited)
        notes.save_wanted.connect(self.editing.save_again)
        notes.save_wanted.connect(self.tables_view.save_again)
        self.editing.failed.connect(notes.say_unsaved)
        self.tables_view.failed.connect(notes.say_unsaved)
        self.editing.state_changed.connect(self.saved.setText)
        self.editing.shortened.connect(self._say_shortened)
        review.page_changed.connect(self._follow)
        for shown, button in self._buttons.items():
            button.toggled.connect(lambda on, shown=shown: self._choose(shown) if on else None)
        self.copy.clicked.connect(self.copy_page)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fewer buttons and words where there is little room: what they do is in the menus, too."""
        super().resizeEvent(event)
        width = event.size().width()
        both, icon = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
        self.copy.setToolButtonStyle(both if width >= ROOM_FOR_WORDS else icon)
        for button in self._guests:
            button.setVisible(width >= ROOM_FOR_GUESTS)

    def put_bar(self, widget: QWidget) -> None:
        """A bar of somebody else's, above the text."""
        self._column.insertWidget(1, widget)

    def put_button(self, button: QToolButton) -> None:
        """A button of somebody else's, beside the one for copying."""
        self._row.insertWidget(self._row.count() - 1, button)
        self._guests.append(button)

    # --- how it is shown ------------------------------------------------------------------------------------

    @property
    def shown(self) -> Shown:
        """How the text is shown."""
        return next(shown for shown, button in self._buttons.items() if button.isChecked())

    def show_as(self, shown: Shown) -> None:
        """Show it another way."""
        self._buttons[shown].setChecked(True)

    def _choose(self, shown: Shown) -> None:
        self._render()
        self.view_chosen.emit(shown)

    @property
    def current(self) -> QWidget:
        """What shows the text now, or why there is none."""
        return self.stack.currentWidget() or self.card

    def parts(self) -> list[QWidget]:
        """What can have the focus here."""
        return [self.text, self.lines, self.tables_view.view]

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
        self._about = (degraded, installed)
        self._loaded = loaded
        self._render()

    def _follow(self) -> None:
        """The page has another version, or can be changed, or not any more."""
        self.notes.say_elsewhere(self._review.elsewhere)
        loaded = self._review.loaded
        if self._loaded is not None and loaded is not None and loaded is not self._loaded:
            self.show_result(loaded, *self._about)

    @property
    def shows_text(self) -> bool:
        """Whether there is text of a page."""
        return self._loaded is not None

    def renew_colours(self) -> None:
        """The theme has changed."""
        self.text.dress()
        self._rendered = None
        self._render()
        self.lines.margin.update()

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
        if self.shown is not Shown.FORMATTED or not fits_formatted(self._loaded.plain):
            QGuiApplication.clipboard().setText(self._loaded.plain)
            return
        # Copied by Qt itself: mime data made here would outlive the interpreter in the clipboard, and crash the exit.
        cursor = self.text.textCursor()
        self.text.selectAll()
        self.text.copy()
        self.text.setTextCursor(cursor)

    def _forget(self) -> None:
        self._loaded = self._rendered = None
        self.text.clear()
        self.foot.hide()
        self.saved.clear()
        self.notes.clear()
        self.copy.setEnabled(False)
        self._put(self.card)

    def _put(self, widget: QWidget) -> None:
        self.stack.setCurrentWidget(widget)
        self.editing.set_active(widget is self.lines)
        self.tables_view.set_active(widget is self.tables_view)

    def _render(self) -> None:
        loaded = self._loaded
        if loaded is None:
            return
        self.notes.show_page(loaded.version, *self._about)
        there = bool(loaded.plain.strip() or loaded.page.html)
        self.copy.setEnabled(there)
        self._shortened = ""
        if not there:
            self.card.say("file-text", self.tr("No text on this page"), "")
            self._put(self.card)
        elif self.shown is Shown.LINES:
            self._put(self.lines)
        elif self.shown is Shown.TABLES and self._has_tables(loaded):
            self._put(self.tables_view)
        elif self.shown is Shown.TABLES:
            self.card.say("table", self.tr("No tables on this page"), "")
            self._put(self.card)
        else:
            self._render_formatted(loaded)
        self._say_foot()

    def _has_tables(self, loaded: LoadedResult) -> bool:
        return any(block.table is not None for block in loaded.result.blocks)

    def _render_formatted(self, loaded: LoadedResult) -> None:
        if self._rendered is not loaded:
            scrolled = self.text.verticalScrollBar().value() if self._rendered is not None else 0
            self._rendered = loaded
            if fits_formatted(loaded.plain):
                self.text.setHtml(loaded.page.html)
            else:
                self.text.setPlainText(in_pieces(loaded.plain[:MOST_PLAIN]))
            self.text.verticalScrollBar().setValue(scrolled)
        if not fits_formatted(loaded.plain):
            self._shortened = self.tr("This page is long: it is shown as plain text.")
            if len(loaded.plain) > MOST_PLAIN:
                self._shortened = self.tr("Only the beginning of this very long page is shown.")
        self._put(self.text)
        self._places.renew()

    def _say_shortened(self, words: str) -> None:
        self._shortened = words
        self._say_foot()

    def _say_foot(self) -> None:
        if self._loaded is not None:
            more = [self._shortened] if self._shortened else []
            if self._facts[0] is not self._loaded:
                self._facts = (self._loaded, page_facts(self._loaded))
            self.foot.setText("  ·  ".join([*self._facts[1], *more]))
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
