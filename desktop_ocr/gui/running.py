"""One run of the window: start, signals, and the order of quitting."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_ocr.core.api import SessionApi
from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.single_instance import SingleInstance, activation_token, messages_for
from desktop_ocr.gui.configuration import Configuration
from desktop_ocr.gui.furnishing import seen
from desktop_ocr.gui.garbage import Collector
from desktop_ocr.gui.log_file import keep_log, log_fault
from desktop_ocr.gui.log_out import LogOut
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.theme import Theme
from desktop_ocr.gui.worker import MakeSession, Worker
from desktop_ocr.schema.events import Event
from desktop_ocr.schema.instance import InstanceAction

if TYPE_CHECKING:
    from desktop_ocr.gui.background import Background


def core_session(paths: AppPaths, configuration: Configuration) -> MakeSession:
    """Makes the real session; its modules are imported, and the settings read, in the worker's thread, when the
    window is there already.
    """

    def make(emit: Callable[[Event], None]) -> SessionApi:
        from desktop_ocr.core.session import Session

        return Session(paths, configuration.read(), emit, title="window", resident=True, watch=True)

    return make


class Running:
    """Owns worker and window. Needs a `QApplication`."""

    def __init__(
        self,
        files: Sequence[Path],
        paths: AppPaths,
        make_session: MakeSession,
        preferences: Preferences,
        theme: Theme,
        configuration: Configuration,
        instance: SingleInstance | None = None,
        action: InstanceAction = InstanceAction.OPEN,
    ) -> None:
        """`action`: what is done after the start; BACKGROUND and CAPTURE show no window by themselves."""
        self._files = list(files)
        self._instance = instance
        self._action = action
        self.background: Background | None = None
        self._logs = paths.logs
        self._pasted = paths.pasted
        self._over = asyncio.Event()
        self.worker = Worker(make_session)
        self.window = MainWindow(self.worker, paths, preferences, theme, configuration)
        self.window.quit_wanted.connect(self.quit)

    def quit(self) -> None:
        """Let `live` come to its end."""
        self._over.set()

    async def live(self) -> None:
        """Show the window, work until somebody wants to quit, and close everything in order."""
        self._heed_signals()
        log_out = LogOut(self.window)
        hidden = self._action in (InstanceAction.BACKGROUND, InstanceAction.CAPTURE)
        if not hidden:
            self.window.show()
            await seen(self.window)  # before the rest is made
            await self.window.furnish_in_steps()
        collector = Collector(self.window)
        log = keep_log(self._logs)
        sys.excepthook = log_fault
        from desktop_ocr.gui.background import Background  # what the first painting does not need
        from desktop_ocr.gui.capture_side import CaptureSide

        self.background = background = Background(self.window, self.worker, self._instance)
        self.capture = CaptureSide(self.window, self.worker, background, self._pasted)
        self.worker.start()
        if hidden:
            for message in messages_for(self._files, self._action, activation_token()):
                background.take_message(message)
        else:
            self.window.commands.add(self._files)
        background.begin(hidden=hidden, only_capture=self._action is InstanceAction.CAPTURE and not self._files)
        await self._over.wait()
        log_out.stop()
        self.capture.finish()
        await background.finish()
        await self.window.finish()
        await self.worker.finish()
        collector.stop()
        sys.excepthook = sys.__excepthook__
        log.close()

    def _heed_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            try:
                loop.add_signal_handler(number, self.quit)
            except (NotImplementedError, RuntimeError, ValueError):
                # Windows: no such thing. A plain handler runs when Python next does, which it does at least
                # with every memory sample.
                with contextlib.suppress(ValueError):
                    signal.signal(number, lambda *_: loop.call_soon_threadsafe(self.quit))
