"""Pages with stages before them, in the ledger; and ledgers of before there were any."""

from __future__ import annotations

import sqlite3
import time
import zlib
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core.ledger import Ledger, PageCost, PageKey, options_key
from desktop_ocr.core.migrations import MIGRATIONS, migrate
from desktop_ocr.core.owners import process_owner
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.features import FULL, Feature, FeatureMode
from desktop_ocr.schema.jobs import JobOptions, JobState, PageState, Profile, TextLayerMode
from desktop_ocr.schema.results import LEFT_OUT, PageNote, PageResult
from tests.fakes.fake_host import fake_result

INFO = DocumentInfo("PDF", 3, "ab" * 32, 1234)
COST = PageCost(1.0, 1, 300.0, 200.0)
FAILURE = ErrorInfo(ErrorCode.HOST_DIED, "It died.")
FORMULAS, CHARTS = Feature.FORMULAS, Feature.CHARTS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ledger.sqlite3"


@pytest.fixture
def ledger(file: Path) -> Ledger:
    return Ledger(file)


@pytest.fixture
def key(ledger: Ledger) -> PageKey:
    job = ledger.add_job("/a.pdf", JobOptions(), "", process_owner())
    return PageKey(ledger.set_document(job, INFO), options_key(JobOptions()))


def partial(*pending: Feature, page: int = 0, notes: tuple[PageNote, ...] = ()) -> PageResult:
    return msgspec.structs.replace(fake_result(page), pending=pending, notes=notes)


def test_a_page_is_partial_until_its_last_stage_and_can_be_read_all_the_while(ledger: Ledger, key: PageKey) -> None:
    assert ledger.commit_page(key, partial(FORMULAS, CHARTS), COST)
    view = ledger.page(key, 0)
    assert (view.state, view.pending) == (PageState.PARTIAL, (FORMULAS, CHARTS))
    assert ledger.result(key, 0) == partial(FORMULAS, CHARTS)
    assert [result for _, result, _ in ledger.results(key, [0])] == [partial(FORMULAS, CHARTS)]
    assert ledger.commit_stage(key, FORMULAS, partial(CHARTS), PageCost(2.0, 2, 900.0, 100.0))
    assert ledger.page(key, 0).pending == (CHARTS,)
    note = PageNote(LEFT_OUT, "Charts left out: model not installed.")
    assert ledger.commit_stage(key, CHARTS, partial(notes=(note,)), COST)
    view = ledger.page(key, 0)
    assert (view.state, view.pending, view.left_out) == (PageState.DONE, (), note.text)
    assert ledger.memory(key) == (900.0, 200.0)
    (attempts, seconds) = ledger._rows("SELECT attempts, seconds FROM pages")[0]
    assert (attempts, seconds) == (4, 4.0)


def test_a_stage_is_stored_once(ledger: Ledger, key: PageKey) -> None:
    ledger.commit_page(key, partial(FORMULAS, CHARTS), COST)
    assert ledger.commit_stage(key, FORMULAS, partial(CHARTS), COST)
    assert not ledger.commit_stage(key, FORMULAS, partial(CHARTS), COST)
    ledger.reset_pages(key, [0])
    assert not ledger.commit_stage(key, CHARTS, partial(), COST)  # it is to be read anew
    assert ledger.page(key, 0).state is PageState.WAITING
    assert not ledger.commit_stage(key, CHARTS, partial(page=1), COST)  # nothing is known of that page


def test_a_page_never_falls_back(ledger: Ledger, key: PageKey) -> None:
    """Another program may work at the same content."""
    ledger.commit_page(key, partial(CHARTS), COST)
    assert not ledger.commit_page(key, partial(FORMULAS, CHARTS), COST)
    assert not ledger.commit_failure(key, 0, FAILURE, COST)
    assert ledger.page(key, 0).pending == (CHARTS,)
    assert ledger.commit_page(key, partial(), COST)
    assert not ledger.commit_page(key, partial(CHARTS), COST)
    assert ledger.page(key, 0).state is PageState.DONE


@pytest.mark.parametrize("pending", [(), (CHARTS,)])
def test_a_page_that_cannot_be_read_again_is_what_it_was(
    ledger: Ledger, key: PageKey, pending: tuple[Feature, ...]
) -> None:
    ledger.commit_page(key, partial(*pending), COST)
    before = ledger.page(key, 0)
    ledger.reset_pages(key, [0])
    assert ledger.page(key, 0).state is PageState.WAITING
    assert ledger.page(key, 0).pending == ()
    assert not ledger.commit_failure(key, 0, FAILURE, COST)
    assert ledger.page(key, 0) == before
    ledger.reset_pages(key, [0])
    assert ledger.commit_page(key, partial(FORMULAS), COST)
    assert ledger.page(key, 0).pending == (FORMULAS,)


