"""Keys from anywhere under Windows: a hot key of the system's. Not run there yet."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QKeyCombination, Qt

from desktop_ocr.gui.shortcut_keys import taken, unknown_keys

_NAMED = {
    Qt.Key.Key_Pause: 0x13,
    Qt.Key.Key_Space: 0x20,
    Qt.Key.Key_PageUp: 0x21,
    Qt.Key.Key_PageDown: 0x22,
    Qt.Key.Key_End: 0x23,
    Qt.Key.Key_Home: 0x24,
    Qt.Key.Key_Print: 0x2C,
    Qt.Key.Key_Insert: 0x2D,
    **{Qt.Key(Qt.Key.Key_F1.value + at): 0x70 + at for at in range(24)},
}


def virtual_key(key: Qt.Key) -> int:
    """Windows' number for a key; 0 for one that has none here."""
    if Qt.Key.Key_A.value <= key.value <= Qt.Key.Key_Z.value or Qt.Key.Key_0.value <= key.value <= Qt.Key.Key_9.value:
        return key.value
    return _NAMED.get(key, 0)


class WindowsKeys:
    """A hot key, waited for in a thread that does nothing else."""

    def __init__(self, combination: QKeyCombination, pressed: Callable[[], object]) -> None:
        """`pressed` is called in that thread."""
        self._combination = combination
        self._pressed = pressed
        self._thread: threading.Thread | None = None
        self._number = 0
        self._why = ""
        self._ready = threading.Event()

    def start(self) -> str:
        """Why the keys cannot be had, or ""."""
        if not virtual_key(self._combination.key()):
            return unknown_keys()
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
        if not system.user32.RegisterHotKey(None, 1, modifiers, virtual_key(self._combination.key())):
            self._why = taken()
        self._ready.set()
        message = wintypes.MSG()
        while not self._why and system.user32.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            if message.message == 0x0312:  # WM_HOTKEY
                self._pressed()
        system.user32.UnregisterHotKey(None, 1)
