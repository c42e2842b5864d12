"""Keys that reach the program from anywhere, where the platform lets a program have such.

X11, Windows and macOS give them, or not, at once. Under Wayland the desktop's portal does, and may ask the user first.
Elsewhere the desktop's own shortcut can call `desktop-ocr capture`, and `how_else` says so.
"""

from __future__ import annotations

import sys
import threading
from typing import Protocol

from PySide6.QtCore import QKeyCombination, QObject, Signal
from PySide6.QtGui import QGuiApplication

from desktop_ocr.gui.notification_ports import session_bus
from desktop_ocr.gui.shortcut_keys import how_else, only_combination
from desktop_ocr.gui.words import tr


class Holder(Protocol):
    """Has one combination of keys, in the way of a platform."""

    def start(self) -> str:
        """Have them. Returns why they cannot be had, or "" (where that is not known yet, it is told later)."""

    def stop(self) -> None:
        """Give them back."""


class GlobalShortcut(QObject):
    """Holds one combination of keys at a time.

    Signals:
        pressed: the keys were pressed, whichever program has the focus.
        refused: why the keys that are held cannot be had, or no longer, as a sentence: what `hold` could not know yet.
    """

    pressed = Signal()
    refused = Signal(str)
    _told = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._holder: Holder | None = None
        self._turn = threading.Lock()
        self._times = 0
        self._told.connect(self._hear)

    def hold(self, keys: str) -> str:
        """Have these keys ("Ctrl+Alt+T"), instead of those before; "" for none.

        Returns:
            Why they cannot be had, as a sentence, or "". See `refused`, too.
        """
        self.release()
        if not keys:
            return ""
        combination = only_combination(keys)
        if combination is None:
            return tr("“{keys}” is no combination of keys that every program could do without.").format(keys=keys)
        holder = self._holder_of(combination)
        if holder is None:
            return how_else()
        why = holder.start()
        if why:
            return why
        self._holder = holder
        return ""

    def release(self) -> None:
        """Have none."""
        self._times += 1
        if self._holder is not None:
            self._holder.stop()
            self._holder = None

    def _holder_of(self, combination: QKeyCombination) -> Holder | None:
        if sys.platform == "win32":
            from desktop_ocr.gui.shortcut_windows import WindowsKeys

            return WindowsKeys(combination, self.pressed.emit)
        if sys.platform == "darwin":
            from desktop_ocr.gui.shortcut_macos import MacKeys

            return MacKeys(combination, self.pressed.emit)
        if QGuiApplication.platformName() == "xcb":
            from desktop_ocr.gui.shortcut_x11 import X11Keys

            return X11Keys(combination, self.pressed.emit)
        address = session_bus()
        if address is None:
            return None
        from desktop_ocr.gui.shortcut_portal import PortalKeys

        times = self._times
        return PortalKeys(combination, self.pressed.emit, lambda why: self._told.emit(times, why), address, self._turn)

    def _hear(self, times: int, why: str) -> None:
        if times == self._times:  # other keys may be wanted by now
            self.refused.emit(why)
