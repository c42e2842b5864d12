from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core.ledger import Ledger, PageCost, PageKey, options_key
from desktop_ocr.core.migrations import MIGRATIONS, migrate
from desktop_ocr.core.owners import process_owner
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.jobs import JobOptions, JobState, PageState
from tests.fakes.fake_host import fake_result

OPTIONS = JobOptions()
INFO = DocumentInfo("PDF", 3, "ab" * 32, 1234)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ledger.sqlite3"


def opened_job(ledger: Ledger, path: str = "/a.pdf") -> tuple[int, PageKey]:
    job = ledger.add_job(path, OPTIONS, "", process_owner())
    return job, PageKey(ledger.set_document(job, INFO), options_key(OPTIONS))


def test_a_committed_page_is_there_for_another_connection(file: Path) -> None:
    ledger = Ledger(file)
    _, key = opened_job(ledger)
    ledger.commit_page(key, fake_result(1), PageCost(2.0))
    # Not closed: this is what another process sees after a kill.
    other = Ledger(file)
    assert other.result(key, 1) == fake_result(1)
    assert other.pages(key)[1].state is PageState.DONE
    assert other.result(key, 0) is None


@pytest.mark.parametrize("table", ["pages", "versions"])
def test_a_row_whose_number_is_damaged_does_not_pass_for_another_page(file: Path, table: str) -> None:
    ledger = Ledger(file)
    _, key = opened_job(ledger)
    for page in (0, 1):
        ledger.commit_page(key, fake_result(page), PageCost(1.0))
    ledger.versions.add(key, 0, fake_result(0), "corrected", on=0)
    ledger.versions.add(key, 1, fake_result(1), "corrected", on=0)
    with sqlite3.connect(file) as db:  # as a flipped bit in the key of a row does
        db.execute(f"DELETE FROM {table} WHERE page = 1")  # noqa: S608 - our own names
        db.execute(f"UPDATE {table} SET page = 1 WHERE page = 0")  # noqa: S608
    with pytest.raises(DesktopOcrError, match="The stored page 2 cannot be read"):
        ledger.recognised(key, 1) if table == "pages" else ledger.result(key, 1)


def test_the_file_is_for_this_user_alone(file: Path) -> None:
    Ledger(file).close()
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0


def test_jobs_on_one_content_share_results_and_the_last_takes_them_along(file: Path) -> None:
    ledger = Ledger(file)
    first, key = opened_job(ledger, "/a.pdf")
    second, same = opened_job(ledger, "/copy of a.pdf")
    assert same == key
    ledger.commit_page(key, fake_result(0), PageCost(1.0))
    ledger.remove_job(first)
    assert ledger.result(key, 0) is not None
    ledger.remove_job(second)
    assert ledger.result(key, 0) is None
    assert ledger.jobs() == []


def test_a_failed_page_keeps_its_reason_and_can_wait_again(file: Path) -> None:
    ledger = Ledger(file)
    _, key = opened_job(ledger)
    reason = ErrorInfo(ErrorCode.TIMED_OUT, "Too slow.")
    ledger.commit_failure(key, 2, reason, PageCost(1.0))
    ledger.commit_page(key, fake_result(0), PageCost(1.0))
    assert ledger.pages(key)[2].error == reason
    ledger.reset_pages(key, [0, 1, 2], failed_only=True)
    assert {page: view.state for page, view in ledger.pages(key).items()} == {0: PageState.DONE, 2: PageState.WAITING}


def test_results_are_streamed_in_order_with_reasons_for_gaps(file: Path) -> None:
    ledger = Ledger(file)
    _, key = opened_job(ledger)
    ledger.commit_failure(key, 1, ErrorInfo(ErrorCode.DAMAGED, "Broken."), PageCost(1.0))
    ledger.commit_page(key, fake_result(0), PageCost(1.0))
    rows = list(ledger.results(key, [0, 1, 2]))
    assert [page for page, _, _ in rows] == [0, 1, 2]
    assert rows[0][1] == fake_result(0)
    assert rows[1][2] == ErrorInfo(ErrorCode.DAMAGED, "Broken.")
    assert rows[2][2] is not None
    assert rows[2][2].code is ErrorCode.CANCELLED