def test_options_name_only_what_is_no_default() -> None:
    assert options_key(JobOptions()) == "{}"
    assert options_key(JobOptions(dpi=300, layout=False)) == '{"dpi":300,"layout":false}'
    full = JobOptions().with_profile(Profile.FULL)
    assert msgspec.json.decode(options_key(full), type=JobOptions) == full


# --- a ledger of before -----------------------------------------------------------------------------------------

OLD = '{"dpi":200,"max_pixels":24000000,"orientation":true,"text_layer":"auto"}'
OLD_FLAT = '{"dpi":300,"layout":false,"max_pixels":24000000,"orientation":false,"text_layer":"always-ocr"}'


def old_ledger(file: Path) -> None:
    """As version 2 wrote it: two documents, one with other options."""
    file.parent.mkdir(parents=True)
    db = sqlite3.connect(file)
    for script in MIGRATIONS[:2]:
        assert isinstance(script, str)
        db.executescript(script)
    db.execute("PRAGMA user_version = 2")
    db.executemany(
        "INSERT INTO documents (id, sha256, size, format, pages) VALUES (?, ?, ?, 'PDF', 3)",
        [(1, "ab" * 32, 1234), (2, "cd" * 32, 99)],
    )
    result = msgspec.to_builtins(fake_result(0))
    for name in ("pending", "unwarped"):
        del result[name]
    result["schema_version"] = 1
    for block in result["blocks"]:
        for name in ("table", "latex", "caption_of"):
            del block[name]
    blob = zlib.compress(msgspec.msgpack.encode(result), 1)
    for number, options in enumerate((OLD, OLD_FLAT, "not JSON"), 1):
        db.execute(
            "INSERT INTO jobs (id, document, path, state, options, selection, created) VALUES (?, ?, ?, ?, ?, '', ?)",
            (number, min(number, 2), f"/{number}.pdf", JobState.DONE, options, time.time()),
        )
        db.execute(
            "INSERT INTO pages (document, options, page, state, result, degraded) VALUES (?, ?, 0, 'done', ?, 'less')",
            (min(number, 2), options, blob),
        )
    db.execute(
        "INSERT INTO pages (document, options, page, state, error) VALUES (1, ?, 1, 'failed', ?)",
        (OLD, msgspec.json.encode(FAILURE)),
    )
    db.commit()
    db.close()


def test_what_was_stored_before_there_were_stages_is_found_again(file: Path) -> None:
    old_ledger(file)
    ledger = Ledger(file)
    first, second, strange = ledger.jobs()
    assert first.options == JobOptions()
    assert second.options == JobOptions(
        dpi=300, layout=False, orientation=FeatureMode.OFF, text_layer=TextLayerMode.ALWAYS_OCR
    )
    assert strange.state is JobState.FAILED
    assert first.document is not None
    key = PageKey(first.document, options_key(first.options))
    done, failed = ledger.pages(key).values()
    assert (done.state, done.pending, done.left_out, done.degraded) == (PageState.DONE, (), "", "less")
    assert failed.error == FAILURE
    result = ledger.result(key, 0)
    assert result is not None
    assert (result.schema_version, result.lines, result.pending) == (1, fake_result(0).lines, ())
    assert second.document is not None
    assert ledger.result(PageKey(second.document, options_key(second.options)), 0) is not None
    # The same document, added now, finds its pages.
    job = ledger.add_job("/1.pdf", JobOptions(), "", process_owner())
    document = ledger.set_document(job, INFO)
    assert document == first.document
    assert [twin.job for twin in ledger.twins(job, "/1.pdf", document, JobOptions())] == [first.job]


def test_a_ledger_of_before_goes_on_with_stages(file: Path) -> None:
    old_ledger(file)
    ledger = Ledger(file)
    key = PageKey(1, options_key(JobOptions()))
    ledger.commit_page(key, partial(FORMULAS, page=2), COST)
    assert ledger.page(key, 2).state is PageState.PARTIAL
    ledger.close()
    assert Ledger(file).page(key, 2).pending == (FORMULAS,)


def test_a_migration_that_is_broken_off_is_done_again(file: Path) -> None:
    """A killed process leaves the old version, whole."""
    old_ledger(file)

    class Broken(sqlite3.Connection):
        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
            if sql.startswith("UPDATE pages SET options"):
                raise sqlite3.OperationalError("broken off")
            return super().execute(sql, *values)

    db = sqlite3.connect(file, isolation_level=None, factory=Broken)
    with pytest.raises(sqlite3.OperationalError, match="broken off"):
        migrate(db)
    assert db.execute("PRAGMA user_version").fetchone()[0] == 2
    db.close()
    assert Ledger(file).jobs()[0].options == JobOptions()


def test_options_of_all_kinds_are_kept_apart() -> None:
    options = [
        JobOptions(),
        JobOptions().with_features(FULL),
        JobOptions().with_profile(Profile.FULL),
        JobOptions(language="korean"),
        JobOptions(routing=True),
        JobOptions(orientation=FeatureMode.AUTO),
    ]
    assert len({options_key(one) for one in options}) == len(options)
