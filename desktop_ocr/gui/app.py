"""The program with a window: from the command line's arguments to the exit code."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.single_instance import SingleInstance, activation_token, messages_for, only_one
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.instance import InstanceAction
from desktop_ocr.schema.settings import Settings

NO_DISPLAY = 2
COMPLAIN_MS = 60_000
# Platforms of Qt that draw without a display server.
DISPLAYLESS = frozenset({"offscreen", "minimal", "vnc", "linuxfb", "eglfs", "minimalegl", "vkkhrdisplay"})

_log = logging.getLogger(__name__)


def missing_display(environ: dict[str, str] | None = None, platform: str = sys.platform) -> str:
    """Why no window can be opened here, or "". Qt itself would abort the process."""
    environ = dict(os.environ) if environ is None else environ
    if not platform.startswith("linux") or environ.get("WAYLAND_DISPLAY"):
        return ""
    if environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0] in DISPLAYLESS:
        return ""
    display = environ.get("DISPLAY", "")
    if not display:
        reason = "There is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set)."
    elif not _opens(display):
        reason = f"The display '{display}' cannot be opened: it is not there, or it is another user's."
    else:
        return ""
    return f"{reason} To work without a window, use: desktop-ocr convert FILES... --format txt,md,pdf"


def _opens(display: str) -> bool:
    """Whether an X server lets us in; asked by the library that Qt asks by, in a millisecond."""
    import ctypes

    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # Qt will say what is missing
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(os.fsencode(display), None)
    wrong = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not wrong


def run_window(
    files: Sequence[Path],
    paths: AppPaths,
    settings: Settings | None = None,
    *,
    background: bool = False,
    action: InstanceAction | None = None,
) -> int:
    """Open the window with some files and run until it is closed; or let the one that runs already have them.

    Args:
        files: documents and folders to begin with.
        paths: where things are kept; the settings in `paths.config`.
        settings: these, whatever the file says; None for the file's.
        background: open no window, but an icon in the tray; a window that runs already stays as it is.
        action: what a window that runs already is to do, and this one after its start; None by the rest.

    Returns:
        The exit code: 0, 1 where a window that runs already does not answer, or 2 where there is no display.
    """
    if action is None:
        action = InstanceAction.BACKGROUND if background else InstanceAction.OPEN if files else InstanceAction.SHOW
    try:
        instance = only_one(paths, messages_for(files, action, activation_token()))
    except DesktopOcrError as error:
        _complain(str(error))
        return 1
    if instance is None:
        return 0
    try:
        reason = missing_display()
        if reason:
            print(reason, file=sys.stderr)  # noqa: T201 - nobody else can tell
            return NO_DISPLAY
        return _run(files, paths, settings, instance, action)
    finally:
        instance.release()


def _complain(text: str) -> None:
    """Tell whoever has started the program, from a terminal or from the desktop."""
    print(f"desktop-ocr: {text}", file=sys.stderr)  # noqa: T201 - nobody else can tell
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if missing_display() or platform in DISPLAYLESS or (sys.stderr is not None and sys.stderr.isatty()):
        return
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication, QMessageBox

    app = QApplication(sys.argv[:1])
    app.setApplicationDisplayName("Desktop OCR")
    box = QMessageBox(QMessageBox.Icon.Warning, "Desktop OCR", text)
    QTimer.singleShot(COMPLAIN_MS, box, box.reject)  # a script that started us is not to wait for ever
    box.exec()


def _run(
    files: Sequence[Path], paths: AppPaths, settings: Settings | None, instance: SingleInstance, action: InstanceAction
) -> int:
    # Only now: Qt takes a third of a second, and a second start is over by now.
    import asyncio

    from qasync import QEventLoop

    from desktop_ocr.gui import icons
    from desktop_ocr.gui.application import Application
    from desktop_ocr.gui.configuration import Configuration
    from desktop_ocr.gui.preferences import Preferences
    from desktop_ocr.gui.running import Running, core_session
    from desktop_ocr.gui.theme import Theme

    app = Application(sys.argv[:1])
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
    running = Running(files, paths, make_session, preferences, theme, configuration, instance, action)
    app.asked_to_quit.connect(running.window.expect_quit)
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
