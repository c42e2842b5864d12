"""The program with a window: from the command line's arguments to the exit code."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from desktop_ocr.core.paths import AppPaths
from desktop_ocr.schema.settings import Settings

NO_DISPLAY = 2
# Platforms of Qt that draw without a display server.
DISPLAYLESS = frozenset({"offscreen", "minimal", "vnc", "linuxfb", "eglfs", "minimalegl", "vkkhrdisplay"})

_log = logging.getLogger(__name__)


def missing_display(environ: dict[str, str] | None = None, platform: str = sys.platform) -> str:
    """Why no window can be opened here, or "". Qt itself would abort the process."""
    environ = dict(os.environ) if environ is None else environ
    if not platform.startswith("linux") or environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return ""
    if environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0] in DISPLAYLESS:
        return ""
    return (
        "There is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set). "
        "To work without a window, use: desktop-ocr convert FILES... --format txt,md,pdf"
    )


def run_window(files: Sequence[Path], paths: AppPaths, settings: Settings | None = None) -> int:
    """Open the window with some files and run until it is closed.

    Args:
        files: documents and folders to begin with.
        paths: where things are kept; the settings in `paths.config`.
        settings: these, whatever the file says; None for the file's.

    Returns:
        The exit code: 0, or 2 where there is no display.
    """
    reason = missing_display()
    if reason:
        print(reason, file=sys.stderr)  # noqa: T201 - nobody else can tell
        return NO_DISPLAY

    # Only now: Qt takes a third of a second.
    from PySide6.QtWidgets import QApplication
    from qasync import QEventLoop

    from desktop_ocr.gui import icons
    from desktop_ocr.gui.configuration import Configuration
    from desktop_ocr.gui.preferences import Preferences
    from desktop_ocr.gui.running import Running, core_session
    from desktop_ocr.gui.theme import Theme

    app = QApplication(sys.argv[:1])
    app.setApplicationName("desktop-ocr")
    app.setApplicationDisplayName("Desktop OCR")
    app.setDesktopFileName("desktop-ocr")
    app.setQuitOnLastWindowClosed(False)  # hosts are to be ended first
    preferences = Preferences(paths.config)
    theme = Theme(app, preferences.appearance)
    app.setWindowIcon(icons.program_icon())
    loop = QEventLoop(app)
    asyncio.set_event_loop(loop)
    configuration = Configuration(paths.config, settings)
    make_session = core_session(paths, configuration)
    running = Running(files, paths, make_session, preferences, theme, configuration)
    life = loop.create_task(running.live())
    try:
        try:
            loop.run_until_complete(life)
        except RuntimeError:
            if life.done():
                raise
            # Qt's own loop was ended from elsewhere, by the end of the desktop's session say.
            running.quit()
            loop.run_until_complete(life)
    finally:
        stopped = running.worker.finish_blocking()
        asyncio.set_event_loop(None)
        loop.close()
        icons.forget()
        if not stopped:
            # Destroying a running QThread aborts the process with a core dump; hosts die with their parent.
            _log.critical("the core does not stop; leaving it")
            os._exit(1)
    return 0
