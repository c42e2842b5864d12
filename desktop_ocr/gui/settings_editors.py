"""What values are changed with in the settings dialog. Each editor has `value`, `set_value`, `words` and `edited`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.core.settings_fields import Field
from desktop_ocr.gui import icons
from desktop_ocr.gui.feature_words import languages
from desktop_ocr.gui.settings_texts import EDITOR_WIDTH, Clock, Keys, Text
from desktop_ocr.gui.settings_words import Item, named_choice, unit_of
from desktop_ocr.gui.theme import DARK, ICONS, current_colours
from desktop_ocr.gui.words import tr


class Editor(Protocol):
    """What the dialog asks of an editor; each is a widget too, and has a signal `edited`."""

    def value(self) -> Any:
        """The value as the settings have it."""

    def set_value(self, value: Any) -> None:
        """Show a value."""

    def words(self, value: Any) -> str:
        """A value in words."""


def _chevron(painter: QPainter, middle: QPointF, down: bool, role: str) -> None:
    """A small arrow in the colour of a role: the style's own does not follow the theme."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(current_colours().colour(role), 1.5)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    by = 1.6 if down else -1.6
    points = [QPointF(middle.x() + x, middle.y() + y) for x, y in ((-3.2, -by), (0, by), (3.2, -by))]
    painter.drawPolyline(points)


class Number(QDoubleSpinBox):
    """A number with its unit, in its range.

    What is shown may be rounded; the value is not, as long as nobody changes it.

    Signals:
        edited: somebody changed it.
    """

    edited = Signal()

    def __init__(self, item: Item, field: Field, parent: QWidget) -> None:
        super().__init__(parent)
        if field.low is None or field.high is None:
            raise TypeError(f"{field.name} has no range")
        self._item = item
        self._field = field
        self._value: Any = field.default
        self._seen = 0.0
        self.setDecimals(item.decimals)
        self.setRange(field.low * item.scale, field.high * item.scale)
        self.setSingleStep(item.step)
        self.setGroupSeparatorShown(True)
        unit = unit_of(item, field)
        self.setSuffix(f" {unit}" if unit else "")
        if item.zero and field.low == 0:
            self.setSpecialValueText(item.zero)
        self.lineEdit().setTextMargins(6, 0, 0, 0)  # a style sheet's padding does not reach it
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the wheel is for scrolling
        self.setFixedWidth(EDITOR_WIDTH)
        self.valueChanged.connect(lambda _value: self.edited.emit())

    def value(self) -> Any:
        """The value as the settings have it."""
        shown = super().value()
        if shown == self._seen:
            return self._value
        exact = shown / self._item.scale
        if self._field.kind is int:
            return round(exact)
        low, high = self._field.low or 0.0, self._field.high or 0.0
        return min(max(round(exact, 6), low), high)

    def set_value(self, value: Any) -> None:
        """Show a value."""
        blocked = self.blockSignals(True)
        self.setValue(value * self._item.scale)
        self.blockSignals(blocked)
        self._value, self._seen = value, super().value()
        self.edited.emit()

    def words(self, value: Any) -> str:
        """A value in words: "80 %"."""
        if value == 0 and self.specialValueText():
            return self.specialValueText()
        return self.textFromValue(value * self._item.scale) + self.suffix()

    def textFromValue(self, value: float) -> str:  # noqa: N802 - Qt's name
        """Without zeros at the end."""
        words = super().textFromValue(value)
        point = self.locale().decimalPoint()
        return words.rstrip("0").removesuffix(point) if point in words else words

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Scroll the page rather than the number, unless it is being edited."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the arrows too."""
        super().paintEvent(event)
        painter = QPainter(self)
        x, middle = self.width() - 12.0, self.height() / 2
        enabled = self.stepEnabled()
        for flag, down in ((QDoubleSpinBox.StepEnabledFlag.StepUpEnabled, False),
                           (QDoubleSpinBox.StepEnabledFlag.StepDownEnabled, True)):  # fmt: skip
            able = self.isEnabled() and bool(enabled & flag)
            _chevron(painter, QPointF(x, middle + (5 if down else -5)), down, "muted" if able else "border")
        painter.end()


