"""An X server of a test's own, and a mouse for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from Xlib.display import Display


@contextmanager
def x_server(size: str) -> Iterator[str]:
    """Start one ("800x600"); its name, as in DISPLAY. The test is skipped where there is none."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    pytest.importorskip("Xlib", reason="python-xlib is not installed")
    ours, theirs = os.pipe()
    words = ["Xvfb", "-displayfd", str(theirs), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    with subprocess.Popen(words, pass_fds=[theirs], stderr=subprocess.DEVNULL) as server:
        os.close(theirs)
        with os.fdopen(ours) as told:
            name = f":{told.readline().strip()}"
        try:
            yield name
        finally:
            server.terminate()


def move(display: Display, x: int, y: int) -> None:
    """Put the pointer there."""
    from Xlib import X
    from Xlib.ext import xtest

    xtest.fake_input(display, X.MotionNotify, x=x, y=y)
    display.sync()


def button(display: Display, *, down: bool) -> None:
    """Press the left button, or let it go."""
    from Xlib import X
    from Xlib.ext import xtest

    xtest.fake_input(display, X.ButtonPress if down else X.ButtonRelease, 1)
    display.sync()
