"""The tables of a page: one at a time, its cells corrected in place."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.cells_model import CellDelegate, CellsModel
from desktop_ocr.gui.copying import copy_both, table_as_html, table_as_tabs
from desktop_ocr.gui.review import Place, Review
from desktop_ocr.gui.table_window import CellsView, fit_columns
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.schema.edits import CellText, SetTexts
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.results import PageResult, Table

BY = "table"
NOTHING = Table(1, 1, ())

Page = tuple[int | None, int]
Spot = tuple[int, int, int]
"""Block, row and column."""


class TablesView(QWidget):
    """A chooser where there are several, the cells, and ways to copy them.

    Signals:
        failed: an `ErrorInfo`: a cell could not be stored; None: it is stored now.
    """

    failed = Signal(object)

    def __init__(self, review: Review, tasks: Tasks) -> None:
        super().__init__()
        self._review = review
        self._tasks = tasks
        self._active = False
        self._here: Page = (None, 0)
        self._blocks: list[int] = []
        self._block = -1
        self._following = False
        self._unsaved: dict[Page, dict[Spot, str]] = {}
        self.model = CellsModel(NOTHING)
        self.view = CellsView()
        self.delegate = CellDelegate(self.view)
        self.chooser = QComboBox()
        self.copy = QToolButton()
        self._lay_out()
        self.model.written.connect(self._written)
        self.view.copy_wanted.connect(self._copy_selected)
        self.view.selectionModel().currentChanged.connect(self._cell_chosen)
        self.chooser.activated.connect(lambda at: self._choose(self._blocks[at]))
        review.settling.connect(self.finish)
        review.page_changed.connect(self._page_changed)
        review.place_changed.connect(self._place_changed)
        review.hits_changed.connect(self._mark)

    def _lay_out(self) -> None:
        self.view.setObjectName("cells")
        self.view.setAccessibleName(self.tr("Cells of the table"))
        self.view.setModel(self.model)
        self.view.setItemDelegate(self.delegate)
        self.view.setWordWrap(False)
        self.view.setCornerButtonEnabled(False)
        self.view.setTabKeyNavigation(False)
        self.view.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.chooser.setAccessibleName(self.tr("Which table of the page"))
        self.copy.setObjectName("small")
        self.copy.setText(self.tr("Copy table"))
        self.copy.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.copy.setToolTip(self.tr("Put all of this table into the clipboard"))
        icons.set_icon(self.copy, "chevron-down", "muted")
        self.copy.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        menu = QMenu(self.copy)
        for words, act in (
            (self.tr("&For a spreadsheet or a text"), self.copy_both),
            (self.tr("As text with &tabs"), self.copy_tabs),
            (self.tr("As the source of an &HTML table"), self.copy_html),
        ):
            menu.addAction(words).triggered.connect(lambda _on=False, act=act: act())
        self.copy.setMenu(menu)
        row = QHBoxLayout()
        row.setContentsMargins(14, 8, 14, 0)
        row.addWidget(self.chooser)
        row.addStretch()
        row.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        inner = QVBoxLayout()
        inner.setContentsMargins(14, 0, 14, 4)
        inner.addWidget(self.view)
        column.addLayout(inner, 1)

    # --- what is shown --------------------------------------------------------------------------------------

    def set_active(self, active: bool) -> None:
        """Whether it is to be seen: only then is it brought up to date."""
        if active == self._active:
            return
        if not active:
            self.finish()
        self._active = active
        if active:
            self._page_changed()
            self._place_changed("")

    @property
    def unsaved(self) -> bool:
        """Whether there is text that is not stored."""
        return bool(self._unsaved) or self.delegate.field is not None

    def _page_changed(self) -> None:
        review, result = self._review, self._review.result
        self.model.locked = review.locked
        if not self._active or result is None:
            return
        here: Page = (review.job, review.page)
        self._blocks = [at for at, block in enumerate(result.blocks) if block.table is not None]
        other = here != self._here
        self._here = here
        tables = [table for at in self._blocks if (table := result.blocks[at].table) is not None]
        blocked = self.chooser.blockSignals(True)
        self.chooser.clear()
        for number, table in enumerate(tables):
            words = self.tr("Table {n} of {all} ({rows} × {columns})")
            self.chooser.addItem(words.format(n=number + 1, all=len(tables), rows=table.rows, columns=table.columns))
        self.chooser.setVisible(len(tables) > 1)
        self.chooser.blockSignals(blocked)
        if not self._blocks:
            return
        block = self._block if self._block in self._blocks and not other else self._blocks[0]
        self._show(result, block, keep=not other and block == self._block)

    def _show(self, result: PageResult, block: int, *, keep: bool) -> None:
        table = result.blocks[block].table
        if table is None:
            return
        self._block = block
        self.chooser.setCurrentIndex(self._blocks.index(block))
        self._following = True
        if keep and self.model.fits(table):
            self.model.renew(table)
        else:
            self.model.show_table(table)
            fit_columns(self.view, table)
            self.view.setCurrentIndex(self.model.index(0, 0))
        self._following = False
        self._show_unsaved()
        self._mark()

    def _choose(self, block: int) -> None:
        result = self._review.result
        if result is not None and block != self._block:
            self.finish()
            self._show(result, block, keep=False)
            self._review.choose(Place(block), BY)

    def _show_unsaved(self) -> None:
        texts = self._unsaved.get(self._here, {})
        self.model.show_unsaved({(row, column): text for (at, row, column), text in texts.items() if at == self._block})

    def _mark(self) -> None:
        result = self._review.result
        if not self._active or result is None or self._block < 0:
            return
        lines = {hit.line for hit in self._review.hits if hit.line >= 0}
        found = {hit.cell[1:] for hit in self._review.hits if hit.cell is not None and hit.cell[0] == self._block}
        if lines:
            found |= {(cell.row, cell.column) for cell in self.model.table.cells if lines.intersection(cell.lines)}
        self.model.mark_hits({(row, column) for row, column in found})

    # --- places ---------------------------------------------------------------------------------------------

    def _cell_chosen(self, index: QModelIndex) -> None:
        if self._following or not self._active or not index.isValid():
            return
        cell = self.model.cell(index.row(), index.column())
        if cell is not None:
            self._review.choose(Place(self._block, cell=(cell.row, cell.column)), BY)

    def _place_changed(self, by: str) -> None:
        result, place = self._review.result, self._review.place
        if not self._active or result is None or by == BY or place.block not in self._blocks:
            return
        if place.block != self._block:
            self.finish()
            self._show(result, place.block, keep=False)
        spot = place.cell
        if spot is None and place.line >= 0:
            holding = (cell for cell in self.model.table.cells if place.line in cell.lines)
            spot = next(((cell.row, cell.column) for cell in holding), None)
        if spot is not None:
            self._following = True
            self.view.setCurrentIndex(self.model.index(*spot))
            self.view.scrollTo(self.model.index(*spot))
            self._following = False

    # --- writing --------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Take what is being written in a cell."""
        if self.delegate.field is not None:
            QGuiApplication.inputMethod().commit()
            self.delegate.finish()

    def _written(self, row: int, column: int, text: str) -> None:
        self._unsaved.setdefault(self._here, {})[self._block, row, column] = text
        self._show_unsaved()
        self._store(self._here, {(self._block, row, column): text})

    def save_again(self) -> None:
        """Store what could not be stored."""
        if texts := self._unsaved.get(self._here):
            self._store(self._here, dict(texts))

    def _store(self, here: Page, texts: dict[Spot, str]) -> None:
        if here != (self._review.job, self._review.page):
            return
        edit = SetTexts(cells=tuple(CellText(*spot, text) for spot, text in texts.items()))
        self._tasks.start(self._save(self._review.type_in(edit), here, texts))

    async def _save(self, storing: Coroutine[Any, Any, None], here: Page, texts: dict[Spot, str]) -> None:
        try:
            await storing
        except DesktopOcrError as error:
            if error.code is ErrorCode.CANCELLED:
                raise
            self.failed.emit(error.info)
            return
        unsaved = self._unsaved.get(here, {})
        for spot, text in texts.items():
            if unsaved.get(spot) == text:
                del unsaved[spot]
        if not unsaved:
            self._unsaved.pop(here, None)
            self.failed.emit(None)
        if here == self._here:
            self._show_unsaved()

    # --- copying --------------------------------------------------------------------------------------------

    def copy_tabs(self) -> None:
        """All of it, with tabs."""
        table = self.model.table
        self._tasks.start(self._copy_made(table, html=False))

    def copy_html(self) -> None:
        """All of it, as the source of HTML."""
        self._tasks.start(self._copy_made(self.model.table, html=True))

    def copy_both(self) -> None:
        """All of it, as text and as HTML: each program takes what it can."""

        async def made(table: Table) -> None:
            copy_both(*await asyncio.to_thread(lambda: (table_as_tabs(table), table_as_html(table))))

        self._tasks.start(made(self.model.table))

    async def _copy_made(self, table: Table, *, html: bool) -> None:
        text = await asyncio.to_thread(table_as_html if html else table_as_tabs, table)
        QGuiApplication.clipboard().setText(text)

    def _copy_selected(self) -> None:
        """The smallest box around what is selected."""
        chosen = self.view.selectionModel().selectedIndexes()
        if chosen:
            rows, columns = [index.row() for index in chosen], [index.column() for index in chosen]
            box = range(min(rows), max(rows) + 1), range(min(columns), max(columns) + 1)
            QGuiApplication.clipboard().setText(self.model.text(*box))
