"""The library's page: searching as one types, by keyboard, and what is done with what was found."""

from __future__ import annotations

import asyncio
import functools
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_ocr.gui import library_side
from desktop_ocr.gui.forgetting import Doomed
from desktop_ocr.gui.library_list import HIT, HitModel
from desktop_ocr.gui.library_page import LibraryPage, Period
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.message_bar import MessageBar
from desktop_ocr.gui.opening import lit_query
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.jobs import JobState, JobView
from desktop_ocr.schema.library import LibraryFound, LibraryHit, LibraryQuery
from desktop_ocr.schema.settings import Settings
from tests.gui.conftest import Desk, until
from tests.gui.fake_library import FakeLibrary, many_hits
from tests.gui.fake_session import FakeSession
from tests.gui.helpers import press, question
from tests.unit.core.reviewing import page as page_of
from tests.unit.core.shelved import Shelf


def fake(desk: Desk) -> FakeSession:
    assert desk.session is not None
    return desk.session


def library(desk: Desk) -> FakeLibrary:
    return fake(desk).library


async def opened(window: MainWindow) -> LibraryPage:
    """The library, as its key opens it, with its first answer."""
    window.activateWindow()
    await until(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    page = window.keeping.library.page
    assert page is not None
    await until(lambda: window.content.currentWidget() is page and page.field.hasFocus())
    looking = "Looking into the library"
    await until(lambda: page.stack.currentWidget() is page.list or not page.card.words.startswith(looking))
    await until(page.size_label.text)
    return page


async def typed(desk: Desk, page: LibraryPage, words: str) -> None:
    """Type words, and wait for what is found."""
    await asked(desk, page, words)
    await until(lambda: not page.behind, what=f"an answer to {words}")


async def asked(desk: Desk, page: LibraryPage, words: str) -> None:
    """Type words, and wait until they are looked for."""
    page.field.clear()
    QTest.keyClicks(page.field, words)
    await until(lambda: library(desk).queries[-1].text == words, what=f"a search for {words}")


def grown(model: HitModel, before: int) -> bool:
    return model.rowCount() > before


def names(page: LibraryPage) -> list[tuple[str, int]]:
    return [(hit.name, hit.page) for hit in page.list.found.hits()]


def chosen(page: LibraryPage) -> LibraryHit:
    hit = page.list.current()
    assert hit is not None
    return hit


def bar(window: MainWindow, words: str) -> MessageBar:
    return next(one for one in window.bars.bars() if words in one.text)


# --- searching --------------------------------------------------------------------------------------------------


def test_words_are_found_as_they_are_typed_and_return_opens_the_page_with_them_lit(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "letters-3p.pdf", "report-3p.pdf")
        page = await opened(window)
        assert {name for name, _page in names(page)} == {"letters-3p.pdf", "report-3p.pdf"}
        assert page.count.text() == "2 documents"
        assert page.size_label.text() == "2 documents, 6 pages, 0.2 MB"
        await typed(desk, page, "harb")
        assert page.count.text() == "Found on 6 pages"
        text = "".join(part.text for part in chosen(page).snippet if part.lit)
        assert text.lower().startswith("harb")
        QTest.keyClick(page.field, Qt.Key.Key_Down)
        assert page.list.hasFocus()
        for _step in range(4):
            QTest.keyClick(page.list, Qt.Key.Key_Down)
        hit = chosen(page)
        assert (hit.name, hit.page) == ("report-3p.pdf", 1)
        QTest.keyClick(page.list, Qt.Key.Key_Return)
        pane, side = window.workspace.document.pane, window.workspace.text_side
        await until(lambda: window.content.currentWidget() is window.workspace)
        await until(lambda: (pane.review.job, pane.review.page) == (2, 1) and pane.review.hits)
        assert window.workspace.queue.current() == 2
        assert side.find_bar.isVisible()
        assert side.find_bar.field.text().lower() == "harb"
        assert pane.review.current_hit is not None
        assert pane.review.current_hit.page == 1
        again = await opened(window)  # as it was left
        assert (chosen(again).name, chosen(again).page) == ("report-3p.pdf", 1)
        QTest.keyClick(again.field, Qt.Key.Key_Escape)
        await until(lambda: window.content.currentWidget() is window.workspace)
        await until(lambda: (pane.review.job, pane.review.page) == (2, 1) and pane.review.result is not None)

    desk.run(story())


class Held:
    """Answers to some words, which come when the test lets them."""

    def __init__(self, desk: Desk, words: str) -> None:
        self._words = words
        self._search = library(desk).search
        self.open = self.answered = False
        fake(desk).search = self.search

    async def search(self, query: LibraryQuery) -> LibraryFound:
        """As the library would."""
        found = await self._search(query)
        if query.text == self._words:
            while not self.open:
                await asyncio.sleep(0.005)
            self.answered = True
        return found


def test_older_answers_are_dropped(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "report-3p.pdf")
        page = await opened(window)
        held = Held(desk, "nowhere")
        await asked(desk, page, "nowhere")
        await typed(desk, page, "harbour")
        assert page.count.text() == "Found on 3 pages"
        held.open = True
        await until(lambda: held.answered)
        await asyncio.sleep(0.1)  # nothing is to be seen of an answer that is dropped
        assert page.count.text() == "Found on 3 pages"
        assert page.stack.currentWidget() is page.list

    desk.run(story())


def test_return_does_not_open_what_was_found_before(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "letters-3p.pdf", "report-3p.pdf")
        page = await opened(window)
        held = Held(desk, "harbour")
        await asked(desk, page, "harbour")
        assert {page for _name, page in names(page)} == {0}  # the documents, as yet
        QTest.keyClick(page.field, Qt.Key.Key_Return)
        held.open = True
        await until(lambda: not page.behind)
        assert len(names(page)) == 6
        assert window.content.currentWidget() is page
        page.list.go_to(page.list.found.row_of(2, 1))
        QTest.keyClick(page.field, Qt.Key.Key_Return)
        pane = window.workspace.document.pane
        await until(lambda: (pane.review.job, pane.review.page) == (2, 1))

    desk.run(story())


def test_more_are_asked_for_when_the_end_comes_into_view(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        page = await opened(window)
        library(desk).archive = many_hits(10_000)
        await typed(desk, page, "harbour")
        assert page.count.text() == "Found on 10,000 pages"
        model = page.list.found
        assert model.rowCount() == 50
        for _screen in range(3):
            before = model.rowCount()
            page.list.scrollToBottom()
            await until(functools.partial(grown, model, before))
        assert [query.offset for query in library(desk).queries[-3:]] == [50, 100, 150]
        assert len({(hit.job, hit.page) for hit in model.hits()}) == model.rowCount() == 200

    desk.run(story())


def test_filters(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "old-2p.pdf", "new-2p.pdf")
        library(desk).ages[1] = 40 * 86_400.0
        page = await opened(window)
        page.period.setCurrentIndex(page.period.findData(Period.MONTH))
        await until(lambda: names(page) == [("new-2p.pdf", 0)])
        page.format.setCurrentIndex(page.format.findText("TIFF"))
        await until(lambda: page.stack.currentWidget() is page.card)
        assert page.card.words.startswith("No document is like this")
        page.card.button.click()
        await until(lambda: len(names(page)) == 2)
        assert (page.period.currentIndex(), page.format.currentIndex()) == (0, 0)
        page.edited.setChecked(True)
        await until(lambda: page.stack.currentWidget() is page.card)

    desk.run(story())


def test_empty_library_no_hits_and_what_cannot_be_searched_are_told(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        page = await opened(window)
        assert page.card.words.startswith("The library is empty")
        assert page.size_label.text() == "Nothing is stored"
        library(desk).unindexed = 1200
        await typed(desk, page, "xylophone")
        assert page.card.words.startswith("No page has “xylophone”")
        assert page.unindexed.text() == "1,200 pages are still being prepared for searching"
        library(desk).error = ErrorInfo(ErrorCode.DISK_FULL, "The disk is full.", "Make room.")
        await typed(desk, page, "harbour")
        assert "cannot be searched" in page.card.words
        assert "Make room." in page.card.words
        library(desk).error = None
        page.card.button.click()
        await until(lambda: page.card.words.startswith("No page has “harbour”"))
        QTest.keyClick(page.field, Qt.Key.Key_Escape)
        await until(lambda: window.content.currentWidget() is window.drop_zone)

    desk.run(story())


def test_pages_that_are_prepared_meanwhile_come_by_themselves(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        page = await opened(window)
        library(desk).unindexed = 3
        await typed(desk, page, "harbour")
        assert page.unindexed.isVisible()
        library(desk).unindexed = 0
        library(desk).archive = many_hits(3)
        await until(lambda: len(names(page)) == 3)
        assert not page.unindexed.isVisible()

    desk.run(story())


def test_pages_that_cannot_be_prepared_are_asked_for_ever_later(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_side, "RENEW_MS", 10)
    monkeypatch.setattr(library_side, "LONGEST_RENEW_MS", 60)

    async def story() -> None:
        window = await desk.fake()
        page = await opened(window)
        side, waited = window.keeping.library, []
        side._renewal.timeout.connect(lambda: waited.append(side._renewal.interval()))
        library(desk).unindexed = 3
        await typed(desk, page, "harbour")
        await until(lambda: waited[-2:] == [60, 60])
        assert waited == sorted(waited)
        assert {10, 20, 40} <= set(waited)
        library(desk).unindexed = 2  # some were prepared
        before = len(waited)
        await until(lambda: 10 in waited[before:])
        await until(lambda: waited[-1] == 60)
        before = len(waited)
        side.renew_soon()  # a document was finished
        await until(lambda: len(waited) > before)
        assert waited[before] == 10

    desk.run(story())


def test_a_library_opened_before_its_pages_are_prepared_is_not_called_empty(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        shelf = Shelf(tmp_path / "ledger.sqlite3")  # a real one, as a former version left it
        shelf.add("/docs/a.pdf", *[page_of(at, "harbour") for at in range(3)], content="a")
        with shelf._ledger._writing():
            shelf._ledger._db.execute("DELETE FROM searched")
        window = await desk.fake()
        session = fake(desk)
        session.search, session.library_size = shelf.search, shelf.library_size
        try:
            page = await opened(window)
            assert names(page) == [("a.pdf", 0)]
            assert page.stack.currentWidget() is page.list
            assert page.unindexed.text() == "3 pages are still being prepared for searching"
            QTest.keyClicks(page.field, "harbour")
            await until(lambda: page.card.words.startswith("No page has “harbour”"))
            assert page.unindexed.isVisible()
            await shelf._library.catch_up.run()
            await until(lambda: len(names(page)) == 3)
            assert not page.unindexed.isVisible()
        finally:
            await shelf.close()

    desk.run(story())


def test_while_nothing_is_prepared_yet_the_library_says_so_and_looks_again(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        library(desk).unindexed = 3
        page = await opened(window)
        assert page.card.words.startswith("The library is being prepared")
        assert page.unindexed.isVisible()
        library(desk).unindexed = 0
        library(desk).archive = many_hits(3)
        await until(lambda: page.stack.currentWidget() is page.list)
        assert not page.unindexed.isVisible()

    desk.run(story())


def test_keys_lead_from_the_field_to_the_list_and_back(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        library_hits = many_hits(30)
        page = await opened(window)
        library(desk).archive = library_hits
        await typed(desk, page, "harbour")
        QTest.keyClick(page.field, Qt.Key.Key_Down)
        QTest.keyClick(page.list, Qt.Key.Key_Down)
        assert page.list.currentIndex().row() == 1
        QTest.keyClick(page.list, Qt.Key.Key_Up)
        QTest.keyClick(page.list, Qt.Key.Key_Up)
        assert page.field.hasFocus()
        QTest.keyClick(page.field, Qt.Key.Key_Down)
        QTest.keyClicks(page.list, "s")  # letters are for the field, wherever one is
        assert page.field.hasFocus()
        assert page.field.text() == "harbours"
        QTest.keyClick(page.list, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        assert page.field.selectedText() == "harbours"
        assert page.list.model().data(page.list.currentIndex(), Qt.ItemDataRole.AccessibleTextRole)
        assert page.list.model().data(page.list.currentIndex(), HIT) is page.list.current()

    desk.run(story())


# --- with the list ----------------------------------------------------------------------------------------------


def test_removed_document_is_found_and_comes_back_into_the_list(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one-3p.pdf", "two-3p.pdf")
        window.workspace.removal.remove([1])
        assert window.bars.texts() == ["Removed “one-3p.pdf” from the list. Its pages stay in the library."]
        await window.workspace.removal.commit()
        assert list(fake(desk).jobs) == [2]
        page = await opened(window)
        await typed(desk, page, "harbour")
        page.list.go_to(page.list.found.row_of(1, 2))
        assert not chosen(page).listed
        QTest.keyClick(page.field, Qt.Key.Key_Return)
        pane = window.workspace.document.pane
        await until(lambda: (pane.review.job, pane.review.page) == (1, 2) and pane.review.hits)
        assert sorted(view.name for view in window.model.views()) == ["one-3p.pdf", "two-3p.pdf"]

    desk.run(story())


def test_document_whose_removal_can_still_be_undone_is_kept_when_it_is_opened(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one.pdf", "two.pdf")
        window.workspace.removal.remove([1, 2])
        page = await opened(window)
        page.list.go_to(page.list.found.row_of(2, 0))
        QTest.keyClick(page.field, Qt.Key.Key_Return)
        await until(lambda: window.workspace.document.pane.review.job == 2)
        await window.workspace.removal.commit()
        assert list(fake(desk).jobs) == [2]

    desk.run(story())


def test_nothing_acts_on_documents_that_are_not_to_be_seen(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one.pdf")
        pane = window.workspace.document.pane
        await until(lambda: pane.review.result is not None)
        await opened(window)
        await until(lambda: not window.jobs.remove.isEnabled())
        assert pane.review.job is None
        acting = [*window.views.page_actions(), *window.edits.page_actions(), window.jobs.export, window.jobs.delete]
        assert not [action.text() for action in acting if action.isEnabled()]
        await desk.add(window, "two.pdf")  # what is added is to be seen
        await until(lambda: window.content.currentWidget() is window.workspace)
        await until(window.jobs.remove.isEnabled)

    desk.run(story())


def test_settings_that_do_not_keep_removed_documents_are_told(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        window.keeper.apply(Settings(keep_removed=False))
        await until(lambda: fake(desk).settings == Settings(keep_removed=False))
        await desk.add(window, "one-2p.pdf", "two.pdf")
        window.workspace.removal.remove([1])
        assert "with what was read" in window.bars.texts()[0]
        await window.workspace.removal.commit()
        page = await opened(window)
        assert names(page) == [("two.pdf", 0)]

    desk.run(story())


def test_hit_that_is_gone_is_told_and_disappears(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one-3p.pdf", "bad two-3p.pdf")
        window.workspace.removal.remove([1, 2])
        await window.workspace.removal.commit()
        page = await opened(window)
        window.keeping.receipts.show(2)
        await until(lambda: window.keeping.receipts.dialog is not None)
        dialog = window.keeping.receipts.dialog
        assert dialog is not None
        assert not dialog.retry.isVisible()  # it is not in the list
        assert dialog.page.isVisible()
        dialog.close()
        await typed(desk, page, "harbour")
        page.list.go_to(page.list.found.row_of(1, 1))
        del library(desk).shelf[1]  # by another program, say
        QTest.keyClick(page.field, Qt.Key.Key_Return)
        await until(lambda: any("is not in the library any more" in text for text in window.bars.texts()))
        await until(lambda: {name for name, _page in names(page)} == {"bad two-3p.pdf"})
        assert window.content.currentWidget() is page

    desk.run(story())


# --- deleting ---------------------------------------------------------------------------------------------------


def test_the_question_tells_that_a_captured_picture_goes_too(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        captured = Doomed(1, "Captured.png", 1, path=str(desk.paths.pasted / "Captured.png"))
        report = Doomed(2, "report.pdf", 1, path="/home/a/report.pdf")
        for documents, words in (
            ([captured], "The picture that was captured or pasted is deleted, too."),
            ([captured, captured], "The pictures that were captured or pasted are deleted, too."),
            ([captured, report], "Pictures that were captured or pasted are deleted, too. Your own files are not"),
            ([report, report], "The files themselves are not touched."),
        ):
            window.keeping.forgetting.ask(documents)
            box = question(window)
            assert box is not None
            assert words in box.informativeText()
            press(window, "Cancel")
            await until(lambda: window.keeping.forgetting.question is None)

    desk.run(story())


def test_results_are_deleted_after_a_question_that_enter_does_not_agree_to(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one-3p.pdf", "two-3p.pdf")
        page = await opened(window)
        await typed(desk, page, "harbour")
        page.list.go_to(page.list.found.row_of(1, 1))
        QTest.keyClick(page.list, Qt.Key.Key_Delete)
        box = question(window)
        assert box is not None
        assert box.text() == "Delete what was read of “one-3p.pdf”?"
        assert "3 pages leave the list and the library for good." in box.informativeText()
        assert "The file itself is not touched." in box.informativeText()
        assert box.defaultButton().text().replace("&", "") == "Cancel"
        press(window, "Delete results")
        await until(lambda: ("forget", (1,)) in fake(desk).asked)
        await until(lambda: {name for name, _page in names(page)} == {"two-3p.pdf"})
        await until(lambda: page.size_label.text() == "1 document, 3 pages, 0.1 MB")
        assert [view.name for view in window.model.views()] == ["two-3p.pdf"]

    desk.run(story())


def test_results_are_deleted_from_the_list_by_its_key(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one-3p.pdf", "two.pdf")
        window.workspace.queue.choose(1)
        window.activateWindow()
        window.workspace.queue.list.setFocus()
        await until(window.jobs.delete.isEnabled)
        QTest.keyClick(window.workspace.queue.list, Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier)
        await until(lambda: question(window) is not None)
        press(window, "Delete results")
        await until(lambda: [view.name for view in window.model.views()] == ["two.pdf"])
        assert not library(desk).shelf

    desk.run(story())


def test_document_of_another_program_is_not_deleted(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one.pdf", "two.pdf")
        view = window.model.views()[0]
        window.model.put(JobView(view.job, view.path, view.name, JobState.RUNNING, elsewhere="convert"))
        window.jobs.select_all.trigger()
        await until(lambda: len(window.workspace.selected()) == 2)
        window.jobs.delete.trigger()
        assert bar(window, "“one.pdf” stays: another running program works at it.")
        press(window, "Delete results")
        await until(lambda: ("forget", (2,)) in fake(desk).asked)

    desk.run(story())


def test_cleaning_up_goes_by_the_settings(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one.pdf", "two.pdf")
        window.workspace.removal.remove([1])
        await window.workspace.removal.commit()
        page = await opened(window)
        page.clean.click()
        assert bar(window, "The settings keep everything").buttons[0].text() == "&Settings…"
        assert question(window) is None
        window.keeper.apply(Settings(library_days=30))
        library(desk).bound = [1]
        page.clean.click()
        box = question(window)
        assert box is not None
        assert "older than 30 days" in box.informativeText()
        press(window, "Clean up")
        await until(lambda: any("1 document left the library" in text for text in window.bars.texts()))
        await until(lambda: names(page) == [("two.pdf", 0)])

    desk.run(story())


def test_menu_of_a_hit(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one-3p.pdf", "two.pdf")
        window.workspace.removal.remove([1])
        await window.workspace.removal.commit()
        page = await opened(window)
        page.list.go_to(page.list.found.row_of(1, 0))
        menu = page.make_menu()
        actions = {action.text().replace("&", ""): action for action in menu.actions() if action.text()}
        assert list(actions) == ["Open", "Show in folder", "Export…", "Receipt…", "Delete from the library…"]
        actions["Receipt…"].trigger()
        await until(lambda: window.keeping.receipts.dialog is not None)
        dialog = window.keeping.receipts.dialog
        assert dialog is not None
        assert "3 pages, all fine" in dialog.text.toPlainText()
        dialog.close()
        actions["Export…"].trigger()
        await until(lambda: window.workspace.exporting._dialog is not None)
        assert 1 in fake(desk).jobs
        assert window.workspace.exporting._dialog is not None
        window.workspace.exporting._dialog.reject()
        page.list.selectAll()
        texts = [action.text().replace("&", "") for action in page.make_menu().actions()]
        assert texts == ["Delete from the library…"]

    desk.run(story())


# --- words ------------------------------------------------------------------------------------------------------


def test_several_words_are_lit_by_a_pattern() -> None:
    assert lit_query(("Harbour",)).text == "Harbour"
    assert not lit_query(("a.b", "a.b")).pattern
    several = lit_query(("port", "harbour (new)", "港務"))
    assert several.pattern
    assert several.text.split("|") == [r"harbour\ \(new\)", "port", "港務"]
