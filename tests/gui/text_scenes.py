"""Scenes of the text beside the page for `screenshots.py`: corrected line by line, its tables, found words, bars."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.result_view import ResultView, Shown
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import JobState
from tests.gui.fake_edits import History
from tests.gui.memory_scenes import StudioLike, until
from tests.gui.structure_scenes import core


async def read(window: MainWindow, name: str, shown: Shown) -> ResultView:
    """A document, read, its page shown in a way."""
    known = len(window.model.views())
    window.commands.add([Path("/home/u") / name])
    await until(lambda: len(window.model.views()) == known + 1)
    await until(lambda: all(view.state is JobState.DONE for view in window.model.views()))
    window.workspace.queue.choose(window.model.views()[-1].job)
    pane = window.workspace.document.pane
    await until(lambda: pane.result.shows_text and pane.picture.has_picture)
    pane.result.show_as(shown)
    return pane.result


async def text_lines(studio: StudioLike) -> None:
    """The editor on a dense page and on a Chinese one, in the middle of typing, and when it cannot be stored."""
    window, worker = await studio.open()
    window.activateWindow()
    result = await read(window, "dense gazette-2p.pdf", Shown.LINES)
    lines = result.lines
    lines.setFocus()
    for _ in range(12):
        QTest.keyClick(lines, Qt.Key.Key_Down)
    QTest.keyClick(lines, Qt.Key.Key_End)
    QTest.keyClicks(lines, " corrected")
    QTest.keyClick(lines, Qt.Key.Key_Up)
    await until(lambda: result.saved.text() == "Saved")
    await studio.shot(window, "text-lines")
    window.edits.doubt_next.trigger()
    await studio.shot(window, "text-doubt")
    result.lines.build_menu().popup(lines.mapToGlobal(lines.rect().center()))
    menu = next(one for one in lines.findChildren(type(lines.build_menu())) if one.isVisible())
    await studio.shot(menu, "text-menu")
    menu.close()
    session = await core(worker)

    async def full(*_args: object, **_more: object) -> None:
        raise DesktopOcrError(ErrorCode.DISK_FULL, "The disk is full.", "Make room on it.")

    session.edit = full  # type: ignore[method-assign, assignment]
    QTest.keyClicks(lines, "lost")
    QTest.keyClick(lines, Qt.Key.Key_Down)
    await until(result.notes.unsaved.isVisible)
    await studio.shot(window, "text-unsaved")
    session.edit = session.edits.edit  # type: ignore[method-assign]
    result.notes.save.click()
    await until(lambda: result.saved.text() == "Saved")
    chinese = await read(window, "港务局年度报告-3p.pdf", Shown.LINES)
    chinese.lines.setFocus()
    await studio.shot(window, "text-chinese")
    window.resize(720, 560)
    await studio.shot(window, "text-narrow")
    await studio.close(window, worker)


async def text_tables(studio: StudioLike) -> None:
    """Tables, with a cell being written."""
    window, worker = await studio.open()
    window.activateWindow()
    result = await read(window, "figures.pdf", Shown.TABLES)
    view = result.tables_view.view
    view.setFocus()
    view.setCurrentIndex(result.tables_view.model.index(3, 1))
    await studio.shot(window, "text-tables")
    view.edit(result.tables_view.model.index(2, 2))
    await studio.shot(window, "text-cell")
    result.tables_view.finish()
    result.show_as(Shown.FORMATTED)
    await studio.shot(window, "text-formatted")
    await studio.close(window, worker)


async def text_find(studio: StudioLike) -> None:
    """What was found, and a page that was recognised again."""
    window, worker = await studio.open()
    window.activateWindow()
    result = await read(window, "dense gazette-2p.pdf", Shown.LINES)
    window.edits.replace.trigger()
    bar = window.workspace.text_side.find_bar
    bar.field.setText("quay")
    bar.by.setText("wharf")
    await until(lambda: " of " in bar.count.text())
    window.edits.find_next.trigger()
    await studio.shot(window, "text-find")
    bar.pattern.setChecked(True)
    bar.field.setText("(quay")
    await until(bar.wrong.isVisible)
    await studio.shot(window, "text-find-wrong")
    bar.leave()
    session = await core(worker)
    review = window.workspace.document.pane.review
    session.edits.histories.setdefault((review.job or 0, review.page), History()).newer = True
    review.renew()
    await until(result.notes.newer.isVisible)
    await studio.shot(window, "text-newer")
    await studio.close(window, worker)


SCENES = (text_lines, text_tables, text_find)
