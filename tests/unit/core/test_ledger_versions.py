"""Versions of pages in the ledger: a chain on top of what was recognised."""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core.ledger import Ledger, PageCost, PageKey, options_key
from desktop_ocr.core.migrations import MIGRATIONS
from desktop_ocr.core.owners import process_owner
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.edits import MOST_VERSIONS, PageVersion
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import JobOptions, PageState
from desktop_ocr.schema.results import PageResult
from tests.fakes.fake_host import fake_result

INFO = DocumentInfo("PDF", 3, "ab" * 32, 1234)
COST = PageCost(1.0)
OTHER = JobOptions(dpi=300)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
def ledger(file: Path) -> Ledger:
    return Ledger(file)


@pytest.fixture
def key(ledger: Ledger) -> PageKey:
    job = ledger.add_job("/a.pdf", JobOptions(), "", process_owner())
    key = PageKey(ledger.set_document(job, INFO), options_key(JobOptions()))
    ledger.commit_page(key, fake_result(0), COST)
    return key


def saying(text: str, page: int = 0) -> PageResult:
    made = fake_result(page)
    return msgspec.structs.replace(made, lines=(msgspec.structs.replace(made.lines[0], text=text),))


def now(ledger: Ledger, key: PageKey, page: int = 0) -> PageVersion:
    version = ledger.versions.current(key, page)
    assert version is not None
    return version


def change(ledger: Ledger, key: PageKey, text: str, page: int = 0) -> PageVersion:
    return ledger.versions.add(key, page, saying(text, page), f"Change to {text}", on=now(ledger, key, page).number)


def said(version: PageVersion) -> str:
    return version.result.lines[0].text


def test_a_page_begins_as_it_was_recognised(ledger: Ledger, key: PageKey) -> None:
    assert now(ledger, key) == PageVersion(fake_result(0))
    assert ledger.versions.current(key, 1) is None
    assert not ledger.page(key, 0).edited


def test_there_and_back_and_after_a_restart(ledger: Ledger, key: PageKey, file: Path) -> None:
    one, two = change(ledger, key, "one"), change(ledger, key, "two")
    assert (one.edited, one.undo, one.redo, one.newer) == (True, "Change to one", "", False)
    assert len({0, one.number, two.number}) == 3
    ledger = Ledger(file)
    assert now(ledger, key) == two
    assert [result for _, result, _ in ledger.results(key, [0])] == [two.result]
    assert ledger.page(key, 0).edited
    assert ledger.pages(key)[0].edited
    back = ledger.versions.undo(key, 0)
    assert (said(back), back.undo, back.redo) == ("one", "Change to one", "Change to two")
    bottom = ledger.versions.undo(key, 0)
    assert bottom == PageVersion(fake_result(0), redo="Change to one")
    assert ledger.versions.undo(key, 0) == bottom
    assert not ledger.page(key, 0).edited
    ledger = Ledger(file)
    assert said(ledger.versions.redo(key, 0)) == "one"
    assert said(ledger.versions.redo(key, 0)) == "two"
    assert said(ledger.versions.redo(key, 0)) == "two"
    assert ledger.recognised(key, 0) == fake_result(0)


def test_an_edit_after_undo_drops_what_was_undone_and_no_number_comes_again(ledger: Ledger, key: PageKey) -> None:
    numbers = {0, change(ledger, key, "one").number, change(ledger, key, "two").number}
    ledger.versions.undo(key, 0)
    ledger.versions.undo(key, 0)
    three = change(ledger, key, "three")
    assert three.number not in numbers
    assert (three.undo, three.redo) == ("Change to three", "")
    assert said(ledger.versions.undo(key, 0)) == "page 1"
    assert ledger._db.execute("SELECT count(*) FROM versions").fetchone() == (1,)


def test_an_edit_of_another_version_is_refused(ledger: Ledger, key: PageKey) -> None:
    change(ledger, key, "one")
    with pytest.raises(DesktopOcrError) as caught:
        ledger.versions.add(key, 0, saying("two"), "", on=0)
    assert caught.value.code is ErrorCode.EDIT_STALE
    with pytest.raises(DesktopOcrError):
        ledger.versions.add(key, 1, saying("two"), "", on=0)
    assert said(now(ledger, key)) == "one"


def test_a_page_that_was_recognised_again_is_another_one(ledger: Ledger, key: PageKey) -> None:
    ledger.reset_pages(key, [0])
    assert ledger.versions.current(key, 0) is None
    ledger.commit_page(key, saying("anew"), COST)
    assert said(now(ledger, key)) == "anew"
    with pytest.raises(DesktopOcrError) as caught:
        ledger.versions.add(key, 0, saying("two"), "", on=0)
    assert caught.value.code is ErrorCode.EDIT_STALE


