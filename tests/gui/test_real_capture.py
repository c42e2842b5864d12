"""`desktop-ocr capture` on a real X screen: a region is drawn with the mouse, read by real models, and pasted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.gui.x_server import button, move, x_server

pytestmark = [pytest.mark.models, pytest.mark.process, pytest.mark.timeout(300)]

SECONDS = 120.0
WORDS = "Harbour tariff 1923"
# A program of somebody else's with words in its window, at a known place.
SHOWS = """
import sys
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication(sys.argv)
label = QLabel(sys.argv[1])
label.setStyleSheet("font-size: 40px; background: white; color: black; padding: 20px")
label.setGeometry(100, 100, 600, 120)
label.show()
print("shown", flush=True)
app.exec()
"""
# Waits until some other program has text to paste.
PASTES = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
app = QGuiApplication(sys.argv)
timer = QTimer()
timer.timeout.connect(lambda: app.clipboard().text() and (print(app.clipboard().text()), app.quit()))
timer.start(200)
app.exec()
"""
PROGRAM = "import sys; from desktop_ocr.__main__ import main; sys.exit(main())"


@contextmanager
def running(display: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A Python program on a screen; it is ended in good order."""
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "WAYLAND_DISPLAY": ""}
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    with subprocess.Popen(
        [sys.executable, "-c", *words], env=environment, stdout=subprocess.PIPE, text=True
    ) as program:
        try:
            yield program
        finally:
            program.send_signal(signal.SIGTERM)


def test_region_is_drawn_read_and_can_be_pasted() -> None:
    with ExitStack() as stack:
        display = stack.enter_context(x_server("900x600"))
        from Xlib.display import Display

        screen = Display(display)
        other = stack.enter_context(running(display, SHOWS, WORDS))
        assert other.stdout is not None
        assert other.stdout.readline() == "shown\n"
        program = stack.enter_context(running(display, PROGRAM, "capture"))

        def covered() -> bool:
            """Whether a window of the whole screen's size is there: the one to draw on."""
            found = screen.screen().root.query_tree().children
            sizes = [(one.get_geometry().width, one.get_geometry().height) for one in found]
            return (900, 600) in sizes

        deadline = time.monotonic() + SECONDS
        while not covered():
            assert program.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(0.5)  # it is there, and drawn
        move(screen, 90, 90)
        button(screen, down=True)
        move(screen, 400, 150)
        move(screen, 720, 240)
        button(screen, down=False)
        pasting = stack.enter_context(running(display, PASTES))
        text, _ = pasting.communicate(timeout=SECONDS)
        assert text.strip() == WORDS
        program.send_signal(signal.SIGTERM)
        assert program.wait(60) == 0
        screen.close()
