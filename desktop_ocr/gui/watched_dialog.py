"""The watched folders: which there are, how each stands, and the files that failed there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui import icons
from desktop_ocr.gui.arrivals_list import ArrivalsList
from desktop_ocr.gui.cards import Card
from desktop_ocr.gui.message_bar import MessageBars
from desktop_ocr.gui.watched_folders import WatchedFolders
from desktop_ocr.gui.watched_list import WatchedList
from desktop_ocr.gui.watched_words import done_words, files_words, standing_hint
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.watching import Arrival, WatchedView

FIRST_SIZE = QSize(940, 640)
LEAST_SIZE = QSize(720, 480)


class WatchedDialog(QDialog):
    """The window of watched folders; it asks for nothing itself. It stays open beside the main window.

    Signals:
        add_wanted, again_wanted: a new folder is to be watched; the folders are to be asked for once more.
        edit_wanted, remove_wanted, show_wanted, looked_at: a `WatchedView`.
        switched: a folder's id, and whether it is to be watched.
        retry_wanted: a folder's id, and the `Arrival`s to be tried again; () for all.
        file_wanted, document_wanted: an `Arrival` whose file, or document, is to be shown.
    """

    add_wanted = Signal()
    again_wanted = Signal()
    edit_wanted = Signal(object)
    remove_wanted = Signal(object)
    show_wanted = Signal(object)
    looked_at = Signal(object)
    switched = Signal(str, bool)
    retry_wanted = Signal(str, object)
    file_wanted = Signal(object)
    document_wanted = Signal(object)

    def __init__(self, folders: WatchedFolders, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Watched folders"))
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.setMinimumSize(LEAST_SIZE)
        self.resize(FIRST_SIZE)
        self._folders = folders
        self._looked_at = ""
        self.bars = MessageBars()
        self.card = Card()
        self.list = WatchedList()
        self.arrivals = ArrivalsList()
        self._assemble()
        self._connect()
        self.show_loading()

    # --- putting together -----------------------------------------------------------------------------------

    def _assemble(self) -> None:
        self.add = self._button(self.tr("&Add a folder…"), "file-plus")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(_label("page-title", self.tr("Watched folders")))
        words.addWidget(
            _label("muted", self.tr("Documents that come there are recognised and exported by themselves."))
        )
        head = QHBoxLayout()
        head.setContentsMargins(20, 16, 20, 0)
        head.addLayout(words, 1)
        head.addWidget(self.add, 0, Qt.AlignmentFlag.AlignBottom)

        self._parts = parts = QWidget()
        self._halves = QVBoxLayout(parts)
        self._halves.setContentsMargins(0, 0, 0, 0)
        self._halves.setSpacing(14)
        self._halves.addWidget(self._upper(), 3)
        self._halves.addWidget(self._lower(), 2)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.card)
        self.stack.addWidget(parts)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        for button in buttons.buttons():
            if isinstance(button, QPushButton):
                button.setAutoDefault(False)
        inside = QVBoxLayout()
        inside.setContentsMargins(20, 0, 20, 16)
        inside.setSpacing(12)
        inside.addWidget(self.stack, 1)
        inside.addWidget(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.bars)
        column.addLayout(head)
        column.addLayout(inside, 1)

    def _upper(self) -> QWidget:
        """The folders, and what is known of the chosen one."""
        self.details = QFrame()
        self.details.setObjectName("card")
        self.does = _label("", "")
        self.state = _label("muted", "")
        for label in (self.does, self.state):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.edit = self._button(self.tr("&Change…"), "pencil")
        self.show_folder = self._button(self.tr("Show &folder"), "folder-open")
        self.remove = self._button(self.tr("&Watch no more…"), "trash-2")
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.edit, self.show_folder, self.remove):
            row.addWidget(button)
        row.addStretch()
        card = QVBoxLayout(self.details)
        card.setContentsMargins(14, 10, 14, 12)
        card.setSpacing(6)
        card.addWidget(self.does)
        card.addWidget(self.state)
        card.addLayout(row)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.list, 1)
        column.addWidget(self.details)
        return upper

    def _lower(self) -> QWidget:
        """The chosen folder's files that failed."""
        self.heading = _label("heading", self.tr("Files that failed or wait"))
        self.none = _label("muted", self.tr("None: every file that came to this folder is done or in work."))
        self.retry = self._button(self.tr("&Try again"), "rotate-cw")
        self.retry_all = self._button(self.tr("Try a&ll again"), "")
        self.show_file = self._button(self.tr("&Show file"), "folder-open")
        self.document = self._button(self.tr("&Open document"), "file-text")
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.retry, self.retry_all, self.show_file, self.document):
            row.addWidget(button)
        row.addStretch()
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.heading)
        column.addWidget(self.none)
        column.addWidget(self.arrivals, 1)
        column.addLayout(row)
        return lower

    def _button(self, words: str, name: str) -> QPushButton:
        button = QPushButton(icons.beside(words) if name else words)
        button.setAutoDefault(False)
        if name:
            icons.set_icon(button, name)
        return button

    def _connect(self) -> None:
        self._folders.changed.connect(self._show_folders)
        self.add.clicked.connect(lambda: self.add_wanted.emit())
        self.list.chosen.connect(self._show_details)
        self.list.acted.connect(lambda: self.edit.click())
        self.list.switched.connect(self.switched)
        for button, signal in (
            (self.edit, self.edit_wanted),
            (self.show_folder, self.show_wanted),
            (self.remove, self.remove_wanted),
        ):
            button.clicked.connect(self._of_folder(signal.emit))
        self.arrivals.chosen.connect(self._enable)
        self.arrivals.acted.connect(lambda: self.document.click())
        self.retry.clicked.connect(lambda: self._retry(self.arrivals.chosen_arrivals()))
        self.retry_all.clicked.connect(lambda: self._retry([]))
        self.show_file.clicked.connect(lambda: self.file_wanted.emit(self.arrivals.chosen_arrivals()[0]))
        self.document.clicked.connect(lambda: self.document_wanted.emit(self.arrivals.chosen_arrivals()[0]))
        for view, buttons in (
            (self.list, (self.edit, self.show_folder, self.remove)),
            (self.arrivals, (self.retry, self.show_file, self.document)),
        ):
            view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            view.customContextMenuRequested.connect(self._menu_of(view, buttons))
        remove = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.list)
        remove.setContext(Qt.ShortcutContext.WidgetShortcut)
        remove.activated.connect(self.remove.click)

    def _of_folder(self, tell: Callable[[WatchedView], None]) -> Callable[[], None]:
        def act() -> None:
            view = self.list.view()
            if view is not None:
                tell(view)

        return act

    def _menu_of(self, view: QWidget, buttons: Sequence[QPushButton]) -> Callable[[QPoint], None]:
        def show(place: QPoint) -> None:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            for button in buttons:
                if button.isEnabled():
                    menu.addAction(button.text().strip("\u00a0"), button.click)
            if menu.actions():
                menu.popup(view.mapToGlobal(place))

        return show

    # --- content --------------------------------------------------------------------------------------------

    def show_loading(self) -> None:
        """Nobody knows the folders yet."""
        if self._folders.known:
            self._show_folders()
        else:
            self.card.say("loader", self.tr("Looking which folders are watched…"), "")
            self.stack.setCurrentWidget(self.card)

    def show_failure(self, error: ErrorInfo) -> None:
        """The folders cannot be told."""
        if self._folders.known:
            self.bars.show_error(error)
            return
        again = self.tr("&Try again")
        title = self.tr("The watched folders cannot be listed")
        self.card.say("circle-alert", title, str(error), role="danger", button=again, act=self.again_wanted.emit)
        self.stack.setCurrentWidget(self.card)

    def _show_folders(self) -> None:
        views = self._folders.all()
        if not views:
            self.card.say(
                "folder-input",
                self.tr("No folder is watched"),
                self.tr(
                    "Choose the folder that your scanner or e-mail program fills. Each document that comes there is "
                    "recognised, and becomes a searchable PDF or what else you want, without anybody doing anything."
                ),
                button=self.tr("A&dd a folder…"),
                act=self.add_wanted.emit,
            )
            self.stack.setCurrentWidget(self.card)
            self.add.hide()  # the card has one
            self.list.show_folders([])
            return
        self.add.show()
        had_card = self.stack.currentWidget() is self.card
        self.list.show_folders(views)
        self.stack.setCurrentWidget(self._parts)
        if had_card:
            self.list.setFocus()

    def _show_details(self) -> None:
        view = self.list.view()
        if view is None:
            self._looked_at = ""
            return
        self.does.setText(done_words(view.folder))
        self.state.setText(standing_hint(view))
        wrong = view.error is not None and view.folder.enabled
        name = "wrong" if wrong else "muted"
        if self.state.objectName() != name:
            self.state.setObjectName(name)
            self.state.style().unpolish(self.state)
            self.state.style().polish(self.state)
        if view.folder.id != self._looked_at:
            self._looked_at = view.folder.id
            self.show_arrivals([])
        self.looked_at.emit(view)

    def show_arrivals(self, arrivals: Sequence[Arrival]) -> None:
        """Show the chosen folder's files."""
        self.arrivals.show_arrivals(arrivals)
        count = len(self.arrivals.arrivals.all())
        heading = self.tr("Files that failed or wait")
        self.heading.setText(f"{heading}: {files_words(count)}" if count else heading)
        self.none.setVisible(not count)
        for widget in (self.arrivals, self.retry, self.retry_all, self.show_file, self.document):
            widget.setVisible(bool(count))
        self._halves.setStretch(1, 2 if count else 0)
        self._enable()

    def _enable(self) -> None:
        chosen = self.arrivals.chosen_arrivals()
        self.retry.setEnabled(bool(chosen))
        self.show_file.setEnabled(len(chosen) == 1)
        self.document.setEnabled(len(chosen) == 1 and bool(chosen[0].job))

    def _retry(self, arrivals: Sequence[Arrival]) -> None:
        view = self.list.view()
        if view is not None:
            self.retry_wanted.emit(view.folder.id, tuple(arrivals))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "document"):
            self.list.renew_colours()
            self.arrivals.viewport().update()
            icons.retint(self)


def _label(name: str, text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if name:
        label.setObjectName(name)
    return label
