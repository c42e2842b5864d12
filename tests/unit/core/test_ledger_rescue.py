"""A damaged ledger: it is set aside under a name that is told, what can be read is saved, and the ledger opens."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_ocr.core import ledger_rescue
from desktop_ocr.core.ledger import Ledger, PageCost, PageKey, options_key
from desktop_ocr.core.ledger_arrivals import MadeFile, SeenFile
from desktop_ocr.core.ledger_checks import LOST_NAME
from desktop_ocr.core.ledger_db import LedgerConnection
from desktop_ocr.core.ledger_rows import is_lost
from desktop_ocr.core.migrations import MIGRATIONS, migrate
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import PageState
from tests.unit.core.damage import (
    OPTIONS,
    Texts,
    fill,
    flip_bytes,
    invented,
    mark,
    page_of_row,
    page_result,
    shown,
    spoil_pages,
    text_of,
)

DOCUMENTS, PAGES = 3, 11
SET_ASIDE = "ledger-damaged-*.sqlite3"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Texts]:
    """A ledger and what it shows; tests work on copies."""
    file = tmp_path_factory.mktemp("sound") / "ledger.sqlite3"
    return file, fill(file, DOCUMENTS, PAGES)


@pytest.fixture
def file(tmp_path: Path, sound: tuple[Path, Texts]) -> Path:
    file = tmp_path / "data" / "ledger.sqlite3"
    file.parent.mkdir()
    shutil.copyfile(sound[0], file)
    return file


@pytest.fixture
def texts(sound: tuple[Path, Texts]) -> Texts:
    return sound[1]


def opened(file: Path) -> tuple[Texts, str]:
    """What a ledger shows when it is opened, and what is told of it."""
    ledger = Ledger(file)
    try:
        return shown(ledger), "" if ledger.rescue is None else str(ledger.rescue)
    finally:
        ledger.close()


def overwrite(file: Path, at: int, data: bytes) -> None:
    with file.open("r+b") as stream:
        stream.seek(at)
        stream.write(data)


def test_a_sound_ledger_is_opened_as_it_is(file: Path, texts: Texts) -> None:
    assert opened(file) == (texts, "")
    assert [entry.name for entry in file.parent.iterdir()] == ["ledger.sqlite3"]


def test_without_its_first_page_all_is_saved(file: Path, texts: Texts) -> None:
    damaged = bytes(4096) + file.read_bytes()[4096:]
    overwrite(file, 0, bytes(4096))
    found, told = opened(file)
    assert found == texts
    (aside,) = file.parent.glob(SET_ASIDE)
    assert aside.read_bytes() == damaged
    assert aside.name in told
    assert f"{DOCUMENTS} documents and {DOCUMENTS * PAGES} pages (6 corrected ones among them) were saved" in told
    assert opened(file) == (texts, "")  # told once


@pytest.mark.parametrize("table", ["documents", "jobs", "pages", "versions", "sqlite_autoindex_pages_1"])
def test_the_root_of_a_table_costs_its_own_rows(file: Path, texts: Texts, table: str) -> None:
    overwrite(file, page_of_row(file, table), b"\xee" * 4096)
    mark(file)
    found, told = opened(file)
    assert "set aside" in told
    assert invented(texts, found) == {}
    assert len(found) == len(texts)
    named = {path for path, _ in found}
    assert (LOST_NAME in "".join(named)) is (table == "jobs")


@pytest.mark.parametrize("harmed", [(3, 4), (1, 3), (1, 2, 3), (1, 2, 3, 4)])
@pytest.mark.parametrize("listed", [True, False], ids=["jobs", "no jobs"])
def test_pages_outlive_the_rows_of_their_documents(
    file: Path, texts: Texts, harmed: tuple[int, ...], listed: bool
) -> None:
    chance = random.Random(7)
    jobs = page_of_row(file, "jobs")
    assert page_of_row(file, "documents") == 2 * 4096
    for number in harmed:
        overwrite(file, (number - 1) * 4096, chance.randbytes(4096))
    if not listed:
        overwrite(file, jobs, chance.randbytes(4096))
    found, told = opened(file)
    assert f"{DOCUMENTS} documents and {DOCUMENTS * PAGES} pages (6 corrected ones among them) were saved" in told
    assert sorted(found.values()) == sorted(texts.values())
    if listed:
        assert found == texts
    else:
        assert {path for path, _ in found} == {f"/{LOST_NAME} {number}" for number in range(1, DOCUMENTS + 1)}
    assert opened(file) == (found, "")


def test_a_content_that_was_lost_is_that_of_the_file_that_is_located(file: Path, texts: Texts) -> None:
    chance = random.Random(7)
    overwrite(file, 2 * 4096, chance.randbytes(2 * 4096))
    ledger = Ledger(file)
    first = ledger.jobs()[0]
    assert first.info is not None
    assert first.document is not None
    assert is_lost(first.info.sha256)
    assert first.info.pages == PAGES
    info = DocumentInfo("PDF", PAGES + 1, "ab" * 32, 77)
    assert not ledger.is_known(info.sha256, besides=0)
    assert ledger.set_document(first.job, info) == first.document
    assert ledger.is_known(info.sha256, besides=0)
    assert not ledger.is_known(info.sha256, besides=first.document)
    row = ledger.job(first.job)
    assert row is not None
    assert row.info == info
    assert ledger.set_document(first.job, DocumentInfo("PDF", 1, "cd" * 32, 78)) != first.document  # it is known now
    ledger.set_document(first.job, info)
    assert shown(ledger) == texts
    ledger.close()


def test_pages_without_a_document_are_not_believed_where_all_documents_can_be_read(file: Path, texts: Texts) -> None:
    with sqlite3.connect(file) as db:
        db.execute("UPDATE pages SET document = 77 WHERE document = 2 AND page = 5")
    db.close()
    overwrite(file, page_of_row(file, "jobs_by_document"), b"\xee" * 4096)
    mark(file)
    found, _ = opened(file)
    assert found == {place: text for place, text in texts.items() if place != ("/papers/1.pdf", 5)}


def test_a_document_that_was_forgotten_does_not_come_back(file: Path, texts: Texts) -> None:
    ledger = Ledger(file)
    ledger.remove_job(2)
    ledger.close()
    overwrite(file, 2 * 4096, random.Random(7).randbytes(2 * 4096))
    assert opened(file)[0] == {place: text for place, text in texts.items() if place[0] != "/papers/1.pdf"}


@pytest.mark.parametrize("trace", ["window.lock", "logs"])
@pytest.mark.parametrize("marked", [True, False])
def test_an_empty_ledger_of_a_program_that_has_run_is_told(file: Path, trace: str, marked: bool) -> None:
    file.write_bytes(b"")
    beside = file.with_name(trace)
    beside.touch()
    os.utime(beside, (1, 1))
    if marked:
        mark(file)
    found, told = opened(file)
    assert found == {}
    assert told.startswith(f"ledger.sqlite3 in {file.parent} was empty")
    assert opened(file) == ({}, "")


def test_an_empty_ledger_at_the_first_start_is_no_news(file: Path) -> None:
    file.write_bytes(b"")  # as another program leaves it for a moment that starts for the first time, too
    file.with_name("window.lock").touch()
    assert opened(file) == ({}, "")


@pytest.mark.parametrize("wal", [True, False])
def test_a_database_of_another_program_is_set_aside_as_it_is(file: Path, wal: bool) -> None:
    file.unlink()
    with sqlite3.connect(file) as db:
        if wal:
            db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE birds (name TEXT)")
        db.execute("INSERT INTO birds VALUES ('wren')")
    db.close()
    before = file.read_bytes()
    found, told = opened(file)
    assert found == {}
    (aside,) = file.parent.glob(SET_ASIDE)
    assert aside.name in told
    assert aside.read_bytes() == before
    with sqlite3.connect(file) as db:
        assert not db.execute("SELECT * FROM sqlite_schema WHERE name = 'birds'").fetchall()
    db.close()
    assert opened(file) == ({}, "")


def test_a_page_in_the_middle_is_noted_when_it_is_met_and_mended_at_the_next_start(file: Path, texts: Texts) -> None:
    overwrite(file, page_of_row(file, "sqlite_autoindex_pages_1"), b"\xee" * 4096)
    ledger = Ledger(file)  # nothing that each start reads is damaged
    found: list[str] = []
    assert isinstance(ledger._db, LedgerConnection)
    ledger._db.damage_found = lambda: found.append("told")
    for _ in range(2):
        with pytest.raises(DesktopOcrError, match="start it again"):
            ledger.pages(PageKey(1, options_key(OPTIONS)))
    assert found == ["told"]
    ledger.close()
    again, told = opened(file)
    assert again == texts
    assert "set aside" in told


def test_what_is_searched_is_looked_at_too_and_made_anew(file: Path, texts: Texts) -> None:
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT count(*) FROM searched").fetchone()[0] == len(texts)
        db.execute("DELETE FROM page_search_data WHERE id > 1000")  # what words are where
    db.close()
    mark(file)
    found, told = opened(file)
    assert found == texts
    assert "set aside" in told
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT count(*) FROM searched").fetchone()[0] == 0  # the library catches up with all of them
        db.execute("INSERT INTO page_search (page_search) VALUES ('integrity-check')")
    db.close()


def test_a_mark_beside_a_sound_ledger_is_taken_away(file: Path, texts: Texts) -> None:
    marked = mark(file)
    assert opened(file) == (texts, "")
    assert not marked.exists()
    assert not list(file.parent.glob(SET_ASIDE))


@pytest.mark.parametrize("content", [b"no database " * 1000, b"no" * 300, b"SQLite format 3\0"])
def test_a_file_that_is_no_database_is_set_aside(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    found, told = opened(file)
    assert found == {}
    assert "Nothing could be saved" in told
    (aside,) = file.parent.glob(SET_ASIDE)
    assert aside.read_bytes() == content
    assert oct(file.stat().st_mode & 0o777) == "0o600"


def test_names_of_what_is_set_aside_are_never_used_twice(file: Path) -> None:
    for _ in range(3):
        file.write_bytes(b"no database " * 1000)
        Ledger(file).close()
    names = sorted(entry.name for entry in file.parent.glob(SET_ASIDE))
    assert len(names) == 3
    assert names[0].endswith("-2.sqlite3")
    assert names[1].endswith("-3.sqlite3")


def with_log(file: Path, data: Path) -> Texts:
    """A ledger whose last pages stand in its -wal alone, as a kill leaves it, copied to `data`."""
    ledger = Ledger(file)
    job = ledger.add_job("/papers/late.pdf", OPTIONS, "", "1:gone")
    key = PageKey(ledger.set_document(job, DocumentInfo("PDF", 3, "f" * 64, 9)), options_key(OPTIONS))
    for page in range(3):
        ledger.commit_page(key, page_result("/papers/late.pdf", page), PageCost(1.0))
    data.mkdir()
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{file}{suffix}", data / f"ledger.sqlite3{suffix}")
    ledger.close()
    return {("/papers/late.pdf", page): text_of(page_result("/papers/late.pdf", page)) for page in range(3)}


def test_what_a_kill_leaves_is_no_damage(file: Path, texts: Texts, tmp_path: Path) -> None:
    late = with_log(file, tmp_path / "killed")
    assert opened(tmp_path / "killed" / "ledger.sqlite3") == ({**texts, **late}, "")


def test_a_log_that_is_garbage_is_set_aside_and_told(file: Path, texts: Texts, tmp_path: Path) -> None:
    with_log(file, tmp_path / "killed")
    killed = tmp_path / "killed" / "ledger.sqlite3"
    overwrite(killed.with_name("ledger.sqlite3-wal"), 0, b"garbage!" * 600)
    found, told = opened(killed)
    assert found == texts
    (aside,) = killed.parent.glob("ledger-damaged-*-wal")
    assert aside.name in told
    assert "latest changes" in told
    assert not list(killed.parent.glob(SET_ASIDE))


@pytest.mark.parametrize("missing", [True, False], ids=["missing", "empty"])
def test_a_log_without_its_ledger_is_read(file: Path, tmp_path: Path, missing: bool) -> None:
    """SQLite would delete it."""
    with_log(file, tmp_path / "killed")
    killed = tmp_path / "killed" / "ledger.sqlite3"
    log = killed.with_name("ledger.sqlite3-wal").read_bytes()
    killed.write_bytes(b"")
    if missing:
        killed.unlink()
    _, told = opened(killed)
    assert "set aside" in told
    (aside,) = killed.parent.glob("ledger-damaged-*-wal")
    assert aside.read_bytes() == log


def test_a_new_ledger_that_is_in_its_log_alone_is_saved_whole(tmp_path: Path) -> None:
    late = with_log(tmp_path / "new" / "ledger.sqlite3", tmp_path / "killed")
    killed = tmp_path / "killed" / "ledger.sqlite3"
    killed.write_bytes(b"")
    found, told = opened(killed)
    assert found == late
    assert "1 document and 3 pages were saved" in told


def test_a_ledger_of_a_newer_version_is_not_touched(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    before = file.read_bytes()
    for _ in range(2):
        with pytest.raises(DesktopOcrError, match="newer version"):
            Ledger(file)
        mark(file)
    assert file.read_bytes() == before
    assert not list(file.parent.glob("ledger-damaged-*"))


def test_a_ledger_of_an_older_version_is_saved_and_brought_up(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file, isolation_level=None) as db:
        migrate(db, 1)
        db.execute("INSERT INTO documents VALUES (1, 'aa', 5, 'PDF', 2)")
        db.execute("INSERT INTO jobs (document, path, state, options, created) VALUES (1, '/a.pdf', 'done', '{}', 1)")
        blob = ledger_blob(page_result("/a.pdf", 1, lines=400))
        db.execute(
            "INSERT INTO pages (document, options, page, state, result) VALUES (1, '{\"dpi\":300}', 1, 'done', ?)",
            (blob,),
        )
        db.execute("UPDATE jobs SET options = '{\"dpi\":300}'")
    db.close()
    overwrite(file, 0, bytes(4096))
    found, told = opened(file)
    assert "1 document and 1 page were saved" in told
    assert found == {("/a.pdf", 1): text_of(page_result("/a.pdf", 1, lines=400))}


def test_what_was_made_of_a_watched_file_is_still_known(file: Path) -> None:
    """Without it exports are made again beside those that are there, and a file that was begun to be moved is lost."""
    ledger = Ledger(file)
    ledger.arrivals.note("f" * 32, [SeenFile("/in/a.pdf", 5, 6)])
    row = ledger.arrivals.at("f" * 32, Path("/in/a.pdf"))
    assert row is not None
    made = (
        MadeFile("/out/a.txt", 7, "aa", stamp=8),
        MadeFile("/in/done/a.pdf", 5, "bb", part="/in/a.pdf", original=True, stamp=6),
    )
    ledger.arrivals.set_made(row, made)
    ledger.close()
    overwrite(file, 0, bytes(4096))
    ledger = Ledger(file)
    try:
        assert ledger.rescue is not None
        (found,) = ledger.arrivals.unfinished()
        assert found.path == Path("/in/a.pdf")
        assert found.made == made
    finally:
        ledger.close()


def ledger_blob(result: object) -> bytes:
    from desktop_ocr.core.ledger_rows import pack_result

    return pack_result(result)  # type: ignore[arg-type]


def test_a_kill_between_any_two_steps_of_the_rescue_loses_nothing(
    file: Path, texts: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each rename, and each wait for the disk, is where a kill may come."""

    class KilledError(BaseException):
        pass

    with_log(file, tmp_path / "killed")
    killed = tmp_path / "killed"
    damaged = bytes(4096) + file.read_bytes()[4096:]
    rename, replace = Path.rename, Path.replace
    for fatal in range(1, 15):
        shutil.rmtree(killed, ignore_errors=True)
        killed.mkdir()
        ledger = killed / "ledger.sqlite3"
        ledger.write_bytes(damaged)
        steps = 0

        def step() -> None:
            nonlocal steps
            steps += 1
            if steps == fatal:  # noqa: B023 - used within this round
                raise KilledError

        def moved(self: Path, target: Path, how: object = rename) -> Path:
            step()
            return how(self, target)  # type: ignore[operator,no-any-return]

        monkeypatch.setattr(Path, "rename", moved)
        monkeypatch.setattr(Path, "replace", lambda self, target: moved(self, target, replace))
        monkeypatch.setattr(ledger_rescue, "_to_disk", lambda path: step())  # noqa: ARG005
        try:
            opened(ledger)
        except KilledError:
            pass
        else:
            assert steps < fatal
            break
        finally:
            monkeypatch.undo()
        assert opened(ledger)[0].items() >= texts.items()
        (aside,) = killed.glob(SET_ASIDE)
        assert aside.read_bytes() == damaged
        assert not list(killed.glob("*-rescu*"))
    else:
        raise AssertionError("there is no end to it")


