"""Keys from anywhere under macOS: a hot key of Carbon's, for which the user need permit nothing. Not run there yet."""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QKeyCombination, Qt

from desktop_ocr.gui.shortcut_keys import how_else, taken, unknown_keys

log = logging.getLogger(__name__)

CARBON = "/System/Library/Frameworks/Carbon.framework/Carbon"
KEYBOARD, PRESSED = 0x6B657962, 5  # kEventClassKeyboard ("keyb"), kEventHotKeyPressed
SIGNATURE = 0x644F4352  # "dOCR", by which the system tells programs' hot keys apart
EXISTS = -9878  # eventHotKeyExistsErr

# Places on a US keyboard (kVK_ANSI_...): a hot key is a place there, not what is printed on it.
_LETTERS = dict(
    zip(
        "ASDFHGZXCVBQWERYTOUIPLJKNM",
        (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 31, 32, 34, 35, 37, 38, 40, 45, 46),
        strict=True,
    )
)
_DIGITS = dict(zip("1234657908", (18, 19, 20, 21, 22, 23, 26, 25, 29, 28), strict=True))
_F_KEYS = (122, 120, 99, 118, 96, 97, 98, 100, 101, 109, 103, 111, 105, 107, 113, 106, 64, 79, 80, 90)  # F1 to F20
_NAMED = {
    Qt.Key.Key_Space: 49,
    Qt.Key.Key_Insert: 114,  # where a Mac's own keyboard has Help
    Qt.Key.Key_Home: 115,
    Qt.Key.Key_PageUp: 116,
    Qt.Key.Key_End: 119,
    Qt.Key.Key_PageDown: 121,
    **{Qt.Key(Qt.Key.Key_F1.value + at): code for at, code in enumerate(_F_KEYS)},
    **{Qt.Key(ord(sign)): code for sign, code in (_LETTERS | _DIGITS).items()},
}
# Qt says Control for the command key, and Meta for the one that is named control.
_MODIFIERS = (
    (Qt.KeyboardModifier.ControlModifier, 0x0100),
    (Qt.KeyboardModifier.ShiftModifier, 0x0200),
    (Qt.KeyboardModifier.AltModifier, 0x0800),
    (Qt.KeyboardModifier.MetaModifier, 0x1000),
)


def key_code(key: Qt.Key) -> int | None:
    """Carbon's number for a key; None for one that a Mac does not have."""
    return _NAMED.get(key)


def modifier_mask(modifiers: Qt.KeyboardModifier) -> int:
    """Carbon's number for what is held down with a key."""
    return sum(mask for flag, mask in _MODIFIERS if modifiers & flag)


class _EventTypeSpec(ctypes.Structure):
    _fields_ = (("kind", ctypes.c_uint32), ("number", ctypes.c_uint32))


class _HotKeyId(ctypes.Structure):
    _fields_ = (("signature", ctypes.c_uint32), ("number", ctypes.c_uint32))


_HANDLER = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


class MacKeys:
    """A hot key, heard by the event loop that Qt runs on the window's thread."""

    def __init__(self, combination: QKeyCombination, pressed: Callable[[], object], carbon: Any = None) -> None:
        """`carbon`: the system's library; None to load it."""
        self._combination = combination
        self._carbon = carbon
        self._key = ctypes.c_void_p()
        self._installed = ctypes.c_void_p()

        def heard(_next: int | None, _event: int | None, _data: int | None) -> int:
            pressed()
            return 0

        self._handler = _HANDLER(heard)  # the system holds no reference to it

    def start(self) -> str:
        """Why the keys cannot be had, or ""."""
        code = key_code(self._combination.key())
        if code is None:
            return unknown_keys()
        try:
            carbon = self._carbon = self._carbon or _loaded()
        except (OSError, AttributeError) as problem:
            log.warning("no keys from everywhere: %s", problem)
            return how_else()
        target = carbon.GetApplicationEventTarget()
        spec = _EventTypeSpec(KEYBOARD, PRESSED)
        failed = carbon.InstallEventHandler(
            target, self._handler, 1, ctypes.byref(spec), None, ctypes.byref(self._installed)
        )
        if failed:
            self._installed.value = None
            log.warning("no keys from everywhere: the handler is refused (%d)", failed)
            return how_else()
        mask = modifier_mask(self._combination.keyboardModifiers())
        failed = carbon.RegisterEventHotKey(code, mask, _HotKeyId(SIGNATURE, 1), target, 0, ctypes.byref(self._key))
        if failed:
            self._key.value = None
            self.stop()
            log.info("no keys from everywhere: they are refused (%d)", failed)
            return taken() if failed == EXISTS else how_else()
        return ""

    def stop(self) -> None:
        """Give the keys back."""
        if self._key.value is not None:
            self._carbon.UnregisterEventHotKey(self._key)
            self._key.value = None
        if self._installed.value is not None:
            self._carbon.RemoveEventHandler(self._installed)
            self._installed.value = None


def _loaded() -> Any:
    """The system's library, told what its functions take.

    Raises:
        OSError, AttributeError: it is not there, or without them.
    """
    carbon = ctypes.CDLL(CARBON)
    number, pointer = ctypes.c_uint32, ctypes.c_void_p
    carbon.GetApplicationEventTarget.argtypes = []
    carbon.GetApplicationEventTarget.restype = pointer
    carbon.InstallEventHandler.argtypes = [pointer, _HANDLER, ctypes.c_ulong, pointer, pointer, pointer]
    carbon.RegisterEventHotKey.argtypes = [number, number, _HotKeyId, pointer, number, pointer]
    carbon.UnregisterEventHotKey.argtypes = [pointer]
    carbon.RemoveEventHandler.argtypes = [pointer]
    for function in ("InstallEventHandler", "RegisterEventHotKey", "UnregisterEventHotKey", "RemoveEventHandler"):
        getattr(carbon, function).restype = ctypes.c_int32
    return carbon
