"""Another reading of a page, or of a rectangle of it, on fake hosts: nobody stores it, and nothing of it is left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core.ledger import PageCost
from desktop_ocr.core.session import Session
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import FULL, Feature, FeatureMode
from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.results import LEFT_OUT, PageSource, check_page_result, polygon_box
from tests.fakes.engines import until
from tests.fakes.fake_host import asked
from tests.fakes.fake_models import FakeModelStore, fake_choice
from tests.process.conftest import FakeHosts
from tests.process.test_session import reached

pytestmark = pytest.mark.process

EVERYTHING = JobOptions(dpi=300).with_features(FULL)
REGION = (10.0, 15.0, 30.0, 45.0)


@pytest.fixture
def all_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_ocr.core.machinery.ModelStore", FakeModelStore)
    monkeypatch.setattr("desktop_ocr.core.machinery.choose_models", fake_choice)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "pages.pdf"
    file.write_bytes(b"pages")
    return file


def requests(hosts: FakeHosts, what: str) -> list[str]:
    return [entry.detail for entry in asked(hosts.counts) if entry.what == what]


def bitmaps(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "run").rglob("*.rgb"))


async def first_page_done(session: Session, document: Path) -> int:
    (job,) = (await session.add([document], pages="1")).jobs
    await reached(session, job, JobState.DONE)
    return job


async def refused(session: Session, job: int, **more: object) -> DesktopOcrError:
    with pytest.raises(DesktopOcrError) as caught:
        await session.try_page(job, **{"page": 0, "options": JobOptions(), **more})  # type: ignore[arg-type]
    return caught.value


@pytest.mark.usefixtures("all_models")
async def test_a_whole_page_is_read_with_all_its_stages_and_stored_by_nobody(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, tmp_path: Path
) -> None:
    fake_hosts.write(needs=["formulas", "charts"], text_layer=True, stages={"0:charts": "die"})
    session = make_session()
    await session.open()
    job = await first_page_done(session, document)
    before = await session.version(job, 0)
    assert before is not None
    assert before.result.source is PageSource.TEXT_LAYER
    tried = await session.try_page(job, 0, EVERYTHING)
    check_page_result(tried)
    assert tried.source is PageSource.RECOGNISED  # its text layer is not read
    assert tried.pending == ()
    assert "fake_formula" in tried.models
    assert [note.text.split()[0] for note in tried.notes if note.code == LEFT_OUT] == ["Charts"]  # its host died of it
    assert requests(fake_hosts, "Refine") == ["0 formulas", "0 charts", "0 charts"]
    assert await session.version(job, 0) == before
    assert await session.recognised(job, 0) == before.result
    assert (await session.options(job)) == JobOptions()
    assert bitmaps(tmp_path) == []
    await session.close()


async def test_a_rectangle_comes_back_in_the_pixels_of_its_page(
    session: Session, fake_hosts: FakeHosts, document: Path, tmp_path: Path
) -> None:
    fake_hosts.write(text_layer=True)
    job = await first_page_done(session, document)
    shown = await session.result(job, 0)
    assert shown is not None
    tried = await session.try_page(job, 0, JobOptions(dpi=600), REGION)
    check_page_result(tried)
    assert requests(fake_hosts, "PreparePage") == ["0", "0 0.250,0.250,0.750,0.750"]
    (recognised,) = requests(fake_hosts, "Recognise")
    assert "orientation=off" in recognised  # the page's own way up is known
    assert (tried.page, tried.width, tried.height, tried.dpi, tried.rotation) == (
        *(shown.page, shown.width, shown.height, shown.dpi, shown.rotation),
    )
    assert tried.source is PageSource.RECOGNISED
    # Half of the page on each side became a bitmap of the page's own size: a pixel of it is half a pixel here.
    assert polygon_box(tried.lines[0].polygon) == (10.5, 15.5, 25.0, 19.5)
    assert tried.blocks[0].box == (10.5, 15.5, 25.0, 19.5)
    assert bitmaps(tmp_path) == []


async def test_what_sticks_out_of_the_page_is_cut_off_and_nothing_is_refused(
    session: Session, fake_hosts: FakeHosts, document: Path
) -> None:
    job = await first_page_done(session, document)
    await session.try_page(job, 0, JobOptions(), (-50.0, -50.0, 20.0, 30.0))
    assert requests(fake_hosts, "PreparePage")[-1] == "0 0.000,0.000,0.500,0.500"
    for region in ((50.0, 50.0, 90.0, 90.0), (10.0, 10.0, 10.5, 30.0), (float("nan"), 0.0, 10.0, 10.0)):
        assert (await refused(session, job, region=region)).code is ErrorCode.USAGE


async def test_a_rectangle_of_a_page_that_has_no_pixels_of_its_own_is_refused(
    session: Session, fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(pages={1: "fail"})
    (job,) = (await session.add([document], pages="1-2")).jobs
    await reached(session, job, JobState.DONE)
    error = await refused(session, job, page=1, region=REGION)
    assert error.code is ErrorCode.USAGE
    assert "whole page" in error.info.advice
    key = session._documents.job(job).key
    shown = await session.result(job, 0)
    assert key is not None
    assert shown is not None
    session._ledger.commit_page(key, msgspec.structs.replace(shown, unwarped=True), PageCost(1.0))
    error = await refused(session, job, region=REGION)
    assert error.code is ErrorCode.USAGE
    assert "flattened" in error.info.message
    assert (await session.try_page(job, 0, JobOptions())).lines  # all of it can be read
    assert (await refused(session, job, page=1)).code is ErrorCode.DAMAGED  # as it failed before


async def test_who_stops_waiting_stops_the_work(
    session: Session, fake_hosts: FakeHosts, document: Path, tmp_path: Path
) -> None:
    fake_hosts.write(pages={1: "hang"})
    job = await first_page_done(session, document)
    trial = asyncio.create_task(session.try_page(job, 1, JobOptions()))
    await until(lambda: fake_hosts.tries(1) == 1)
    assert len(bitmaps(tmp_path)) == 1
    trial.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trial
    assert bitmaps(tmp_path) == []
    (pool,) = (await session.stats()).pools
    assert (pool.in_use, pool.queue_depth) == (0, 0)
    assert (await session.try_page(job, 0, JobOptions())).lines  # others are served


async def test_free_stops_it_with_a_sentence_and_it_can_be_tried_again(
    session: Session, fake_hosts: FakeHosts, document: Path, tmp_path: Path
) -> None:
    fake_hosts.write(pages={1: "hang-once"})
    job = await first_page_done(session, document)
    trial = asyncio.create_task(session.try_page(job, 1, JobOptions()))
    await until(lambda: fake_hosts.tries(1) == 1)
    await session.free()
    with pytest.raises(DesktopOcrError) as caught:
        await trial
    assert caught.value.code is ErrorCode.FREED
    assert "memory" in caught.value.info.message
    assert bitmaps(tmp_path) == []
    assert session._machinery.hosts() == []
    assert (await session.try_page(job, 1, JobOptions())).lines[0].text == "page 2"


async def test_what_has_no_model_is_noted_and_what_does_not_fit_is_refused(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(needs=["formulas"])
    session = make_session()
    await session.open()
    job = await first_page_done(session, document)
    formulas = JobOptions().with_features(msgspec.structs.replace(FULL, unwarp=FeatureMode.OFF))
    tried = await session.try_page(job, 0, formulas, REGION)
    assert [note.text for note in tried.notes if note.code == LEFT_OUT] == ["formulas left out: model not installed."]
    assert Feature.FORMULAS not in tried.pending
    tried = await session.try_page(job, 0, JobOptions(language="arabic"))
    assert any("arabic" in note.text.casefold() for note in tried.notes if note.code == LEFT_OUT)
    await session.change_settings(msgspec.structs.replace(session._live.now, ram_budget_mb=1))
    assert (await refused(session, job)).code is ErrorCode.MEMORY_SHORT
    await session.close()


async def test_it_comes_before_what_waits_in_the_queue(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(document_pages=20, delay=0.05)
    session = make_session(max_services_per_device=1, pages_in_flight=3)
    await session.open()
    (job,) = (await session.add([document])).jobs
    await until(lambda: fake_hosts.tries(2) == 1)
    await session.try_page(job, 19, JobOptions(), None)
    order = [detail.split()[0] for detail in requests(fake_hosts, "Recognise")]
    assert order.index("19") < 12
    await reached(session, job, JobState.DONE)
    await session.close()


async def test_a_document_that_is_removed_meanwhile_or_was_never_there(
    session: Session, fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(delay=0.2)
    job = await first_page_done(session, document)
    trial = asyncio.create_task(session.try_page(job, 1, JobOptions()))
    await until(lambda: requests(fake_hosts, "PreparePage")[-1] == "1")
    await session.remove(job)
    with pytest.raises(DesktopOcrError) as caught:
        await trial
    assert caught.value.code is ErrorCode.CANCELLED
    assert (await refused(session, job)).code is ErrorCode.NOT_FOUND


async def test_a_change_of_settings_and_the_end_of_the_program_break_it_off(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, tmp_path: Path
) -> None:
    fake_hosts.write(pages={1: "hang"})
    session = make_session()
    await session.open()
    job = await first_page_done(session, document)
    for words in ("settings", "closing"):
        tries = fake_hosts.tries(1)
        trial = asyncio.create_task(session.try_page(job, 1, JobOptions()))
        await until(lambda tries=tries: fake_hosts.tries(1) > tries)  # type: ignore[misc]
        if words == "settings":
            await session.change_settings(msgspec.structs.replace(session._live.now, detection_side=640))
        else:
            await session.close()
        with pytest.raises(DesktopOcrError) as caught:
            await trial
        assert caught.value.code is ErrorCode.CANCELLED
        assert words in caught.value.info.message
        assert bitmaps(tmp_path) == []
    assert list((tmp_path / "run").iterdir()) == []
