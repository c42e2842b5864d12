"""Pages in stages, on fake hosts: what is loaded when, what is committed when, and what a stage that fails costs."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core.session import Session
from desktop_ocr.memory.ladder import Rung
from desktop_ocr.memory.probes import process_mb
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import Event, PageFinished
from desktop_ocr.schema.exports import ExportWish
from desktop_ocr.schema.features import FAST, FULL, NONE, Feature, FeatureMode
from desktop_ocr.schema.jobs import JobOptions, JobState, PageState
from tests.fakes.engines import until
from tests.fakes.fake_host import asked
from tests.fakes.fake_models import FakeModelStore, fake_choice
from tests.process.conftest import FakeHosts
from tests.process.test_session import reached, states

pytestmark = pytest.mark.process

OFF, ON = FeatureMode.OFF, FeatureMode.ON
EVERYTHING = JobOptions().with_features(FULL)
NEEDS = ["formulas", "charts"]
TEXT = {"text-detection", "text-recognition", "page-orientation", "layout"}
LOOKING = TEXT | {"regions"}


@pytest.fixture(autouse=True)
def all_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_ocr.core.machinery.ModelStore", FakeModelStore)
    monkeypatch.setattr("desktop_ocr.core.machinery.choose_models", fake_choice)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "pages.pdf"
    file.write_bytes(b"pages")
    return file


def loads(hosts: FakeHosts) -> Counter[str]:
    return Counter(entry.detail for entry in asked(hosts.counts) if entry.what == "loaded")


def largest_together(hosts: FakeHosts) -> set[frozenset[str]]:
    """Which roles were held at a time in one host, without those sets that are part of others."""
    held: dict[int, set[str]] = {}
    found: set[frozenset[str]] = set()
    for entry in asked(hosts.counts):
        own = held.setdefault(entry.pid, set())
        if entry.what == "loaded":
            own.add(entry.detail)
        elif entry.what == "unloaded":
            own.discard(entry.detail)
        found.add(frozenset(own))
    return {one for one in found if not any(one < other for other in found)}


def begun(hosts: FakeHosts) -> list[str]:
    """Text and stages in the order in which engine hosts began them, neighbours of a kind put together."""
    kinds = [
        "text" if entry.what == "Recognise" else entry.detail.split()[1]
        for entry in asked(hosts.counts)
        if entry.what in ("Recognise", "Refine")
    ]
    return [kind for number, kind in enumerate(kinds) if number == 0 or kinds[number - 1] != kind]


async def test_text_comes_first_and_each_stage_is_committed_before_anybody_is_told(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, events: list[Event]
) -> None:
    fake_hosts.write(needs=["tables", *NEEDS])
    session = make_session()
    told: list[tuple[int, PageState, tuple[Feature, ...]]] = []

    def watch(event: Event) -> None:
        events.append(event)
        if isinstance(event, PageFinished):
            job = session._documents.jobs[event.job]
            assert job.key is not None
            stored = session._ledger.page(job.key, event.page)
            assert stored.state is event.state
            told.append((event.page, stored.state, stored.pending))

    session._emit = watch
    await session.open()
    (job,) = (await session.add([document], options=EVERYTHING)).jobs
    await reached(session, job, JobState.DONE)
    formulas, charts = Feature.FORMULAS, Feature.CHARTS
    for page in range(5):
        assert [one[1:] for one in told if one[0] == page] == [
            (PageState.PARTIAL, (formulas, charts)),  # tables were done with the text
            (PageState.PARTIAL, (charts,)),
            (PageState.DONE, ()),
        ]
    assert [state for _, state, _ in told][:5] == [PageState.PARTIAL] * 5
    assert begun(fake_hosts) == ["text", "formulas", "charts"]
    assert loads(fake_hosts) == Counter([*LOOKING, "table-structure", "formula", "chart"])
    result = await session.result(job, 3)
    assert result is not None
    assert [step.step for step in result.steps] == ["prepare", "tables", "formulas", "prepare", "charts", "prepare"]
    assert {"fake_formula", "fake_chart", "SLANet_plus"} <= set(result.models)
    (view,) = session.views()
    assert (view.pages_done, view.pages_partial, view.pages_noted) == (5, 0, 0)
    await session.close()


def budget(hosts_mb: float) -> int:
    """MB for hosts of so many: this process counts as well, and holds what all the tests before have made it load."""
    return round(hosts_mb + process_mb(os.getpid()))


@pytest.mark.parametrize("hands", [1, 3])
async def test_each_model_is_loaded_once_a_batch_and_none_beside_another_where_memory_is_tight(
    make_session: Callable[..., Session],
    fake_hosts: FakeHosts,
    document: Path,
    hands: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The budget takes the models for text and tables, or any other one: never two of these."""
    monkeypatch.setattr(
        "desktop_ocr.core.machinery._catalog_mb", lambda model: 700.0 if model.startswith("fake") else 100.0
    )
    fake_hosts.write(needs=["tables", *NEEDS], document_pages=12)
    session = make_session(batch_size=5, ram_budget_mb=budget(1300), pages_in_flight=hands, max_services_per_device=1)
    await session.open()
    (job,) = (await session.add([document], options=EVERYTHING)).jobs
    await reached(session, job, JobState.DONE)
    assert await states(session, job) == [PageState.DONE] * 12
    assert not any(page.degraded or page.left_out for page in await session.pages(job))
    assert begun(fake_hosts) == ["text", "formulas", "charts"] * 3
    assert loads(fake_hosts) == Counter(dict.fromkeys([*LOOKING, "table-structure", "formula", "chart"], 3))
    assert largest_together(fake_hosts) == {
        frozenset({*LOOKING, "table-structure"}),
        frozenset({"formula"}),
        frozenset({"chart"}),
    }
    await session.close()


