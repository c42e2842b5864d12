"""The list of models: grouped by what they do, with how each stands."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QIcon, QPainter, QPainterPath
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
)

from desktop_ocr.gui import icons
from desktop_ocr.gui.stored_models import UNDER_WAY
from desktop_ocr.gui.stored_words import group_of, groups, heading_words, memory_cell, share_of, size_words, state_words
from desktop_ocr.gui.theme import current_colours
from desktop_ocr.schema.model_store import StoredModel, StoreState
from desktop_ocr.schema.roles import PARTS

NAME, STATE, SIZE, MEMORY, LICENCE, SOURCE = range(6)
MODEL = Qt.ItemDataRole.UserRole + 1
WIDTHS = (280, 180, 74, 76, 96)
BAR_WIDTH = 90
MARKS = {
    StoreState.INSTALLED: ("circle-check", "good"),
    StoreState.AVAILABLE: ("circle-dashed", "muted"),
    StoreState.WAITING: ("clock", "muted"),
    StoreState.DOWNLOADING: ("arrow-down-to-line", "accent"),
    StoreState.CHECKING: ("shield-check", "accent"),
    StoreState.BROKEN_OFF: ("triangle-alert", "warning"),
    StoreState.UNAVAILABLE: ("ban", "muted"),
}


class StateDelegate(QStyledItemDelegate):
    """Paints a model's state; of a download, a bar beside it."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the cell."""
        super().paint(painter, option, index)
        model = index.data(MODEL)
        if not isinstance(model, StoredModel) or model.state is not StoreState.DOWNLOADING:
            return
        colours = current_colours()
        box = QRectF(option.rect)
        bar = QRectF(box.right() - BAR_WIDTH - 8, box.center().y() - 2, BAR_WIDTH, 5)
        track = QPainterPath()
        track.addRoundedRect(bar, 2.5, 2.5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(track, colours.colour("track"))
        painter.setClipPath(track)
        bar.setWidth(bar.width() * share_of(model))
        painter.fillRect(bar, colours.colour("accent"))
        painter.restore()


class ModelsList(QTreeWidget):
    """All models.

    Signals:
        chosen: the selection has changed.
        acted: the user wants the usual to be done with the model under the cursor (Enter, double click).
    """

    chosen = Signal()
    acted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("models")
        self.setAccessibleName(self.tr("Models"))
        self.setColumnCount(6)
        self.setHeaderLabels(
            [
                self.tr("Model"),
                self.tr("State"),
                self.tr("Size"),
                self.tr("Memory"),
                self.tr("Licence"),
                self.tr("Source"),
            ]
        )
        for column in (SIZE, MEMORY):
            self.headerItem().setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.headerItem().setText(LICENCE, f"  {self.headerItem().text(LICENCE)}")
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setIndentation(0)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAllColumnsShowFocus(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setItemDelegateForColumn(STATE, StateDelegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for column, width in enumerate(WIDTHS):
            self.setColumnWidth(column, width)
        self.header().setSectionsMovable(False)
        self.header().setStretchLastSection(True)
        self.header().setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(SOURCE, QHeaderView.ResizeMode.Fixed)
        self.header().setStretchLastSection(False)
        self.setColumnWidth(SOURCE, 156)
        self._items: dict[str, QTreeWidgetItem] = {}
        self._headings: list[QTreeWidgetItem] = []
        self._filter = ""
        self._host = ""
        self.itemSelectionChanged.connect(self.chosen)
        self.itemActivated.connect(self._activated)

    def _activated(self, item: QTreeWidgetItem, _column: int) -> None:
        if item.data(NAME, MODEL) is not None:  # not a heading
            self.acted.emit()

    # --- content --------------------------------------------------------------------------------------------

    def show_models(self, models: Iterable[StoredModel]) -> None:
        """Show these, and no others; what is chosen stays chosen."""
        chosen = {model.id for model in self.models_chosen()}
        self.clear()
        self._items, self._headings = {}, []
        for title, _roles in groups():
            heading = QTreeWidgetItem([title])
            heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            font = QFont(self.font())
            font.setWeight(QFont.Weight.DemiBold)
            heading.setFont(NAME, font)
            heading.setData(NAME, Qt.ItemDataRole.UserRole, title)
            self.addTopLevelItem(heading)
            heading.setFirstColumnSpanned(True)
            heading.setExpanded(True)
            self._headings.append(heading)
        for model in models:
            self._put(model)
            self._items[model.id].setSelected(model.id in chosen)
        self._tidy()

    def set_host(self, host: str) -> None:
        """Where models come from that say nothing of it."""
        if host != self._host:
            self._host = host
            for item in self._items.values():
                self._put(item.data(NAME, MODEL))

    def show_model(self, model: StoredModel) -> None:
        """A model is not what it was."""
        before = self._items.get(model.id)
        old = before.data(NAME, MODEL) if before is not None else None
        self._put(model)
        if not isinstance(old, StoredModel) or old.state is not model.state:
            self._tidy()

    def _put(self, model: StoredModel) -> None:
        item = self._items.get(model.id)
        if item is None:
            item = QTreeWidgetItem()
            self._items[model.id] = item
            self._headings[group_of(model)].addChild(item)
            for column in (SIZE, MEMORY):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        before = item.data(NAME, MODEL)
        state = state_words(model)
        texts = (
            f"    {model.title}",
            state,
            size_words(model.size),
            memory_cell(model),
            f"   {model.licence}",
            model.source or self._host,
        )
        for column, text in enumerate(texts):
            if item.text(column) != text:
                item.setText(column, text)
        item.setData(NAME, MODEL, model)
        item.setData(STATE, MODEL, model)
        if not isinstance(before, StoredModel) or before.state is not model.state:
            self._mark(item, model)
        part = self.tr(" Part of a larger model.") if model.role in PARTS else ""
        item.setToolTip(NAME, f"{model.title} ({model.id}).{part}")
        item.setToolTip(STATE, " ".join(one for one in (f"{state}.", model.reason, str(model.error or "")) if one))
        item.setData(NAME, Qt.ItemDataRole.AccessibleTextRole, f"{model.title}, {state}, {texts[SIZE]}")

    def _mark(self, item: QTreeWidgetItem, model: StoredModel) -> None:
        name, role = MARKS[model.state]
        picture = icons.icon(name, current_colours(), role)
        for size in picture.availableSizes():  # otherwise the style tints it where its line is selected
            picture.addPixmap(picture.pixmap(size), QIcon.Mode.Selected)
        item.setIcon(STATE, picture)

    def renew_colours(self) -> None:
        """The theme has changed."""
        for item in self._items.values():
            self._mark(item, item.data(NAME, MODEL))

    # --- what is shown and chosen ---------------------------------------------------------------------------

    def set_filter(self, words: str) -> None:
        """Show only what has these words in its title, name, group or state."""
        self._filter = words.casefold().strip()
        self._tidy()

    @property
    def shown(self) -> list[str]:
        """The names of the models that can be seen, in order."""
        return [
            item.data(NAME, MODEL).id
            for heading in self._headings
            for item in _children(heading)
            if not item.isHidden()
        ]

    def _tidy(self) -> None:
        for heading in self._headings:
            title = str(heading.data(NAME, Qt.ItemDataRole.UserRole))
            children = _children(heading)
            models = [child.data(NAME, MODEL) for child in children]
            for child, model in zip(children, models, strict=True):
                words = f"{title} {model.title} {model.id} {state_words(model)}".casefold()
                child.setHidden(not all(word in words for word in self._filter.split()))
            heading.setHidden(all(child.isHidden() for child in children))
            text = heading_words(title, models)
            if heading.text(NAME) != text:
                heading.setText(NAME, text)

    def models_chosen(self) -> list[StoredModel]:
        """The selected models that can be seen."""
        found = [item.data(NAME, MODEL) for item in self.selectedItems() if not item.isHidden()]
        return [model for model in found if isinstance(model, StoredModel)]

    def choose(self, names: Iterable[str]) -> None:
        """Select models and bring them into view; none of them, and nothing changes."""
        found = [self._items[name] for name in names if name in self._items]
        if not found:
            return
        self.clearSelection()
        self.setCurrentItem(found[0])
        for item in found:
            item.setSelected(True)
        heading = found[0].parent()
        if heading is not None:
            self.scrollToItem(heading, QAbstractItemView.ScrollHint.PositionAtTop)

    def choose_first(self) -> None:
        """Select something, so that the keyboard has where to begin."""
        if not self.models_chosen() and self.shown:
            self.setCurrentItem(self._items[self.shown[0]])

    def busy(self) -> bool:
        """Whether something is on its way."""
        return any(item.data(NAME, MODEL).state in UNDER_WAY for item in self._items.values())

    def drawBranches(  # noqa: N802 - Qt's name
        self, painter: QPainter, rect: object, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """None: the headings say it."""


def _children(heading: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    return [child for row in range(heading.childCount()) if (child := heading.child(row)) is not None]
