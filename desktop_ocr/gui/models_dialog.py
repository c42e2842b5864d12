"""The models: which are on this computer, which can be had, and how downloads go."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui import icons
from desktop_ocr.gui.cards import Card
from desktop_ocr.gui.message_bar import MessageBars
from desktop_ocr.gui.model_details import ModelDetails
from desktop_ocr.gui.models_list import ModelsList
from desktop_ocr.gui.stored_models import StoredModels
from desktop_ocr.gui.stored_words import disk_words
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.model_store import InstallPlan, StoredModel

FIRST_SIZE = QSize(960, 680)
LEAST_SIZE = QSize(760, 540)
FILTER_WIDTH = 220


class ModelsDialog(QDialog):
    """The page; it asks for nothing itself. It stays open beside the window.

    Signals:
        install_wanted: names of models, or of a profile, that the user wants to have.
        cancel_wanted, verify_wanted, remove_wanted: `StoredModel`s.
        import_wanted: the user has models in a folder.
        again_wanted: the models could not be told; the user wants another try.
    """

    install_wanted = Signal(object)
    cancel_wanted = Signal(object)
    verify_wanted = Signal(object)
    remove_wanted = Signal(object)
    import_wanted = Signal()
    again_wanted = Signal()

    def __init__(self, models: StoredModels, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Models"))
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.setMinimumSize(LEAST_SIZE)
        self.resize(FIRST_SIZE)
        self._models = models
        self._verifying: set[str] = set()
        self._plan: InstallPlan | None = None
        self._sought: object = None
        self.bars = MessageBars()
        self.list = ModelsList()
        self.details = ModelDetails()
        self.card = Card()
        self.filter = QLineEdit()
        self._assemble()
        self._connect()
        self.show_loading()

    # --- putting together -----------------------------------------------------------------------------------

    def _assemble(self) -> None:
        title = QLabel(self.tr("Models"))
        title.setObjectName("page-title")
        text = QLabel(self.tr("What pages are read with. Nothing is downloaded unless you agree to it."))
        text.setObjectName("muted")
        self.filter.setPlaceholderText(self.tr("Find a model"))
        self.filter.setAccessibleName(self.tr("Find a model"))
        self.filter.setToolTip(self.tr("Shows models whose name, use or state has these words (Ctrl+F)"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setFixedWidth(FILTER_WIDTH)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title)
        words.addWidget(text)
        head = QHBoxLayout()
        head.setContentsMargins(20, 16, 20, 0)
        head.addLayout(words, 1)
        head.addWidget(self.filter, 0, Qt.AlignmentFlag.AlignBottom)

        self.stack = QStackedWidget()
        self.stack.addWidget(self.card)
        self.stack.addWidget(self.list)
        self.disk = QLabel()
        self.disk.setObjectName("muted")
        self.disk.setTextFormat(Qt.TextFormat.PlainText)
        self.disk.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.full = self._button(self.tr("Install all for “&Full”…"), "package")
        self.full.setToolTip(self.tr("All models that the profile “Full” needs"))
        self.bring = self._button(self.tr("Import &folder…"), "folder-input")
        self.bring.setToolTip(self.tr("Take over models that were downloaded on another computer"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        for button in buttons.buttons():
            if isinstance(button, QPushButton):
                button.setAutoDefault(False)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.full)
        foot.addWidget(self.bring)
        foot.addSpacing(8)
        foot.addWidget(self.disk, 1)
        foot.addWidget(buttons)

        inside = QVBoxLayout()
        inside.setContentsMargins(20, 0, 20, 16)
        inside.setSpacing(12)
        inside.addWidget(self.stack, 1)
        inside.addWidget(self.details)
        inside.addLayout(foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.bars)
        column.addLayout(head)
        column.addLayout(inside, 1)

    def _button(self, words: str, name: str) -> QPushButton:
        button = QPushButton(icons.beside(words))
        button.setAutoDefault(False)
        icons.set_icon(button, name)
        return button

    def _connect(self) -> None:
        self._models.learned.connect(self._show_all)
        self._models.changed.connect(self._show_one)
        self._models.failed.connect(self._show_failure)
        self.filter.textChanged.connect(self._filter)
        self.list.chosen.connect(self._show_details)
        self.list.acted.connect(self._act)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.full.clicked.connect(lambda: self.install_wanted.emit(("full",)))
        self.bring.clicked.connect(self.import_wanted)
        details = self.details
        details.install_wanted.connect(lambda: self._emit_install())
        details.cancel_wanted.connect(lambda: self.cancel_wanted.emit(self.list.models_chosen()))
        details.verify_wanted.connect(lambda: self.verify_wanted.emit(self.list.models_chosen()))
        details.remove_wanted.connect(lambda: self.remove_wanted.emit(self.list.models_chosen()))
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(lambda: self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason))
        remove = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.list)
        remove.setContext(Qt.ShortcutContext.WidgetShortcut)
        remove.activated.connect(details.remove.click)

    # --- content --------------------------------------------------------------------------------------------

    def show_loading(self) -> None:
        """Nobody knows the models yet."""
        if not self._models.known:
            self.card.say("loader", self.tr("Looking what is installed…"), "")
            self._show_card()
        else:
            self._show_all()

    def _show_failure(self, error: ErrorInfo) -> None:
        if self._models.known:
            self.bars.show_error(error)
            return
        self.card.say(
            "circle-alert",
            self.tr("The models cannot be listed"),
            str(error),
            role="danger",
            button=self.tr("&Try again"),
            act=self.again_wanted.emit,
        )
        self._show_card()

    def _show_card(self) -> None:
        self.stack.setCurrentWidget(self.card)
        self.details.setVisible(self._models.known)
        for widget in (self.filter, self.full, self.bring):
            widget.setEnabled(self._models.known)

    def _show_all(self) -> None:
        self.list.show_models(self._models.all())
        self._filter(self.filter.text())
        for widget in (self.filter, self.full, self.bring):
            widget.setEnabled(True)
        self.details.show()
        self.list.choose(self._models.matching(self._sought))
        self._sought = None
        self.list.choose_first()
        self._show_details()
        self.show_plan(self._plan)
        if not self.filter.hasFocus():
            self.list.setFocus()

    def _show_one(self, model: StoredModel) -> None:
        if self.stack.currentWidget() is self.card and not self.list.shown and not self.filter.text():
            return  # they are not learned yet
        self.list.show_model(model)
        if model.id in {one.id for one in self.list.models_chosen()}:
            self._show_details()
        self.show_plan(self._plan)

    def _filter(self, words: str) -> None:
        self.list.set_filter(words)
        if self.list.shown:
            self.stack.setCurrentWidget(self.list)
            self.list.choose_first()
        else:
            self.card.say(
                "search",
                self.tr("No model has “{words}” in its name").format(words=words.strip()),
                self.tr("Look for something else, or see all of them."),
                button=self.tr("&Show all"),
                act=self.filter.clear,
            )
            self.stack.setCurrentWidget(self.card)
        self.details.setVisible(bool(self.list.shown))
        self._show_details()

    def _show_details(self) -> None:
        chosen = self.list.models_chosen()
        speed = self._models.speed(chosen[0].id) if len(chosen) == 1 else 0.0
        self.details.show_models(chosen, speed, any(model.id in self._verifying for model in chosen))

    def show_plan(self, plan: InstallPlan | None) -> None:
        """How much room there is, from any plan."""
        self._plan = plan
        self.list.set_host(plan.host if plan is not None else "")
        words = disk_words(self._models.all(), plan)
        self.disk.setText(words)
        self.disk.setToolTip(self.tr("Kept in {folder}").format(folder=plan.folder) if plan is not None else "")

    def set_verifying(self, name: str, on: bool) -> None:
        """A model's files are being read."""
        (self._verifying.add if on else self._verifying.discard)(name)
        self._show_details()

    def seek(self, what: object) -> None:
        """Choose a model, now and when they were asked for again; see `StoredModels.matching`."""
        self.filter.clear()
        self._sought = what
        self.list.choose(self._models.matching(what))

    # --- what is done ---------------------------------------------------------------------------------------

    def _emit_install(self) -> None:
        self.install_wanted.emit(tuple(model.id for model in self.list.models_chosen()))

    def _act(self) -> None:
        """The first thing that can be done with what is chosen."""
        details = self.details
        for button in (details.install, details.cancel, details.verify):
            if button.isEnabled():
                button.click()
                return

    def _show_menu(self, place: QPoint) -> None:
        details = self.details
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for button in (details.install, details.cancel, details.verify, details.remove):
            if button.isEnabled():
                menu.addAction(button.text().strip("\u00a0"), button.click)
        if menu.actions():
            menu.popup(self.list.viewport().mapToGlobal(place))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "full"):
            self.list.renew_colours()
            icons.retint(self)
