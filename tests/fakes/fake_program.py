"""A running program with canned answers: a fake session behind the real control channel, in a real process.

Run as `python -m tests.fakes.fake_program HOW`: it makes the runtime folder of a real program, listens there, prints
the socket's path when it can be asked, and ends when its input does. HOW it answers:

    "canned"          the figures below
    "no-gpu"          the same, without a GPU
    "hang"            never
    "fail"            with an exception that nobody foresaw
    "other-version"   as a program of another version would (its own server, not ours)
    "dies"            not at all: it kills itself when it is asked
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path

import msgspec

from desktop_ocr.core.control import ControlServer
from desktop_ocr.core.paths import user_paths
from desktop_ocr.core.runtime import RuntimeFolder
from desktop_ocr.schema.control import HEADER, SOCKET_NAME
from desktop_ocr.schema.memory import (
    FrameworkMemory,
    FreeReport,
    GpuMemory,
    HostRole,
    MemorySample,
    MemoryStats,
    ModelState,
    ModelView,
    PoolView,
    Pressure,
    PressureLevel,
    ProcessMemory,
    ServiceView,
)

CANNED_FREE = FreeReport(738.0, 118.0, 1800.0, 0.0, requeued=1, paused=(3, 4), seconds=2.5)
CANNED_SAMPLE = MemorySample(
    ram_total=16000.0,
    ram_used=12900.0,
    ram_window=118.0,
    hosts=(ProcessMemory(4001, HostRole.ENGINE, 620.0, 1800.0), ProcessMemory(4002, HostRole.DOCUMENT, 141.0)),
    gpus=(GpuMemory(0, 'Fake "Card" \\ 1', 24000.0, 3400.0, 1800.0, estimated=True), GpuMemory(1, "B", 8000.0, 10.0)),
    contained=True,
    time=1700000000.5,
)
CANNED_STATS = MemoryStats(
    sample=CANNED_SAMPLE,
    pressure=Pressure(PressureLevel.WARNING, 0.81, 2, "Models that nothing uses were unloaded.", deferred=True),
    models=(
        ModelView("det", "detection", "Text detection", "gpu:0/1", "gpu:0", ModelState.LOADED, 310.0, 2, None, 3, 1.25),
        ModelView("rec", "recognition", "Text", "gpu:0/1", "gpu:0", ModelState.LOADED, 290.0, 0, 252.0, 1, 0.5),
        ModelView("ori", "orientation", "Orientation", "", "cpu", ModelState.UNLOADED, 40.0),
    ),
    pools=(
        PoolView(
            "gpu:0",
            (
                ServiceView("gpu:0/1", "gpu:0", 4001, True, 17, ("det", "rec")),
                ServiceView("gpu:0/2", "gpu:0", None, False, 0),
            ),
            limit=2,
            in_use=1,
            queue_depth=3,
            acquired=18,
            wait_seconds=9.0,
            longest_wait=4.5,
            timeouts=1,
            restarts=2,
        ),
    ),
    waiting=12,
    working=1,
    ram_budget=4000.0,
    feature_mb={"layout": 85.0},
    frameworks={"gpu:0/1": (FrameworkMemory("paddle", 500.0, 700.0),)},
    pid=os.getpid(),
    title="window",
)


class CannedAnswers:
    """What a session would say, made up."""

    def __init__(self, how: str = "canned", dump: Path = Path("/nowhere/dump-20240131-235959.json")) -> None:
        self.how = how
        self.asked: list[str] = []
        self._dump = dump

    async def free(self) -> FreeReport:
        await self._begin("free")
        if self.how == "no-gpu":
            return msgspec.structs.replace(CANNED_FREE, vram_before=None, vram_after=None, paused=())
        return CANNED_FREE

    async def stats(self) -> MemoryStats:
        await self._begin("stats")
        return msgspec.structs.replace(CANNED_STATS, pid=os.getpid())

    async def dump(self) -> Path:
        await self._begin("dump")
        return self._dump

    async def resume_work(self) -> int:
        await self._begin("resume")
        return 2

    async def _begin(self, what: str) -> None:
        self.asked.append(what)
        if self.how == "hang":
            await asyncio.Event().wait()
        if self.how == "fail":
            raise OSError(5, "a fault that was put here")
        if self.how == "dies":
            os.kill(os.getpid(), signal.SIGKILL)


async def _answer_as_another_version(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readexactly(HEADER.size)
    payload = msgspec.msgpack.encode({"version": 99, "news": ["that", "nobody", "knows"]})
    writer.write(HEADER.pack(len(payload)) + payload)
    writer.close()


async def _run(how: str) -> None:
    folder = RuntimeFolder(user_paths().runtime)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    server = ControlServer(folder.path, CannedAnswers(how))
    if how == "other-version":
        await asyncio.start_unix_server(_answer_as_another_version, folder.path / SOCKET_NAME)
    else:
        await server.start()
    print(folder.path / SOCKET_NAME, flush=True)
    await ended.wait()
    await server.close()
    folder.remove()


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1]))
