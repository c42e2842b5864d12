"""Editing, as the window asks for it: on real documents and a real ledger, without hosts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core.ledger import PageCost
from desktop_ocr.schema.edits import (
    AsRecognised,
    DeleteLines,
    LineText,
    PageVersion,
    SetTexts,
    SplitLine,
)
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import JobChanged, PageEdited
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import PageState
from tests.unit.core.reviewing import Review, page, refused, texts


@pytest.fixture
def review() -> Review:
    return Review(None)


async def test_an_edit_is_told_and_counted_and_undone(review: Review) -> None:
    job = review.add("/a.pdf", page(0, "one"), page(1, "two"))
    review.show()
    version = await review.write(job, 0, "changed")
    assert (texts(version), version.edited, version.undo) == (["changed"], True, "Change of text")
    assert version == await review.now(job)
    assert review.events[0] == PageEdited(job, 0, version.number, edited=True)
    assert isinstance(review.events[1], JobChanged)
    assert review.events[1].view.pages_edited == 1
    again = await review.write(job, 0, "changed again")
    assert review.events[2:] == [PageEdited(job, 0, again.number, edited=True)]
    assert await review.undo(job, 0) == msgspec.structs.replace(version, redo="Change of text")
    assert review.edited() == {job: 1}
    bottom = await review.undo(job, 0)
    assert (texts(bottom), bottom.edited, review.edited()) == (["one"], False, {job: 0})
    assert [view.edited for view in review._documents.pages(review._documents.job(job))][:2] == [False, False]
    await review.redo(job, 0)
    assert review.edited() == {job: 1}
    assert await review.recognised(job, 0) == page(0, "one")


async def test_edits_are_there_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite3"
    first = Review(file)
    job = first.add("/a.pdf", page(0, "one"), page(1, "two"))
    await first.write(job, 1, "changed")
    second = Review(file)  # the first one was not closed
    second.show()
    assert second.edited() == {job: 1}
    assert [view.edited for view in second._documents.pages(second._documents.job(job))][:2] == [False, True]
    assert texts(await second.undo(job, 1)) == ["two"]


async def test_what_changes_nothing_makes_no_version(review: Review) -> None:
    job = review.add("/a.pdf", page(0, "one"))
    before = await review.now(job)
    assert await review.write(job, 0, "one") == before
    assert await review.edit(job, 0, AsRecognised(), base=before.number) == before
    assert review.events == []


async def test_edits_that_cannot_be_made_are_refused_with_a_sentence(review: Review) -> None:
    partial = msgspec.structs.replace(page(1, "two"), pending=(Feature.FORMULAS,))
    job = review.add("/a.pdf", page(0, "one"), partial)
    edit = SetTexts((LineText(0, "x"),))
    assert (await refused(review.edit(job, 0, edit, base=77))).code is ErrorCode.EDIT_STALE
    assert "looked for" in str(await refused(review.edit(job, 1, edit, base=0)))
    assert "not finished" in str(await refused(review.edit(job, 2, edit, base=0)))
    assert "not finished" in str(await refused(review.undo(job, 2)))
    assert "not on the page" in str(await refused(review.edit(job, 0, DeleteLines((5,)), base=0)))
    assert (await refused(review.edit(99, 0, edit, base=0))).code is ErrorCode.NOT_FOUND
    assert await review.version(job, 2) is None
    assert review.events == []


async def test_two_who_edit_at_once_are_told_apart(review: Review) -> None:
    job = review.add("/a.pdf", page(0, "one two"))
    base = (await review.now(job)).number
    edits = (SplitLine(0, 3), SetTexts((LineText(0, "x"),)))
    done = await asyncio.gather(*(review.edit(job, 0, edit, base=base) for edit in edits), return_exceptions=True)
    assert sum(isinstance(one, PageVersion) for one in done) == 1
    assert [one.code for one in done if isinstance(one, DesktopOcrError)] == [ErrorCode.EDIT_STALE]


async def test_documents_of_one_content_share_their_edits(review: Review) -> None:
    first = review.add("/a.pdf", page(0, "one"))
    second = review.add("/copy of a.pdf")
    await review.write(first, 0, "changed")
    assert texts(await review.now(second)) == ["changed"]
    assert review.edited() == {first: 1, second: 1}
    assert {event.job for event in review.events if isinstance(event, PageEdited)} == {first, second}
    review._documents.remove(first)
    assert texts(await review.now(second)) == ["changed"]


async def test_a_newer_result_waits_to_be_taken_or_not(review: Review) -> None:
    job = review.add("/a.pdf", page(0, "one"))
    version = await review.write(job, 0, "changed")
    review._ledger.reset_pages(review.key(job), [0])
    assert texts(await review.now(job)) == ["changed"]
    assert await review.recognised(job, 0) is None
    review._ledger.commit_page(review.key(job), page(0, "anew"), PageCost(1.0))
    assert (await review.now(job)).newer
    assert not (await review.keep_edited(job, 0)).newer
    taken = await review.edit(job, 0, AsRecognised(), base=version.number)
    assert (texts(taken), taken.edited, taken.undo) == (["anew"], False, "Return to the recognised page")
    assert review.edited() == {job: 0}
    assert texts(await review.undo(job, 0)) == ["changed"]


async def test_pages_that_wait_to_be_read_again_still_say_that_they_are_edited(review: Review) -> None:
    job = review.add("/a.pdf", page(0, "one"))
    await review.write(job, 0, "changed")
    review._ledger.reset_pages(review.key(job), [0])
    review.show()
    view = review._documents.pages(review._documents.job(job))[0]
    assert (view.state, view.edited) == (PageState.WAITING, True)
    assert texts(await review.undo(job, 0)) == ["one"]
    assert await review.version(job, 0) is None
