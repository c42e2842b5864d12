"""Correcting a page line by line: typing, cutting, joining and deleting lines, undo and redo; the page beside it."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QTextCursor
from PySide6.QtTest import QTest

from desktop_ocr.gui.line_editor import LineEditor
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.result_view import Shown
from desktop_ocr.gui.review import Place
from desktop_ocr.schema.edits import PageVersion
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from tests.gui.conftest import Desk, until
from tests.gui.fake_pages import PARAGRAPHS

TITLE, FIRST, SECOND, LAST = PARAGRAPHS["en"]


async def open_lines(desk: Desk, name: str = "a.pdf") -> tuple[MainWindow, LineEditor]:
    """A window with a page in the editor."""
    window = await desk.fake()
    await desk.add(window, name)
    result = window.workspace.document.pane.result
    await until(lambda: result.shows_text)
    result.show_as(Shown.LINES)
    window.activateWindow()
    result.lines.setFocus()
    await until(lambda: result.lines.hasFocus() and result.lines.rows)
    return window, result.lines


def put_cursor(lines: LineEditor, row: int, at: int, row_to: int | None = None, to: int = 0) -> None:
    """Put the cursor somewhere, or select from there."""
    document = lines.document()
    cursor = lines.textCursor()
    cursor.setPosition(document.findBlockByNumber(row).position() + at)
    if row_to is not None:
        cursor.setPosition(document.findBlockByNumber(row_to).position() + to, QTextCursor.MoveMode.KeepAnchor)
    lines.setTextCursor(cursor)


def texts(window: MainWindow) -> list[str]:
    """The lines of the page's version, in reading order."""
    result = window.workspace.document.pane.review.result
    assert result is not None
    return [result.lines[line].text for block in result.blocks for line in block.lines]


def shown(lines: LineEditor) -> list[str]:
    return lines.toPlainText().split("\n")


def number(window: MainWindow) -> int:
    version = window.workspace.document.pane.review.version
    return version.number if version is not None else -1


def test_what_is_typed_is_stored_when_the_cursor_leaves_the_line_and_can_be_undone(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk)
        review = window.workspace.document.pane.review
        assert shown(lines) == [TITLE, FIRST, SECOND, LAST]
        put_cursor(lines, 0, len(TITLE))
        QTest.keyClicks(lines, " of 1987")
        assert window.workspace.document.pane.result.saved.text() == "Not saved yet"
        QTest.keyClick(lines, Qt.Key.Key_Down)
        await until(lambda: texts(window)[0] == f"{TITLE} of 1987")
        assert review.result is not None
        assert review.result.lines[0].human
        assert lines.row == 1
        await until(lambda: window.workspace.document.pane.result.saved.text() == "Saved")
        await until(lambda: window.jobs.undo.text() == "&Undo: Change of text")
        window.jobs.undo.trigger()
        await until(lambda: shown(lines)[0] == TITLE)
        assert lines.row == 1
        assert window.edits.redo.text() == "Re&do: Change of text"
        window.edits.redo.trigger()
        await until(lambda: shown(lines)[0] == f"{TITLE} of 1987")
        notes = window.workspace.document.pane.result.notes
        assert notes.edited.isVisible()
        notes.recognised.click()
        await until(lambda: shown(lines)[0] == TITLE)
        assert not notes.edited.isVisible()
        window.jobs.undo.trigger()
        await until(lambda: shown(lines)[0] == f"{TITLE} of 1987")

    desk.run(story())


def test_what_is_typed_is_stored_after_a_moment_and_at_the_turn_of_a_page(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk, "a-3p.pdf")
        pane = window.workspace.document.pane
        put_cursor(lines, 3, 0)
        QTest.keyClicks(lines, "All in all: ")
        await until(lambda: number(window) == 1)
        assert lines.textCursor().positionInBlock() == len("All in all: ")
        QTest.keyClicks(lines, "re")
        pane.step(1)
        await until(lambda: pane.review.page == 1 and pane.review.result is not None)
        assert shown(lines)[3] == LAST
        pane.step(-1)
        await until(lambda: pane.review.page == 0 and pane.review.result is not None)
        await until(lambda: shown(lines)[3] == f"All in all: re{LAST}")

    desk.run(story())


def test_what_is_typed_is_stored_when_the_page_goes_to_be_recognised_anew(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk, "a-3p.pdf")
        pane = window.workspace.document.pane
        put_cursor(lines, 3, 0)
        QTest.keyClicks(lines, "All in all: ")
        pane.review.show(pane.review.job, 0, None)
        await until(lambda: number(window) == 1)
        assert texts(window)[3] == f"All in all: {LAST}"

    desk.run(story())


