"""A page is read another way, compared with what is there, and one of the two is kept."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_ocr.gui.compare_dialog import CompareDialog
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.rerun_dialog import RerunDialog
from desktop_ocr.schema.edits import LineText, SetTexts
from desktop_ocr.schema.jobs import TextModel
from tests.gui.conftest import Desk, until
from tests.gui.helpers import keys_of, press, question

REGION = (100.0, 600.0, 1600.0, 860.0)  # the third paragraph alone


async def page_shown(desk: Desk, *names: str, **how: object) -> MainWindow:
    window = await desk.fake(**how)
    await desk.add(window, *names)
    await until(lambda: window.workspace.document.pane.review.version is not None)
    return window


async def asked(window: MainWindow, region: tuple[float, float, float, float] | None = None) -> RerunDialog:
    window.rereading.ask(region)
    await until(lambda: window.rereading.dialog is not None)
    assert window.rereading.dialog is not None
    return window.rereading.dialog


async def compared(window: MainWindow) -> CompareDialog:
    await until(lambda: window.rereading.compared is not None)
    dialog = window.rereading.compared
    assert dialog is not None
    await until(lambda: dialog.view.comparison is not None)
    return dialog


def shown_lines(window: MainWindow) -> str:
    result = window.workspace.document.pane.review.result
    return "\n".join(line.text for line in result.lines) if result is not None else ""


def test_a_page_read_by_a_larger_model_takes_the_place_of_the_old_and_can_be_undone(desk: Desk) -> None:
    async def story() -> None:
        window = await page_shown(desk, "report-3p.pdf")
        await until(window.views.again_otherwise.isEnabled)
        window.views.again_otherwise.trigger()
        await until(lambda: window.rereading.dialog is not None)
        rerun = window.rereading.dialog
        assert rerun is not None
        assert len(keys_of(rerun)) == len(set(keys_of(rerun)))
        rerun.model.set_value("medium")
        rerun.resolution.set_value("300")
        rerun.go.click()
        choice = await compared(window)
        assert len(keys_of(choice)) == len(set(keys_of(choice)))
        assert window.rereading.dialog is None
        assert desk.session is not None
        (call,) = [what for kind, what in desk.session.asked if kind == "try_page"]
        assert (call[2].text_model, call[2].dpi, call[3]) == (TextModel.MEDIUM, 300, None)
        assert choice.view.summary.text() == "2 words differ."
        assert "99 % sure" in choice.view.sums[1].text()
        before = shown_lines(window)
        assert "outer wall" in before
        choice.take.click()
        await until(lambda: "outer quay" in shown_lines(window))
        assert window.workspace.document.pane.review.version.edited
        window.workspace.document.pane.review.undo()
        await until(lambda: shown_lines(window) == before)
        # What was tried last is where the next try begins.
        assert (await asked(window)).model.value() == "medium"

    desk.run(story())


def test_escape_keeps_the_old_reading_and_other_settings_can_be_tried(desk: Desk) -> None:
    async def story() -> None:
        window = await page_shown(desk, "report.pdf")
        (await asked(window)).go.click()
        choice = await compared(window)
        assert choice.view.comparison is not None
        assert choice.view.comparison.same
        QTest.keyClick(choice, Qt.Key.Key_Escape)
        await until(lambda: window.rereading.compared is None)
        assert not window.workspace.document.pane.review.version.edited
        (await asked(window)).go.click()
        choice = await compared(window)
        choice.others.click()
        await until(lambda: window.rereading.dialog is not None)
        assert not window.workspace.document.pane.review.version.edited

    desk.run(story())


def test_a_part_of_a_page_is_read_compared_and_replaced_alone(desk: Desk) -> None:
    async def story() -> None:
        window = await page_shown(desk, "report.pdf")
        window.workspace.document.pane.region_again_wanted.emit(REGION)
        await until(lambda: window.rereading.dialog is not None)
        rerun = window.rereading.dialog
        assert rerun is not None
        rerun.model.set_value("medium")
        rerun.go.click()
        choice = await compared(window)
        comparison = choice.view.comparison
        assert comparison is not None
        assert (comparison.old.lines, comparison.new.lines, comparison.changed) == (1, 1, 1)
        choice.take.click()
        await until(lambda: "outer quay" in shown_lines(window))
        assert "eleven weeks" in shown_lines(window)  # outside of the rectangle
        assert "quiet year" in shown_lines(window)

    desk.run(story())


def test_what_cannot_be_done_is_said_in_the_dialog(desk: Desk) -> None:
    async def story() -> None:
        window = await page_shown(desk, "stubborn.pdf")
        rerun = await asked(window)
        rerun.go.click()
        await until(rerun.wrong.isVisible)
        assert rerun.wrong.text() == "The model for this language is not installed. Get it."
        assert rerun.go.isEnabled()
        assert not rerun.running

    desk.run(story())


def test_waiting_can_be_given_up_without_losing_the_settings(desk: Desk) -> None:
    async def story() -> None:
        window = await page_shown(desk, "sleepy.pdf")
        rerun = await asked(window)
        rerun.model.set_value("tiny")
        rerun.go.click()
        assert rerun.running
        assert rerun.passed.isVisible()
        assert desk.session is not None
        await until(lambda: any(kind == "try_page" for kind, _what in desk.session.asked))
        QTest.keyClick(rerun, Qt.Key.Key_Escape)
        assert not rerun.running
        assert rerun.isVisible()
        assert rerun.model.value() == "tiny"
        await asyncio.sleep(0.05)
        assert window.rereading.compared is None
        assert window.bars.texts() == []
        rerun.reject()
        await until(lambda: window.rereading.dialog is None)

    desk.run(story())


def test_closing_the_window_while_a_page_is_tried_ends_it(desk: Desk) -> None:
    async def story() -> None:
        window = await page_shown(desk, "sleepy.pdf")
        (await asked(window)).go.click()
        assert desk.session is not None
        await until(lambda: any(kind == "try_page" for kind, _what in desk.session.asked))

    desk.run(story())


async def read_again_after_correction(window: MainWindow) -> None:
    review = window.workspace.document.pane.review
    await review.make(SetTexts((LineText(0, "My own heading"),)))
    window.commands.recognise_again(1, [0])
    await until(lambda: question(window), what="a question")
    press(window, "Recognise again")
    await until(lambda: review.version is not None and review.version.newer, what="a newer result")


def test_a_newer_result_is_compared_with_the_corrected_page(desk: Desk) -> None:
    async def story() -> None:
        window = await page_shown(desk, "report.pdf")
        await read_again_after_correction(window)
        review = window.workspace.document.pane.review
        window.rereading.compare_newer()
        choice = await compared(window)
        assert choice.view.comparison is not None
        assert choice.view.comparison.changed > 0
        QTest.keyClick(choice, Qt.Key.Key_Escape)  # decides nothing: it waits as before
        await until(lambda: window.rereading.compared is None)
        assert review.version is not None
        assert review.version.newer
        window.rereading.compare_newer()
        choice = await compared(window)
        choice.take.click()
        await until(lambda: "Annual report" in shown_lines(window))
        assert review.version is not None
        assert not review.version.edited

    desk.run(story())


def test_the_corrected_page_can_be_kept_over_a_newer_one(desk: Desk) -> None:
    async def story() -> None:
        window = await page_shown(desk, "report.pdf")
        await read_again_after_correction(window)
        review = window.workspace.document.pane.review
        window.rereading.compare_newer()
        (await compared(window)).keep.click()
        await until(lambda: review.version is not None and not review.version.newer)
        assert "My own heading" in shown_lines(window)

    desk.run(story())
