"""A page and a part of it are read another way by the real models, compared in the window, and one reading is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_ocr.gui.compare_dialog import CompareDialog
from desktop_ocr.gui.configuration import Configuration
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.page_pane import PagePane
from desktop_ocr.gui.rerun_dialog import RerunDialog
from desktop_ocr.gui.result_view import Shown
from desktop_ocr.gui.running import core_session
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.results import Line, polygon_box
from desktop_ocr.schema.settings import Settings
from tests.gui.conftest import Desk, until
from tests.gui.helpers import drag_around, pressed

pytestmark = [pytest.mark.models, pytest.mark.process, pytest.mark.timeout(300)]

PAGE_SECONDS = 120.0  # a page takes five seconds on an idle machine
WRONG = "Xylophones"


def lines_of(pane: PagePane) -> list[Line]:
    """Those of the page as it is shown now."""
    result = pane.review.result
    return list(result.lines) if result is not None else []


def texts_of(pane: PagePane) -> list[str]:
    return [line.text for line in lines_of(pane)]


async def begun(window: MainWindow) -> RerunDialog:
    await until(lambda: window.rereading.dialog is not None)
    assert window.rereading.dialog is not None
    return window.rereading.dialog


async def read_again(window: MainWindow) -> CompareDialog:
    """Start it in the dialog that is open, and wait for both readings."""
    dialog = await begun(window)
    dialog.go.setFocus()
    QTest.keyClick(dialog.go, Qt.Key.Key_Space)
    assert dialog.running
    await until(lambda: window.rereading.compared is not None, PAGE_SECONDS)
    choice = window.rereading.compared
    assert choice is not None
    await until(lambda: choice.view.comparison is not None)
    return choice


async def spoil(window: MainWindow, row: int) -> None:
    """Write something wrong in front of a line."""
    lines = window.workspace.document.pane.result.lines
    lines.setFocus()
    lines.select(row, 0, 0)
    QTest.keyClicks(lines, f"{WRONG} ")
    await window.workspace.text_side.settle()
    await until(lambda: any(text.startswith(WRONG) for text in texts_of(window.workspace.document.pane)))


def test_page_and_part_are_read_again_by_the_models_and_compared(desk: Desk, documents: Path) -> None:
    async def story() -> None:
        window = await desk.open(core_session(desk.paths, Configuration(desk.paths.config, Settings())))
        window.activateWindow()
        window.commands.add([documents / "letter.jpg"])
        await until(lambda: [view.state for view in window.model.views()] == [JobState.DONE], PAGE_SECONDS)
        pane = window.workspace.document.pane
        await until(lambda: pane.result.shows_text)
        pane.result.show_as(Shown.LINES)
        await until(lambda: bool(pane.result.lines.rows))
        first = texts_of(pane)
        row = next(at for at, one in enumerate(pane.result.lines.rows) if len(one.text.split()) > 4)

        # The whole page: what was written wrongly is found as a difference, and the old reading is kept by Escape.
        await spoil(window, row)
        spoiled = texts_of(pane)
        window.views.again_otherwise.trigger()
        (await begun(window)).resolution.set_value("300")
        choice = await read_again(window)
        assert choice.note.text().startswith("What you have corrected there is replaced")
        comparison = choice.view.comparison
        assert comparison is not None
        assert comparison.changed >= 1
        assert comparison.old.lines == len(spoiled)
        QTest.keyClick(choice, Qt.Key.Key_Escape)
        await until(lambda: window.rereading.compared is None)
        assert texts_of(pane) == spoiled

        # A part: only the wrong line is read, and becomes right; the lines around it stay to the letter.
        place = next(at for at, text in enumerate(spoiled) if text.startswith(WRONG))
        x0, y0, x1, y1 = polygon_box(lines_of(pane)[place].polygon)
        region = drag_around(pane, (x0 - 12, y0 - 8, x1 + 12, y1 + 8))
        pressed(pane.menu.build(), "Recognise this part again…")
        choice = await read_again(window)
        comparison = choice.view.comparison
        assert comparison is not None
        assert comparison.old.lines == 1
        choice.take.click()
        await until(lambda: not any(WRONG in text for text in texts_of(pane)))
        mended = texts_of(pane)
        assert [text for text in mended if text in spoiled] == [text for text in spoiled if not text.startswith(WRONG)]
        new = [line for line in lines_of(pane) if line.text not in spoiled]
        assert first[place].split()[-1] in " ".join(line.text for line in new).split()
        for line in new:
            x0, y0, x1, y1 = polygon_box(line.polygon)
            assert region[0] - 1 <= x0 < x1 <= region[2] + 1
            assert region[1] - 1 <= y0 < y1 <= region[3] + 1

        # Undone, and the whole page taken: nothing of what was typed is left, until that is undone, too.
        await until(lambda: window.jobs.undo.isEnabled())
        window.jobs.undo.trigger()
        await until(lambda: texts_of(pane) == spoiled)
        window.views.again_otherwise.trigger()
        choice = await read_again(window)
        choice.take.click()
        await until(lambda: not any(WRONG in text for text in texts_of(pane)))
        window.jobs.undo.trigger()
        await until(lambda: texts_of(pane) == spoiled)

        # Recognised anew beside the corrections: asked which to have, and the corrections are kept.
        job = window.model.views()[0].job
        await window._worker.ask(lambda session: session.recognise_again(job, [0]))
        await until(lambda: [view.state for view in window.model.views()] == [JobState.DONE], PAGE_SECONDS)
        await until(lambda: pane.review.version is not None and pane.review.version.newer, PAGE_SECONDS)
        window.rereading.compare_newer()
        await until(lambda: window.rereading.compared is not None)
        newer = window.rereading.compared
        assert newer is not None
        await until(lambda: newer.view.comparison is not None)
        newer.keep.click()
        await until(lambda: pane.review.version is not None and not pane.review.version.newer)
        assert texts_of(pane) == spoiled

    desk.run(story())
