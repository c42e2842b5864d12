from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core.job import Job
from desktop_ocr.core.ledger import PageCost
from desktop_ocr.core.receipt_words import receipt_words
from desktop_ocr.core.receipts import receipt_of
from desktop_ocr.core.stored_before import stored_before
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import JobOptions, PageState, PageView
from desktop_ocr.schema.receipts import PageNote, Receipt
from desktop_ocr.schema.results import DEGRADED, left_out_note
from desktop_ocr.schema.results import PageNote as ResultNote
from tests.unit.core.reviewing import page
from tests.unit.core.shelved import Shelf

BROKEN = ErrorInfo(ErrorCode.DAMAGED, "The page is broken.")


def test_each_page_counts_once() -> None:
    views = [
        PageView(0, PageState.DONE),
        PageView(1, PageState.DONE, degraded="Less."),
        PageView(2, PageState.DONE, left_out="No formulas."),
        PageView(3, PageState.DONE, degraded="Less.", left_out="No formulas."),
        PageView(4, PageState.FAILED, BROKEN),
        PageView(5, PageState.WAITING),
        PageView(6, PageState.PARTIAL),
    ]
    job = Job(7, Path("/a.pdf"), JobOptions(), seconds=3.0)
    assert receipt_of(job, views) == Receipt(
        *(7, "a.pdf", 7, 1),
        degraded=(PageNote(1, "Less."), PageNote(3, "Less. No formulas.")),
        noted=(PageNote(2, "No formulas."),),
        failed=(PageNote(4, "The page is broken."),),
        seconds=3.0,
    )


def receipt(pages: int, fine: int, *failed: PageNote, degraded: int = 0, noted: int = 0) -> Receipt:
    notes = [PageNote(at, "so") for at in range(max(degraded, noted))]
    return Receipt(1, "a.pdf", pages, fine, tuple(notes[:degraded]), tuple(notes[:noted]), failed)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (receipt(1, 1), "1 page, fine"),
        (receipt(500, 500), "500 pages, all fine"),
        (
            receipt(500, 497, PageNote(311, "It took too long."), degraded=2),
            "500 pages: 497 fine, 2 with less detail, 1 failed (page 312: It took too long)",
        ),
        (
            receipt(3, 0, PageNote(0, "a"), PageNote(1, "a"), PageNote(2, "b")),
            "3 pages: 3 failed (pages 1-2: a; page 3: b)",
        ),
        (receipt(5, 2, noted=1), "5 pages: 2 fine, 1 incomplete, 2 not done"),
        (
            receipt(6, 0, *(PageNote(at, f"reason {at}") for at in range(6))),
            "6 pages: 6 failed (page 1: reason 0; page 2: reason 1; page 3: reason 2; 3 pages for other reasons)",
        ),
    ],
)
def test_a_receipt_in_words(given: Receipt, words: str) -> None:
    assert receipt_words(given) == words


async def test_a_receipt_is_there_for_documents_of_list_and_library(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "ledger.sqlite3")
    less = msgspec.structs.replace(page(1, "b"), notes=(ResultNote(DEGRADED, "Smaller."),))
    noted = msgspec.structs.replace(page(2, "c"), notes=(left_out_note(Feature.FORMULAS, "not installed"),))
    job = shelf.add("/a.pdf", page(0, "a"), less, noted, count=4)
    shelf._ledger.commit_failure(shelf.key(job), 3, BROKEN, PageCost(1.0))
    shelf._documents.restore(shelf._ledger.jobs())
    words = "4 pages: 1 fine, 1 incomplete, 1 with less detail, 1 failed (page 4: The page is broken)"
    assert receipt_words(await shelf.receipt(job)) == words
    await shelf.remove(job)
    assert receipt_words(await shelf.receipt(job)) == words
    await shelf.forget([job])
    with pytest.raises(DesktopOcrError) as caught:
        await shelf.receipt(job)
    assert caught.value.code is ErrorCode.NOT_FOUND
    await shelf.close()


async def test_what_was_stored_before_is_told_with_the_document_that_has_more(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "ledger.sqlite3")
    other = JobOptions(dpi=300)
    nothing = shelf.add("/a.pdf", content="same")
    assert stored_before(shelf._ledger.library, shelf._documents.job(nothing)) is None
    more = shelf.add("/a.pdf", page(0, "a"), page(1, "b"), content="same", options=other)
    told = stored_before(shelf._ledger.library, shelf._documents.job(nothing))
    assert told is not None
    assert (told.pages, told.other) == (0, more)
    assert told.when > 0
    some = shelf.add("/copy.pdf", page(4, "c"), content="same")
    told = stored_before(shelf._ledger.library, shelf._documents.job(some))
    assert told is not None
    assert (told.job, told.pages, told.other) == (some, 1, more)
    only = shelf.add("/copy.pdf", content="same", selection="5")
    told = stored_before(shelf._ledger.library, shelf._documents.job(only))
    assert told is not None
    assert (told.pages, told.other) == (1, 0)
    await shelf.close()
