"""What keys are called on each platform. What they do is real under X11; Carbon is a fake, Windows was not tried."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QKeyCombination, Qt

from desktop_ocr.gui import shortcut_macos
from desktop_ocr.gui.shortcut_keys import how_else, only_combination, taken, unknown_keys
from desktop_ocr.gui.shortcut_macos import EXISTS, KEYBOARD, PRESSED, MacKeys, key_code, modifier_mask
from desktop_ocr.gui.shortcut_portal import trigger_of
from desktop_ocr.gui.shortcut_windows import virtual_key
from desktop_ocr.gui.shortcut_x11 import X11Keys
from tests.gui.x_server import x_server


def keys(text: str) -> QKeyCombination:
    combination = only_combination(text)
    assert combination is not None
    return combination


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("Ctrl+Alt+T", "CTRL+ALT+t"),
        ("Meta+Shift+4", "SHIFT+LOGO+4"),
        ("Ctrl+Alt+Shift+Meta+F24", "CTRL+ALT+SHIFT+LOGO+F24"),
        ("Print", "Print"),
        ("Ctrl+PgUp", "CTRL+Page_Up"),
        ("Ctrl+Space", "CTRL+space"),
        ("Ctrl+;", ""),
    ],
)
def test_the_portal_is_told_names_of_the_specification(text: str, trigger: str) -> None:
    assert trigger_of(keys(text)) == trigger


@pytest.mark.parametrize(
    ("text", "code", "mask"),
    [
        ("Ctrl+Alt+T", 17, 0x0900),  # Qt's Ctrl is the command key there
        ("Meta+Shift+4", 21, 0x1200),
        ("Ctrl+A", 0, 0x0100),
        ("Ctrl+M", 46, 0x0100),
        ("Ctrl+0", 29, 0x0100),
        ("Ctrl+6", 22, 0x0100),
        ("F1", 122, 0),
        ("F20", 90, 0),
        ("Ctrl+Space", 49, 0x0100),
        ("F21", None, 0),
        ("Print", None, 0),
        ("Ctrl+;", None, 0x0100),
    ],
)
def test_carbon_is_told_numbers(text: str, code: int | None, mask: int) -> None:
    combination = keys(text)
    assert key_code(combination.key()) == code
    assert modifier_mask(combination.keyboardModifiers()) == mask


def test_no_two_keys_have_one_number() -> None:
    every = [key for key in Qt.Key if key is not Qt.Key.Key_unknown]
    for numbers in ([key_code(key) for key in every], [virtual_key(key) or None for key in every]):
        known = [number for number in numbers if number is not None]
        assert len(known) == len(set(known)) > 60


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Ctrl+T", 0x54),
        ("Ctrl+7", 0x37),
        ("F1", 0x70),
        ("F24", 0x87),
        ("Print", 0x2C),
        ("Ctrl+Space", 32),
        ("Ctrl+;", 0),
    ],
)
def test_windows_is_told_numbers(text: str, number: int) -> None:
    assert virtual_key(keys(text).key()) == number


class FakeCarbon:
    """The system's library: keeps what it is given, and says no where it is told to."""

    def __init__(self, installed: int = 0, registered: int = 0) -> None:
        self.calls: list[str] = []
        self.keys: list[tuple[int, int]] = []
        self.handler: Any = None
        self._installed = installed
        self._registered = registered

    def GetApplicationEventTarget(self) -> int:  # noqa: N802 - Carbon's names
        return 4711

    def InstallEventHandler(  # noqa: N802
        self, target: int, handler: Any, count: int, spec: Any, _data: None, out: Any
    ) -> int:
        self.calls.append("install")
        assert (target, count, spec._obj.kind, spec._obj.number) == (4711, 1, KEYBOARD, PRESSED)
        self.handler = handler
        out._obj.value = 7
        return self._installed

    def RegisterEventHotKey(  # noqa: N802
        self, code: int, mask: int, _name: Any, target: int, _options: int, out: Any
    ) -> int:
        self.calls.append("register")
        assert target == 4711
        self.keys.append((code, mask))
        out._obj.value = 8
        return self._registered

    def UnregisterEventHotKey(self, key: ctypes.c_void_p) -> int:  # noqa: N802
        self.calls.append(f"unregister {key.value}")
        return 0

    def RemoveEventHandler(self, handler: ctypes.c_void_p) -> int:  # noqa: N802
        self.calls.append(f"remove {handler.value}")
        return 0


def test_a_hot_key_of_carbons_is_had_heard_and_given_back() -> None:
    carbon = FakeCarbon()
    pressed: list[int] = []
    holder = MacKeys(keys("Ctrl+Alt+T"), lambda: pressed.append(1), carbon)
    assert holder.start() == ""
    assert carbon.keys == [(17, 0x0900)]
    assert carbon.handler(None, None, None) == 0
    assert pressed == [1]
    holder.stop()
    holder.stop()
    assert carbon.calls == ["install", "register", "unregister 8", "remove 7"]


@pytest.mark.parametrize(
    ("text", "carbon", "why", "calls"),
    [
        ("Ctrl+T", FakeCarbon(registered=EXISTS), taken(), ["install", "register", "remove 7"]),
        ("Ctrl+T", FakeCarbon(registered=-50), how_else(), ["install", "register", "remove 7"]),
        ("Ctrl+T", FakeCarbon(installed=-50), how_else(), ["install"]),
        ("Print", FakeCarbon(), unknown_keys(), []),
    ],
)
def test_carbons_refusals_leave_nothing_behind(text: str, carbon: FakeCarbon, why: str, calls: list[str]) -> None:
    holder = MacKeys(keys(text), lambda: None, carbon)
    assert holder.start() == why
    holder.stop()
    assert carbon.calls == calls


def test_where_there_is_no_carbon_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortcut_macos, "CARBON", "/nonexistent/Carbon")
    assert MacKeys(keys("Ctrl+T"), lambda: None).start() == how_else()


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An X server of the test's own."""
    with x_server("320x240") as name:
        monkeypatch.setenv("DISPLAY", name)
        yield name


def test_keys_are_grabbed_on_a_real_x_server(display: str) -> None:
    from Xlib import XK, X
    from Xlib.display import Display
    from Xlib.ext import xtest

    pressed = threading.Event()
    holder = X11Keys(keys("Ctrl+Alt+T"), pressed.set)
    assert holder.start() == ""
    assert X11Keys(keys("Ctrl+Alt+T"), lambda: None).start() == taken()
    screen = Display(display)
    codes = [screen.keysym_to_keycode(XK.string_to_keysym(name)) for name in ("Control_L", "Alt_L", "t")]
    for kind, order in ((X.KeyPress, codes), (X.KeyRelease, codes[::-1])):
        for code in order:
            xtest.fake_input(screen, kind, code)
    screen.sync()
    assert pressed.wait(20)
    holder.stop()
    again = X11Keys(keys("Ctrl+Alt+T"), lambda: None)
    assert again.start() == "", "they were given back"
    again.stop()
    screen.close()
