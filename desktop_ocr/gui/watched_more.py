"""What is asked less often about a watched folder: options of its own, and how new files are noticed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.core.settings_fields import Field
from desktop_ocr.gui.settings_editors import Number
from desktop_ocr.gui.settings_words import Item
from desktop_ocr.gui.words import tr
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.settings import Section
from desktop_ocr.schema.watching import WatchedFolder

INDENT = 24
MARGIN = 22
OptionsAsker = Callable[[QWidget, JobOptions, Callable[[JobOptions], None]], None]


class WatchedMore(QWidget):
    """The part of the form that is folded away at first."""

    def __init__(self, options: JobOptions | None, usual: JobOptions, ask: OptionsAsker | None) -> None:
        """Args:
        options: the folder's own, or None.
        usual: the settings' own, with which somebody begins who wants others.
        ask: asks for options of recognition, and tells them.
        """
        super().__init__()
        self.setObjectName("sheet")
        self._options = options
        self._usual = usual
        self._ask = ask
        self.own = QCheckBox(tr("O&ther options than those of the settings"))
        self.own.toggled.connect(lambda _on: self._enable())
        self.choose = QPushButton(tr("O&ptions…"))
        self.choose.setAutoDefault(False)
        self.choose.clicked.connect(self._choose)
        self.polling = QCheckBox(tr("Loo&k again and again"))
        usual_seconds = WatchedFolder("").settle_seconds
        seconds = Field("settle_seconds", Section.BACKGROUND, float, usual_seconds, "", 0.2, 3600.0, "s")
        self.settle = Number(Item(seconds.name, "", decimals=1), seconds, self)
        self.settle.setFixedWidth(110)
        self.settle.setAccessibleName(tr("A file is complete when it has not changed for"))
        self._lay_out()
        self._enable()

    def _lay_out(self) -> None:
        label = QLabel(tr("A file is complete &when it has not changed for"))
        label.setBuddy(self.settle)
        hint = muted(tr("For network folders that do not tell of new files. Where it is needed, it is done anyway."))
        hint.setContentsMargins(INDENT, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widgets in ((self.own, self.choose), (self.polling,), (hint,), (label, self.settle)):
            line = QHBoxLayout()
            line.setSpacing(10)
            for widget in widgets:
                line.addWidget(widget, 1 if widget is hint else 0)
            if widgets != (hint,):
                line.addStretch()
            column.addLayout(line)

    def stops(self) -> list[QWidget]:
        """Where the keyboard stops, in order."""
        return [self.own, self.choose, self.polling, self.settle]

    @property
    def options(self) -> JobOptions | None:
        """The options that were chosen; None for the settings' own."""
        return (self._options or self._usual) if self.own.isChecked() else None

    def show_folder(self, folder: WatchedFolder) -> bool:
        """Show how a folder is watched; whether something of it is not as usual."""
        self.own.setChecked(folder.options is not None)
        self.polling.setChecked(folder.polling)
        self.settle.set_value(folder.settle_seconds)
        usual = WatchedFolder("")
        shown = (folder.options, folder.polling, folder.settle_seconds)
        return shown != (usual.options, usual.polling, usual.settle_seconds)

    def _enable(self) -> None:
        self.choose.setEnabled(self.own.isChecked() and self._ask is not None)

    def _choose(self) -> None:
        if self._ask is not None:
            self._ask(self, self._options or self._usual, self._take)

    def _take(self, options: JobOptions) -> None:
        self._options = options


class OptionsDialog(QDialog):
    """Options of recognition for a watched folder.

    Signals:
        wished: the `JobOptions` that the user agreed to.
    """

    wished = Signal(object)

    def __init__(self, form: QWidget, read: Callable[[], JobOptions], parent: QWidget) -> None:
        """`form` shows the options, `read` tells those that it shows now."""
        super().__init__(parent)
        self.setWindowTitle(tr("Recognition in this folder"))
        self.setWindowModality(Qt.WindowModality.NonModal)  # it leads to the models, which are to be used meanwhile
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Ok | standard.Cancel)
        buttons.button(standard.Ok).setDefault(True)
        buttons.accepted.connect(lambda: self.wished.emit(read()))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 18, MARGIN, 18)
        column.setSpacing(12)
        column.addWidget(form)
        column.addWidget(buttons)


def muted(text: str) -> QLabel:
    """A sentence beside what it explains."""
    label = QLabel(text)
    label.setObjectName("muted")
    label.setWordWrap(True)
    return label