def test_the_oldest_versions_are_forgotten_and_nothing_jumps(ledger: Ledger, key: PageKey) -> None:
    for number in range(MOST_VERSIONS + 3):
        change(ledger, key, str(number))
    assert ledger._db.execute("SELECT count(*) FROM versions").fetchone() == (MOST_VERSIONS,)
    for _ in range(MOST_VERSIONS + 3):
        last = ledger.versions.undo(key, 0)
    assert (said(last), last.undo, last.edited) == ("3", "", True)
    back = ledger.versions.add(key, 0, None, "Return", on=last.number)
    assert (said(back), back.edited, back.undo) == ("page 1", False, "Return")


def test_a_machine_hides_no_edit_and_no_old_edit_hides_a_new_result(ledger: Ledger, key: PageKey) -> None:
    change(ledger, key, "mine")
    ledger.reset_pages(key, [0])
    assert said(now(ledger, key)) == "mine"
    assert [result for _, result, _ in ledger.results(key, [0])] == [saying("mine")]
    ledger.commit_failure(key, 0, ErrorInfo(ErrorCode.TIMED_OUT, "Too slow."), COST)
    assert (said(now(ledger, key)), now(ledger, key).newer) == ("mine", False)
    ledger.commit_page(key, saying("anew"), COST)
    assert (said(now(ledger, key)), now(ledger, key).newer) == ("mine", True)
    assert ledger.recognised(key, 0) == saying("anew")
    more = change(ledger, key, "mine, too")
    assert more.newer
    assert not ledger.versions.settle(key, 0).newer
    assert not ledger.versions.undo(key, 0).newer
    bottom = ledger.versions.undo(key, 0)
    assert (said(bottom), bottom.edited, bottom.newer) == ("anew", False, False)
    ledger.commit_page(key, saying("once more"), COST)
    assert said(now(ledger, key)) == "once more"
    again = ledger.versions.redo(key, 0)
    assert (said(again), again.newer) == ("mine", True)


def test_back_to_the_recognised_page_and_from_there_back(ledger: Ledger, key: PageKey) -> None:
    mine = change(ledger, key, "mine")
    ledger.commit_page(key, saying("anew"), COST)
    taken = ledger.versions.add(key, 0, None, "Return", on=mine.number)
    assert (said(taken), taken.edited, taken.newer, taken.undo) == ("anew", False, False, "Return")
    assert not ledger.page(key, 0).edited
    ledger.commit_page(key, saying("and again"), COST)
    later = now(ledger, key)
    assert said(later) == "and again"
    assert later.number != taken.number
    undone = ledger.versions.undo(key, 0)
    assert (said(undone), undone.edited, undone.newer, undone.redo) == ("mine", True, True, "Return")
    assert said(ledger.versions.redo(key, 0)) == "and again"


def test_a_stage_that_ends_changes_the_page_and_its_number(ledger: Ledger, key: PageKey) -> None:
    ledger.commit_page(key, msgspec.structs.replace(fake_result(1), pending=(Feature.FORMULAS,)), COST)
    before = now(ledger, key, 1)
    ledger.commit_stage(key, Feature.FORMULAS, fake_result(1), COST)
    assert now(ledger, key, 1).number != before.number


def test_a_new_result_with_stages_before_it_is_not_offered_yet(ledger: Ledger, key: PageKey) -> None:
    change(ledger, key, "mine")
    ledger.reset_pages(key, [0])
    ledger.commit_page(key, msgspec.structs.replace(saying("anew"), pending=(Feature.FORMULAS,)), COST)
    assert not now(ledger, key).newer
    ledger.commit_stage(key, Feature.FORMULAS, saying("anew"), COST)
    assert now(ledger, key).newer


def test_versions_go_with_the_last_job(ledger: Ledger, key: PageKey) -> None:
    second = ledger.add_job("/b.pdf", JobOptions(), "", process_owner())
    ledger.set_document(second, INFO)
    change(ledger, key, "mine")
    ledger.remove_job(1)
    assert said(now(ledger, key)) == "mine"
    ledger.remove_job(second)
    assert ledger._db.execute("SELECT count(*) FROM versions").fetchone() == (0,)


