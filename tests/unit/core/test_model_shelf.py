"""Models that are installed, stopped, checked and removed while the program runs, from a host on this machine."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_ocr.core import model_store
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.model_store import ModelShelf
from desktop_ocr.models import disk
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import Event, StoredModelChanged
from desktop_ocr.schema.model_store import StoredModel, StoreState
from desktop_ocr.schema.settings import Settings
from tests.fakes.fake_model_host import FakeModelHost, onnx_package

ONE, OTHER, PIPELINE = "SLANeXt_wired", "UVDoc", "table_recognition_v2"


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeModelHost]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with FakeModelHost().running() as running:
        for model in (ONE, OTHER):
            running.packages[f"{model}_onnx"] = onnx_package(model)
        yield running


class Watched(ModelShelf):
    """A shelf whose events are kept.

    Attributes:
        events: what was told.
        changes: how often other models were there.
    """

    def __init__(self, folder: Path, address: str) -> None:
        self.events: list[StoredModel] = []
        self.changes = 0
        self._news = asyncio.Event()
        store = ModelStore(folder / "cache", folder / "downloaded")
        super().__init__(store, LiveSettings(Settings(model_mirror=address)), self._keep, self._count)

    def _keep(self, event: Event) -> None:
        assert isinstance(event, StoredModelChanged)
        self.events.append(event.model)
        self._news.set()

    async def _count(self) -> None:
        self.changes += 1
        self._news.set()

    def of(self, model: str) -> list[StoredModel]:
        return [event for event in self.events if event.id == model]

    async def until(self, there: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not there():
                self._news.clear()
                await self._news.wait()


@pytest.fixture
async def shelf(host: FakeModelHost, tmp_path: Path):
    watched = Watched(tmp_path, host.address)
    yield watched
    await watched.close()


async def state(shelf: ModelShelf, model: str) -> StoredModel:
    return next(one for one in await shelf.models() if one.id == model)


async def test_models_come_one_after_the_other(
    shelf: Watched, host: FakeModelHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_store.time, "monotonic", lambda: 5.0)  # no time passes
    await shelf.install([ONE, OTHER])
    await shelf.install([ONE])  # it is on its way
    await shelf.until(lambda: shelf.changes == 1)
    wanted = [StoreState.WAITING, StoreState.DOWNLOADING, StoreState.CHECKING, StoreState.INSTALLED]
    for model in (ONE, OTHER):
        # Each new state is told, and bytes only now and then. WAITING comes from here, and from the thread.
        states = [event.state for event in shelf.of(model)]
        assert list(dict.fromkeys(states)) == wanted
        assert len(states) <= len(wanted) + 1
        installed = await state(shelf, model)
        assert installed.state is StoreState.INSTALLED
        assert installed.size == installed.done > 300_000
        assert installed.source in host.address
    assert [path for path, _ in host.asked if "tree" in path] == [
        f"/api/models/PaddlePaddle/{model}_onnx/tree/main?recursive=true&expand=false" for model in (ONE, OTHER)
    ]
    assert shelf.of(PIPELINE)[-1].done > 300_000  # of its parts one is there


async def test_a_download_is_stopped_while_the_host_says_nothing(shelf: Watched, host: FakeModelHost) -> None:
    host.stall = threading.Event()
    await shelf.install([ONE, OTHER])
    await asyncio.to_thread(host.stalled.wait, 10)
    await shelf.until(lambda: any(event.state is StoreState.DOWNLOADING for event in shelf.of(ONE)))
    await shelf.cancel(OTHER)  # it has not begun
    assert shelf.of(OTHER)[-1].state is StoreState.AVAILABLE
    await shelf.cancel(ONE)
    assert not host.stall.is_set()
    await shelf.until(lambda: shelf.of(ONE)[-1].state is StoreState.BROKEN_OFF)
    broken = await state(shelf, ONE)
    assert broken.state is StoreState.BROKEN_OFF
    assert 0 < broken.done < broken.size
    assert broken.error is None
    assert shelf.changes == 0
    host.stall.set()
    host.stall = None
    await shelf.install([ONE])
    await shelf.until(lambda: shelf.changes == 1)
    assert (await state(shelf, ONE)).state is StoreState.INSTALLED


async def test_why_it_failed_is_shown_until_it_is_tried_again(shelf: Watched, host: FakeModelHost) -> None:
    package = host.packages.pop(f"{ONE}_onnx")
    await shelf.install([ONE])
    await shelf.until(lambda: shelf.of(ONE)[-1].error is not None)
    failed = await state(shelf, ONE)
    assert failed.state is StoreState.AVAILABLE
    assert failed.error is not None
    assert failed.error.code is ErrorCode.DOWNLOAD_FAILED
    host.packages[f"{ONE}_onnx"] = package
    await shelf.install([ONE])
    assert shelf.of(ONE)[-1].error is None
    await shelf.until(lambda: shelf.changes == 1)


async def test_a_damaged_model_is_found_and_removed(shelf: Watched, tmp_path: Path) -> None:
    await shelf.install([ONE])
    await shelf.until(lambda: shelf.changes == 1)
    await shelf.verify(ONE)
    weights = tmp_path / "downloaded" / ONE / "inference.onnx"
    weights.write_bytes(b"x" * weights.stat().st_size)
    with pytest.raises(DesktopOcrError) as caught:
        await shelf.verify(ONE)
    assert caught.value.code is ErrorCode.MODEL_DAMAGED
    assert shelf.of(ONE)[-1].error == caught.value.info
    await shelf.remove(ONE)
    assert shelf.changes == 2
    assert shelf.of(ONE)[-1].state is StoreState.AVAILABLE
    assert shelf.of(ONE)[-1].error is None
    assert not weights.exists()


async def test_models_are_taken_over(shelf: Watched, tmp_path: Path) -> None:
    folder = tmp_path / "stick" / "x"
    folder.mkdir(parents=True)
    for name, data in onnx_package(ONE).items():
        (folder / name).write_bytes(data)
    assert await shelf.take_over(tmp_path / "stick") == [ONE]
    assert shelf.of(ONE)[-1].state is StoreState.INSTALLED
    assert shelf.changes == 1


async def test_one_that_is_refused_is_named_beside_those_that_came(shelf: Watched, tmp_path: Path) -> None:
    for folder, files in (("a", onnx_package(ONE)), ("b", onnx_package("UVDoc") | {"inference.onnx": b"x"})):
        (tmp_path / "stick" / folder).mkdir(parents=True)
        for name, data in files.items():
            (tmp_path / "stick" / folder / name).write_bytes(data)
    with pytest.raises(DesktopOcrError, match=f"Imported: {ONE}. b: .*weights are refused"):
        await shelf.take_over(tmp_path / "stick")
    assert shelf.of(ONE)[-1].state is StoreState.INSTALLED
    assert shelf.changes == 1


async def test_nothing_begins_without_room_or_with_a_name_that_is_none(
    shelf: Watched, host: FakeModelHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DesktopOcrError) as caught:
        await shelf.install(["SLANeXt_wird"])
    assert caught.value.code is ErrorCode.USAGE
    assert ONE in caught.value.info.advice
    monkeypatch.setattr(disk, "free_bytes", lambda _: disk.MARGIN)
    with pytest.raises(DesktopOcrError) as caught:
        await shelf.install([ONE])
    assert caught.value.code is ErrorCode.DISK_FULL
    for name in ("PP-OCRv6_small_det", PIPELINE):
        with pytest.raises(DesktopOcrError) as caught:
            await shelf.remove(name)
        assert caught.value.code is ErrorCode.USAGE
    assert host.asked == []


async def test_a_plan_says_what_would_come(shelf: Watched, host: FakeModelHost, tmp_path: Path) -> None:
    plan = await shelf.plan([PIPELINE, OTHER])
    assert {model.id for model in plan.models} >= {ONE, OTHER}
    assert "SLANet_plus" not in {model.id for model in plan.models}  # it came with the program
    assert plan.missing == sum(model.size for model in plan.models)
    assert plan.host == host.address.removeprefix("http://")
    assert plan.folder == str(tmp_path / "downloaded")
    assert plan.free > 0
    assert host.asked == []


async def test_the_end_of_the_program_stops_downloads(host: FakeModelHost, tmp_path: Path) -> None:
    shelf = Watched(tmp_path, host.address)
    host.stall = threading.Event()
    await shelf.install([ONE, OTHER])
    await asyncio.to_thread(host.stalled.wait, 10)
    await shelf.close()
    assert not host.stall.is_set()
    assert not (tmp_path / "downloaded" / ONE).exists()
