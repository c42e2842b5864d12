"""Asks with which other options documents are to be recognised again."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from desktop_ocr.gui.recognition_form import RecognitionForm
from desktop_ocr.gui.stored_models import StoredModels
from desktop_ocr.gui.words import documents_words, shortened
from desktop_ocr.schema.jobs import JobOptions


class DocumentOptionsDialog(QDialog):
    """The dialog; it does not recognise.

    Signals:
        wished: the `JobOptions` that the user agreed to.
        models_wanted: as of the form.
    """

    wished = Signal(object)
    models_wanted = Signal(object)

    def __init__(
        self,
        names: list[str],
        options: JobOptions,
        models: StoredModels,
        parent: QWidget,
        *,
        alike: bool = True,
        costs: Mapping[str, float] | None = None,
    ) -> None:
        """`names` of the documents; `options` of the first one, or of all where they are `alike`."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Recognise with other options"))
        self.setWindowModality(Qt.WindowModality.NonModal)  # it leads to the models, which are to be used meanwhile
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._first = options
        self._alike = alike
        what = f"“{shortened(names[0])}”" if len(names) == 1 else documents_words(len(names))
        heading = QLabel(what)
        heading.setObjectName("heading")
        heading.setTextFormat(Qt.TextFormat.PlainText)
        self.form = RecognitionForm(models)
        self.form.show_options(options)
        self.form.show_costs(costs or {})
        self.form.edited.connect(lambda _options: self._check())
        self.form.models_wanted.connect(self.models_wanted)
        words = self.tr(
            "All pages are recognised again. What was read before is kept, and is there at once when you go back."
        )
        if not alike:
            words = self.tr("These documents had different options; the first one's are shown.") + " " + words
        note = QLabel(words)
        note.setObjectName("muted")
        note.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton(self.tr("&Recognise again"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._agree)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 18)
        column.setSpacing(12)
        column.addWidget(heading)
        column.addWidget(self.form)
        column.addWidget(note)
        column.addWidget(buttons)
        self.go.setDefault(True)
        self._check()
        self.form.profiles[options.profile].setFocus()

    def _check(self) -> None:
        """The same options again would change nothing."""
        self.go.setEnabled(not self._alike or self.form.options != self._first)

    def _agree(self) -> None:
        options = self.form.options
        self.accept()
        self.wished.emit(options)