def test_edited_pages_are_carried_and_what_was_there_stays(ledger: Ledger, key: PageKey) -> None:
    new = PageKey(key.document, options_key(OTHER))
    for page in (1, 2):
        ledger.commit_page(key, fake_result(page), COST)
    change(ledger, key, "one")
    change(ledger, key, "two")
    change(ledger, key, "mine", page=1)
    ledger.commit_page(new, saying("by others", 1), COST)
    ledger.commit_failure(new, 2, ErrorInfo(ErrorCode.TIMED_OUT, "Too slow."), COST)
    ledger.versions.carry(key, new)
    views = ledger.pages(new)
    assert {page: (view.state, view.edited) for page, view in views.items()} == {
        0: (PageState.DONE, True),
        1: (PageState.DONE, True),
        2: (PageState.FAILED, False),
    }
    assert (said(now(ledger, new)), now(ledger, new).newer) == ("two", False)
    assert (said(now(ledger, new, 1)), now(ledger, new, 1).newer) == ("mine", False)
    assert said(ledger.versions.undo(new, 1)) == "by others"
    assert said(ledger.versions.undo(new, 0)) == "one"
    assert ledger.versions.undo(new, 0).result == fake_result(0)
    assert said(now(ledger, key)) == "two"
    # And back again, where other edits were made meanwhile.
    change(ledger, new, "later")
    ledger.versions.carry(new, key)
    back = now(ledger, key)
    assert (said(back), back.edited, back.newer) == ("later", True, False)
    ledger.versions.carry(key, new)  # it is there already
    assert (said(now(ledger, new)), now(ledger, new).undo) == ("later", "Change to later")
    ledger.versions.carry(new, key)  # and what is older does not come back
    assert now(ledger, key) == back
    assert said(ledger.versions.undo(key, 0)) == "two"


def test_carried_numbers_were_never_given_there(ledger: Ledger, key: PageKey) -> None:
    new = PageKey(key.document, options_key(OTHER))
    ledger.commit_page(new, fake_result(0), COST)
    given = {0, change(ledger, new, "a").number, change(ledger, new, "b").number}
    ledger.versions.undo(new, 0)
    ledger.versions.undo(new, 0)
    change(ledger, key, "mine")
    ledger.versions.carry(key, new)
    assert now(ledger, new).number not in given
    assert change(ledger, new, "more").undo == "Change to more"
    assert said(ledger.versions.undo(new, 0)) == "mine"


def test_results_by_other_options_have_other_numbers(ledger: Ledger, key: PageKey) -> None:
    new = PageKey(key.document, options_key(OTHER))
    change(ledger, key, "mine")
    ledger.commit_page(new, fake_result(0), COST)
    numbers = {0, now(ledger, key).number, now(ledger, new).number, change(ledger, new, "a").number}
    numbers |= {change(ledger, key, "more").number, change(ledger, new, "b").number}
    assert len(numbers) == 6


def test_a_full_disk_leaves_the_former_version(ledger: Ledger, key: PageKey) -> None:
    before = change(ledger, key, "one")
    pages = ledger._db.execute("PRAGMA page_count").fetchone()[0]
    ledger._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DesktopOcrError) as caught:
        change(ledger, key, "".join(map(chr, range(0x4E00, 0x9E00))))
    assert caught.value.code is ErrorCode.DISK_FULL
    assert now(ledger, key) == before
    ledger._db.execute("PRAGMA max_page_count = 100000")
    assert said(change(ledger, key, "two")) == "two"


def test_a_damaged_version_is_told_and_can_be_undone(ledger: Ledger, key: PageKey) -> None:
    change(ledger, key, "one")
    ledger._db.execute("UPDATE versions SET result = x'00'")
    with pytest.raises(DesktopOcrError) as caught:
        ledger.versions.current(key, 0)
    assert caught.value.code is ErrorCode.LEDGER
    assert said(ledger.versions.undo(key, 0)) == "page 1"


@pytest.mark.parametrize("version", [1, 2, 3])
def test_pages_of_an_older_ledger_can_be_edited(file: Path, version: int) -> None:
    db = sqlite3.connect(file, isolation_level=None)
    for step in MIGRATIONS[:version]:
        if isinstance(step, str):
            db.executescript(step)
        else:
            step(db)
    db.execute(f"PRAGMA user_version = {version}")
    db.execute("INSERT INTO documents VALUES (1, 'ab', 1, 'PDF', 1)")
    blob = zlib.compress(msgspec.msgpack.encode(fake_result(0)))
    db.execute("INSERT INTO pages (document, options, page, state, result) VALUES (1, '{}', 0, 'done', ?)", (blob,))
    db.close()
    ledger = Ledger(file)
    key = PageKey(1, options_key(JobOptions()))
    assert now(ledger, key) == PageVersion(fake_result(0))
    assert said(change(ledger, key, "one")) == "one"
    assert ledger.versions.undo(key, 0).result == fake_result(0)
