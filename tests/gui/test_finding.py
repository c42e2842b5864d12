"""Finding and replacing over the pages of a document, doubtful words, and the tables of a page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.result_view import Shown
from desktop_ocr.gui.review import Place
from desktop_ocr.schema.edits import SetTexts
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from tests.gui.conftest import Desk, until
from tests.gui.fake_edits import History
from tests.gui.fake_pages import PARAGRAPHS
from tests.gui.test_line_editing import open_lines, put_cursor, shown, texts

TITLE, FIRST, SECOND, LAST = PARAGRAPHS["en"]


async def look_for(window: MainWindow, text: str) -> None:
    """Look for something, and wait for the answer."""
    bar = window.workspace.text_side.find_bar
    window.edits.find.trigger()
    bar.field.clear()
    QTest.keyClicks(bar.field, text)
    await until(lambda: " of " in bar.count.text(), what="something found")


def test_words_are_found_on_all_pages_and_marked_on_both_sides(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk, "a-3p.pdf")
        review, bar = window.workspace.document.pane.review, window.workspace.text_side.find_bar
        await look_for(window, "harbour")
        assert bar.count.text() == "1 of 6"
        assert [(hit.line, hit.start) for hit in review.hits] == [(0, 21), (1, 4)]
        assert review.current_hit == review.hits[0]
        assert lines.marks.hits == {0: [(21, 28)], 1: [(4, 11)]}
        assert lines.textCursor().selectedText() == "harbour"
        assert review.place.line == 0
        QTest.keyClick(bar.field, Qt.Key.Key_Return)
        assert (bar.count.text(), review.place.line) == ("2 of 6", 1)
        window.edits.find_next.trigger()
        await until(lambda: review.page == 1 and review.place.line == 0)
        assert bar.count.text() == "3 of 6"
        assert len(review.hits) == 2
        await until(lambda: lines.textCursor().selectedText() == "harbour")
        for _ in range(3):
            window.edits.find_back.trigger()
        await until(lambda: review.page == 2 and bar.count.text() == "6 of 6")
        bar.case.setChecked(True)
        bar.field.setText("THE")
        await until(lambda: bar.count.text() == "Nothing found")
        assert review.hits == ()
        bar.case.setChecked(False)
        bar.words.setChecked(True)
        await until(lambda: bar.count.text().endswith("of 24"))
        bar.pattern.setChecked(True)
        bar.field.setText("(the")
        await until(bar.wrong.isVisible)
        assert "no regular expression" in bar.wrong.text()
        QTest.keyClick(bar.field, Qt.Key.Key_Escape)
        assert not bar.isVisible()
        assert lines.hasFocus()
        assert lines.marks.hits == {}

    desk.run(story())


def test_words_are_replaced_one_by_one_on_a_page_and_everywhere(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk, "a-3p.pdf")
        bar = window.workspace.text_side.find_bar
        window.edits.replace.trigger()
        assert bar.by.isVisible()
        await look_for(window, "harbour")
        window.edits.replace.trigger()
        bar.by.setText("harbour harbour")
        bar.replace.click()
        await until(lambda: texts(window)[0].endswith("the harbour harbour office"))
        await until(lambda: bar.count.text() == "3 of 7", what="what was put in is passed over")
        bar.by.setText("port")
        bar.page.click()
        await until(lambda: "Replaced 3 in 1 page." in window.bars.texts())
        await until(lambda: shown(lines)[1].startswith("The port office"))
        await until(lambda: bar.count.text().endswith("4 found"))
        bar.all.click()
        await until(lambda: "Replaced 4 in 2 pages." in window.bars.texts())
        await until(lambda: bar.count.text() == "Nothing found")
        (message,) = [one for one in window.bars.bars() if "Replaced 4" in one.text]
        message.buttons[0].click()
        await until(lambda: bar.count.text() == "4 found")

    desk.run(story())


def test_doubtful_words_are_walked_through_to_the_last_page(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk, "a-2p.pdf")
        review = window.workspace.document.pane.review
        window.edits.doubt_next.trigger()
        await until(lambda: lines.textCursor().selectedText() == LAST)
        assert (review.page, review.place.line) == (0, 3)
        window.edits.doubt_next.trigger()
        await until(lambda: (review.page, review.place.line) == (1, 3))
        window.edits.doubt_next.trigger()
        await until(lambda: "No more doubtful words." in window.bars.texts())
        window.edits.doubt_back.trigger()
        await until(lambda: (review.page, review.place.line) == (0, 3))
        assert [lines.marks.doubtful(row) for row in range(4)] == [[], [], [], [(0, len(LAST))]]
        window.workspace.text_side.doubts.set_threshold(0.7)
        assert lines.marks.doubtful(3) == []
        assert desk.preferences.doubt_below == 0.7
        window.workspace.text_side.doubts.set_threshold(0.99)
        assert all(lines.marks.doubtful(row) for row in range(4))

    desk.run(story())


def test_cells_are_corrected_in_place_and_shown_on_the_page(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "figures.pdf")
        pane = window.workspace.document.pane
        result, review = pane.result, pane.review
        await until(lambda: result.shows_text)
        result.tables.click()
        side, view, model = result.tables_view, result.tables_view.view, result.tables_view.model
        window.activateWindow()
        view.setFocus()
        view.setCurrentIndex(model.index(2, 1))
        assert review.place == Place(2, cell=(2, 1))
        assert view.columnSpan(0, 1) == 2
        view.edit(model.index(2, 1))
        assert side.delegate.field is not None
        QTest.keyClicks(side.delegate.field, "420")
        QTest.keyClick(side.delegate.field, Qt.Key.Key_Return)
        await until(lambda: "420" in texts(window))
        assert model.data(model.index(2, 1)) == "420"
        view.edit(model.index(3, 2))
        assert side.delegate.field.toPlainText() == "53\n(est.)"
        QTest.keyClicks(side.delegate.field, "5")
        window.jobs.undo.trigger()  # what is in the field comes first, and is what is undone
        await until(lambda: review.version is not None and review.version.number == 3)
        assert model.data(model.index(3, 2)) == "53 (est.)"
        assert model.data(model.index(2, 1)) == "420"
        side.copy_both()
        await until(lambda: "Quay 1\t420\t52 (est.)" in QGuiApplication.clipboard().text())
        assert "<table" in QGuiApplication.clipboard().mimeData().html()
        side.copy_html()
        await until(lambda: "<table" in QGuiApplication.clipboard().text())
        view.selectRow(2)
        QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text() == "Quay 1\t420\t52 (est.)"
        review.choose(Place(2, cell=(4, 0)), "picture")
        assert view.currentIndex().row() == 4
        pane.edit_wanted.emit()
        assert side.delegate.field is not None
        side.finish()
        window.edits.copy_markdown.trigger()
        await until(lambda: QGuiApplication.clipboard().text().startswith("## Berths by quarter"))

    desk.run(story())


def test_cell_that_cannot_be_stored_is_kept(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "figures.pdf")
        result = window.workspace.document.pane.result
        await until(lambda: result.shows_text)
        result.show_as(Shown.TABLES)
        session = desk.session
        assert session is not None
        edit = session.edits.edit

        async def full(*_args: object, **_more: object) -> None:
            raise DesktopOcrError(ErrorCode.DISK_FULL, "The disk is full.", "Make room.")

        session.edit = full  # type: ignore[method-assign, assignment]
        model = result.tables_view.model
        assert model.setData(model.index(2, 1), "420")
        await until(result.notes.unsaved.isVisible)
        assert model.data(model.index(2, 1)) == "420"
        window.close()
        await until(lambda: [box for box in window.findChildren(QMessageBox) if box.isVisible()])
        (box,) = [box for box in window.findChildren(QMessageBox) if box.isVisible()]
        next(button for button in box.buttons() if button.text() == "&Keep working").click()
        assert window.isVisible()
        session.edit = edit  # type: ignore[method-assign]
        result.notes.save.click()
        await until(lambda: "420" in texts(window))
        assert not result.notes.unsaved.isVisible()

    desk.run(story())


def test_newer_text_is_taken_or_not(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk)
        session, pane = desk.session, window.workspace.document.pane
        assert session is not None
        put_cursor(lines, 0, 0)
        QTest.keyClicks(lines, "My ")
        await window.workspace.text_side.settle()
        history: History = session.edits.histories[1, 0]
        history.newer = True
        pane.review.renew()
        notes = pane.result.notes
        await until(notes.newer.isVisible)
        assert not notes.edited.isVisible()
        compared: list[bool] = []
        pane.result.compare_wanted.connect(lambda: compared.append(True))
        notes.compare.click()
        assert compared == [True]
        notes.keep.click()
        await until(lambda: not notes.newer.isVisible())
        assert shown(lines)[0] == f"My {TITLE}"
        history.newer = True
        pane.review.renew()
        await until(notes.newer.isVisible)
        notes.take.click()
        await until(lambda: shown(lines)[0] == TITLE)

    desk.run(story())


def test_edit_made_elsewhere_is_shown_and_what_is_being_typed_stays(desk: Desk) -> None:
    async def story() -> None:
        window, lines = await open_lines(desk)
        session = desk.session
        assert session is not None
        put_cursor(lines, 2, 0)
        QTest.keyClicks(lines, "So, ")

        async def elsewhere(_session: object) -> None:
            assert session is not None
            await session.edit(1, 0, SetTexts(lines=(), cells=()), base=0)

        await window._worker.ask(elsewhere)
        await until(lambda: texts(window)[2] == f"So, {SECOND}")
        assert shown(lines) == [TITLE, FIRST, f"So, {SECOND}", LAST]
        assert lines.textCursor().positionInBlock() == 4

    desk.run(story())