def test_an_answer_that_is_late_does_not_take_an_edit_off_the_screen(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk)
        pane, session = window.workspace.document.pane, desk.session
        assert session is not None
        version, go_on, late = session.version, asyncio.Event(), list[int]()

        async def held(job: int, page: int) -> PageVersion | None:
            known = await version(job, page)
            late.append(known.number if known is not None else -1)
            await go_on.wait()
            return known

        session.version = held
        pane.walk.outdated.emit()  # as when more was learnt of the page
        await until(lambda: 0 in late)
        QTest.keyClicks(lines, "Yes. ")
        QTest.keyClick(lines, Qt.Key.Key_Down)
        await until(lambda: number(window) == 1)
        await until(lambda: pane.fetch._edited is None and window.model.views()[0].pages_edited == 1)  # all was told

        async def let_go(_session: object) -> None:
            go_on.set()

        seen: list[int] = []
        pane.review.page_changed.connect(lambda: seen.append(number(window)))
        await window._worker.ask(let_go)
        await until(lambda: late[-1:] == [1] and seen, what="another answer, which has the edit")
        assert set(seen) == {1}
        assert shown(lines)[0].startswith("Yes. ")

    desk.run(story())


def test_typing_is_taken_back_before_the_edits_of_the_page(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk)
        put_cursor(lines, 1, 0)
        QTest.keyClicks(lines, "Yes. ")
        QTest.keyClick(lines, Qt.Key.Key_Up)
        await until(lambda: number(window) == 1)
        put_cursor(lines, 2, 0)
        QTest.keyClicks(lines, "No. ")
        assert window.jobs.undo.text() == "&Undo typing"
        window.jobs.undo.trigger()
        assert shown(lines)[2] == SECOND
        assert shown(lines)[1] == f"Yes. {FIRST}"
        await until(lambda: window.jobs.undo.text() == "&Undo: Change of text")
        QTest.keyClick(lines, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: shown(lines)[1] == FIRST)

    desk.run(story())


