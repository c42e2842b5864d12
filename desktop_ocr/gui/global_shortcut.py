"""Keys that reach the program from anywhere, where the platform lets a program have such.

X11: the keys are grabbed for us at the root window. Windows: a hot key of the system's (not run there yet).
Wayland and macOS give no program keys without asking the user in their own settings: there the desktop's own shortcut
can call `desktop-ocr capture`, and `how_else` says so.
"""

from __future__ import annotations

import logging
import os
import select
import sys
import threading
from typing import Any

from PySide6.QtCore import QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence

from desktop_ocr.gui.words import tr

log = logging.getLogger(__name__)

COMMAND = "desktop-ocr capture"
_NAMED = {
    Qt.Key.Key_Print: "Print",
    Qt.Key.Key_Pause: "Pause",
    Qt.Key.Key_Insert: "Insert",
    Qt.Key.Key_Home: "Home",
    Qt.Key.Key_End: "End",
    Qt.Key.Key_PageUp: "Page_Up",
    Qt.Key.Key_PageDown: "Page_Down",
    Qt.Key.Key_Space: "space",
    **{Qt.Key(Qt.Key.Key_F1.value + at): f"F{at + 1}" for at in range(24)},
}


class GlobalShortcut(QObject):
    """Holds one combination of keys at a time.

    Signals:
        pressed: the keys were pressed, whichever program has the focus.
    """

    pressed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._holder: _X11Keys | _WindowsKeys | None = None

    def hold(self, keys: str) -> str:
        """Have these keys ("Ctrl+Alt+T"), instead of those before; "" for none.

        Returns:
            Why they cannot be had, as a sentence, or "".
        """
        self.release()
        if not keys:
            return ""
        combination = only_combination(keys)
        if combination is None:
            return tr("“{keys}” is no combination of keys that every program could do without.").format(keys=keys)
        holder: _X11Keys | _WindowsKeys
        if sys.platform == "win32":
            holder = _WindowsKeys(combination, self.pressed.emit)
        elif QGuiApplication.platformName() == "xcb":
            holder = _X11Keys(combination, self.pressed.emit)
        else:
            return how_else()
        why = holder.start()
        if why:
            return why
        self._holder = holder
        return ""

    def release(self) -> None:
        """Have none."""
        if self._holder is not None:
            self._holder.stop()
            self._holder = None


def how_else() -> str:
    """What to do where a program can have no keys of its own."""
    return tr(
        "Here a program cannot have keys of its own. In the desktop's settings for the keyboard, let a shortcut run: "
        "{command}"
    ).format(command=COMMAND)


def only_combination(keys: str) -> QKeyCombination | None:
    """The one combination that a text names; None for several, for none, and for plain letters."""
    sequence = QKeySequence(keys)
    if sequence.count() != 1:
        return None
    combination: QKeyCombination = sequence[0]  # type: ignore[index]  # the stubs lack it
    strong = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    named = combination.key() in _NAMED and combination.key() is not Qt.Key.Key_Space
    if combination.key() is Qt.Key.Key_unknown or not (combination.keyboardModifiers() & strong or named):
        return None
    return combination


def keysym_name(key: Qt.Key) -> str:
    """X11's name for a key; "" for one that has none here."""
    if key in _NAMED:
        return _NAMED[key]
    if Qt.Key.Key_A.value <= key.value <= Qt.Key.Key_Z.value or Qt.Key.Key_0.value <= key.value <= Qt.Key.Key_9.value:
        return chr(key.value).lower()
    return ""


class _X11Keys:
    """Grabs keys over a connection of its own, in a thread that does nothing else."""

    def __init__(self, combination: QKeyCombination, pressed: Any) -> None:
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
            return tr("This keyboard has no such keys.")
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
            return tr("Another program has these keys already. Choose others.")
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


class _WindowsKeys:
    """A hot key of the system's. Not run under Windows yet."""

    def __init__(self, combination: QKeyCombination, pressed: Any) -> None:
        self._combination = combination
        self._pressed = pressed
        self._thread: threading.Thread | None = None
        self._number = 0
        self._why = ""
        self._ready = threading.Event()

    def start(self) -> str:
        """Why the keys cannot be had, or ""."""
        self._thread = threading.Thread(target=self._listen, name="keys", daemon=True)
        self._thread.start()
        self._ready.wait(5)
        return self._why

    def stop(self) -> None:
        """Give the keys back."""
        import ctypes

        if self._thread is not None:
            getattr(ctypes, "windll").user32.PostThreadMessageW(self._number, 0x0012, 0, 0)  # noqa: B009 - WM_QUIT
            self._thread.join(5)
            self._thread = None

    def _listen(self) -> None:
        import ctypes
        from ctypes import wintypes

        system = getattr(ctypes, "windll")  # noqa: B009 - absent elsewhere
        self._number = system.kernel32.GetCurrentThreadId()
        flags = self._combination.keyboardModifiers()
        modifiers = 0x4000  # no repetition
        for flag, value in (
            (Qt.KeyboardModifier.AltModifier, 1),
            (Qt.KeyboardModifier.ControlModifier, 2),
            (Qt.KeyboardModifier.ShiftModifier, 4),
            (Qt.KeyboardModifier.MetaModifier, 8),
        ):
            modifiers |= value if flags & flag else 0
        key = self._combination.key().value
        if Qt.Key.Key_F1.value <= key <= Qt.Key.Key_F24.value:
            key = 0x70 + key - Qt.Key.Key_F1.value
        if not system.user32.RegisterHotKey(None, 1, modifiers, key):
            self._why = tr("Another program has these keys already. Choose others.")
        self._ready.set()
        message = wintypes.MSG()
        while not self._why and system.user32.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            if message.message == 0x0312:  # WM_HOTKEY
                self._pressed()
        system.user32.UnregisterHotKey(None, 1)
