"""A program that watches folders: a real session and a real document host; pages come from a fake engine.

Run as `python -m tests.fakes.watching_program ROOT`: it says "watching" and goes on until it is killed, or until its
input ends. `WatchingSession` is the same for a test's own process.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.session import Session
from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.schema.events import Event
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.settings import Settings

REPOSITORY = Path(__file__).parents[2]


def program_paths(root: Path) -> AppPaths:
    """Where the program keeps things."""
    return AppPaths(root / "data", root / "cache", root / "config", root / "run")


def write_script(root: Path, **content: object) -> None:
    """What the fake engine does; see `fake_host`."""
    (root / "counts").mkdir(parents=True, exist_ok=True)
    script = {"pages": {}, "counts": str(root / "counts"), "document_pages": 1, **content}
    (root / "script.json").write_text(json.dumps(script))


def _nobody(event: Event) -> None:
    """Hears nothing."""


@contextlib.asynccontextmanager
async def watching_session(root: Path, emit: Callable[[Event], None] | None = None) -> AsyncIterator[Session]:
    """A session that watches."""
    if not (root / "script.json").exists():
        write_script(root)

    async def start(role: HostRole) -> HostProcess:
        if role is HostRole.DOCUMENT:
            return await HostProcess.start(role, scratch=root / "run")
        program = (
            f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); import runpy;"
            "runpy.run_module('tests.fakes.fake_host', run_name='__main__')"
        )
        return await HostProcess.start(role, [sys.executable, "-c", program, role.value, str(root / "script.json")])

    session = Session(program_paths(root), Settings(), emit or _nobody, start=start, watch=True)
    await session.open()
    try:
        yield session
    finally:
        await session.close()


async def _main(root: Path) -> None:
    async with watching_session(root):
        print("watching", flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
