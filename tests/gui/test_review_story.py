"""Correcting a real document on the real core: a text layer needs no models, so only the document host takes part."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_ocr.gui.configuration import Configuration
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.result_view import Shown
from desktop_ocr.gui.running import core_session
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.settings import Settings
from tests.gui.conftest import Desk, until

pytestmark = [pytest.mark.process]

PAGE_SECONDS = 60.0

# In another process: this one imports no PDF library.
MANY_PAGES = """
import sys, pymupdf
out = pymupdf.open()
for number in range(int(sys.argv[2])):
    page = out.new_page()
    for line in range(50):
        page.insert_text((50, 60 + 14 * line), f"Page {number}, line {line}: the harbour and the quay in winter")
out.save(sys.argv[1])
"""


async def open_window(desk: Desk) -> MainWindow:
    window = await desk.open(core_session(desk.paths, Configuration(desk.paths.config, Settings())))
    window.activateWindow()
    return window


def test_text_is_corrected_found_replaced_and_is_there_the_next_time(desk: Desk, documents: Path) -> None:
    async def story() -> None:
        window = await open_window(desk)
        window.commands.add([documents / "born_digital.pdf"])
        await until(lambda: [view.state for view in window.model.views()] == [JobState.DONE], PAGE_SECONDS)
        pane = window.workspace.document.pane
        result, review, lines = pane.result, pane.review, pane.result.lines
        await until(lambda: result.shows_text)
        result.show_as(Shown.LINES)
        lines.setFocus()
        await until(lambda: lines.hasFocus() and bool(lines.rows))
        row = next(at for at, one in enumerate(lines.rows) if len(one.text.split()) > 3)
        before = lines.text_of(row)
        lines.select(row, 0, 0)
        assert review.place.line == lines.rows[row].line
        QTest.keyClicks(lines, "Zebra ")
        QTest.keyClick(lines, Qt.Key.Key_Down)
        await until(lambda: window.jobs.undo.text() == "&Undo: Change of text", what="a stored edit")
        window.jobs.undo.trigger()
        await until(lambda: lines.text_of(row) == before)
        window.edits.redo.trigger()
        await until(lambda: lines.text_of(row) == f"Zebra {before}")
        lines.select(row, len("Zebra"), len("Zebra"))
        count = len(lines.rows)
        QTest.keyClick(lines, Qt.Key.Key_Return)
        await until(lambda: len(lines.rows) == count + 1)
        assert (lines.text_of(row), lines.text_of(row + 1)) == ("Zebra", before)

        bar = window.workspace.text_side.find_bar
        window.edits.replace.trigger()
        QTest.keyClicks(bar.field, "zebra")
        await until(lambda: bar.count.text() == "1 of 1")
        assert [hit.line for hit in review.hits] == [lines.rows[row].line]
        bar.by.setText("Gnu")
        bar.all.click()
        await until(lambda: "Replaced 1 in 1 page." in window.bars.texts())
        await until(lambda: lines.text_of(row) == "Gnu")
        bar.leave()
        window.edits.doubt_next.trigger()
        await until(lambda: "No more doubtful words." in window.bars.texts(), what="text layers are not in doubt")
        put = lines.row
        lines.setFocus()
        QTest.keyClicks(lines, "x")  # and closed at once
        typed = lines.text_of(put)
        await desk.close()

        window = await open_window(desk)
        await until(lambda: len(window.model.views()) == 1)
        pane = window.workspace.document.pane
        await until(lambda: pane.result.shows_text, PAGE_SECONDS)
        assert pane.result.shown is Shown.LINES
        await until(lambda: bool(pane.result.lines.rows))
        assert (pane.result.lines.text_of(row), pane.result.lines.text_of(row + 1)) in (
            ("Gnu", before),
            (typed, before),
        )
        assert pane.result.lines.text_of(put) == typed
        assert pane.result.notes.edited.isVisible()

    desk.run(story())


def test_what_is_typed_while_the_pages_are_read_stays(desk: Desk, tmp_path: Path) -> None:
    """Typed on the first page while the others come, and while the page itself is recognised anew."""
    file = tmp_path / "many.pdf"
    subprocess.run([sys.executable, "-c", MANY_PAGES, str(file), "12"], check=True)

    async def story() -> None:
        window = await open_window(desk)
        window.commands.add([file])
        pane = window.workspace.document.pane
        result, lines = pane.result, pane.result.lines
        await until(lambda: result.shows_text, PAGE_SECONDS)
        result.show_as(Shown.LINES)
        lines.setFocus()
        await until(lambda: lines.hasFocus() and bool(lines.rows))
        lines.select(0, 0, 0)
        typed = ""
        for word in ("what", "is", "typed", "stays"):
            for letter in f"{word} ":
                QTest.keyClick(lines, letter)
                typed += letter
                await asyncio.sleep(0.01)
            assert lines.text_of(0).startswith(typed.rstrip())
        lines.select(2, 0, 0)
        await until(lambda: [view.state for view in window.model.views()] == [JobState.DONE], PAGE_SECONDS)
        await window.workspace.text_side.settle()
        kept = lines.text_of(0)
        assert kept.startswith(typed.rstrip())
        job = window.model.views()[0].job
        # Typed before the window hears that the page is recognised anew; the core hears of it after that.
        asking = asyncio.ensure_future(window._worker.ask(lambda session: session.recognise_again(job, [0])))
        QTest.keyClicks(lines, "more ")
        await asking
        await until(lambda: [view.state for view in window.model.views()] == [JobState.DONE], PAGE_SECONDS)
        await window.workspace.text_side.settle()
        assert lines.text_of(0) == kept
        stored = await window._worker.ask(lambda session: session.result(job, 0))
        assert stored is not None
        assert stored.lines[lines.rows[0].line].text == kept
        assert stored.lines[lines.rows[2].line].text.startswith("more ")

    desk.run(story())
