"""What tests of the window share: one running qasync loop, and windows on a fake session.

Stories are coroutines, run by `desk.run`; they wait for what can be seen, never for a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import shutil
import subprocess
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from desktop_ocr.core.paths import AppPaths
from desktop_ocr.gui.configuration import Configuration
from desktop_ocr.gui.garbage import Collector
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.theme import Theme
from desktop_ocr.gui.words import queue_words
from desktop_ocr.gui.worker import MakeSession, Worker
from desktop_ocr.schema.jobs import JobState
from tests.gui.fake_session import FakeSession

T = TypeVar("T")
HERE = Path(__file__).parent
HANG_SECONDS = 60.0  # waiting costs nothing where all is well: only what hangs comes to this
EAGER_SECONDS = 1.0  # as long as the fake session needs for nearly all things; real work is not to be slowed down
STORIES_TO_COLLECT = 10  # the wrappers of a closed window take 3 MB until they are collected
_stories = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark this room's tests; let the offscreen platform say what it cannot do."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.gui)
            # The latter is looked for by icons in the tray.
            told = ("This plugin does not support", "No such signal QPlatformNativeInterface::systemTrayWindowChanged")
            item.add_marker(pytest.mark.qt_log_ignore(*told, extend=True))


async def until(condition: Callable[[], object], seconds: float = HANG_SECONDS, what: str = "") -> None:
    """Wait for a state.

    At first it is looked for at every turn of the loop. A story that then looks at something which follows a moment
    later fails on any machine, and not only on one that happens to be slow.
    """
    eager_until = time.monotonic() + EAGER_SECONDS
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0 if time.monotonic() < eager_until else 0.01)
    except TimeoutError:
        pytest.fail(f"did not come about in {seconds} s: {what or condition}")


class Desk:
    """Opens windows, runs stories, and sees to it that nothing fails unseen."""

    def __init__(self, loop: QEventLoop, theme: Theme, home: Path) -> None:
        self._loop = loop
        self._theme = theme
        self._opened: list[tuple[MainWindow, Worker]] = []
        self.paths = AppPaths(home / "data", home / "cache", home / "config", home / "run")
        self.preferences = Preferences(self.paths.config)
        self.faults: list[dict[str, Any]] = []
        self.session: FakeSession | None = None
        loop.set_exception_handler(lambda _loop, context: self.faults.append(context))

    def run(self, story: Coroutine[Any, Any, T]) -> T:
        """Run a story to its end, and put its windows away.

        In one go: pytest-qt handles events between a test and its teardown, when no loop runs for asyncio.
        """

        async def whole() -> T:
            try:
                return await story
            finally:
                await self.close()

        return self._loop.run_until_complete(whole())

    async def fake(self, **how: Any) -> MainWindow:
        """A window on a fake session."""

        def make(emit: Callable[..., None]) -> FakeSession:
            self.session = FakeSession(emit, **how)
            return self.session

        return await self.open(make)

    async def open(self, make_session: MakeSession, configuration: Configuration | None = None) -> MainWindow:
        """A window on a session."""
        worker = Worker(make_session)
        window = MainWindow(worker, self.paths, self.preferences, self._theme, configuration)
        self._opened.append((window, worker))
        ready = asyncio.Event()
        worker.opened.connect(ready.set)
        window.show()
        window.furnish()
        worker.start()
        await asyncio.wait_for(ready.wait(), HANG_SECONDS)
        await until(window.isActiveWindow, what="a window that hears its keys")
        return window

    async def add(self, window: MainWindow, *names: str, state: JobState | None = JobState.DONE) -> None:
        """Add documents, and wait until all have come to a state."""
        known, answers = len(window.model.views()), list[object]()
        answered = window.commands.added.connect(answers.append)
        window.commands.add([Path("/somewhere") / name for name in names])
        await until(lambda: len(window.model.views()) == known + len(names))
        if state is not None:
            await until(lambda: all(view.state is state for view in window.model.views()))
        await until(lambda: answers, what="the answer, which may come last, and brings the documents to the front")
        window.commands.added.disconnect(answered)
        # Actions follow the list a moment later: what is not enabled yet cannot be triggered.
        await until(lambda: window.state.text() == queue_words(window.model.views()), what="a window that keeps up")

    async def close(self) -> None:
        """Put all windows away."""
        for window, worker in self._opened:
            await window.finish()
            assert await worker.finish()
            window.deleteLater()
        self._opened.clear()


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    """The application's dress."""
    qapp.setQuitOnLastWindowClosed(False)
    return Theme(qapp)


@pytest.fixture(scope="session", autouse=True)
def collector(qapp: QApplication) -> Iterator[None]:
    """As in the program: garbage is collected in this thread only."""
    made = Collector(qapp)
    yield
    made.stop()


@pytest.fixture
def desk(qapp: QApplication, theme: Theme, tmp_path: Path) -> Iterator[Desk]:
    """The shared loop; a fault in a task that nobody awaited fails the test."""
    if next(_stories) % STORIES_TO_COLLECT == 0:
        gc.collect()  # the collector's timer runs during stories only, and looks at what is old once in minutes
    loop = QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    made = Desk(loop, theme, tmp_path)
    try:
        yield made
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    assert not made.faults, made.faults


@contextlib.contextmanager
def message_bus() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A message bus of the test's own: its address, and its process."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")
    words = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        try:
            yield daemon.stdout.readline().strip(), daemon
        finally:
            daemon.terminate()


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a message bus of the test's own, which is the session's."""
    with message_bus() as (address, _daemon):
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address
