"""Keys from anywhere under X11: they are grabbed for us at the root window."""

from __future__ import annotations

import logging
import os
import select
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QKeyCombination, Qt

from desktop_ocr.gui.shortcut_keys import how_else, keysym_name, taken, unknown_keys

log = logging.getLogger(__name__)


class X11Keys:
    """Grabs keys over a connection of its own, in a thread that does nothing else."""

    def __init__(self, combination: QKeyCombination, pressed: Callable[[], object]) -> None:
        """`pressed` is called in that thread."""
        self._combination = combination
        self._pressed = pressed
        self._thread: threading.Thread | None = None
        self._wake: tuple[int, int] | None = None
        self._display: Any = None

    def start(self) -> str:
        """Why the keys cannot be had, or ""."""
        from Xlib import XK, X, display, error

        name = keysym_name(self._combination.key())
        try:
            self._display = display.Display()
        except (error.DisplayError, OSError) as problem:
            log.info("no keys from everywhere: %s", type(problem).__name__)
            return how_else()
        code = self._display.keysym_to_keycode(XK.string_to_keysym(name)) if name else 0
        if not code:
            self._display.close()
            return unknown_keys()
        masks = (
            (Qt.KeyboardModifier.ControlModifier, X.ControlMask),
            (Qt.KeyboardModifier.AltModifier, X.Mod1Mask),
            (Qt.KeyboardModifier.ShiftModifier, X.ShiftMask),
            (Qt.KeyboardModifier.MetaModifier, X.Mod4Mask),
        )
        modifiers = sum(mask for flag, mask in masks if self._combination.keyboardModifiers() & flag)
        root = self._display.screen().root
        refused = error.CatchError(error.BadAccess)
        # Whether Caps Lock or Num Lock is on must not matter, and X11 takes them for modifiers like the others.
        for locks in (0, X.LockMask, X.Mod2Mask, X.LockMask | X.Mod2Mask):
            root.grab_key(code, modifiers | locks, True, X.GrabModeAsync, X.GrabModeAsync, onerror=refused)
        self._display.sync()
        if refused.get_error() is not None:
            self._display.close()
            return taken()
        self._wake = os.pipe()
        self._thread = threading.Thread(target=self._listen, args=(X.KeyPress,), name="keys", daemon=True)
        self._thread.start()
        return ""

    def stop(self) -> None:
        """Give the keys back."""
        if self._thread is not None and self._wake is not None:
            os.write(self._wake[1], b"x")
            self._thread.join(5)
            for end in self._wake:
                os.close(end)
            self._thread = self._wake = None

    def _listen(self, key_press: int) -> None:
        from Xlib.error import ConnectionClosedError

        assert self._wake is not None  # noqa: S101 - set before the thread is started
        try:
            while True:
                while self._display.pending_events():
                    if self._display.next_event().type == key_press:
                        self._pressed()
                ready, _, _ = select.select([self._display.fileno(), self._wake[0]], [], [])
                if self._wake[0] in ready:
                    break
            self._display.close()
        except (ConnectionClosedError, OSError) as problem:  # the display is gone, and so will be the window
            log.info("keys from everywhere are lost: %s", type(problem).__name__)
