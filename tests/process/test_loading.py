"""Models that are loaded before a page needs them, where the settings say so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_ocr.core.session import Session
from desktop_ocr.schema.events import Event, ModelChanged
from desktop_ocr.schema.features import FeatureMode
from desktop_ocr.schema.jobs import JobOptions, JobState, TextLayerMode
from desktop_ocr.schema.memory import ModelState
from tests.fakes.fake_host import asked
from tests.process.conftest import FakeHosts
from tests.process.test_freeing import until
from tests.process.test_session import reached

pytestmark = pytest.mark.process


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "pages.pdf"
    file.write_bytes(b"pages")
    return file


async def loaded(session: Session) -> set[str]:
    return {model.role for model in (await session.stats()).models if model.state is ModelState.LOADED}


async def test_by_default_nothing_is_loaded_before_a_page_needs_it(session: Session, document: Path) -> None:
    assert await loaded(session) == set()
    assert session._machinery.hosts() == []
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    assert await loaded(session) == {"page-orientation", "text-detection", "text-recognition", "layout"}


async def test_a_feature_that_is_off_never_loads_its_model(
    session: Session, document: Path, events: list[Event]
) -> None:
    options = JobOptions(orientation=FeatureMode.OFF, layout=False)
    (job,) = (await session.add([document], options=options)).jobs
    await reached(session, job, JobState.DONE)
    assert await loaded(session) == {"text-detection", "text-recognition"}
    touched = {event.view.role for event in events if isinstance(event, ModelChanged)}
    assert touched == {"text-detection", "text-recognition"}


@pytest.mark.parametrize("warm_up", [False, True])
async def test_an_eager_start_loads_the_models_and_warms_them_up(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, warm_up: bool
) -> None:
    session = make_session(eager_loading=True, warm_up=warm_up)
    await session.open()
    await until(lambda: "eager loading" not in {task.get_name() for task in session._tasks})
    assert len(await loaded(session)) == 4
    assert any("WarmUp" in str(what) for what in asked(fake_hosts.counts)) is warm_up
    waits = {model.role for model in (await session.stats()).models if model.state is ModelState.UNLOADED}
    assert waits == {"regions", "table-structure"}  # whether a page needs them shows when it is there
    await session.close()


async def test_every_step_of_a_models_life_is_told(session: Session, document: Path, events: list[Event]) -> None:
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    await session.free()
    layout = [event.view for event in events if isinstance(event, ModelChanged) and event.view.role == "layout"]
    states = [view.state for view in layout]
    assert states[:2] == [ModelState.LOADING, ModelState.LOADED]
    assert states[-1] is ModelState.UNLOADED
    assert [view.references for view in layout][-1] == 0


@pytest.mark.parametrize(
    ("mode", "roles"),
    [
        (TextLayerMode.AUTO, {"layout"}),  # a PDF's page may bring its own text: more is not certain to be needed
        (TextLayerMode.ALWAYS_OCR, {"page-orientation", "text-detection", "text-recognition", "layout"}),
    ],
)
async def test_models_are_loaded_while_the_first_page_is_prepared(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, mode: TextLayerMode, roles: set[str]
) -> None:
    fake_hosts.write(document_pages=1, prepares={"0": "hang"})
    session = make_session()
    await session.open()
    await session.add([document], options=JobOptions(text_layer=mode))
    async with asyncio.timeout(20):
        while await loaded(session) != roles:
            await asyncio.sleep(0.01)
    assert fake_hosts.tries(0) == 0
    await session.close()


async def test_what_is_resumed_after_free_loads_as_its_file_is_opened(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(document_pages=30, delay=0.05)
    session = make_session()
    await session.open()
    await session.add([document])
    await until(lambda: session.views()[0].pages_done >= 1)
    await session.free()
    assert await loaded(session) == set()
    tries = sum(fake_hosts.tries(page) for page in range(30))
    fake_hosts.write(document_pages=30, prepares={str(page): "hang" for page in range(30)})
    await session.resume_work()
    async with asyncio.timeout(20):
        while len(await loaded(session)) < 4:  # its pages had to be recognised so far
            await asyncio.sleep(0.01)
    assert sum(fake_hosts.tries(page) for page in range(30)) == tries
    await session.close()
