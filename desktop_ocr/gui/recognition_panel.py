"""What is done with new documents, in a panel below the toolbar's button; what is chosen there applies at once."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop_ocr.gui.recognition_form import RecognitionForm
from desktop_ocr.gui.stored_models import StoredModels


class RecognitionPanel(QFrame):
    """The panel; it goes when somebody clicks beside it or presses Esc.

    Signals:
        others_wanted: the user wants other options for the selected documents.
        models_wanted: the user wants to see the models.
        settings_wanted: the user wants to see all settings.
    """

    others_wanted = Signal()
    models_wanted = Signal()
    settings_wanted = Signal()

    def __init__(self, models: StoredModels, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAccessibleName(self.tr("Recognition of new documents"))
        heading = QLabel(self.tr("For new documents"))
        heading.setObjectName("heading")
        self.form = RecognitionForm(models)
        self.others = self._button(self.tr("For s&elected documents…"))
        self.models = self._button(self.tr("&Models…"))
        self.settings = self._button(self.tr("All se&ttings…"))
        self.others.clicked.connect(self.others_wanted)
        self.models.clicked.connect(self.models_wanted)
        self.settings.clicked.connect(self.settings_wanted)
        self.form.models_wanted.connect(lambda _feature: self.hide())
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.others)
        row.addStretch()
        row.addWidget(self.models)
        row.addWidget(self.settings)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 14)
        column.setSpacing(10)
        column.addWidget(heading)
        column.addWidget(self.form)
        column.addSpacing(2)
        column.addLayout(row)

    def _button(self, words: str) -> QPushButton:
        button = QPushButton(words)
        button.clicked.connect(self.hide)
        return button

    def show_below(self, anchor: QWidget) -> None:
        """Appear below a widget, inside its screen; the keyboard is in it then."""
        self.adjustSize()
        corner = anchor.mapToGlobal(QPoint(anchor.width(), anchor.height() + 4))
        room = anchor.screen().availableGeometry()
        left = max(room.left(), min(corner.x() - self.width(), room.right() - self.width()))
        top = max(room.top(), min(corner.y(), room.bottom() - self.height()))
        self.move(left, top)
        self.show()
        self.form.profiles[self.form.options.profile].setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Esc puts it away."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            return
        super().keyPressEvent(event)