def test_undo_takes_back_what_was_done_last_removal_or_edit(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf", "b.pdf")
        result = window.workspace.document.pane.result
        await until(lambda: result.shows_text)
        result.show_as(Shown.LINES)
        window.workspace.removal.remove([2])
        await until(lambda: window.jobs.undo.text() == "&Undo remove")
        result.lines.setFocus()
        put_cursor(result.lines, 0, 0)
        QTest.keyClicks(result.lines, "The ")
        QTest.keyClick(result.lines, Qt.Key.Key_Down)
        await until(lambda: window.jobs.undo.text() == "&Undo: Change of text")
        window.jobs.undo.trigger()
        await until(lambda: shown(result.lines)[0] == TITLE)
        await until(lambda: window.jobs.undo.text() == "&Undo remove")
        window.jobs.undo.trigger()
        assert len(window.model.views()) == 2
        assert not window.jobs.undo.isEnabled()

    desk.run(story())


def test_return_cuts_a_line_and_backspace_joins_it_while_typing_goes_on(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk)
        at = SECOND.index("smaller")
        put_cursor(lines, 2, at)
        QTest.keyClick(lines, Qt.Key.Key_Return)
        QTest.keyClicks(lines, "Even ")  # before the answer is there
        await until(lambda: len(texts(window)) == 5)
        await until(lambda: shown(lines)[3].startswith("Even smaller"))
        assert shown(lines)[2] == SECOND[:at].rstrip()
        assert lines.textCursor().positionInBlock() == len("Even ")
        QTest.keyClick(lines, Qt.Key.Key_Home)
        QTest.keyClick(lines, Qt.Key.Key_Backspace)
        await until(lambda: len(texts(window)) == 4)
        assert texts(window)[2] == f"{SECOND[:at]}Even {SECOND[at:]}"
        await until(lambda: shown(lines) == texts(window))
        assert (lines.row, lines.textCursor().positionInBlock()) == (2, len(SECOND[:at].rstrip()))

    desk.run(story())


def test_several_lines_are_deleted_and_pasted_newlines_become_spaces(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk)
        QGuiApplication.clipboard().setText("one\ntwo\r\nthree\n")
        put_cursor(lines, 0, 0)
        lines.paste()
        assert shown(lines)[0] == f"one two three{TITLE}"
        assert lines.document().blockCount() == 4
        put_cursor(lines, 1, 0, 3, 0)
        QTest.keyClick(lines, Qt.Key.Key_Delete)
        await until(lambda: texts(window) == [f"one two three{TITLE}", LAST])
        assert shown(lines) == texts(window)
        window.jobs.undo.trigger()
        await until(lambda: shown(lines)[1:] == [FIRST, SECOND, LAST])

    desk.run(story())


def test_typing_over_a_selection_of_several_lines_keeps_the_rest_of_them(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk)
        put_cursor(lines, 0, 6, 3, 8)
        QTest.keyClicks(lines, "xyz")
        await until(lambda: len(texts(window)) == 2)
        QTest.keyClick(lines, Qt.Key.Key_Down)
        await until(lambda: texts(window) == [f"{TITLE[:6]}xyz", LAST[8:]])
        assert shown(lines) == texts(window)

    desk.run(story())


def test_nothing_is_stored_or_redrawn_while_an_input_method_composes(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk, "港务局-1p.pdf")
        put_cursor(lines, 0, 0)
        before = number(window)
        QGuiApplication.sendEvent(lines, QInputMethodEvent("xin", []))
        assert lines.composing
        lines.typed.emit()
        window.workspace.document.pane.result.editing.set_threshold(0.99)
        assert number(window) == before
        assert shown(lines)[0] == "港务局年度报告"
        event = QInputMethodEvent()
        event.setCommitString("新")
        QGuiApplication.sendEvent(lines, event)
        assert not lines.composing
        await until(lambda: texts(window)[0] == "新港务局年度报告")
        assert number(window) == before + 1

    desk.run(story())


def test_what_cannot_be_stored_is_kept_and_tried_again(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk, "a-2p.pdf")
        session, pane = desk.session, window.workspace.document.pane
        assert session is not None
        edit = session.edits.edit

        async def full(*_args: object, **_more: object) -> None:
            raise DesktopOcrError(ErrorCode.DISK_FULL, "The disk is full.", "Make room.")

        session.edit = full  # type: ignore[method-assign, assignment]
        put_cursor(lines, 0, 0)
        QTest.keyClicks(lines, "The ")
        QTest.keyClick(lines, Qt.Key.Key_Down)
        await until(lambda: pane.result.notes.unsaved.isVisible())
        assert "The disk is full." in pane.result.notes.unsaved.words.text()
        assert shown(lines)[0] == f"The {TITLE}"
        pane.step(1)
        await until(lambda: pane.review.page == 1 and pane.review.result is not None)
        pane.step(-1)
        await until(lambda: pane.review.page == 0 and shown(lines)[0] == f"The {TITLE}")
        await until(pane.result.notes.unsaved.isVisible, what="another try, which fails")
        session.edit = edit  # type: ignore[method-assign]
        pane.result.notes.save.click()
        await until(lambda: texts(window)[0] == f"The {TITLE}")
        await until(lambda: not pane.result.notes.unsaved.isVisible())
        assert not window.workspace.text_side.unsaved

    desk.run(story())


def test_line_and_page_show_each_other(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk)
        review = window.workspace.document.pane.review
        put_cursor(lines, 2, 3)
        assert (review.place.block, review.place.line) == (2, 2)
        review.choose(Place(line=3), "picture")
        assert lines.row == 3
        assert lines.marks.block == 3
        result = window.workspace.document.pane.result
        result.formatted.click()
        text = result.text
        cursor = text.document().find("Repairs")
        text.setTextCursor(cursor)
        cursor.clearSelection()
        text.setTextCursor(cursor)
        where = text.cursorRect(text.document().find("harbour office looks")).center()
        QTest.mouseClick(text.viewport(), Qt.MouseButton.LeftButton, pos=where)
        assert review.place == Place(1)
        (tint,) = text.extraSelections()
        assert tint.cursor.selectedText() == FIRST

    desk.run(story())


def test_blocks_are_moved_merged_cut_and_get_another_kind(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk)
        review, blocks = window.workspace.document.pane.review, window.blocks
        put_cursor(lines, 1, 0)
        assert not blocks.split.isEnabled()
        blocks.up.trigger()
        await until(lambda: shown(lines) == [FIRST, TITLE, SECOND, LAST])
        await until(lambda: lines.row == 0)
        assert not blocks.up.isEnabled()
        blocks.merge.trigger()
        await until(lambda: review.result is not None and len(review.result.blocks) == 3)
        put_cursor(lines, 1, 0)
        await until(blocks.split.isEnabled)
        blocks.split.trigger()
        await until(lambda: review.result is not None and len(review.result.blocks) == 4)
        await until(lambda: review.place.block == 1)
        kind = next(action for (kind, level), action in blocks.kinds.items() if (kind.value, level) == ("list-item", 0))
        kind.trigger()
        await until(lambda: review.result is not None and review.result.blocks[1].kind.value == "list-item")
        assert lines.rows[1].label == "List item"
        blocks.delete.trigger()
        await until(lambda: len(texts(window)) == 3)
        for count in (4, 4, 4, 4, 4):
            before = number(window)
            window.jobs.undo.trigger()
            await until(lambda before=before: number(window) != before)
            assert len(texts(window)) == count
        assert shown(lines) == [TITLE, FIRST, SECOND, LAST]

    desk.run(story())


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Backspace, Qt.Key.Key_Delete])
def test_keys_at_the_ends_of_the_page_change_nothing(desk: Desk, key: Qt.Key) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk)
        put_cursor(lines, 0, 0) if key is Qt.Key.Key_Backspace else put_cursor(lines, 3, len(LAST))
        QTest.keyClick(lines, key)
        await window.workspace.text_side.settle()
        assert shown(lines) == [TITLE, FIRST, SECOND, LAST]
        assert number(window) == 0

    desk.run(story())
