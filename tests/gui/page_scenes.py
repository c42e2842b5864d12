"""Scenes of the page's picture for `screenshots.py`: overlays, strip, selection, errors."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QPointF

from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.review import Place
from desktop_ocr.schema.edits import Hit
from desktop_ocr.schema.events import PageEdited
from desktop_ocr.schema.jobs import JobState
from tests.gui.memory_scenes import StudioLike, until


async def _ready(window: MainWindow) -> None:
    pane = window.workspace.document.pane
    await until(lambda: pane.picture.has_picture and pane.picture.overlays.marks is not None)
    await asyncio.sleep(0.8)  # small pictures come one after another


async def dense(studio: StudioLike) -> None:
    """A dense page with all overlays, near and far, turned, selected, with what was found."""
    window, worker = await studio.open(pace=0.001)
    window.resize(1440, 900)
    window.commands.add([Path("/home/u") / "Ledger dense-40p.pdf"])
    await until(lambda: bool(window.model.views()) and window.model.views()[0].state is JobState.DONE)
    pane, views = window.workspace.document.pane, window.views
    await _ready(window)
    await studio.shot(window, "page-dense-plain")
    for action in views.overlays.values():
        action.setChecked(True)
    views.fit_page.trigger()
    pane.page_edited(PageEdited(1, 2, 4, True))
    pane.review.choose(Place(line=60), "text")
    await studio.shot(window, "page-dense-all")
    views.blocks.setChecked(False)
    views.order.setChecked(False)
    pane.picture.zoom(2.2)
    hits = tuple(Hit(0, line, 8, 20) for line in range(30, 60, 3))
    pane.review.mark_hits(hits, hits[4])
    pane.picture.hovered.emit(QPointF(200.0, 700.0))
    wanted = pane.picture.wanted_pixels()[0]
    await until(lambda: pane.picture.has_part or pane.loader.kept(1, 0, wanted) is not None)
    await asyncio.sleep(0.4)
    await studio.shot(window, "page-dense-near")
    pane.picture.zoom(5.0)
    await until(lambda: pane.picture.has_part)
    await studio.shot(window, "page-dense-nearest")
    pane.review.mark_hits((), None)
    views.marks.setChecked(False)
    views.fit_page.trigger()
    views.turn_right.trigger()
    views.blocks.setChecked(True)
    views.order.setChecked(True)
    pane.picture.selecting.select((560.0, 500.0, 1090.0, 1200.0))
    await studio.shot(window, "page-dense-turned")
    menu = pane.menu.build(QPointF(700.0, 900.0))
    menu.popup(window.pos())
    await studio.shot(menu, "page-menu")
    menu.close()
    pane.bar.show_menu.popup(window.pos())
    await studio.shot(pane.bar.show_menu, "page-show-menu")
    pane.bar.show_menu.close()
    window.resize(900, 640)
    await studio.shot(window, "page-narrow")
    await studio.close(window, worker)


async def page_kinds(studio: StudioLike) -> None:
    """A table with a cell chosen, Chinese, an unread page, and a document that is gone."""
    window, worker = await studio.open(stop_at=6, pace=0.001)
    names = ("Berths figures-3p.pdf", "港务局年度报告-3p.pdf", "gone-3p.pdf", "Harbour bad heavy-9p.pdf")
    window.commands.add([Path("/home/u") / name for name in names])
    await until(lambda: len(window.model.views()) == len(names))
    await until(lambda: window.model.views()[3].pages_done >= 5)
    pane, views = window.workspace.document.pane, window.views
    window.workspace.queue.choose(1)
    await _ready(window)
    views.blocks.setChecked(True)
    views.order.setChecked(True)
    pane.review.choose(Place(2, -1, -1, (2, 1)), "text")
    await studio.shot(window, "page-kinds-table")
    window.workspace.queue.choose(2)
    await until(lambda: pane.job == 2)
    await _ready(window)
    views.marks.setChecked(True)
    pane.review.choose(Place(line=2), "text")
    await studio.shot(window, "page-kinds-chinese")
    window.workspace.queue.choose(3)
    await until(lambda: pane.picture.sheet_words.button.isVisible())
    await studio.shot(window, "page-gone")
    window.workspace.queue.choose(4)
    await until(lambda: pane.job == 4)
    await asyncio.sleep(1.0)
    pane.go_to(7)
    await asyncio.sleep(1.0)
    await studio.shot(window, "page-unread")
    await studio.close(window, worker)


async def elsewhere(studio: StudioLike) -> None:
    """Documents that another program works at, beside ours."""
    window, worker = await studio.open(stop_at=4, pace=0.01)
    names = ("others scan of the harbour-12p.pdf", "report-9p.pdf", "Minutes of the others with a long name-40p.pdf")
    window.commands.add([Path("/home/u") / name for name in names])
    await until(lambda: sum(view.pages_done for view in window.model.views()) >= 12)
    window.workspace.queue.choose(1)
    await _ready(window)
    await studio.shot(window, "elsewhere")
    await studio.close(window, worker)


SCENES = (dense, page_kinds, elsewhere)
