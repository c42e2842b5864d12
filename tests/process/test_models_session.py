"""Models that come or go while documents are worked at."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_ocr.core.session import Session
from desktop_ocr.schema.events import Event, Notice, StoredModelChanged
from desktop_ocr.schema.jobs import JobState, PageState
from desktop_ocr.schema.model_store import StoreState
from tests.fakes.fake_model_host import FakeModelHost, onnx_package
from tests.process.conftest import FakeHosts
from tests.process.test_freeing import until
from tests.process.test_session import reached, states

MODEL = "PP-OCRv6_medium_rec"
INSTALLED = (MODEL, StoreState.INSTALLED)
pytestmark = pytest.mark.process


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeModelHost]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with FakeModelHost().running() as running:
        running.packages[f"{MODEL}_onnx"] = onnx_package(MODEL)
        yield running


async def readers(session: Session) -> set[str]:
    """The models for text that are, or were, loaded."""
    return {view.model for view in (await session.stats()).models if "rec" in view.model}


async def test_new_models_read_the_pages_that_wait(
    make_session: Callable[..., Session],
    fake_hosts: FakeHosts,
    host: FakeModelHost,
    tmp_path: Path,
    events: list[Event],
) -> None:
    fake_hosts.write(document_pages=20, delay=0.1)
    document = tmp_path / "pages.pdf"
    document.write_bytes(b"pages")
    session = make_session(model_mirror=host.address)
    await session.open()
    (job,) = (await session.add([document])).jobs
    await until(lambda: session.views()[0].pages_done >= 2)
    assert await readers(session) == {"PP-OCRv6_small_rec"}
    await session.install_models([MODEL])
    await until(
        lambda: any(isinstance(e, StoredModelChanged) and (e.model.id, e.model.state) == INSTALLED for e in events)
    )
    await reached(session, job, JobState.DONE)
    assert await states(session, job) == [PageState.DONE] * 20
    assert MODEL in await readers(session)
    (installed,) = [model for model in await session.stored_models() if model.id == MODEL]
    assert installed.state is StoreState.INSTALLED

    await session.remove_model(MODEL)
    await session.recognise_again(job, [0])
    await reached(session, job, JobState.DONE)
    assert await readers(session) == {"PP-OCRv6_small_rec"}
    await session.close()


async def test_a_session_that_ends_leaves_what_has_come(
    make_session: Callable[..., Session], host: FakeModelHost
) -> None:
    host.stall = threading.Event()
    session = make_session(model_mirror=host.address)
    await session.open()
    plan = await session.plan_install([MODEL])
    assert [model.id for model in plan.models] == [MODEL]
    await session.install_models([MODEL])
    await until(host.stalled.is_set)
    await session.close()
    assert not host.stall.is_set()
    host.stall.set()
    host.stall = None
    session = make_session(model_mirror=host.address)
    await session.open()
    (broken,) = [model for model in await session.stored_models() if model.id == MODEL]
    assert broken.state is StoreState.BROKEN_OFF
    await session.close()


async def test_what_the_users_file_asks_for_in_vain_is_told_once(
    make_session: Callable[..., Session], tmp_path: Path, events: list[Event]
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "models.toml").write_text('[text-recognition]\nmodel = "PP-OCRv6_tiny_rec"\n')
    session = make_session()
    await session.open()
    await session.change_settings(session._live.now)
    (notice,) = [event for event in events if isinstance(event, Notice)]
    assert "PP-OCRv6_tiny_rec, which your models file names" in notice.text
    await session.close()
