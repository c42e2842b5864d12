"""The picture's context menu: what can be done with the part selected, with the block at the pointer, with the page."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPoint, QPointF, Signal
from PySide6.QtGui import QAction, QGuiApplication, QImage, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu

from desktop_ocr.gui.copying import copy_both, table_as_html, table_as_tabs, text_of, text_of_block
from desktop_ocr.gui.page_loader import PageLoader
from desktop_ocr.gui.picture_places import BY, PicturePlaces
from desktop_ocr.gui.picture_view import PictureView
from desktop_ocr.gui.review import Review
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.view_actions import ViewActions
from desktop_ocr.schema.results import Block, BlockKind, Box, PageResult

COPY_DPI = 200  # at least, of a picture that is copied
MOST_COPIED = 24_000_000  # pixels
PICTURES = (BlockKind.PICTURE, BlockKind.CHART, BlockKind.SEAL, BlockKind.FORMULA)


class PictureMenu(QObject):
    """Builds the menu anew each time it is asked for.

    Signals:
        region_again_wanted: the `Box` that is to be recognised again, in the pixels of the page's result.
        edit_wanted: the text of `review.place` is to be edited.
    """

    region_again_wanted = Signal(object)
    edit_wanted = Signal()

    def __init__(
        self,
        view: PictureView,
        places: PicturePlaces,
        review: Review,
        loader: PageLoader,
        tasks: Tasks,
        actions: ViewActions,
    ) -> None:
        super().__init__(view)
        self._view = view
        self._places = places
        self._review = review
        self._loader = loader
        self._tasks = tasks
        self._actions = actions
        self._of_blocks: list[QAction] = []
        view.menu_wanted.connect(self._show)
        view.key_pressed.connect(self._key)

    def add_block_actions(self, actions: Sequence[QAction]) -> None:
        """What else can be done with a block: another kind, its place in the order, deleting it.

        They are offered where there is a block at the pointer, which is `review.place.block` by then (its line and
        cell too, where there are such). An action may have a menu. Whether they are enabled is their owner's affair.
        """
        self._of_blocks.extend(actions)

    # --- the menu -------------------------------------------------------------------------------------------

    def _show(self, point: QPointF | None, where: QPoint) -> None:
        if point is not None:
            self._review.choose(self._places.at(point), BY)
        menu = self.build(point)
        menu.aboutToHide.connect(menu.deleteLater)
        if point is None:  # by keyboard: where the place is, and not in a corner
            box = self._view.selecting.region or self._places.box_of(self._review.place)
            seen = self._view.to_screen(box).toRect().intersected(self._view.viewport().rect()) if box else None
            centre = seen.center() if seen is not None and not seen.isEmpty() else self._view.viewport().rect().center()
            where = self._view.viewport().mapToGlobal(centre)
        menu.popup(where)

    def build(self, point: QPointF | None = None) -> QMenu:
        """The menu for a point of the page; for the place that is looked at where there is none."""
        menu = QMenu(self._view)
        region, result = self._view.selecting.region, self._review.result
        inside = region is not None and (
            point is None or (region[0] <= point.x() <= region[2] and region[1] <= point.y() <= region[3])
        )
        if region is not None and result is not None and inside:
            self._add_region(menu, result, region)
        block = self._review.place.block
        if result is not None and 0 <= block < len(result.blocks) and self._places.places is not None:
            if not menu.isEmpty():
                menu.addSeparator()
            self._add_block(menu, result, block)
        if not menu.isEmpty():
            menu.addSeparator()
        menu.addActions([self._actions.copy_page, self._actions.select])
        menu.addActions([self._actions.again, self._actions.again_otherwise])
        return menu

    def _add_region(self, menu: QMenu, result: PageResult, region: Box) -> None:
        self._add(menu, self.tr("&Copy text"), lambda: self._copy_region(result, region))
        self._add(menu, self.tr("Copy as &picture"), lambda: self._copy_picture(region))
        self._add(menu, self.tr("&Recognise this part again…"), lambda: self.region_again_wanted.emit(region))
        self._add(menu, self.tr("Select &nothing"), self._view.selecting.clear)

    def _add_block(self, menu: QMenu, result: PageResult, number: int) -> None:
        block = result.blocks[number]
        place = self._review.place
        if place.line >= 0 or place.cell is not None:
            self._add(menu, self.tr("&Edit the text"), self.edit_wanted.emit)
        if block.lines or block.latex:
            words = self.tr("Copy the &formula (LaTeX)") if block.latex else self.tr("Copy the &block's text")
            self._add(menu, words, lambda: self._copy(lambda: text_of_block(result, number)))
        table = block.table
        if table is not None:
            self._add(menu, self.tr("Copy the &table"), lambda: self._copy_table(block))
            self._add(menu, self.tr("Copy the table as &HTML"), lambda: self._copy(lambda: table_as_html(table)))
        if block.kind in PICTURES:
            self._add(menu, self.tr("Copy the p&icture"), lambda: self._copy_picture(block.box))
        self._add(menu, self.tr("Se&lect the block"), lambda: self._view.selecting.select(block.box))
        if self._of_blocks:
            menu.addSeparator()
            menu.addActions(self._of_blocks)

    def _add(self, menu: QMenu, text: str, act: Callable[[], object]) -> None:
        menu.addAction(text).triggered.connect(lambda: act())

    # --- copying --------------------------------------------------------------------------------------------

    def _key(self, event: QKeyEvent) -> None:
        """The keys for copying: what is selected, or else the place that is looked at."""
        if not event.matches(QKeySequence.StandardKey.Copy):
            return
        result, region, place = self._review.result, self._view.selecting.region, self._review.place
        if result is None or self._places.places is None:
            return
        if region is not None:
            self._copy_region(result, region)
        elif place.line >= 0:
            QGuiApplication.clipboard().setText(result.lines[place.line].text)
        elif place.block >= 0:
            self._copy(lambda: text_of_block(result, place.block))
        else:
            return
        event.accept()

    def _copy_region(self, result: PageResult, region: Box) -> None:
        places = self._places.places
        if places is not None:
            self._copy(lambda: text_of(result, places.lines_inside(region), region))

    def _copy(self, text: Callable[[], str]) -> None:
        """Copy a text that may take a moment to make."""

        async def made() -> None:
            QGuiApplication.clipboard().setText(await asyncio.to_thread(text))

        self._tasks.start(made())

    def _copy_table(self, block: Block) -> None:
        table = block.table
        if table is None:
            return

        async def made() -> None:
            text, html = await asyncio.to_thread(lambda: (table_as_tabs(table), table_as_html(table)))
            copy_both(text, html)

        self._tasks.start(made())

    def _copy_picture(self, box: Box) -> None:
        review = self._review
        if review.job is None or review.result is None:
            return
        job, page, result = review.job, review.page, review.result
        width, height = result.width, result.height
        region = (box[0] / width, box[1] / height, box[2] / width, box[3] / height)

        async def made() -> None:
            across, down = pixels_to_copy(result, box, self._view.page_points)
            image: QImage = await self._loader.image(job, page, across, down, region)
            QGuiApplication.clipboard().setImage(image)

        self._tasks.start(made())


def pixels_to_copy(result: PageResult, box: Box, points: tuple[float, float]) -> tuple[int, int]:
    """How large a picture of a box is copied: at the page's own resolution, `COPY_DPI` at least.

    Args:
        result: the page.
        box: in its pixels.
        points: the page's width and height.
    """
    across = (box[2] - box[0]) / result.width * points[0] / 72
    down = (box[3] - box[1]) / result.height * points[1] / 72
    dpi = max(COPY_DPI, result.dpi)
    dpi = min(dpi, math.sqrt(MOST_COPIED / max(1e-6, across * down)))
    return max(1, round(across * dpi)), max(1, round(down * dpi))
