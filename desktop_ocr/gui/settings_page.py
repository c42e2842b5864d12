"""A page of the settings dialog: its settings in groups, the less usual ones folded away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.core.settings_fields import Field
from desktop_ocr.gui import icons
from desktop_ocr.gui.settings_editors import Number, Steps, Switch, editor_for
from desktop_ocr.gui.settings_words import Group, Item, Sheet, hint_of
from desktop_ocr.gui.words import memory_words, tr

BOX_INDENT = 24  # a check box's words stand so far to the right
UNDO_WIDTH = 44  # of the button that brings a default back, with the air before it


class Row(QWidget):
    """A setting: its name, what it means, and what it is changed with.

    A value that is not the default has a button that brings the default back.

    Signals:
        edited: its value is another.
    """

    edited = Signal()

    def __init__(self, item: Item, field: Field, devices: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.item = item
        self.default = field.default
        self.name = item.label.replace("&", "")
        self.editor = editor_for(item, field, devices, self)
        self.hint = _words(hint_of(item, field), "muted", self)
        self.cost = QLabel(self)
        self.cost.setObjectName("muted")
        self.cost.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.wrong = _words("", "wrong", self)
        self.wrong.hide()
        self.undo = QToolButton(self)
        icons.set_icon(self.undo, "undo-2", "accent")
        self.undo.clicked.connect(lambda: self.set_value(self.default))
        policy = self.undo.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.undo.setSizePolicy(policy)
        self.label: QLabel | None = None
        self._arrange()
        self.editor.setAccessibleName(self.name)
        self._describe()
        if isinstance(self.editor, Steps):
            self.editor.list.setAccessibleName(self.name)
        words = tr("Back to the default: {value}").format(value=self.editor.words(self.default))
        self.undo.setToolTip(words)
        self.undo.setAccessibleName(f"{self.name}: {words}")
        self.editor.edited.connect(self._edited)

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        line = QHBoxLayout()
        line.setSpacing(10)
        column.addLayout(line)
        column.addWidget(self.hint)
        if isinstance(self.editor, Switch):
            line.addWidget(self.editor)
            line.addStretch(1)
            line.addWidget(self.cost)
        else:
            self.label = QLabel(self.item.label, self)
            self.label.setBuddy(self.editor)
            line.addWidget(self.label, 1)
            if isinstance(self.editor, Steps):
                column.addSpacing(2)
                column.addWidget(self.editor)
            else:
                line.addWidget(self.cost)
                line.addWidget(self.editor)
        line.addWidget(self.undo)
        column.addWidget(self.wrong)
        for words in (self.hint, self.wrong):
            words.setContentsMargins(BOX_INDENT if isinstance(self.editor, Switch) else 0, 0, UNDO_WIDTH, 0)
        if isinstance(self.editor, Steps):
            self.editor.setContentsMargins(0, 0, UNDO_WIDTH, 0)

    def stops(self) -> list[QWidget]:
        """Where the keyboard stops, in order."""
        if isinstance(self.editor, Steps):
            return [self.editor.list, self.editor.up, self.editor.down, self.undo]
        return [self.editor, self.undo]

    def value(self) -> Any:
        """The value as the settings have it."""
        return self.editor.value()

    def set_value(self, value: Any) -> None:
        """Show a value."""
        self.editor.set_value(value)

    @property
    def differs(self) -> bool:
        """Whether the value is another than the default."""
        return bool(self.value() != self.default)

    def show_cost(self, megabytes: float | None) -> None:
        """Tell what switching it on takes on this machine, where that is known."""
        if megabytes:
            self.cost.setText(tr("about {memory} here").format(memory=memory_words(megabytes)))
            self._describe()

    def show_wrong(self, words: str) -> None:
        """Say what is wrong with the value, or that nothing is."""
        if words != self.wrong.text():
            self.wrong.setText(words)
            self.wrong.setVisible(bool(words))
            self._describe()

    def _describe(self) -> None:
        """What screen readers say of it."""
        words = self.wrong.text() or f"{self.hint.text()} {self.cost.text()}".strip()
        self.editor.setAccessibleDescription(words)

    def set_effective(self, on: bool) -> None:
        """Whether the value makes a difference at all, as the others are."""
        self.editor.setEnabled(on)
        if self.label is not None:
            self.label.setEnabled(on)

    def _edited(self) -> None:
        if self.undo.hasFocus() and not self.differs:
            self.editor.setFocus()  # otherwise it would go to the next button, which does something else
        self.undo.setVisible(self.differs)
        self.edited.emit()


class Page(QWidget):
    """A section's settings; they are there once `build` was called, which takes some time.

    Signals:
        edited: a value is another.
    """

    edited = Signal()

    def __init__(self, sheet: Sheet, fields: Mapping[str, Field], devices: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.sheet = sheet
        self.rows: dict[str, Row] = {}
        self._fields = fields
        self._devices = devices
        # From the outside to the inside: what is put into another parent is dressed again with all that is in it.
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(10)
        whole.addLayout(self._head())
        line = QFrame(self)
        line.setObjectName("line")
        whole.addWidget(line)
        self.area = QScrollArea(self)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole.addWidget(self.area, 1)
        inside = QWidget(self.area)
        inside.setObjectName("sheet")
        inside.setMinimumHeight(1)  # the height that it has at its width counts, not the one at its least width
        self.area.setWidget(inside)
        self._inside = inside
        self.reset.setEnabled(False)

    @property
    def built(self) -> bool:
        """Whether the settings are there."""
        return bool(self.rows)

    def build(self) -> None:
        """Make the settings."""
        self._fill(self._inside)
        self._unfold(False)
        self._edited()
        # The keyboard comes here before it comes to the dialog's buttons, which were made earlier.
        stops: list[QWidget] = [self.reset]
        for group in self.sheet.usual:
            stops += [stop for item in group.items for stop in self.rows[item.name].stops()]
        stops.append(self.more)
        self.more.setVisible(bool(self.sheet.more))
        for group in self.sheet.more:
            stops += [stop for item in group.items for stop in self.rows[item.name].stops()]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _head(self) -> QGridLayout:
        title = QLabel(self.sheet.title, self)
        title.setObjectName("page-title")
        self.reset = QPushButton(tr("&Reset page"), self)
        self.reset.setToolTip(tr("Set everything on this page back to its default."))
        self.reset.setAutoDefault(False)
        self.reset.clicked.connect(self._reset)
        head = QGridLayout()
        head.setHorizontalSpacing(12)
        head.setVerticalSpacing(2)
        head.addWidget(title, 0, 0)
        head.addWidget(_words(self.sheet.text, "muted", self), 1, 0)
        head.addWidget(self.reset, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        head.setColumnStretch(0, 1)
        head.setContentsMargins(0, 0, 12, 0)
        return head

    def _fill(self, inside: QWidget) -> None:
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 4, 12, 12)
        column.setSpacing(14)
        self._add_groups(column, self.sheet.usual, inside)
        self.more = QToolButton(inside)
        self.more.setObjectName("more")
        self.more.setCheckable(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.toggled.connect(self._unfold)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self._rest = QWidget(inside)
        self._rest.setObjectName("sheet")
        rest = QVBoxLayout(self._rest)
        rest.setContentsMargins(0, 0, 0, 0)
        rest.setSpacing(14)
        self._add_groups(rest, self.sheet.more, self._rest)
        column.addWidget(self._rest)
        column.addStretch()

    def show_values(self, values: Mapping[str, Any]) -> None:
        """Show values by their names; those of other pages may be among them."""
        for name, row in self.rows.items():
            row.set_value(values[name])

    def show_costs(self, megabytes: Mapping[str, float]) -> None:
        """Tell what features cost, by their names."""
        for name, row in self.rows.items():
            row.show_cost(megabytes.get(name))

    def show_wrong(self, wrong: Mapping[str, str]) -> bool:
        """Say what is wrong, by the settings' names; unfold what would hide it. Whether anything here is wrong."""
        for name, row in self.rows.items():
            row.show_wrong(wrong.get(name, ""))
        folded = {item.name for group in self.sheet.more for item in group.items}
        if folded & set(wrong):
            self.more.setChecked(True)
        return bool(set(self.rows) & set(wrong))

    def reveal(self, name: str) -> None:
        """Bring a setting into view and go to it."""
        row = self.rows[name]
        if self._rest.isAncestorOf(row):
            self.more.setChecked(True)
        self.area.ensureWidgetVisible(row)
        row.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(row.editor, Number):
            row.editor.selectAll()

    def _add_groups(self, column: QVBoxLayout, groups: Sequence[Group], parent: QWidget) -> None:
        for number, group in enumerate(groups):
            if number:
                column.addSpacing(4)
            if group.heading:
                heading = QLabel(group.heading, parent)
                heading.setObjectName("heading")
                column.addWidget(heading)
            for item in group.items:
                row = Row(item, self._fields[item.name], self._devices, parent)
                row.edited.connect(self._edited)
                self.rows[item.name] = row
                column.addWidget(row)

    def _unfold(self, on: bool) -> None:
        self._rest.setVisible(on)
        icons.set_icon(self.more, "chevron-down" if on else "chevron-right", "muted")

    def _edited(self) -> None:
        self.reset.setEnabled(any(row.differs for row in self.rows.values()))
        folded = [item.name for group in self.sheet.more for item in group.items]
        changed = sum(self.rows[name].differs for name in folded)
        words = tr("&More settings")
        self.more.setText(tr("{more} ({n} changed)").format(more=words, n=changed) if changed else words)
        for row in self.rows.values():
            needs = row.item.needs
            row.set_effective(not needs or bool(self.rows[needs].value()))
        self.edited.emit()

    def _reset(self) -> None:
        for row in self.rows.values():
            row.set_value(row.default)


def _words(text: str, kind: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setObjectName(kind)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return label
