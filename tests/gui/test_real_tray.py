"""The icon in a real tray: trayer, on an X server of the test's own. The program is `fake_first`."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from tests.gui.test_second_start import Program, programs, second
from tests.gui.x_server import button, move, x_server

__all__ = ["programs"]

pytestmark = pytest.mark.process

T = TypeVar("T")
PANEL = ["trayer", "--widthtype", "request", "--height", "32", "--edge", "top", "--align", "left"]


@pytest.fixture
def display() -> Iterator[str]:
    """An X server with a panel."""
    if shutil.which("trayer") is None:
        pytest.skip("trayer is not installed")
    with (
        x_server("800x600") as name,
        subprocess.Popen(PANEL, env={**os.environ, "DISPLAY": name}, stderr=subprocess.DEVNULL) as panel,
    ):
        screen = Screen(name)
        until_true(screen.has_tray)
        screen.close()
        yield name
        panel.terminate()


def until_true(look: Callable[[], T | None]) -> T:
    """Wait for something to be there."""
    deadline = time.monotonic() + 60
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)
    return found


class Screen:
    """What can be done with a mouse."""

    def __init__(self, name: str) -> None:
        from Xlib.display import Display

        self._display = Display(name)

    def has_tray(self) -> bool:
        """Whether the panel has said that it takes icons."""
        return bool(self._display.get_selection_owner(self._display.intern_atom("_NET_SYSTEM_TRAY_S0")))

    def icon(self, colour: bytes) -> tuple[int, int] | None:
        """Where an icon is that has a colour; None while there is none, or the panel still moves it."""
        from Xlib.error import XError

        try:
            place = self.docked()
            if place is None or colour not in self.pixels(place):
                return None
            time.sleep(0.2)
            return place if self.docked() == place and colour in self.pixels(place) else None
        except XError:  # a window that was there a moment ago
            return None

    def docked(self) -> tuple[int, int] | None:
        """Where the panel's first icon is on the screen; None while it has none."""
        found = [window for window in self._all(self._display.screen().root) if self._has(window, "_XEMBED_INFO")]
        for window in found:
            size = window.get_geometry()
            if window.get_attributes().map_state == 2 and size.width > 1:  # 2: it can be seen
                at = window.translate_coords(self._display.screen().root, 0, 0)
                return -at.x + size.width // 2, -at.y + size.height // 2
        return None

    def _all(self, window):
        for child in window.query_tree().children:
            yield child
            yield from self._all(child)

    def _has(self, window, name: str) -> bool:
        return window.get_full_property(self._display.intern_atom(name), 0) is not None

    def pixels(self, at: tuple[int, int]) -> set[bytes]:
        """The colours around a place."""
        x, y = at
        image = self._display.screen().root.get_image(x - 8, y - 8, 16, 16, 2, 0xFFFFFFFF)  # 2: ZPixmap
        return {image.data[n : n + 3] for n in range(0, len(image.data), 4)}

    def click(self, at: tuple[int, int]) -> None:
        """With the left button."""
        move(self._display, *at)
        button(self._display, down=True)
        button(self._display, down=False)

    def watch(self) -> None:
        """Hear what the window manager would hear."""
        from Xlib import X

        self._display.screen().root.change_attributes(event_mask=X.SubstructureNotifyMask)
        self._display.sync()

    def activation(self) -> list[int] | None:
        """What somebody asked of the window manager: who wants a window in front, and since when."""
        while self._display.pending_events():
            event = self._display.next_event()
            if event.type & 0x7F == 33 and event.client_type == self._display.intern_atom("_NET_ACTIVE_WINDOW"):
                asked = list(event.data[1])[:2]
                if asked[0] == 2:  # Qt's own is of the program
                    return asked
        return None

    def close(self) -> None:
        """Leave."""
        self._display.close()


def test_a_click_on_the_icon_in_a_real_tray_shows_the_window(
    display: str,
    programs: list[Program],
) -> None:
    screen = Screen(display)
    program = Program(
        "--background",
        "/a/report-40p.pdf",
        DISPLAY=display,
        QT_QPA_PLATFORM="xcb",
        FAKE_STOP_AT="20",
        WAYLAND_DISPLAY="",
    )
    programs.append(program)
    program.wait_for("added b'/a/report-40p.pdf'")
    amber = bytes.fromhex("20b0ff")  # blue first: what was done of the document
    place = until_true(lambda: screen.icon(amber))
    screen.click(place)
    program.wait_for("shown")
    screen.watch()
    left = second("/a/b.pdf", DESKTOP_STARTUP_ID="files-1-host_TIME4711")
    assert left.returncode == 0
    program.wait_for("added b'/a/b.pdf'")
    assert until_true(screen.activation) == [2, 4711]
    program.say("close")
    program.wait_for("asked")
    program.end()
    screen.close()
