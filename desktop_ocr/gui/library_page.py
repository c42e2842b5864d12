"""The library: everything that was read and is stored, searched as one types. A page of the window; asks nothing."""

from __future__ import annotations

import enum
import time
from datetime import datetime

from PySide6.QtCore import QEvent, QObject, QPoint, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui import icons
from desktop_ocr.gui.cards import Card
from desktop_ocr.gui.chooser import Chooser
from desktop_ocr.gui.library_list import HitList
from desktop_ocr.gui.library_words import found_words, size_words, unindexed_words
from desktop_ocr.gui.words import shortened
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.library import LibraryFound, LibraryQuery, LibrarySize

TYPING_MS = 120
BATCH = 50
LONGEST = 500  # characters that are looked for
DAY = 86_400.0
FORMATS = ("PDF", "PNG", "JPEG", "TIFF", "BMP", "WebP", "GIF", "JPEG 2000")
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Period(enum.IntEnum):
    """When pages were read, in days back; TODAY begins at midnight."""

    ANY = 0
    TODAY = 1
    WEEK = 7
    MONTH = 30
    YEAR = 365

    def since(self, now: float) -> float:
        """From when on, in seconds as `time.time` gives them."""
        if self is Period.ANY:
            return 0.0
        if self is Period.TODAY:
            return datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
        return now - self.value * DAY


