"""Pages with tables, formulas and listings, pages of which more is to come, and what was left out of them."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication, QTextDocument, QTextTable
from PySide6.QtTest import QTest

from desktop_ocr.gui.job_delegate import second_line
from desktop_ocr.gui.page_html import MOST_CELLS, page_html, table_rows
from desktop_ocr.gui.page_notes import feature_of
from desktop_ocr.gui.table_window import TableModel, TableWindow
from desktop_ocr.gui.words import notes_words, progress_words
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import JobState, JobView, PageState
from desktop_ocr.schema.results import Block, BlockKind, Cell, PageResult, Table
from tests.gui.conftest import Desk, until
from tests.gui.fake_pages import figures
from tests.gui.helpers import shown_text


def document(result: PageResult) -> QTextDocument:
    made = QTextDocument()
    made.setHtml(page_html(result).html)
    return made


def tables(made: QTextDocument) -> list[QTextTable]:
    return [frame for frame in made.rootFrame().childFrames() if isinstance(frame, QTextTable)]


def view(**more: object) -> JobView:
    return JobView(1, "/a/1.pdf", "1.pdf", JobState.RUNNING, **more)  # type: ignore[arg-type]


# --- rich text --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("qapp")
def test_table_keeps_its_spans_and_its_place() -> None:
    made = document(figures(0))
    (table,) = tables(made)
    assert (table.rows(), table.columns()) == (5, 3)
    assert table.cellAt(0, 0).rowSpan() == 2
    assert table.cellAt(0, 1).columnSpan() == 2
    text = made.toPlainText()
    order = [
        "Berths by quarter",
        "<both tides>",
        "Quay 1",
        "Table 1. Ships",
        r"\frac{m}{2}",
        "for quay in",
        "A new tariff",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


@pytest.mark.usefixtures("qapp")
def test_formulas_and_listings_are_shown_as_they_are() -> None:
    html = page_html(figures(0)).html
    assert r"<code>Q = \frac{m}{2} \cdot c \, \Delta T</code>" in html
    assert "print(quay.name, *quay.ships)  # &lt;all&gt;</pre>" in html


@pytest.mark.usefixtures("qapp")
def test_addresses_in_a_document_are_no_links() -> None:
    page = figures(0)
    line = msgspec.structs.replace(page.lines[1], text="See https://example.org/a?b=1 and www.example.org and a@b.org")
    made = page_html(msgspec.structs.replace(page, lines=(page.lines[0], line, *page.lines[2:]))).html
    assert "https://example.org/a?b=1" in made
    assert "<a href" not in made


@pytest.mark.usefixtures("qapp")
def test_page_of_pictures_says_so() -> None:
    page = msgspec.structs.replace(figures(0), lines=(), blocks=(Block(BlockKind.PICTURE, (0, 0, 9, 9)),))
    assert "[Picture]" in document(page).toPlainText()


@pytest.mark.usefixtures("qapp")
def test_signs_that_stand_for_pieces_do_no_harm_in_a_document() -> None:
    page = figures(0)
    first = msgspec.structs.replace(page.lines[0], text="a \uf8f07\uf8f1 b \uf8f00\uf8f1 c \uf8f0999999999\uf8f1")
    text = document(msgspec.structs.replace(page, lines=(first, *page.lines[1:]))).toPlainText()
    assert "Quay 1" in text
    assert "A new tariff" in text


def test_long_table_is_cut_and_can_be_seen_as_a_whole(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "figures.pdf")
        result = window.workspace.document.pane.result
        await until(lambda: "Berths by quarter" in shown_text(window))
        loaded = result._loaded
        assert loaded is not None
        made = page_html(figures(0, 4000))
        result._loaded = type(loaded)(loaded.version, made, loaded.plain, loaded.marks)
        result._render()
        (table,) = tables(result.text.document())
        assert table.rows() * table.columns() <= MOST_CELLS
        assert "60 of 4000 rows are shown. Show the whole table…" in shown_text(window)
        result.text.anchorClicked.emit(QUrl("table:7"))
        result.text.anchorClicked.emit(QUrl("https://example.org"))
        assert not window.findChildren(TableWindow)
        result.text.anchorClicked.emit(QUrl("table:0"))
        (shown,) = window.findChildren(TableWindow)
        assert shown.model.rowCount() == 4000
        assert shown.view.columnSpan(0, 1) == 2
        shown.activateWindow()
        await until(shown.isActiveWindow)  # else the keys are for the window behind
        shown.view.setFocus()
        shown.view.selectRow(2)
        QTest.keyClick(shown.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text() == "Quay 1\t42\t52 (est.)"
        shown.copy.click()
        assert QGuiApplication.clipboard().text().count("\n") == 3999
        shown.close()

    desk.run(story())


cell_texts = st.text(max_size=12)


@st.composite
def grids(draw: st.DrawFn) -> Table:
    """Tables whose cells cover some of the grid, without overlapping."""
    rows, columns = draw(st.integers(1, 8)), draw(st.integers(1, 5))
    covered: set[tuple[int, int]] = set()
    cells = []
    for row in range(rows):
        for column in range(columns):
            down, across = draw(st.integers(1, rows - row)), draw(st.integers(1, columns - column))
            places = {(r, c) for r in range(row, row + down) for c in range(column, column + across)}
            if not places & covered and draw(st.booleans()):
                covered |= places
                cells.append(Cell(row, column, draw(cell_texts), row_span=down, column_span=across))
    return Table(rows, columns, tuple(cells))


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=grids(), rows=st.integers(1, 8))
def test_rows_cover_every_place_once(table: Table, rows: int) -> None:
    rows = min(rows, table.rows)
    covered = []
    for cells in table_rows(table, rows, table.columns):
        for cell in cells:
            covered += [
                (r, c)
                for r in range(cell.row, min(rows, cell.row + cell.row_span))
                for c in range(cell.column, cell.column + cell.column_span)
            ]
    assert sorted(covered) == [(r, c) for r in range(rows) for c in range(table.columns)]
    assert TableModel(table).text(range(table.rows), range(table.columns)).count("\n") >= table.rows - 1


# --- pages of which more is to come, or something is missing ----------------------------------------------------


def test_words_for_pages_with_more_to_come_and_with_something_left_out() -> None:
    some = view(pages_total=40, pages_done=12, pages_partial=3, pages_noted=2)
    assert progress_words(some) == "12 of 40 pages, 3 partly read, 2 incomplete"
    assert second_line(some) == progress_words(some)
    read = view(pages_total=40, pages_done=12, pages_partial=27, pages_failed=1, pages_noted=2)
    assert second_line(read) == "Text read, 12 of 40 pages complete, 1 failed, 2 incomplete"
    assert progress_words(view(pages_total=1, pages_partial=1)) == "1 page, 1 partly read"
    assert "3 pages can be read, and more is still looked for on them." in notes_words(some)
    assert "Something was left out of 2 pages" in notes_words(some)
    assert notes_words(view(pages_total=1, pages_partial=1)).startswith("1 page can be read")
    assert notes_words(view(pages_total=1, pages_done=1)) == ""


def test_feature_of_a_note() -> None:
    assert feature_of("Formulas were left out: no model is installed.") is Feature.FORMULAS
    assert feature_of("Charts left out: model not installed.") is Feature.CHARTS
    assert feature_of("Something else.") is None


def test_text_can_be_read_while_more_is_still_looked_for(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(later=None)
        await desk.add(window, "maths-6p.pdf", state=None)
        pane = window.workspace.document.pane
        await until(lambda: window.model.views()[0].pages_partial == 6)
        await until(lambda: "harbour office" in shown_text(window))
        assert pane.result.notes.pending.isVisible()
        assert pane.result.notes.pending.words.text() == "Still looking for formulas and charts."
        assert not window.views.again.isEnabled()
        await until(lambda: pane.walk.pages.state(pane.page) is PageState.PARTIAL)
        assert second_line(window.model.views()[0]) == "Text read, 0 of 6 pages complete"

    desk.run(story())


def test_what_comes_later_takes_the_place_of_the_text_without_a_flicker(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(later=None)
        await desk.add(window, "maths-2p.pdf", state=None)
        pane = window.workspace.document.pane
        await until(lambda: "harbour office" in shown_text(window) and pane.result.notes.pending.isVisible())
        shown: list[str] = []
        pane.result.stack.currentChanged.connect(lambda _at: shown.append(shown_text(window)))
        session = desk.session
        assert session is not None

        async def go_ahead(_session: object) -> None:
            session.go_ahead.set()

        await window._worker.ask(go_ahead)
        await until(lambda: window.model.views()[0].state is JobState.DONE)
        await until(lambda: not pane.result.notes.pending.isVisible())
        assert shown == []
        assert "harbour office" in shown_text(window)

    desk.run(story())


def test_page_says_what_was_left_out_and_leads_to_the_model_and_to_another_try(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "lacking-2p.pdf")
        pane = window.workspace.document.pane
        notes = pane.result.notes
        await until(lambda: notes.left_out.isVisible())
        assert notes.left_out.words.text() == "Formulas were left out: no model for them is installed."
        assert notes.get.isVisible()
        assert not notes.anew.isVisible()
        assert pane.bar.marked[2].isVisible()
        assert "2 incomplete" in pane.bar.marked[2].text()
        page = pane.page
        window.views.noted.trigger()
        assert pane.page != page
        await until(lambda: notes.left_out.isVisible())
        notes.get.click()
        dialog = window.models.dialog
        assert dialog is not None
        await until(lambda: [model.id for model in dialog.list.models_chosen()] == ["PP-FormulaNet_plus-S"])
        dialog.details.install.click()
        await until(lambda: window.models.consent is not None)
        assert window.models.consent is not None
        window.models.consent.go.click()
        await until(lambda: notes.anew.isVisible())
        assert not notes.get.isVisible()
        notes.anew.click()
        await until(lambda: window.model.views()[0].pages_noted == 1)
        await until(lambda: "harbour office" in shown_text(window) and not notes.left_out.isVisible())

    desk.run(story())


def test_text_with_tables_is_copied_with_them(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "figures.pdf")
        await until(lambda: "Berths by quarter" in shown_text(window))
        window.views.copy_page.trigger()
        mime = QGuiApplication.clipboard().mimeData()
        assert "<table" in mime.html()
        assert "Quay 1" in mime.text()
        QGuiApplication.clipboard().clear()
        window.workspace.document.pane.result.plain.click()
        assert "Berths by quarter" in shown_text(window)

    desk.run(story())