def test_a_twin_is_the_same_path_content_and_options(file: Path) -> None:
    ledger = Ledger(file)
    first, key = opened_job(ledger)
    second, _ = opened_job(ledger)
    opened_job(ledger, "/other.pdf")
    (twin,) = ledger.twins(second, "/a.pdf", key.document, OPTIONS)
    assert twin.job == first
    assert ledger.twins(second, "/a.pdf", key.document, JobOptions(dpi=300)) == []


def test_a_job_whose_program_was_killed_before_it_was_opened_is_a_twin(file: Path) -> None:
    ledger = Ledger(file)
    killed = ledger.add_job("/a.pdf", OPTIONS, "", process_owner())
    second, key = opened_job(ledger)
    assert [twin.job for twin in ledger.twins(second, "/a.pdf", key.document, OPTIONS)] == [killed]


def test_jobs_given_up_are_free_and_tell_that_nobody_paused_them(file: Path) -> None:
    ledger = Ledger(file)
    running, _ = opened_job(ledger)
    done, _ = opened_job(ledger, "/b.pdf")
    ledger.set_state(running, JobState.RUNNING, owner=process_owner())
    ledger.set_state(done, JobState.DONE)
    ledger.give_up_jobs(process_owner())
    assert [(row.state, row.owner) for row in ledger.jobs()] == [(JobState.RUNNING, None), (JobState.DONE, None)]


def test_two_programs_may_make_the_ledger_at_once(file: Path) -> None:
    file.parent.mkdir()
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE something (x)")
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
    timer.start()
    Ledger(file).close()
    timer.join()
    other.close()


def test_a_ledger_of_a_newer_version_is_left_alone(file: Path) -> None:
    Ledger(file).close()
    with sqlite3.connect(file) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(DesktopOcrError) as caught:
        Ledger(file)
    assert caught.value.code is ErrorCode.LEDGER


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    blocker = tmp_path / "data"
    blocker.write_text("a file where the folder should be")
    with pytest.raises(DesktopOcrError) as caught:
        Ledger(blocker / "ledger.sqlite3")
    assert caught.value.code is ErrorCode.LEDGER


def test_a_damaged_result_is_told_and_not_returned(file: Path) -> None:
    ledger = Ledger(file)
    _, key = opened_job(ledger)
    ledger.commit_page(key, fake_result(0), PageCost(1.0))
    with sqlite3.connect(file) as db:
        db.execute("UPDATE pages SET result = x'00'")
    with pytest.raises(DesktopOcrError) as caught:
        ledger.result(key, 0)
    assert caught.value.code is ErrorCode.LEDGER


def test_a_damaged_page_keeps_no_other_from_being_exported(file: Path) -> None:
    ledger = Ledger(file)
    _, key = opened_job(ledger)
    for page in range(3):
        ledger.commit_page(key, fake_result(page), PageCost(1.0))
    with sqlite3.connect(file) as db:
        db.execute("UPDATE pages SET result = x'00' WHERE page = 1")
    rows = list(ledger.results(key, [0, 1, 2]))
    assert [result is not None for _, result, _ in rows] == [True, False, True]
    assert rows[1][2] is not None
    assert rows[1][2].code is ErrorCode.LEDGER


def test_a_page_that_goes_while_it_is_exported_is_named(file: Path) -> None:
    ledger = Ledger(file)
    job, key = opened_job(ledger)
    ledger.commit_page(key, fake_result(0), PageCost(1.0))
    ledger.commit_page(key, fake_result(1), PageCost(1.0))
    rows = ledger.results(key, [0, 1])
    next(rows)
    ledger.remove_job(job)
    _, result, error = next(rows)
    assert result is None
    assert error is not None