class LibraryPage(QWidget):
    """What is looked for, what was found, and how much there is.

    Signals:
        query_changed: something else is looked for: `query`.
        more_wanted: hits from this one on.
        open_wanted: a `LibraryHit` that is to be shown in the review.
        folder_wanted, export_wanted, receipt_wanted: the same, for its file's folder, its document's export or receipt.
        delete_wanted: a list of `LibraryHit`s whose documents are to be forgotten.
        clean_wanted: the user wants what the settings want to be done.
        closed: back to the documents.
    """

    query_changed = Signal()
    more_wanted = Signal(int)
    open_wanted = Signal(object)
    folder_wanted = Signal(object)
    export_wanted = Signal(object)
    receipt_wanted = Signal(object)
    delete_wanted = Signal(object)
    clean_wanted = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Library"))
        self.field = QLineEdit()
        self.format = Chooser()
        self.period = Chooser()
        self.edited = QCheckBox(self.tr("&Corrected pages only"))
        self.close_button = QToolButton()
        self.count = QLabel()
        self.unindexed = QLabel()
        self.list = HitList()
        self.card = Card()
        self.stack = QStackedWidget()
        self.size_label = QLabel()
        self.clean = QPushButton(icons.beside(self.tr("Clean &up…")))
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(TYPING_MS)
        self._answered = self._due = False
        self._wanted: tuple[object, ...] = ()
        self._assemble()
        self._connect()
        self.show_waiting()

    # --- putting together -----------------------------------------------------------------------------------

    def _assemble(self) -> None:
        heading = QLabel(self.tr("Library"))
        heading.setObjectName("heading")
        self.field.setPlaceholderText(self.tr("Find words on all pages that were ever read"))
        self.field.setAccessibleName(self.tr("Find in the library"))
        self.field.setToolTip(self.tr("All of the words; “a part in quotes” as it is written (Ctrl+F)"))
        self.field.setClearButtonEnabled(True)
        self.field.setMaxLength(LONGEST)
        self.field.setMinimumWidth(160)
        self.close_button.setToolTip(self.tr("Back to the documents (Escape)"))
        self.close_button.setAccessibleName(self.tr("Back to the documents"))
        icons.set_icon(self.close_button, "x")
        top = _bar()
        row = QHBoxLayout(top)
        row.setContentsMargins(16, 4, 8, 4)
        row.setSpacing(14)
        row.addWidget(heading)
        row.addWidget(self.field, 1)
        row.addWidget(self.close_button)
        self.top = top

        self._fill_filters()
        for label in (self.count, self.unindexed):
            label.setObjectName("muted")
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            label.setWordWrap(True)
        told = QVBoxLayout()
        told.setSpacing(0)
        told.addWidget(self.count)
        told.addWidget(self.unindexed)
        filters = QHBoxLayout()
        filters.setContentsMargins(16, 8, 12, 6)
        filters.setSpacing(10)
        filters.addLayout(told, 1)
        filters.addWidget(self.edited)
        filters.addWidget(self.format)
        filters.addWidget(self.period)

        self.stack.addWidget(self.card)
        self.stack.addWidget(self.list)
        foot = _bar()
        foot.setObjectName("legend")
        below = QHBoxLayout(foot)
        below.setContentsMargins(16, 5, 12, 5)
        self.size_label.setObjectName("muted")
        self.size_label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.clean.setObjectName("slim")
        self.clean.setToolTip(self.tr("Let go what the settings no longer want to keep"))
        icons.set_icon(self.clean, "eraser")
        below.addWidget(self.size_label, 1)
        below.addWidget(self.clean)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(top)
        column.addLayout(filters)
        column.addWidget(self.stack, 1)
        column.addWidget(foot)

    def _fill_filters(self) -> None:
        self.format.setAccessibleName(self.tr("Format of the documents"))
        self.format.addItem(self.tr("All formats"), ())
        for name in FORMATS:
            self.format.addItem(name, (name,))
        self.period.setAccessibleName(self.tr("When pages were read"))
        for words, period in (
            (self.tr("Any time"), Period.ANY),
            (self.tr("Today"), Period.TODAY),
            (self.tr("Last 7 days"), Period.WEEK),
            (self.tr("Last 30 days"), Period.MONTH),
            (self.tr("Last year"), Period.YEAR),
        ):
            self.period.addItem(words, period)

    def _connect(self) -> None:
        self.field.textChanged.connect(lambda _text: self._soon.start())
        self._soon.timeout.connect(self._tell)
        self.format.currentIndexChanged.connect(lambda _at: self._tell())
        self.period.currentIndexChanged.connect(lambda _at: self._tell())
        self.edited.toggled.connect(lambda _on: self._tell())
        self.close_button.clicked.connect(self.closed)
        self.clean.clicked.connect(self.clean_wanted)
        self.list.found.more_wanted.connect(self.more_wanted)
        self.list.doubleClicked.connect(lambda _index: self._open())
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.field.installEventFilter(self)
        self.list.installEventFilter(self)

    # --- what is looked for ---------------------------------------------------------------------------------

    @property
    def query(self) -> LibraryQuery:
        """What is looked for, the first hits of it."""
        return LibraryQuery(
            text=self.field.text().strip(),
            formats=tuple(self.format.currentData()),
            since=Period(self.period.currentData()).since(time.time()),
            edited=self.edited.isChecked(),
            limit=BATCH,
        )

    @property
    def filtered(self) -> bool:
        """Whether less is shown than there is, whatever is looked for."""
        return self.format.currentIndex() > 0 or self.period.currentIndex() > 0 or self.edited.isChecked()

    @property
    def behind(self) -> bool:
        """Whether what is shown is not yet what is looked for."""
        return self._due or self._soon.isActive()

    def _tell(self) -> None:
        self._soon.stop()
        self._due = True
        self.query_changed.emit()

    def show_all(self) -> None:
        """Look for nothing in particular."""
        for widget in (self.field, self.format, self.period, self.edited):
            blocker = QSignalBlocker(widget)
            if widget is self.field:
                self.field.clear()
            elif isinstance(widget, QComboBox):
                widget.setCurrentIndex(0)
            else:
                self.edited.setChecked(False)
            blocker.unblock()
        self._tell()
        self.begin()

    def begin(self) -> None:
        """Somebody came to look for something."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    # --- what was found -------------------------------------------------------------------------------------

    def show_waiting(self) -> None:
        """Nothing is known yet."""
        if not self._answered:
            self.card.say("loader", self.tr("Looking into the library…"), "")
            self.stack.setCurrentWidget(self.card)

    def show_found(self, found: LibraryFound, query: LibraryQuery) -> None:
        """What was found; when it was looked for again, the hit at which one was stays chosen."""
        self._answered, self._due = True, False
        wanted = (query.text, query.formats, query.edited, self.period.currentIndex())
        again, self._wanted = wanted == self._wanted, wanted
        model, documents = self.list.found, not query.text
        self.count.setText(found_words(found, documents=documents))
        self.count.setVisible(found.total > 0)
        self.unindexed.setText(unindexed_words(found.unindexed))
        self.unindexed.setVisible(found.unindexed > 0)
        if list(found.hits) != model.hits() or documents is not model.documents:
            here = self.list.current() if again else None
            model.show_found(found, documents=documents)
            row = model.row_of(here.job, here.page) if here is not None else -1
            self.list.go_to(max(0, row))
            if row < 0:
                self.list.scrollToTop()
        else:
            model.set_total(found.total)
        if found.hits:
            self.stack.setCurrentWidget(self.list)
        else:
            self._show_none(query, preparing=found.unindexed > 0)

    def _show_none(self, query: LibraryQuery, *, preparing: bool) -> None:
        if self.list.hasFocus():
            self.field.setFocus()
        if query.text or self.filtered:
            if query.text:
                title = self.tr("No page has “{words}”").format(words=shortened(query.text))
                several = len(query.text.split()) > 1
                more = self.tr("Fewer words find more. All of them have to stand on the same page.")
                text = more if several else self.tr("The beginning of a word is enough.")
            else:
                title, text = self.tr("No document is like this"), ""
            if self.filtered and query.text:
                text = self.tr("Not among the pages that are chosen above.")
            self.card.say("search", title, text, button=self.tr("&Show all"), act=self.show_all)
        elif preparing:
            text = self.tr("Pages that were read before appear here by themselves.")
            self.card.say("loader", self.tr("The library is being prepared"), text)
        else:
            text = self.tr("Every page that is read is kept here, and can be found by its words.")
            self.card.say("layers", self.tr("The library is empty"), text)
        self.stack.setCurrentWidget(self.card)

    def show_error(self, error: ErrorInfo) -> None:
        """It could not be looked for."""
        self._answered, self._due = True, False
        self.count.hide()
        self.unindexed.hide()
        self.card.say(
            "circle-alert",
            self.tr("The library cannot be searched"),
            str(error),
            role="danger",
            button=self.tr("&Try again"),
            act=self._tell,
        )
        self.list.found.show_found(LibraryFound(), documents=True)
        self.stack.setCurrentWidget(self.card)

    def show_size(self, size: LibrarySize) -> None:
        """How much there is."""
        self.size_label.setText(size_words(size))
        self.clean.setEnabled(size.pages > 0)

    # --- keys and mouse -------------------------------------------------------------------------------------

    def _open(self) -> None:
        hit = self.list.current()
        if hit is not None and self.stack.currentWidget() is self.list:
            self.open_wanted.emit(hit)

    def _delete(self) -> None:
        hits = self.list.chosen()
        if hits:
            self.delete_wanted.emit(hits)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Arrows lead from the field into the list and back, Return opens, letters go to the field."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if event.key() in _ENTER:
            if self._soon.isActive():
                self._tell()  # what is shown is not what was typed: Return finds it first
            elif not self.behind:
                self._open()
            return True
        taken = self._field_key(event) if watched is self.field else self._list_key(event)
        return taken or super().eventFilter(watched, event)

    def _field_key(self, event: QKeyEvent) -> bool:
        if event.key() not in (Qt.Key.Key_Down, Qt.Key.Key_PageDown) or self.stack.currentWidget() is not self.list:
            return False
        self.list.setFocus(Qt.FocusReason.TabFocusReason)
        if not self.list.currentIndex().isValid():
            self.list.go_to(0)
        return True

    def _list_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Up and self.list.currentIndex().row() <= 0:
            self.begin()
            return True
        if event.key() == Qt.Key.Key_Delete:
            self._delete()
            return True
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        if plain and (event.key() == Qt.Key.Key_Backspace or (event.text().isprintable() and event.text().strip())):
            self.field.setFocus()
            self.field.end(False)
            QGuiApplication.sendEvent(self.field, event)
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape leads back, wherever one is; the key for finding leads to the field."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.matches(QKeySequence.StandardKey.Find):
            self.begin()
        else:
            super().keyPressEvent(event)

    def _show_menu(self, place: QPoint) -> None:
        hits = self.list.chosen()
        if not hits or not self.list.indexAt(place).isValid():
            return
        menu = self.make_menu()
        menu.popup(self.list.viewport().mapToGlobal(place))

    def make_menu(self) -> QMenu:
        """What can be done with the hits chosen."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        hits = self.list.chosen()
        hit = self.list.current()
        documents = len({one.job for one in hits})
        if hit is not None and documents == 1:
            menu.addAction(self.tr("&Open"), lambda: self.open_wanted.emit(hit))
            menu.addAction(self.tr("&Show in folder"), lambda: self.folder_wanted.emit(hit))
            menu.addAction(self.tr("&Export…"), lambda: self.export_wanted.emit(hit))
            menu.addAction(self.tr("Rece&ipt…"), lambda: self.receipt_wanted.emit(hit))
            menu.addSeparator()
        menu.addAction(self.tr("&Delete from the library…"), lambda: self.delete_wanted.emit(hits))
        return menu


def _bar() -> QWidget:
    bar = QWidget()
    bar.setObjectName("pane-bar")
    bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return bar
