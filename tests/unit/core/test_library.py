from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core.index_catch_up import IndexCatchUp
from desktop_ocr.core.ledger import PageCost
from desktop_ocr.core.ledger_db import mark_of
from desktop_ocr.core.library_work import LibraryWork
from desktop_ocr.core.owners import process_owner
from desktop_ocr.schema.edits import LineText, SetTexts
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.events import JobChanged, JobRemoved
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.library import LibraryQuery
from desktop_ocr.schema.results import PageResult
from tests.unit.core.reviewing import page
from tests.unit.core.shelved import Shelf

OTHER = JobOptions(dpi=300)
TABLES = ("searched", "page_search")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
async def shelf(file: Path) -> AsyncIterator[Shelf]:
    shelf = Shelf(file)
    yield shelf
    await shelf.close()


async def test_a_page_is_found_with_what_it_is(shelf: Shelf) -> None:
    job = shelf.add("/docs/Tax 2024.pdf", page(0, "Nothing here"), page(3, "Your tax return", "is late"))
    found = await shelf.look("tax ret")
    (hit,) = found.hits
    assert (found.total, found.unindexed) == (1, 0)
    assert (hit.job, hit.page, hit.path, hit.name) == (job, 3, "/docs/Tax 2024.pdf", "Tax 2024.pdf")
    assert (hit.format, hit.pages, hit.listed, hit.edited) == ("PDF", 2, True, False)
    assert hit.finished > 0
    assert "".join(part.text for part in hit.snippet) == "Your tax return is late"
    assert [part.text for part in hit.snippet if part.lit] == ["tax", "return"]
    assert hit.words == ("tax", "return")


async def test_the_best_comes_first_and_the_newer_of_equals(shelf: Shelf) -> None:
    long = page(0, "tax " + "other words " * 30)
    first = shelf.add("/a.pdf", page(0, "one tax two"), content="a")
    second = shelf.add("/b.pdf", page(0, "one tax two"), content="b")
    third = shelf.add("/c.pdf", long, content="c")
    shelf.add("/d.pdf", *[page(at, "nothing of it") for at in range(6)], content="d")
    assert await shelf.places("tax") == [(second, 0), (first, 0), (third, 0)]
    assert await shelf.places("tax", limit=1, offset=1) == [(first, 0)]
    assert (await shelf.look("tax", limit=1, offset=7)).total == 3


async def test_what_people_write_is_what_is_found(shelf: Shelf) -> None:
    job = shelf.add("/a.pdf", page(0, "teh quick"))
    version = await shelf.version(job, 0)
    assert version is not None
    await shelf.edit(job, 0, SetTexts((LineText(0, "the 東京 quick"),)), base=version.number)
    assert await shelf.places("teh") == []
    (hit,) = (await shelf.look("東京")).hits
    assert hit.edited
    assert await shelf.places("the", edited=True) == [(job, 0)]
    await shelf.undo(job, 0)
    assert await shelf.places("teh") == [(job, 0)]
    assert await shelf.places("teh", edited=True) == []
    await shelf.redo(job, 0)
    assert await shelf.places("teh") == []
    # What is recognised anew is not shown, and not found.
    shelf._ledger.reset_pages(shelf.key(job), [0])
    shelf._ledger.commit_page(shelf.key(job), page(0, "anew"), PageCost(1.0))
    assert await shelf.places("anew") == []
    assert await shelf.places("the") == [(job, 0)]


