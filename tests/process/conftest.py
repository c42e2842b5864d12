"""Sessions on fake hosts: real processes, real pipes, real kills; only the models and the documents are fake."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.session import Session
from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.schema.events import Event
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.settings import Settings

REPOSITORY = Path(__file__).parents[2]


class FakeHosts:
    """Starts fake hosts that follow a script; see `tests/fakes/fake_host.py`."""

    def __init__(self, folder: Path) -> None:
        self.counts = folder / "counts"
        self.counts.mkdir(parents=True)
        self.script = folder / "script.json"
        self.write()

    def write(
        self,
        *,
        pages: dict[int, str] | None = None,
        document_pages: int = 5,
        delay: float = 0.0,
        **more: object,
    ) -> None:
        content = {
            "pages": {str(page): what for page, what in (pages or {}).items()},
            "counts": str(self.counts),
            "document_pages": document_pages,
            "delay": delay,
            **more,
        }
        self.script.write_text(json.dumps(content))

    def tries(self, page: int) -> int:
        """How often an engine host began this page."""
        file = self.counts / f"engine-{page}"
        return len(file.read_text()) if file.exists() else 0

    async def start(self, role: HostRole) -> HostProcess:
        program = (
            f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); import runpy;"
            "runpy.run_module('tests.fakes.fake_host', run_name='__main__')"
        )
        return await HostProcess.start(role, [sys.executable, "-c", program, role.value, str(self.script)])


@pytest.fixture
def fake_hosts(tmp_path: Path) -> FakeHosts:
    return FakeHosts(tmp_path / "fake")


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
async def make_session(
    tmp_path: Path, fake_hosts: FakeHosts, events: list[Event]
) -> AsyncIterator[Callable[..., Session]]:
    """Makes sessions; those that a failed test left open are closed, or its hosts would fail the next ones, too."""
    paths = AppPaths(tmp_path / "data", tmp_path / "cache", tmp_path / "config", tmp_path / "run")
    made: list[Session] = []

    def make(**changes: object) -> Session:
        # Whoever has a page time out says after what time: no other may, however slow the machine is.
        settings = Settings(**{"page_seconds": 240.0, **changes})  # type: ignore[arg-type]
        made.append(Session(paths, settings, events.append, start=fake_hosts.start))
        return made[-1]

    yield make
    for session in made:
        await session.close()


@pytest.fixture
async def session(make_session: Callable[..., Session]) -> Session:
    session = make_session()
    await session.open()
    return session