async def test_under_pressure_tables_get_a_stage_of_their_own(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(needs=["tables"])
    session = make_session(max_services_per_device=1)
    await session.open()
    session._machinery.policy.apart = True
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    assert begun(fake_hosts) == ["text", "tables"]
    assert largest_together(fake_hosts) == {frozenset(TEXT), frozenset({"table-structure"})}
    assert not any(page.degraded for page in await session.pages(job))
    await session.close()


async def test_a_feature_that_is_off_never_loads_its_model(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    own = {"orientation": "page-orientation", "tables": "table-structure", "formulas": "formula"}
    own |= {"charts": "chart", "seals": "seal-detection", "pictures": "", "unwarp": "unwarp"}
    fake_hosts.write(needs=["tables", "pictures", "seals", "formulas", "charts"], document_pages=1)
    session = make_session()
    await session.open()
    for feature in Feature:
        await session.free()
        before = loads(fake_hosts)
        options = JobOptions().with_features(FULL.without(feature))
        (job,) = (await session.add([document], options=options)).jobs
        await reached(session, job, JobState.DONE)
        loaded = set(loads(fake_hosts) - before)
        assert loaded >= {role for name, role in own.items() if name not in (feature, "unwarp") and role}
        assert own[feature] not in loaded
    await session.close()


async def test_nothing_is_loaded_that_no_page_needs(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    """Switched on is not enough: there has to be a formula."""
    fake_hosts.write(needs={"1": ["formulas"]}, document_pages=3)
    session = make_session()
    await session.open()
    options = JobOptions().with_features(FAST).with_features(msgspec.structs.replace(FAST, formulas=ON, charts=ON))
    (job,) = (await session.add([document], options=options)).jobs
    await reached(session, job, JobState.DONE)
    assert set(loads(fake_hosts)) == TEXT | {"regions", "formula"}
    await session.close()


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("die", "the process ended again and again"),
        ("hang", "this took too long"),
        ("garbage", "an answer that cannot be"),
        ("oom", "not enough memory"),
        ("fail", "This page is damaged"),
    ],
)
async def test_a_stage_that_fails_costs_its_feature_of_its_page_alone(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, what: str, words: str
) -> None:
    fake_hosts.write(needs=NEEDS, stages={"1:formulas": what}, document_pages=3)
    session = make_session(page_seconds=3.0 if what == "hang" else 60.0)
    await session.open()
    (job,) = (await session.add([document], options=EVERYTHING)).jobs
    await reached(session, job, JobState.DONE)
    pages = await session.pages(job)
    assert [page.state for page in pages] == [PageState.DONE] * 3
    assert [bool(page.left_out) for page in pages] == [False, True, False]
    assert pages[1].left_out.startswith("Formulas left out: ")
    assert words in pages[1].left_out
    result = await session.result(job, 1)
    assert result is not None
    assert result.lines[0].text == "page 2"
    assert "charts" in [step.step for step in result.steps]
    assert "formulas" not in [step.step for step in result.steps]
    (view,) = session.views()
    assert (view.pages_done, view.pages_failed, view.pages_noted) == (3, 0, 1)

    fake_hosts.write(needs=NEEDS, document_pages=3)  # and with luck it can be had later
    await session.free()
    await session.recognise_again(job, [1])
    await reached(session, job, JobState.DONE)
    assert session.views()[0].pages_noted == 0
    assert fake_hosts.tries(0) == 1
    await session.close()


async def test_a_stage_that_dies_once_is_tried_again_and_its_text_is_not(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(needs=NEEDS, stages={"1:formulas": "die-once", "2:charts": "hang-once"}, document_pages=3)
    session = make_session(page_seconds=3.0)
    await session.open()
    (job,) = (await session.add([document], options=EVERYTHING)).jobs
    await reached(session, job, JobState.DONE)
    assert not any(page.left_out for page in await session.pages(job))
    assert [fake_hosts.tries(page) for page in range(3)] == [1, 1, 1]
    await session.close()


async def test_a_stage_that_does_not_fit_is_left_out(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(needs=NEEDS, document_pages=2)
    session = make_session(ram_budget_mb=budget(1000), max_services_per_device=1)
    await session.open()
    guard, predict = session._machinery.guard, session._machinery.guard.predict_memory

    def huge(operation: str, params: object) -> object:
        predicted = predict(operation, params)  # type: ignore[arg-type]
        models = getattr(params, "models", ())
        return msgspec.structs.replace(predicted, ram_mb=5000.0) if "fake_formula" in models else predicted

    guard.predict_memory = huge  # type: ignore[method-assign, assignment]
    (job,) = (await session.add([document], options=EVERYTHING)).jobs
    await reached(session, job, JobState.DONE)
    assert all("Formulas left out: there was not enough memory" in page.left_out for page in await session.pages(job))
    assert "formula" not in loads(fake_hosts)
    assert loads(fake_hosts)["chart"] == 1
    await session.close()


async def test_under_pressure_a_stage_is_not_done_and_the_page_says_so(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(needs=NEEDS, document_pages=2, delay=0.3)  # formulas give time to climb
    session = make_session()
    await session.open()
    rungs = {rung.name: rung for rung in session._pressure._rungs()}
    assert list(rungs)[2:8] == ["apart", "charts", "formulas", "seals", "tables", "features"]
    charts: Rung = rungs["charts"]
    assert not await charts.climb()  # nobody wants any
    (job,) = (await session.add([document], options=EVERYTHING)).jobs
    await until(lambda: session.views()[0].pages_partial == 2)
    assert await charts.climb()
    await reached(session, job, JobState.DONE)
    for page in await session.pages(job):
        assert page.degraded == "Charts were not looked for, because memory was short."
        assert not page.left_out
    assert session.views()[0].pages_degraded == 2
    assert charts.undo is not None
    await charts.undo()
    await session.recognise_again(job, [0, 1])
    await reached(session, job, JobState.DONE)
    assert not any(page.degraded for page in await session.pages(job))
    assert loads(fake_hosts)["chart"] == 1
    await session.close()


async def test_pages_with_a_text_layer_are_rendered_for_their_stages(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(needs=["formulas"], text_layer=True, document_pages=2)
    session = make_session()
    await session.open()
    (job,) = (await session.add([document], options=EVERYTHING)).jobs
    await reached(session, job, JobState.DONE)
    assert loads(fake_hosts) == Counter(["layout", "formula"])
    assert not list(session._folder.path.glob("*.rgb"))
    await session.close()


async def test_pause_free_and_the_next_start_go_on_from_the_stage(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(needs=NEEDS, document_pages=4, stage_delay=0.1)
    session = make_session()
    await session.open()
    (job,) = (await session.add([document], options=EVERYTHING)).jobs
    refined = lambda: [entry.detail for entry in asked(fake_hosts.counts) if entry.what == "Refine"]  # noqa: E731
    await until(lambda: len(refined()) >= 1)
    views = await session.pages(job)
    assert {view.state for view in views} <= {PageState.PARTIAL, PageState.DONE}  # at a stage it can be read
    assert await session.result(job, views[0].page) is not None
    await session.pause(job)
    await until(lambda: not session._documents.jobs[job].working)
    done = len(refined())
    await asyncio.sleep(0.3)
    assert len(refined()) == done
    await session.resume(job)
    await until(lambda: len(refined()) > done)
    await session.free()
    assert session.views()[0].state is JobState.PAUSED
    partial = session.views()[0].pages_partial
    assert partial > 0
    await session.close()

    session = make_session()
    await session.open()
    (view,) = session.views()
    assert (view.state, view.pages_partial) == (JobState.PAUSED, partial)
    assert all(page.pending for page in await session.pages(job) if page.state is PageState.PARTIAL)
    await session.resume(job)
    await reached(session, job, JobState.DONE)
    assert [fake_hosts.tries(page) for page in range(4)] == [1] * 4
    assert session.views()[0].pages_noted == 0
    await session.close()


async def test_a_partial_page_can_be_recognised_again_exported_and_removed(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, tmp_path: Path
) -> None:
    fake_hosts.write(needs=["formulas"], document_pages=2, stages={"0:formulas": "hang-once"})
    session = make_session(page_seconds=60, pages_in_flight=1)
    await session.open()
    (job,) = (await session.add([document], options=EVERYTHING)).jobs
    await until(lambda: session.views()[0].pages_partial == 2)
    await until(lambda: session._documents.jobs[job].stages)
    (outcome,) = await session.export(job, ExportWish(("txt",), str(tmp_path / "out")))
    assert outcome.error is None
    await session.pause(job)
    await session.recognise_again(job, [1])
    assert [page.state for page in await session.pages(job)] == [PageState.PARTIAL, PageState.WAITING]
    await session.forget([job])
    await session.free()
    assert session._ledger._rows("SELECT count(*) FROM pages") == [(0,)]
    await session.close()


async def test_a_model_that_was_removed_meanwhile_is_left_out(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(needs=["formulas"], document_pages=1)
    session = make_session()
    await session.open()
    missing = DesktopOcrError(ErrorCode.MODEL_MISSING, "No model for formula was configured.")
    refine = session._queue._work._recorder._processor._refine  # type: ignore[attr-defined]

    async def gone(*_: object) -> object:
        raise missing

    session._queue._work._recorder._processor._refine = gone  # type: ignore[attr-defined]
    (job,) = (await session.add([document], options=EVERYTHING)).jobs
    await reached(session, job, JobState.DONE)
    (page,) = await session.pages(job)
    assert page.left_out == "Formulas left out: model not installed."
    assert refine is not None
    await session.close()


async def test_without_features_a_page_is_one_request(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(needs=["tables", *NEEDS], document_pages=3)
    session = make_session()
    await session.open()
    (job,) = (await session.add([document], options=JobOptions().with_features(NONE))).jobs
    await reached(session, job, JobState.DONE)
    assert set(loads(fake_hosts)) == TEXT - {"page-orientation"}
    assert begun(fake_hosts) == ["text"]
    await session.close()