async def test_pages_that_go_or_become_others_are_not_found(shelf: Shelf) -> None:
    job = shelf.add("/a.pdf", page(0, "first"), page(1, "second"))
    key = shelf.key(job)
    shelf._ledger.reset_pages(key, [0, 1])
    shelf._ledger.commit_page(key, page(0, "third"), PageCost(1.0))
    assert await shelf.places("first") == []
    assert await shelf.places("third") == [(job, 0)]
    await shelf.forget([job])
    assert (await shelf.look("third")).total == (await shelf.look("")).total == 0
    counts = [shelf._ledger._rows(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES]  # noqa: S608
    assert counts == [0, 0]


async def test_a_stage_changes_what_is_found(shelf: Shelf) -> None:
    job = shelf.add("/a.pdf")
    partial = page(0, "plain")
    shelf._ledger.commit_page(shelf.key(job), _with(partial, pending=(Feature.FORMULAS,)), PageCost(1.0))
    assert await shelf.places("plain") == [(job, 0)]
    shelf._ledger.commit_stage(shelf.key(job), Feature.FORMULAS, page(0, "better"), PageCost(1.0))
    assert (await shelf.places("plain"), await shelf.places("better")) == ([], [(job, 0)])


async def test_a_failed_page_is_not_found(shelf: Shelf) -> None:
    job = shelf.add("/a.pdf")
    shelf._ledger.commit_failure(shelf.key(job), 0, ErrorInfo(ErrorCode.DAMAGED, "Broken."), PageCost(1.0))
    assert (await shelf.look("")).total == 0


async def test_one_content_is_one_hit_of_the_document_in_the_list(shelf: Shelf) -> None:
    kept = shelf.add("/a.pdf", page(0, "tax"), content="same")
    newer = shelf.add("/copy.pdf", content="same")
    other = shelf.add("/a.pdf", page(0, "tax"), content="same", options=OTHER)
    assert await shelf.places("tax") == [(other, 0)]  # the newest
    await shelf.remove(other)
    assert await shelf.places("tax") == [(newer, 0)]
    await shelf.remove(newer)
    assert await shelf.places("tax") == [(kept, 0)]
    await shelf.remove(kept)
    assert await shelf.places("tax") == [(other, 0)]
    assert [(hit.job, hit.listed) for hit in (await shelf.look("")).hits] == [(other, False)]


async def test_a_page_is_shown_by_a_document_that_has_it(shelf: Shelf) -> None:
    whole = shelf.add("/a.pdf", page(0, "tax"), page(4, "tax"), content="same")
    some = shelf.add("/a.pdf", content="same", selection="5-")
    assert sorted(await shelf.places("tax")) == [(whole, 0), (some, 4)]
    await shelf.forget([whole])
    assert await shelf.places("tax") == [(some, 4)]


async def test_filters(shelf: Shelf) -> None:
    pdf = shelf.add("/a.pdf", page(0, "tax"), content="a")
    tiff = shelf.add("/b.tif", page(0, "tax"), content="b", kind="TIFF")
    assert await shelf.places("tax", formats=("TIFF", "JPEG")) == [(tiff, 0)]
    assert await shelf.places("", formats=("PDF",)) == [(pdf, 0)]
    with shelf._ledger._writing():
        shelf._ledger._db.execute("UPDATE searched SET finished = 100 * document")
    assert await shelf.places("tax", since=150) == [(tiff, 0)]
    assert await shelf.places("tax", until=150) == [(pdf, 0)]
    assert await shelf.places("tax", since=100, until=200) == [(tiff, 0), (pdf, 0)]
    assert await shelf.places("", since=150.0) == [(tiff, 0)]


async def test_without_words_documents_are_listed_the_latest_first(shelf: Shelf) -> None:
    first = shelf.add("/a.pdf", page(2, "two"), page(1, "東京 begins here"), content="a")
    second = shelf.add("/b.pdf", page(0, "other"), content="b")
    shelf.add("/c.pdf", content="c")  # nothing is stored of it
    found = await shelf.look("  ")
    assert [(hit.job, hit.page, hit.pages) for hit in found.hits] == [(second, 0, 1), (first, 1, 2)]
    assert found.total == 2
    assert "".join(part.text for part in found.hits[1].snippet) == "東京 begins here"
    assert (await shelf.look("🎉")).hits == ()


async def test_what_is_removed_stays_in_the_library_and_comes_back(shelf: Shelf, file: Path) -> None:
    job = shelf.add("/a.pdf", page(0, "tax"))
    await shelf.remove(job)
    assert shelf.listed == []
    assert shelf.events[-1] == JobRemoved(job)
    (hit,) = (await shelf.look("tax")).hits
    assert (hit.job, hit.listed) == (job, False)
    again = Shelf(file)
    assert again.listed == []
    await again.close()
    assert await shelf.options(job) == JobOptions()
    await shelf.list_again(job)
    assert shelf.listed == [job]
    event = shelf.events[-1]
    assert isinstance(event, JobChanged)
    # Of its six pages one is done: what is left waits for the user.
    assert (event.view.state, event.view.pages_done) == (JobState.PAUSED, 1)
    await shelf.list_again(job)
    assert shelf.listed == [job]
    assert (await shelf.look("tax")).hits[0].listed


@pytest.mark.parametrize("why", ["nothing stored", "setting", "private"])
async def test_what_is_not_to_be_kept_goes_when_it_is_removed(file: Path, why: str) -> None:
    shelf = Shelf(None if why == "private" else file)
    job = shelf.add("/a.pdf", *([] if why == "nothing stored" else [page(0, "tax")]))
    shelf.set(keep_removed=why != "setting")
    assert len(await shelf.places("tax")) == (why != "nothing stored")
    await shelf.remove(job)
    assert (await shelf.look("tax")).total == 0
    assert shelf._ledger.job(job) is None
    with pytest.raises(DesktopOcrError) as caught:
        await shelf.list_again(job)
    assert caught.value.code is ErrorCode.NOT_FOUND
    await shelf.close()


async def test_forgetting_leaves_what_others_work_at(shelf: Shelf) -> None:
    jobs = [shelf.add(f"/{name}.pdf", page(0, "tax"), content=name) for name in "abc"]
    await shelf.remove(jobs[1])
    await shelf.remove(jobs[2])
    shelf._ledger.set_state(jobs[2], JobState.RUNNING, None, f"{process_owner()}-other@nowhere.1", title="convert")
    with shelf._ledger._writing():  # its owner was heard of just now, on another machine
        shelf._ledger._db.execute("UPDATE jobs SET beat = 9e9 WHERE id = ?", (jobs[2],))
    with pytest.raises(DesktopOcrError) as caught:
        await shelf.list_again(jobs[2])
    assert caught.value.code is ErrorCode.USAGE
    await shelf.forget([*jobs, 99])
    assert [hit.job for hit in (await shelf.look("")).hits] == [jobs[2]]
    assert shelf.listed == []


async def test_a_newer_search_ends_an_older_one(shelf: Shelf) -> None:
    shelf.add("/a.pdf", page(0, "tax"))
    asked = [asyncio.create_task(shelf.look("tax")) for _ in range(5)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    *older, last = answers
    assert not isinstance(last, BaseException)
    assert last.total == 1
    ended = [answer for answer in older if isinstance(answer, DesktopOcrError)]
    assert ended
    assert {answer.code for answer in ended} == {ErrorCode.CANCELLED}


async def test_a_search_in_the_middle_is_stopped(shelf: Shelf) -> None:
    shelf.add("/a.pdf", page(0, "tax"))
    library = shelf._library.library
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def endless(db: sqlite3.Connection) -> object:
        loop.call_soon_threadsafe(begun.set)
        counting = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        return db.execute(counting).fetchone()

    library._latest += 1
    task = asyncio.create_task(library._ask(endless, library._latest))
    await begun.wait()
    assert (await shelf.look("tax")).total == 1
    with pytest.raises(DesktopOcrError) as caught:
        await task
    assert caught.value.code is ErrorCode.CANCELLED


async def test_a_search_waits_for_no_writer(shelf: Shelf) -> None:
    job = shelf.add("/a.pdf", page(0, "tax"))
    with shelf._ledger._writing():
        shelf._ledger._db.execute("UPDATE jobs SET path = '/later.pdf'")
        (hit,) = (await shelf.look("tax")).hits
    assert (hit.job, hit.path) == (job, "/a.pdf")


async def test_the_size_is_what_lies_on_the_disk(shelf: Shelf, file: Path) -> None:
    shelf.add("/a.pdf", page(0, "tax"), page(1, "tax"), content="a")
    shelf.add("/b.pdf", page(0, "tax"), content="b")
    size = await shelf.library_size()
    assert (size.documents, size.pages) == (2, 3)
    beside = sum(one.stat().st_size for one in file.parent.glob("ledger.sqlite3*"))
    assert size.mb == beside / 1e6
    assert size.mb > file.stat().st_size / 1e6


async def test_pages_of_former_versions_are_put_into_the_index(shelf: Shelf, file: Path) -> None:
    job = shelf.add("/a.pdf", *[page(at, f"tax number {at}") for at in range(6)], content="a")
    edited = shelf.add("/b.pdf", page(0, "recognised"), content="b")
    version = await shelf.version(edited, 0)
    assert version is not None
    await shelf.edit(edited, 0, SetTexts((LineText(0, "corrected"),)), base=version.number)
    broken = shelf.add("/c.pdf", page(0, "whatever"), content="c")
    with shelf._ledger._writing():  # as version 4 left it
        shelf._ledger._db.execute("UPDATE pages SET result = x'00' WHERE document = ?", (shelf.key(broken).document,))
        shelf._ledger._db.execute("DELETE FROM searched")
    assert (await shelf.look("tax")).total == 0
    catch_up = LibraryWork(file, shelf._ledger, shelf._leases, shelf._live, lambda: False).catch_up
    shelf._library.library._catch_up = catch_up
    found = await shelf.look("")
    assert found.unindexed == 8
    assert {hit.job for hit in found.hits} == {job, edited, broken}
    await catch_up.run()
    assert catch_up.left == 0
    assert len(await shelf.places("tax")) == 6
    (hit,) = (await shelf.look("corrected")).hits
    assert (hit.job, hit.edited) == (edited, True)
    assert await shelf.places("recognised") == []
    # One that cannot be read has no words, and is not tried again and again.
    await catch_up.run()
    assert {hit.job for hit in (await shelf.look("")).hits} == {job, edited, broken}


async def test_what_is_not_in_the_index_yet_is_told_before_the_catching_up_has_begun(shelf: Shelf) -> None:
    job = shelf.add("/a.pdf", *[page(at, "tax") for at in range(3)], content="a")
    other = shelf.add("/b.pdf", page(0, "return"), content="b")
    shelf.add("/c.pdf", content="c")  # nothing of it was read: nothing of it has to be made ready
    assert shelf._library.catch_up.left is None
    assert (await shelf.look("tax")).unindexed == 0
    with shelf._ledger._writing():
        shelf._ledger._db.execute("DELETE FROM searched WHERE document = ?", (shelf.key(job).document,))
    found = await shelf.look("")
    assert (found.total, found.unindexed) == (2, 3)
    assert {hit.job for hit in found.hits} == {job, other}
    found = await shelf.look("tax")
    assert (found.total, found.unindexed) == (0, 3)
    assert (await shelf.look("?")).unindexed == 3  # nothing to look for
    await shelf._library.catch_up.run()
    assert shelf._library.catch_up.left == 0
    found = await shelf.look("tax")
    assert (found.total, found.unindexed) == (3, 0)


async def test_a_catching_up_that_cannot_begin_does_not_pass_for_done(
    shelf: Shelf, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.add("/a.pdf", page(0, "tax"))
    with shelf._ledger._writing():
        shelf._ledger._db.execute("DELETE FROM searched")
    catch_up = IndexCatchUp(file.parent / "is not there" / "ledger.sqlite3")
    shelf._library.library._catch_up = catch_up
    await catch_up.run()
    assert "cannot be searched" in caplog.text
    found = await shelf.look("")
    assert (found.total, found.unindexed) == (1, 1)


async def test_an_index_that_cannot_be_read_is_told_and_costs_no_page(shelf: Shelf, file: Path) -> None:
    job = shelf.add("/a.pdf", page(0, "tax"))
    with sqlite3.connect(file) as other:
        other.execute("DELETE FROM page_search_data")
    with pytest.raises(DesktopOcrError) as caught:
        await shelf.search(LibraryQuery("tax"))
    assert caught.value.code is ErrorCode.LEDGER
    # Pages are stored all the same, and the next start looks at the ledger.
    shelf._ledger.commit_page(shelf.key(job), page(1, "return"), PageCost(1.0))
    assert shelf._ledger.result(shelf.key(job), 1) == page(1, "return")
    version = await shelf.version(job, 1)
    assert version is not None
    await shelf.edit(job, 1, SetTexts((LineText(0, "edited"),)), base=version.number)
    assert mark_of(file).exists()


def _with(result: PageResult, **changes: object) -> PageResult:
    return msgspec.structs.replace(result, **changes)