def test_a_full_disk_leaves_the_damaged_ledger_where_it_is(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    overwrite(file, 0, bytes(4096))
    before = file.read_bytes()

    def full(_: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(ledger_rescue, "salvage", full)
    with pytest.raises(DesktopOcrError) as caught:
        Ledger(file)
    assert caught.value.code is ErrorCode.DISK_FULL
    assert "Make room" in caught.value.info.advice
    assert file.read_bytes() == before
    assert not list(file.parent.glob("*rescu*"))


def test_a_page_whose_result_is_damaged_is_to_be_done_again(file: Path) -> None:
    with sqlite3.connect(file) as db:
        (blob,) = db.execute("SELECT result FROM pages WHERE document = 2 AND page = 5").fetchone()
    db.close()
    overwrite(file, file.read_bytes().index(blob[:200]) + 100, bytes(50))
    overwrite(file, page_of_row(file, "jobs_by_document"), b"\xee" * 4096)  # what the look at the whole file finds
    mark(file)
    ledger = Ledger(file)
    assert ledger.rescue is not None
    assert ledger.rescue.saved.pages == DOCUMENTS * PAGES - 1
    views = ledger.pages(PageKey(2, options_key(OPTIONS)))
    assert set(range(PAGES)) - views.keys() == {5}
    assert {view.state for view in views.values()} == {PageState.DONE}
    ledger.close()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 30), harm=st.sampled_from(["bytes", "pages"]), count=st.integers(1, 12))
def test_whatever_is_damaged_it_opens_and_nothing_is_invented(
    sound: tuple[Path, Texts], tmp_path_factory: pytest.TempPathFactory, seed: int, harm: str, count: int
) -> None:
    good, texts = sound
    file = tmp_path_factory.mktemp("damaged") / "ledger.sqlite3"
    shutil.copyfile(good, file)
    (flip_bytes if harm == "bytes" else spoil_pages)(file, random.Random(seed), count)
    assert invented(texts, opened(file)[0]) == {}
    mark(file)
    found, _ = opened(file)
    assert invented(texts, found) == {}
    # A harmed page of the file costs a page or two of a document each.
    assert len(found) >= len(texts) - 3 * count
    shutil.rmtree(file.parent)
