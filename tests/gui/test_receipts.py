"""What is told when documents are done, and of documents that were read before: many at once do not pile up."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from desktop_ocr.gui.library_words import read_words, size_words, when_words
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.message_bar import MessageBar
from desktop_ocr.gui.receipt_words import full_text, message_words, named_pages, summary_words, took_words
from desktop_ocr.schema.jobs import JobOptions, JobState, JobView
from desktop_ocr.schema.library import LibrarySize
from desktop_ocr.schema.receipts import PageNote, Receipt
from desktop_ocr.schema.settings import Settings
from tests.gui.conftest import Desk, until
from tests.gui.fake_session import FakeSession


def fake(desk: Desk) -> FakeSession:
    assert desk.session is not None
    return desk.session


async def said(window: MainWindow, words: str) -> MessageBar:
    await until(lambda: any(words in bar.text for bar in window.bars.bars()), what=f"a message of {words}")
    return next(bar for bar in window.bars.bars() if words in bar.text)


def view(window: MainWindow, job: int) -> JobView:
    found = window.model.view(job)
    assert found is not None
    return found


def buttons(bar: MessageBar) -> list[str]:
    return [button.text().replace("&", "") for button in bar.buttons]


def click(bar: MessageBar, words: str) -> None:
    next(button for button in bar.buttons if button.text().replace("&", "") == words).click()


# --- receipts ---------------------------------------------------------------------------------------------------


def test_failed_page_is_told_shown_and_retried(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "other.pdf", "bill bad-4p.pdf")
        bar = await said(window, "bill bad-4p.pdf: 4 pages: 3 fine, 1 failed (page 2: The page's picture is damaged.")
        assert buttons(bar) == ["Retry failed pages", "Show page 2"]
        click(bar, "Show page 2")
        pane = window.workspace.document.pane
        await until(lambda: (pane.job, pane.page) == (2, 1))
        assert window.bars.texts() == []  # it was answered
        window.workspace.queue.choose(2)
        await until(window.jobs.receipt.isEnabled)
        window.jobs.receipt.trigger()
        await until(lambda: window.keeping.receipts.dialog is not None)
        dialog = window.keeping.receipts.dialog
        assert dialog is not None
        assert "Page 2: The page's picture is damaged." in dialog.text.toPlainText()
        dialog.copy.click()
        assert QGuiApplication.clipboard().text() == dialog.text.toPlainText()
        dialog.retry.click()
        await until(lambda: view(window, 2).pages_failed == 0 and view(window, 2).state is JobState.DONE)
        assert window.keeping.receipts.dialog is None or not window.keeping.receipts.dialog.isVisible()

    desk.run(story())


def test_less_detail_is_done_again_from_the_message(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "heavy-3p.pdf")
        bar = await said(window, "heavy-3p.pdf: 3 pages: 2 fine, 1 with less detail.")
        assert buttons(bar) == ["Do again with full detail", "Show page 2"]
        click(bar, "Do again with full detail")
        await until(lambda: ("recognise_again", (1, (1,))) in fake(desk).asked)
        await until(lambda: view(window, 1).pages_degraded == 0)

    desk.run(story())


def test_what_is_answered_elsewhere_is_not_said_any_more(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "bad one-3p.pdf", "bad two-3p.pdf")
        await said(window, "2 documents are done, but not all pages are fine: 2 pages failed.")
        window.commands.retry([1])
        await said(window, "bad two-3p.pdf: 3 pages: 2 fine, 1 failed")
        assert len(window.bars.texts()) == 1
        window.workspace.removal.remove([2])
        await window.workspace.removal.commit()
        await until(lambda: window.bars.texts() == [])

    desk.run(story())


def test_thousand_documents_are_told_in_two_messages(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake(pace=0.0)
        receipts = [Receipt(number, f"{number}.pdf", 2, 2) for number in range(10, 1010)]
        failing = [Receipt(number, f"{number}.pdf", 2, 1, (), (), (PageNote(1, "No."),)) for number in (2001, 2002)]
        await desk.add(window, "some bad-2p.pdf")
        await said(window, "some bad-2p.pdf")
        side = window.keeping.receipts
        for at, receipt in enumerate(receipts):
            side.take(receipt)
            if at % 250 == 0:
                await asyncio.sleep(0.2)
            assert len(window.bars.bars()) <= 2
        for receipt in failing:
            side.take(receipt)
        await said(window, "1,000 documents are done, all pages fine.")
        bar = await said(window, "3 documents are done, but not all pages are fine: 3 pages failed.")
        assert buttons(bar) == ["Retry failed pages", "Show receipts"]
        assert len(window.bars.bars()) == 2
        side._fading.timeout.emit()  # eight seconds later
        assert [one.text for one in window.bars.bars()] == [bar.text]
        click(bar, "Show receipts")
        assert side.dialog is not None
        assert "2002.pdf\n2 pages: 1 fine, 1 failed (page 2: No)." in side.dialog.text.toPlainText()
        side.dialog.close()

    desk.run(story())


def test_short_documents_that_are_fine_are_seen_in_the_list_alone(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "one.pdf", "two-2p.pdf")
        side = window.keeping.receipts
        await until(lambda: not side._new and not side._gathering.isActive())  # it was thought of
        assert window.bars.texts() == []
        await desk.add(window, "long-12p.pdf")
        await said(window, "long-12p.pdf: 12 pages, all fine.")

    desk.run(story())


# --- read before ------------------------------------------------------------------------------------------------


def test_document_that_was_read_before_is_told_and_read_again(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "scan-3p.pdf")
        fake(desk).library.ages[1] = 86_400.0
        window.commands.add([Path("/elsewhere/scan-3p.pdf")])
        bar = await said(window, "“scan-3p.pdf” was read yesterday: its 3 pages were taken from the library.")
        assert buttons(bar) == ["Recognise again"]
        click(bar, "Recognise again")
        await until(lambda: ("recognise_again", (2, (0, 1, 2))) in fake(desk).asked)
        assert window.bars.texts() == []

    desk.run(story())


def test_result_with_other_settings_can_be_taken(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "scan-3p.pdf")
        other = JobOptions(dpi=300)
        window.keeper.apply(Settings(options=other))
        await until(lambda: fake(desk).settings == Settings(options=other))
        window.commands.add([Path("/elsewhere/scan-3p.pdf")])
        bar = await said(window, "“scan-3p.pdf” was read today with other settings")
        click(bar, "Use that result")
        await until(lambda: ("set_options", (2, JobOptions())) in fake(desk).asked)

    desk.run(story())


def test_many_that_were_read_before_are_told_in_one_message(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        names = [f"scan {number}-2p.pdf" for number in range(4)]
        await desk.add(window, *names)
        window.commands.add([Path("/elsewhere") / name for name in names])
        await said(window, "4 documents were read before: 8 pages were taken from the library.")
        assert len(window.bars.bars()) == 1
        await until(lambda: len(window.model.views()) == 8)
        window.workspace.removal.remove([5, 6, 7, 8])
        await window.workspace.removal.commit()
        await until(lambda: window.bars.texts() == [])

    desk.run(story())


# --- words ------------------------------------------------------------------------------------------------------


def test_words_of_a_receipt() -> None:
    failed = (PageNote(311, "The page's picture is damaged."),)
    less = (PageNote(3, "No tables."), PageNote(4, "No tables."))
    receipt = Receipt(1, "report.pdf", 500, 497, less, (), failed, 3723.0)
    expected = "500 pages: 497 fine, 2 with less detail, 1 failed (page 312: The page's picture is damaged)"
    assert message_words(receipt) == f"report.pdf: {expected}."
    text = full_text([receipt])
    assert text.splitlines()[:2] == ["report.pdf", f"{expected}. Done in 62 min."]
    assert "Page 5: No tables." in text
    assert summary_words(Receipt(1, "a", 1, 1)) == "1 page, fine"
    assert summary_words(Receipt(1, "a", 2, 1, (), (PageNote(0, "No model."),))) == "2 pages: 1 fine, 1 incomplete"
    notes = tuple(PageNote(page, f"Reason {page}.") for page in range(5))
    assert named_pages(notes) == "pages 1, 2, 3 and 2 more"
    assert len(full_text([receipt] * 100, 50).splitlines()) == 51
    assert [took_words(seconds) for seconds in (0.4, 12, 600, 9000)] == ["", "Done in 12 s.", "Done in 10 min.",
                                                                         "Done in 2 h 30 min."]  # fmt: skip


def test_words_of_days_and_sizes() -> None:
    now = time.mktime((2026, 3, 10, 12, 0, 0, 0, 0, -1))
    day = 86_400.0
    assert when_words(now - 60, now) == "today, 11:59"
    assert [when_words(now - past * day, now) for past in (1, 7, 400)] == ["yesterday", "3 March", "3 February 2025"]
    assert [read_words(now - past * day, now) for past in (0, 1, 7)] == [
        "was read today",
        "was read yesterday",
        "was read on 3 March",
    ]
    assert (when_words(0), read_words(0)) == ("", "was read before")
    assert size_words(LibrarySize(312, 20_000, 640.2)) == "312 documents, 20,000 pages, 640 MB"
    assert size_words(LibrarySize(1, 1, 0.03)) == "1 document, 1 page, 0.0 MB"
