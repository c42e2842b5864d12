"""The bar above the text in which one looks for words, and puts others in their place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QPushButton, QToolButton, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.schema.edits import FindQuery

TYPING_MS = 250
ROOM = 372  # pixels: with less there are more rows


class FindBar(QFrame):
    """Asks for what is in its fields.

    Signals:
        query_changed: there is something else to look for, a `FindQuery`.
        next_wanted, back_wanted: to the next place, or the one before.
        replace_wanted, page_wanted, all_wanted: replace this place, all on the page, all in the document.
        closed: it was closed.
    """

    query_changed = Signal(object)
    next_wanted = Signal()
    back_wanted = Signal()
    replace_wanted = Signal()
    page_wanted = Signal()
    all_wanted = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("find-bar")
        self.setAccessibleName(self.tr("Find"))
        self.field = self._field(self.tr("Find in the document"))
        self.by = self._field(self.tr("Replace with"))
        self.count = QLabel()
        self.count.setObjectName("muted")
        self.count.setMinimumWidth(40)
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.wrong = QLabel()
        self.wrong.setObjectName("wrong")
        self.wrong.setWordWrap(True)
        self.wrong.setTextFormat(Qt.TextFormat.PlainText)
        self.wrong.hide()
        self.case = self._toggle("Aa", self.tr("Capitals count"))
        self.words = self._toggle("ab", self.tr("Whole words only"))
        self.pattern = self._toggle(".*", self.tr("The text is a pattern (regular expression)"))
        self.back = self._button("chevron-up", self.tr("Previous place (Shift+F3)"))
        self.next = self._button("chevron-down", self.tr("Next place (F3)"))
        self.close_button = self._button("x", self.tr("Close (Escape)"))
        self.replace = self._words(self.tr("&Replace"), self.tr("Replace this place, and go to the next one"))
        self.page = self._words(self.tr("On this &page"), self.tr("Replace all on this page"))
        self.all = self._words(self.tr("&All"), self.tr("Replace all in the document"))
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(TYPING_MS)
        self._lay_out()
        self._connect()
        self.say_count(0, 0)
        self.hide()

    def _field(self, words: str) -> QLineEdit:
        field = QLineEdit()
        field.setPlaceholderText(words)
        field.setAccessibleName(words)
        field.setMinimumWidth(70)
        field.installEventFilter(self)
        return field

    def _toggle(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setCheckable(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        icons.set_icon(button, name)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _words(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setObjectName("slim")
        return button

    def _lay_out(self) -> None:
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(10, 6, 8, 6)
        self._grid.setHorizontalSpacing(2)
        self._grid.setVerticalSpacing(4)
        self.second = QWidget()
        row = self._second = QGridLayout(self.second)
        row.setContentsMargins(0, 0, 0, 0)
        row.setHorizontalSpacing(5)
        row.setVerticalSpacing(4)
        self._place(wide=True)

    def _place(self, *, wide: bool) -> None:
        """What stands where: in two rows where there is room, in four where there is not."""
        grid, below = self._grid, 0 if wide else 1
        grid.addWidget(self.field, 0, 0, 1, 1 if wide else 5)
        for at, toggle in enumerate((self.case, self.words, self.pattern), start=1 if wide else 0):
            grid.addWidget(toggle, below, at)
        grid.addWidget(self.count, below, 4)
        for at, button in enumerate((self.back, self.next, self.close_button), start=5):
            grid.addWidget(button, 0, at)
        for column in range(8):
            grid.setColumnStretch(column, int(column == (0 if wide else 4)))
        grid.addWidget(self.wrong, 2, 0, 1, 8)
        grid.addWidget(self.second, 3, 0, 1, 8)
        self._second.addWidget(self.by, 0, 0, 1, 1 if wide else 4)
        for at, words in enumerate((self.replace, self.page, self.all), start=1 if wide else 0):
            self._second.addWidget(words, below, at)
        for column in range(4):
            self._second.setColumnStretch(column, int(column == (0 if wide else 3)))
        self._wide = wide

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """More rows where there is little room."""
        super().resizeEvent(event)
        if (event.size().width() >= ROOM) is not self._wide:
            self._place(wide=not self._wide)

    def _connect(self) -> None:
        self.field.textChanged.connect(lambda _text: self._soon.start())
        for toggle in (self.case, self.words, self.pattern):
            toggle.toggled.connect(lambda _on: self._tell())
        self._soon.timeout.connect(self._tell)
        self.back.clicked.connect(self.back_wanted)
        self.next.clicked.connect(self.next_wanted)
        self.close_button.clicked.connect(self.leave)
        self.replace.clicked.connect(self.replace_wanted)
        self.page.clicked.connect(self.page_wanted)
        self.all.clicked.connect(self.all_wanted)

    def _tell(self) -> None:
        self._soon.stop()
        self.query_changed.emit(self.query)

    @property
    def query(self) -> FindQuery:
        """What to look for."""
        return FindQuery(self.field.text(), self.case.isChecked(), self.words.isChecked(), self.pattern.isChecked())

    def open(self, text: str, *, replacing: bool) -> None:
        """Begin to look for something; `text` is what was selected, or ""."""
        self.second.setVisible(replacing)
        self.show()
        if text:
            self.field.setText(text)
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._tell()

    def look_for(self, query: FindQuery) -> None:
        """Look for something that was found elsewhere, in just that way."""
        for toggle, on in ((self.case, query.case), (self.words, query.whole_words), (self.pattern, query.pattern)):
            blocker = QSignalBlocker(toggle)
            toggle.setChecked(on)
            blocker.unblock()
        self.open(query.text, replacing=False)

    def leave(self) -> None:
        """Close it."""
        self._soon.stop()
        self.hide()
        self.closed.emit()

    def flush(self) -> bool:
        """Do not wait for more to be typed; whether there was something to wait for."""
        waiting = self._soon.isActive()
        if waiting:
            self._tell()
        return waiting

    def say_count(self, at: int, count: int, *, more: bool = False) -> None:
        """Which place of how many is shown; `at` 0 for none of them."""
        nothing = self.tr("Nothing found") if self.field.text() else ""
        number = self.tr("more than {n}").format(n=count) if more else str(count)
        words = self.tr("{at} of {count}").format(at=at, count=number) if at else self.tr("{n} found").format(n=number)
        self.count.setText(words if count else nothing)
        for button in (self.back, self.next, self.replace, self.page, self.all):
            button.setEnabled(count > 0)

    def say_wrong(self, words: str) -> None:
        """The pattern is none, or there is another reason why nothing can be found; "" for all is well."""
        self.wrong.setText(words)
        self.wrong.setVisible(bool(words))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Return goes on, with Shift backwards; in the second field it replaces. Escape closes."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.flush()
                if watched is self.by:
                    self.replace_wanted.emit()
                elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                    self.back_wanted.emit()
                else:
                    self.next_wanted.emit()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.leave()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape closes, wherever in the bar the focus is."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
            return
        super().keyPressEvent(event)