class Choice(QComboBox):
    """One of several values.

    Signals:
        edited: somebody chose another.
    """

    edited = Signal()

    def __init__(self, item: Item, values: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._name = item.name
        self._values = tuple(values)
        for value in self._values:
            self.addItem(self.words(value), value)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedWidth(EDITOR_WIDTH)
        self.currentIndexChanged.connect(lambda _index: self.edited.emit())

    def value(self) -> str:
        """The value as the settings have it."""
        return str(self.currentData())

    def set_value(self, value: str) -> None:
        """Show a value, one that cannot be chosen otherwise too: a GPU that is not there, say."""
        at = self.findData(str(value))
        if at < 0:
            self.addItem(self.words(value), str(value))
            at = self.count() - 1
        self.setCurrentIndex(at)
        self.edited.emit()

    def words(self, value: str) -> str:
        """A value in words."""
        words = named_choice(self._name, str(value))
        return words if str(value) in self._values else tr("{choice} (not found)").format(choice=words)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Scroll the page rather than the choice, unless it is being edited."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the arrow too."""
        super().paintEvent(event)
        painter = QPainter(self)
        role = "muted" if self.isEnabled() else "border"
        _chevron(painter, QPointF(self.width() - 13.0, self.height() / 2), True, role)
        painter.end()


class Switch(QCheckBox):
    """On or off.

    Signals:
        edited: somebody changed it.
    """

    edited = Signal()

    def __init__(self, item: Item, parent: QWidget) -> None:
        super().__init__(item.label, parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.toggled.connect(lambda _on: self.edited.emit())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """With a little room: the line below the key's letter takes letters apart, which the style does not count."""
        return super().sizeHint() + QSize(4, 0)

    def value(self) -> bool:
        """The value as the settings have it."""
        return self.isChecked()

    def set_value(self, value: bool) -> None:
        """Show a value."""
        self.setChecked(value)
        self.edited.emit()

    def words(self, value: bool) -> str:
        """A value in words."""
        return tr("on") if value else tr("off")


class Steps(QWidget):
    """Some of several values, in an order: a list with marks, whose lines can be moved.

    Signals:
        edited: somebody changed it.
    """

    edited = Signal()

    def __init__(self, item: Item, values: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._name = item.name
        self._values = tuple(values)
        self.list = QListWidget(self)
        self.list.setObjectName("steps")
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemChanged.connect(lambda _item: self.edited.emit())
        self.list.model().rowsMoved.connect(lambda *_where: self.edited.emit())
        self.list.currentRowChanged.connect(lambda _row: self._check())
        self.list.installEventFilter(self)
        self.up = self._button("chevron-up", tr("Move up (Alt+Up)"), -1)
        self.down = self._button("chevron-down", tr("Move down (Alt+Down)"), 1)
        buttons = QVBoxLayout()
        buttons.setSpacing(2)
        buttons.addWidget(self.up)
        buttons.addWidget(self.down)
        buttons.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.list, 1)
        row.addLayout(buttons)
        self.setFocusProxy(self.list)
        self.edited.connect(self._check)
        self._dress()

    def value(self) -> tuple[str, ...]:
        """The value as the settings have it."""
        items = [self.list.item(row) for row in range(self.list.count())]
        on = Qt.CheckState.Checked
        return tuple(str(item.data(Qt.ItemDataRole.UserRole)) for item in items if item.checkState() is on)

    def set_value(self, value: Sequence[str]) -> None:
        """Show a value: what is in it in its order, then the rest."""
        chosen = [str(one) for one in value]
        blocked = self.list.blockSignals(True)
        self.list.clear()
        for one in [*chosen, *(other for other in self._values if other not in chosen)]:
            item = QListWidgetItem(named_choice(self._name, one))
            item.setData(Qt.ItemDataRole.UserRole, one)
            flags = Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            item.setFlags(flags | Qt.ItemFlag.ItemIsDragEnabled)  # onto it nothing is dropped, between them it is
            item.setCheckState(Qt.CheckState.Checked if one in chosen else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.blockSignals(blocked)
        self._fit()
        self.edited.emit()

    def words(self, value: Sequence[str]) -> str:
        """A value in words."""
        return ", ".join(named_choice(self._name, str(one)) for one in value) or tr("nothing")

    def shift(self, by: int) -> None:
        """Move the current line."""
        row = self.list.currentRow()
        if row < 0 or not 0 <= row + by < self.list.count():
            return
        item = self.list.takeItem(row)
        self.list.insertItem(row + by, item)
        self.list.setCurrentRow(row + by)
        self.edited.emit()

    def _button(self, picture: str, words: str, by: int) -> QToolButton:
        button = QToolButton(self)
        icons.set_icon(button, picture, "muted")
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.clicked.connect(lambda: self.shift(by))
        return button

    def _check(self) -> None:
        row = self.list.currentRow()
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < self.list.count() - 1)

    def _dress(self) -> None:
        """The mark's picture is the one thing that cannot be said by the palette."""
        check = ICONS / f"check-{'dark' if current_colours() is DARK else 'light'}.svg"
        style = f'QListWidget::indicator:checked {{ image: url("{check.as_posix()}"); }}'
        if self.list.styleSheet() != style:
            self.list.setStyleSheet(style)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "down"):
            self._dress()

    def _fit(self) -> None:
        """As high as its lines."""
        height = sum(self.list.sizeHintForRow(row) for row in range(self.list.count()))
        self.list.setFixedHeight(height + 10)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Alt and the arrow keys move the current line; the lines' height follows the style."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
            if by and event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self.shift(by)
                return True
        if event.type() in (QEvent.Type.Polish, QEvent.Type.StyleChange, QEvent.Type.Show):
            self._fit()
        return super().eventFilter(watched, event)


def editor_for(
    item: Item, field: Field, devices: Sequence[str], parent: QWidget
) -> Number | Choice | Switch | Steps | Text | Keys:
    """The editor for a setting."""
    if field.kind is bool:
        return Switch(item, parent)
    if field.kind is tuple:
        return Steps(item, field.choices, parent)
    if field.name == "language":
        return Choice(item, [value for value, _words in languages()], parent)
    if field.name == "device":
        return Choice(item, tuple(dict.fromkeys(("auto", "cpu", *devices))), parent)
    if field.name == "capture_shortcut":
        return Keys(item, parent)
    if field.name in ("quiet_from", "quiet_until"):
        return Clock(item, field, parent)
    if field.kind is str:
        return Choice(item, field.choices, parent) if field.choices else Text(item, field, parent)
    return Number(item, field, parent)
