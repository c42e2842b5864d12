"""Asks with which other settings a page, or a part of it, is to be recognised, and waits for it."""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui.choices import NamedChoice
from desktop_ocr.gui.recognition_form import RecognitionForm
from desktop_ocr.gui.settings_words import choice_words, named_choice
from desktop_ocr.gui.stored_models import StoredModels
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.jobs import JobOptions, TextModel

RESOLUTIONS = (100, 150, 200, 300, 400, 600)
MOST_HEIGHT = 640
SIDE = 22


class RerunDialog(QDialog):
    """The dialog; it does not recognise.

    Signals:
        wished: the `JobOptions` to try.
        stopped: the user does not want to wait any longer.
        models_wanted: as of the form.
    """

    wished = Signal(object)
    stopped = Signal()
    models_wanted = Signal(object)

    def __init__(
        self,
        what: str,
        options: JobOptions,
        models: StoredModels,
        parent: QWidget,
        *,
        costs: Mapping[str, float] | None = None,
    ) -> None:
        """`what` is to be recognised, in words."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Recognise with other settings"))
        self.setWindowModality(Qt.WindowModality.NonModal)  # it leads to the models, which are to be used meanwhile
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._options = options
        self._began = 0.0
        heading = QLabel(what)
        heading.setObjectName("heading")
        heading.setTextFormat(Qt.TextFormat.PlainText)
        note = QLabel(self.tr("Nothing is changed yet: you see both readings, and choose one."))
        note.setObjectName("muted")
        note.setWordWrap(True)
        self.form = RecognitionForm(models)
        self.form.show_costs(costs or {})
        self.form.models_wanted.connect(self.models_wanted)
        self._area = self._scrolled(self._make_choices())
        self.wrong = QLabel()
        self.wrong.setObjectName("wrong")
        self.wrong.setTextFormat(Qt.TextFormat.PlainText)
        self.wrong.setWordWrap(True)
        self.wrong.hide()
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Recognising"))
        self.passed = QLabel()
        self.passed.setObjectName("muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDE, 18, SIDE, 16)
        column.setSpacing(10)
        for widget in (heading, note, self._area, self.wrong, self.passed, self.bar):
            column.addWidget(widget)
        column.addWidget(self._make_buttons())
        self.go.setDefault(True)
        self._clock = QTimer(self)
        self._clock.setInterval(500)
        self._clock.timeout.connect(self._tell_time)
        self._show_options(options)
        self.show_idle()
        self.language.setFocus()

    # --- putting together -----------------------------------------------------------------------------------

    def _make_choices(self) -> QWidget:
        self.language = self.form.language
        self.model = NamedChoice(
            self.tr("Size of the model for text"),
            [(size.value, _size_words(size)) for size in TextModel],
            self,
        )
        self.resolution = NamedChoice(
            self.tr("Resolution"), [(str(dpi), self.tr("{dpi} dpi").format(dpi=dpi)) for dpi in RESOLUTIONS], self
        )
        made = QWidget()
        made.setObjectName("sheet")
        grid = QGridLayout(made)
        grid.setContentsMargins(0, 0, 4, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        for at, (words, choice) in enumerate(
            ((self.tr("Si&ze of the text model"), self.model), (self.tr("Resol&ution"), self.resolution))
        ):
            label = QLabel(words)
            label.setBuddy(choice)
            grid.addWidget(label, 0, 2 * at)
            grid.addWidget(choice, 0, 2 * at + 1)
            grid.setColumnStretch(2 * at + 1, 1)
        grid.addWidget(self.form, 1, 0, 1, 4)
        return made

    def _scrolled(self, inside: QWidget) -> QScrollArea:
        area = QScrollArea()
        area.setObjectName("plain")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        self._inside = inside
        return area

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox()
        self.go = buttons.addButton(self.tr("Star&t"), QDialogButtonBox.ButtonRole.ActionRole)
        self.cancel = buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.cancel.setAutoDefault(False)
        self.go.clicked.connect(self._start)
        buttons.rejected.connect(self.reject)
        return buttons

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Only now it is known how large everything is, in the style's letters."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As wide and high as the form, on a small screen with a bar to scroll by."""
        wanted = self._inside.sizeHint()
        self._area.setMinimumWidth(wanted.width() + 16)
        others = self.sizeHint().height() - self._area.sizeHint().height()
        self._area.setFixedHeight(min(wanted.height() + 2, MOST_HEIGHT - others - 40))
        self.adjustSize()

    # --- states ---------------------------------------------------------------------------------------------

    def _show_options(self, options: JobOptions) -> None:
        self.form.show_options(options)
        self.model.set_value(options.text_model.value)
        self.resolution.set_value(str(options.dpi))

    @property
    def options(self) -> JobOptions:
        """What is chosen."""
        return msgspec.structs.replace(
            self.form.options, text_model=TextModel(self.model.value()), dpi=int(self.resolution.value())
        )

    @property
    def running(self) -> bool:
        """Whether it is waited for."""
        return self._clock.isActive()

    def show_idle(self) -> None:
        """Nothing is being recognised."""
        self._show_running(False)

    def show_error(self, info: ErrorInfo) -> None:
        """It could not be done: say why, and let the user choose otherwise."""
        self._show_running(False)
        self.wrong.setText(str(info))
        self.wrong.show()
        self.go.setFocus()

    def _show_running(self, on: bool) -> None:
        self._area.setEnabled(not on)
        self.go.setEnabled(not on)
        self.bar.setVisible(on)
        self.passed.setVisible(on)
        self.wrong.hide()
        if on:
            self._began = time.monotonic()
            self._clock.start()
            self._tell_time()
        else:
            self._clock.stop()

    def _tell_time(self) -> None:
        seconds = round(time.monotonic() - self._began)
        self.passed.setText(self.tr("Recognising… {n} s").format(n=seconds) if seconds else self.tr("Recognising…"))

    def _start(self) -> None:
        options = self.options
        self._show_running(True)
        self.cancel.setFocus()
        self.wished.emit(options)

    def reject(self) -> None:
        """Stop what runs, and stay; close where nothing does."""
        if self.running:
            self.show_idle()
            self.go.setFocus()
            self.stopped.emit()
            return
        super().reject()


def _size_words(size: TextModel) -> str:
    return named_choice("text_model", size.value) if size is TextModel.AUTO else choice_words(size.value)