def test_a_failure_does_not_take_the_place_of_a_finished_page(file: Path) -> None:
    ledger = Ledger(file)
    _, key = opened_job(ledger)
    assert ledger.commit_failure(key, 0, ErrorInfo(ErrorCode.TIMED_OUT, "Too slow."), PageCost(1.0))
    ledger.commit_page(key, fake_result(0), PageCost(1.0))
    assert not ledger.commit_failure(key, 0, ErrorInfo(ErrorCode.TIMED_OUT, "Too slow."), PageCost(1.0))
    assert ledger.result(key, 0) == fake_result(0)


def test_a_job_that_cannot_be_read_is_named_and_the_others_are_there(file: Path) -> None:
    ledger = Ledger(file)
    bad, _ = opened_job(ledger)
    opened_job(ledger, "/b.pdf")
    with sqlite3.connect(file) as db:
        db.execute('UPDATE jobs SET options = \'{"text_layer": "of a newer version"}\' WHERE id = ?', (bad,))
    first, second = ledger.jobs()
    assert (first.path, first.state) == ("/a.pdf", JobState.FAILED)
    assert first.error is not None
    assert first.error.code is ErrorCode.LEDGER
    assert (second.path, second.error) == ("/b.pdf", None)


def test_a_reason_of_a_newer_version_hides_no_page(file: Path) -> None:
    ledger = Ledger(file)
    _, key = opened_job(ledger)
    ledger.commit_failure(key, 0, ErrorInfo(ErrorCode.DAMAGED, "Broken."), PageCost(1.0))
    with sqlite3.connect(file) as db:
        db.execute('UPDATE pages SET error = \'{"code": "unheard-of", "message": ""}\'')
    assert ledger.pages(key)[0].error is not None


def test_a_full_disk_is_called_so_and_the_next_page_is_stored(file: Path) -> None:
    ledger = Ledger(file)
    _, key = opened_job(ledger)
    pages = ledger._db.execute("PRAGMA page_count").fetchone()[0]
    ledger._db.execute(f"PRAGMA max_page_count = {pages}")
    line = fake_result(0).lines[0]
    words = "".join(map(chr, range(0x4E00, 0x9E00)))
    large = msgspec.structs.replace(fake_result(0), lines=(msgspec.structs.replace(line, text=words),))
    with pytest.raises(DesktopOcrError) as caught:
        ledger.commit_page(key, large, PageCost(1.0))
    assert caught.value.code is ErrorCode.DISK_FULL
    ledger._db.execute("PRAGMA max_page_count = 100000")
    ledger.commit_page(key, large, PageCost(1.0))
    assert ledger.result(key, 0) == large


def test_a_database_that_cannot_be_read_is_told(file: Path) -> None:
    ledger = Ledger(file)
    _, key = opened_job(ledger)
    with sqlite3.connect(file) as db:
        db.execute("DROP TABLE pages")
    with pytest.raises(DesktopOcrError) as caught:
        ledger.pages(key)
    assert caught.value.code is ErrorCode.LEDGER


def test_a_private_ledger_touches_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ledger = Ledger(None)
    _, key = opened_job(ledger)
    ledger.commit_page(key, fake_result(0), PageCost(1.0))
    assert ledger.result(key, 0) == fake_result(0)
    ledger.close()
    assert list(tmp_path.iterdir()) == []


class FullDiskFake(sqlite3.Connection):
    """Does at the first table what SQLite does on a full disk: roll back by itself, then refuse."""

    def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
        if "CREATE TABLE" in sql:
            super().execute("ROLLBACK")
            raise sqlite3.OperationalError("database or disk is full")
        return super().execute(sql, *values)


def test_a_full_disk_at_the_first_start_is_told_as_such(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None, factory=FullDiskFake)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        migrate(db)
    db.close()


def test_pages_of_former_options_stay_until_the_job_is_removed(file: Path) -> None:
    ledger = Ledger(file)
    job, key = opened_job(ledger)
    ledger.commit_page(key, fake_result(0), PageCost(1.0))
    other = msgspec.structs.replace(OPTIONS, dpi=300)
    ledger.set_options(job, other)
    assert ledger.jobs()[0].options == other
    assert ledger.pages(PageKey(key.document, options_key(other))) == {}
    assert ledger.result(key, 0) is not None
    ledger.remove_job(job)
    assert ledger.result(key, 0) is None
