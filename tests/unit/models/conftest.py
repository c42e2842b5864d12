"""A model host on this machine, and a store that is filled from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_ocr.models.downloaded import DownloadedModels
from desktop_ocr.models.installer import Installer
from desktop_ocr.schema.settings import ModelHost, Settings
from tests.fakes.fake_model_host import ENGINES, FakeModelHost


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeModelHost]:
    """Running; no proxy of this machine's is in the way."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with FakeModelHost().running() as running:
        yield running


@pytest.fixture
def downloaded(tmp_path: Path) -> DownloadedModels:
    return DownloadedModels(tmp_path / "downloaded")


@pytest.fixture
def installer(host: FakeModelHost, downloaded: DownloadedModels) -> Callable[..., Installer]:
    """Makes installers of the host's, which do not wait before they try again."""

    def make(kind: ModelHost = ModelHost.HUGGINGFACE, engines: tuple[str, ...] = ENGINES, **more: str) -> Installer:
        settings = Settings(model_host=kind, model_mirror=more.pop("mirror", host.address), **more)
        return Installer(downloaded, settings, engines=engines, timeout=10, pause=0.0)

    return make
