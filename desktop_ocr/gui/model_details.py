"""What is known of the chosen models, and what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.feature_words import feature_title
from desktop_ocr.gui.stored_models import UNDER_WAY
from desktop_ocr.gui.stored_words import download_words, licences, models_words, size_words, state_words
from desktop_ocr.gui.words import memory_words, tr
from desktop_ocr.schema.model_store import StoredModel, StoreState

PARTS_OF_BAR = 1000


def can_install(model: StoredModel) -> bool:
    """Whether it can be downloaded."""
    return model.state in (StoreState.AVAILABLE, StoreState.BROKEN_OFF)


def can_cancel(model: StoredModel) -> bool:
    """Whether its download can be stopped."""
    return model.state in (StoreState.WAITING, StoreState.DOWNLOADING)


def can_verify(model: StoredModel) -> bool:
    """Whether there is something to look at."""
    return model.state is StoreState.INSTALLED and not model.parts


def can_remove(model: StoredModel) -> bool:
    """Whether its files can be deleted: all of them, or what has come of a download."""
    return not (model.bundled or model.parts) and (
        model.state is StoreState.INSTALLED or (model.state is StoreState.BROKEN_OFF and model.done > 0)
    )


def purpose_words(model: StoredModel) -> str:
    """What a model is used for."""
    if not model.features:
        return tr("Every page that is recognised needs one like it.") if model.bundled else tr("For recognising text.")
    return tr("For: {features}.").format(features=", ".join(feature_title(one) for one in model.features))


def fact_words(model: StoredModel) -> str:
    """Size, memory, licence, engines and source in a line."""
    facts = [
        tr("{size} on the disk").format(size=size_words(model.size)) if model.size else "",
        (
            (tr("about {memory} of memory") if model.memory_estimated else tr("{memory} of memory")).format(
                memory=memory_words(model.memory_mb)
            )
            if model.memory_mb
            else ""
        ),
        tr("made of {models}").format(models=models_words(len(model.parts))) if model.parts else "",
        tr("licence {licence}").format(licence=model.licence) if model.licence else "",
        tr("runs by {engines}").format(engines=tr(" or ").join(model.engines)) if model.engines else "",
        tr("from {source}").format(source=model.source) if model.source else "",
    ]
    return "  ·  ".join(fact for fact in facts if fact)


class ModelDetails(QFrame):
    """Below the list.

    Signals:
        install_wanted, cancel_wanted, verify_wanted, remove_wanted: the user pressed a button.
    """

    install_wanted = Signal()
    cancel_wanted = Signal()
    verify_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self._models: list[StoredModel] = []
        self._title = QLabel()
        self._title.setObjectName("heading")
        self._name = QLabel()
        self._name.setObjectName("muted")
        self.words = QLabel()
        self.facts = QLabel()
        self.facts.setObjectName("muted")
        self.wrong = QLabel()
        self.wrong.setObjectName("wrong")
        for label in (self._title, self._name, self.words, self.facts, self.wrong):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self.words, self.facts, self.wrong):
            label.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, PARTS_OF_BAR)
        self.bar.setAccessibleName(self.tr("Progress of the download"))
        self.progress = QLabel()
        self.progress.setObjectName("muted")
        self.install = self._button(self.tr("&Install…"), "arrow-down-to-line", self.install_wanted)
        self.cancel = self._button(self.tr("&Stop"), "x", self.cancel_wanted)
        self.verify = self._button(self.tr("&Verify"), "shield-check", self.verify_wanted)
        self.remove = self._button(self.tr("&Remove…"), "trash-2", self.remove_wanted)
        self._lay_out()
        self.show_models([], 0.0)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._title)
        head.addWidget(self._name)
        head.addStretch()
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        self._moving = QWidget()
        moving = QVBoxLayout(self._moving)
        moving.setContentsMargins(0, 0, 12, 0)
        moving.setSpacing(4)
        moving.addWidget(self.bar)
        moving.addWidget(self.progress)
        buttons.addWidget(self._moving, 1)
        buttons.addStretch()
        for button in (self.install, self.cancel, self.verify, self.remove):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(5)
        column.addLayout(head)
        column.addWidget(self.words)
        column.addWidget(self.facts)
        column.addWidget(self.wrong)
        column.addStretch()
        column.addLayout(buttons)

    def _button(self, words: str, name: str, wanted: object) -> QPushButton:
        button = QPushButton(icons.beside(words))
        button.setAutoDefault(False)
        icons.set_icon(button, name)
        button.clicked.connect(wanted)
        return button

    def show_models(self, models: Sequence[StoredModel], speed: float, verifying: bool = False) -> None:
        """Show one model in full, of several what they have in common; `speed` of the one's download."""
        self._models = list(models)
        one = models[0] if len(models) == 1 else None
        self._title.setText(self._headline(models))
        self._name.setText(one.id if one is not None else "")
        self.words.setText(self._sentence(models))
        self.facts.setText(fact_words(one) if one is not None else self._sum(models))
        self.facts.setVisible(bool(self.facts.text()))
        wrong = str(one.error) if one is not None and one.error is not None else ""
        self.wrong.setText(wrong)
        self.wrong.setVisible(bool(wrong))
        moving = one is not None and (one.state in UNDER_WAY or (one.state is StoreState.BROKEN_OFF and one.done > 0))
        self._moving.setVisible(moving or verifying)
        if one is not None and moving:
            idle = one.state in (StoreState.WAITING, StoreState.CHECKING)
            self.bar.setRange(0, 0 if idle else PARTS_OF_BAR)
            self.bar.setValue(round(PARTS_OF_BAR * min(1.0, one.done / one.size)) if one.size else 0)
            self.progress.setText(download_words(one, speed))
        elif verifying:
            self.bar.setRange(0, 0)
            self.progress.setText(self.tr("Its files are being read and compared."))
        self._show_buttons(verifying)

    def _headline(self, models: Sequence[StoredModel]) -> str:
        if not models:
            return self.tr("No model chosen")
        return models[0].title if len(models) == 1 else models_words(len(models))

    def _sentence(self, models: Sequence[StoredModel]) -> str:
        if not models:
            return self.tr("Choose one in the list to see what it is for.")
        if len(models) > 1:
            return ", ".join(model.title for model in models)
        one = models[0]
        state = "" if one.state in UNDER_WAY else f"{state_words(one)}."
        return " ".join(part for part in (purpose_words(one), state, one.reason) if part)

    def _sum(self, models: Sequence[StoredModel]) -> str:
        if not models:
            return ""
        return tr("{size} in all  ·  licences: {licences}").format(
            size=size_words(sum(model.size for model in models)), licences=licences(models)
        )

    def _show_buttons(self, verifying: bool) -> None:
        models = self._models
        parts = any(model.state is StoreState.BROKEN_OFF and model.done for model in models)
        self.install.setText(icons.beside(self.tr("&Go on…") if parts else self.tr("&Install…")))
        for button, able in (
            (self.install, any(map(can_install, models))),
            (self.cancel, any(map(can_cancel, models))),
            (self.verify, any(map(can_verify, models))),
            (self.remove, any(map(can_remove, models))),
        ):
            focused = button.hasFocus()
            button.setVisible(able)
            button.setEnabled(able and not verifying)
            if focused and not able:  # otherwise it would go to a button that does something else
                self.focusPreviousChild()
