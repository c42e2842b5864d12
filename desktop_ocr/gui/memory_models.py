"""The models in the memory panel: what each is doing and holds, and unloading it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui import icons
from desktop_ocr.gui.memory_words import model_memory, model_tip, model_words, state_of, use_words
from desktop_ocr.schema.memory import ModelState, ModelView

_MARKS = {
    ModelState.UNLOADED: ("circle-dashed", "muted"),
    ModelState.LOADING: ("loader", "accent"),
    ModelState.LOADED: ("circle-check", "good"),
    ModelState.UNLOADING: ("loader", "muted"),
}


class ElidedLabel(QLabel):
    """A line of text that ends in dots where there is no room for all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """As much as fits."""
        del event
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)


class ModelRow(QWidget):
    """A model: its name and memory, below it what it is doing. Del unloads it.

    Signals:
        unload_wanted: the model's id and its service.
    """

    unload_wanted = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("model-row")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self._view: ModelView | None = None
        self._mark = QLabel()
        self._mark.setFixedWidth(18)
        self.title = ElidedLabel()
        self.memory = QLabel()
        self.state = ElidedLabel()
        self.state.setObjectName("muted")
        self.memory.setTextFormat(Qt.TextFormat.PlainText)
        self.unload = QAction(self.tr("&Unload"), self)
        self.unload.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        self.unload.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.unload.triggered.connect(self._unload)
        self.addAction(self.unload)
        self.button = QToolButton()
        self.button.setText(self.tr("Unload"))
        self.button.setObjectName("small")
        self.button.clicked.connect(self.unload.trigger)
        grid = QGridLayout(self)
        grid.setContentsMargins(2, 4, 2, 4)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._mark, 0, 0)
        grid.addWidget(self.title, 0, 1)
        grid.addWidget(self.memory, 0, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.state, 1, 1)
        grid.addWidget(self.button, 1, 2, Qt.AlignmentFlag.AlignRight)

    @property
    def view(self) -> ModelView | None:
        """The model shown."""
        return self._view

    def show_model(self, view: ModelView) -> None:
        """Show a model as it is now."""
        if view == self._view:
            return
        before, self._view = self._view, view
        if before is None or before.state is not view.state:
            name, role = _MARKS[view.state]
            icons.set_icon(self._mark, name, role, 16)
        for label, words in (
            (self.title, view.title),
            (self.memory, model_memory(view)),
            (self.state, model_words(view)),
        ):
            if label.text() != words:
                label.setText(words)
        self.setToolTip(model_tip(view))
        reason = self._reason(view)
        self.unload.setEnabled(not reason)
        self.button.setEnabled(not reason)
        tip = reason or self.tr("Unload this model now (Del); it comes back when a page needs it")
        self.button.setToolTip(tip)
        self.unload.setToolTip(tip)
        # Its place stays taken: the figures beside it stand in a column.
        policy = self.button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.button.setSizePolicy(policy)
        self.button.setVisible(view.state is ModelState.LOADED)
        self.button.setAccessibleName(self.tr("Unload {model}").format(model=view.title))
        self.setAccessibleName(f"{view.title}, {self.memory.text()}, {state_of(view)}, {self.state.text()}")
        self._mark.setToolTip(state_of(view))

    def _reason(self, view: ModelView) -> str:
        """Why it cannot be unloaded, or ""."""
        if view.state is not ModelState.LOADED:
            return self.tr("Not loaded")
        return self.tr("In use: {words}").format(words=use_words(view)) if view.references else ""

    def _unload(self) -> None:
        if self._view is not None and not self._reason(self._view):
            self.unload_wanted.emit(self._view.model, self._view.service)

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addAction(self.unload)
        menu.popup(self.mapToGlobal(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Up and down go from model to model."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
            return
        super().keyPressEvent(event)


class ModelList(QWidget):
    """All models, in the order in which they are told.

    Signals:
        unload_wanted: a model's id and its service.
    """

    unload_wanted = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Models"))
        self.rows: list[ModelRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._empty = QLabel(self.tr("No models are known yet."))
        self._empty.setObjectName("muted")
        self._column.addWidget(self._empty)

    def show_models(self, views: Sequence[ModelView]) -> None:
        """Show these."""
        self._empty.setVisible(not views)
        while len(self.rows) < len(views):
            row = ModelRow()
            row.unload_wanted.connect(self.unload_wanted)
            # The button alone takes the tab key; rows are reached by it too, by arrows from there.
            row.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.rows.append(row)
            self._column.addWidget(row)
        while len(self.rows) > len(views):
            row = self.rows.pop()
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for row, view in zip(self.rows, views, strict=True):
            row.show_model(view)
