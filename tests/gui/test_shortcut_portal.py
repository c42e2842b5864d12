"""Keys from the desktop's portal, over a real message bus; the portal at its other end is a fake."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QThread

from desktop_ocr.gui import shortcut_portal
from desktop_ocr.gui.background import Background
from desktop_ocr.gui.capture_side import CaptureSide
from desktop_ocr.gui.global_shortcut import GlobalShortcut
from desktop_ocr.gui.shortcut_keys import how_else
from tests.gui.conftest import Desk, message_bus, until
from tests.gui.fake_key_portal import BOUND, FakeKeyPortal

KEYS = "Ctrl+Alt+T"


class Listening:
    """Keys, and what is heard of them."""

    def __init__(self) -> None:
        self.shortcut = GlobalShortcut()
        self.pressed = 0
        self.refused: list[str] = []
        self.home = True
        self.shortcut.pressed.connect(self._press)
        self.shortcut.refused.connect(self._refuse)

    def _press(self) -> None:
        self.pressed += 1
        self._look()

    def _refuse(self, why: str) -> None:
        self.refused.append(why)
        self._look()

    def _look(self) -> None:
        self.home &= QThread.isMainThread()

    async def over(self) -> None:
        """Have none, and wait until the portal is left alone."""
        self.shortcut.release()
        await until(lambda: not any(thread.name == "keys" for thread in threading.enumerate()))


def test_the_keys_are_had_heard_and_given_back(desk: Desk, bus: str) -> None:
    async def story() -> None:
        portal = FakeKeyPortal(bus)
        await portal.start()
        heard = Listening()
        assert heard.shortcut.hold(KEYS) == ""
        await until(lambda: portal.wishes)
        assert portal.programs == ["desktop-ocr"]
        assert portal.wishes == [
            {"description": ("s", "Read text from the screen"), "preferred_trigger": ("s", "CTRL+ALT+t")}
        ]
        (session,) = portal.sessions
        await portal.press(session.replace("desktop_ocr", "somebody"))
        await portal.press(session, "something-else")
        await portal.press(session)
        await until(lambda: heard.pressed)
        assert (heard.pressed, heard.refused, heard.home) == (1, [], True)
        await heard.over()
        assert (portal.sessions, portal.closed) == ([], [session])
        await portal.stop()

    desk.run(story())


@pytest.mark.parametrize("at_once", [True, False])
def test_other_keys_take_the_place_of_those_before(desk: Desk, bus: str, at_once: bool) -> None:
    async def story() -> None:
        portal = FakeKeyPortal(bus, close_seconds=0.1)
        await portal.start()
        heard = Listening()
        heard.shortcut.hold(KEYS)
        if not at_once:
            await until(lambda: portal.wishes)
        heard.shortcut.hold("Ctrl+Alt+U")
        heard.shortcut.hold("Meta+F9")
        await until(lambda: portal.wishes and portal.wishes[-1].get("preferred_trigger") == ("s", "LOGO+F9"))
        await until(lambda: len(portal.sessions) == 1)
        await portal.press(portal.sessions[0])
        await until(lambda: heard.pressed)
        assert not portal.overlapped, "the desktop knows the keys of both by one name"
        assert len(portal.closed) == len(portal.wishes) - 1
        await heard.over()
        assert portal.sessions == []
        await portal.stop()

    desk.run(story())


@pytest.mark.parametrize("how", ["the user", "the desktop", "no session"])
def test_a_refusal_is_told(desk: Desk, bus: str, how: str) -> None:
    async def story() -> None:
        said: dict[str, Any] = {
            "the user": {"bound": (1, {})},
            "the desktop": {"bound": (2, {})},
            "no session": {"created": (2, {})},
        }[how]
        portal = FakeKeyPortal(bus, **said)
        await portal.start()
        heard = Listening()
        assert heard.shortcut.hold(KEYS) == ""
        await until(lambda: heard.refused)
        assert "desktop-ocr capture" in heard.refused[0]
        assert ("did not give" in heard.refused[0]) is (how != "no session")
        await heard.over()
        assert (portal.sessions, len(heard.refused), heard.home) == ([], 1, True)
        await portal.stop()

    desk.run(story())


@pytest.mark.parametrize("shortcuts", [[], [("capture", {})], [("capture", {"trigger_description": ("s", "")})]])
def test_keys_that_are_to_be_set_in_the_desktop_are_told_and_waited_for(
    desk: Desk, bus: str, shortcuts: list[Any]
) -> None:
    async def story() -> None:
        portal = FakeKeyPortal(bus, bound=(0, {"shortcuts": ("a(sa{sv})", shortcuts)}))
        await portal.start()
        heard = Listening()
        heard.shortcut.hold("Ctrl+;")  # which has no name here: the desktop may ask
        await until(lambda: heard.refused)
        assert "has set no keys yet" in heard.refused[0]
        assert "preferred_trigger" not in portal.wishes[0]
        await portal.press(portal.sessions[0])
        await until(lambda: heard.pressed)
        await heard.over()
        await portal.stop()

    desk.run(story())


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("org.freedesktop.DBus.Error.UnknownMethod", "cannot have keys of its own"),
        ("org.freedesktop.portal.Error.NotAllowed", "programs that are in its menu"),
        ("", "cannot have keys of its own"),
    ],
)
def test_a_desktop_without_such_keys_is_told_with_what_to_do(desk: Desk, bus: str, error: str, words: str) -> None:
    async def story() -> None:
        portal = FakeKeyPortal(bus, error=error)
        if error:  # else there is no portal at all
            await portal.start()
        heard = Listening()
        assert heard.shortcut.hold(KEYS) == ""
        await until(lambda: heard.refused)
        assert words in heard.refused[0]
        assert "desktop-ocr capture" in heard.refused[0]
        await heard.over()
        if error:
            await portal.stop()

    desk.run(story())


def test_without_a_bus_it_is_known_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        heard = Listening()
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        assert heard.shortcut.hold(KEYS) == how_else()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        assert heard.shortcut.hold(KEYS) == ""
        await until(lambda: heard.refused == [how_else()])
        await heard.over()

    desk.run(story())


@pytest.mark.parametrize("when", ["keys are had", "it is asked", "the user is asked"])
def test_a_portal_that_is_started_anew_is_asked_again(desk: Desk, bus: str, when: str) -> None:
    async def story() -> None:
        bound = None if when == "the user is asked" else BOUND
        before, after = FakeKeyPortal(bus, bound=bound, silent=when == "it is asked"), FakeKeyPortal(bus)
        await before.start()
        heard = Listening()
        heard.shortcut.hold(KEYS)
        await until(lambda: before.wishes)
        if when == "keys are had":
            await before.press(before.sessions[0])
            await until(lambda: heard.pressed)
        await before.stop()
        await after.start()
        await until(lambda: after.wishes)
        pressed = heard.pressed
        await after.press(after.sessions[0])
        await until(lambda: heard.pressed > pressed)
        assert heard.refused == []
        await heard.over()
        assert after.sessions == []
        await after.stop()

    desk.run(story())


async def _portal_ends(portal: FakeKeyPortal, _daemon: subprocess.Popen[str]) -> None:
    await portal.stop()


async def _bus_ends(portal: FakeKeyPortal, daemon: subprocess.Popen[str]) -> None:
    daemon.terminate()
    await portal.cut_off()


async def _desktop_takes_back(portal: FakeKeyPortal, _daemon: subprocess.Popen[str]) -> None:
    await portal.take_back(portal.sessions[0])


@pytest.mark.parametrize(
    ("end", "words"),
    [(_portal_ends, "has ended"), (_bus_ends, "has ended"), (_desktop_takes_back, "taken these keys back")],
)
def test_keys_that_are_lost_are_told(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    end: Callable[[FakeKeyPortal, subprocess.Popen[str]], Coroutine[Any, Any, None]],
    words: str,
) -> None:
    monkeypatch.setattr(shortcut_portal, "RETURN_SECONDS", 0.05)

    async def story(address: str, daemon: subprocess.Popen[str]) -> None:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        portal = FakeKeyPortal(address)
        await portal.start()
        heard = Listening()
        heard.shortcut.hold(KEYS)
        await until(lambda: portal.wishes)
        await portal.press(portal.sessions[0])
        await until(lambda: heard.pressed)
        await end(portal, daemon)
        await until(lambda: heard.refused)
        assert words in heard.refused[0]
        await heard.over()
        assert len(heard.refused) == 1
        if end is _desktop_takes_back:
            await portal.stop()  # before the bus does

    with message_bus() as (address, daemon):
        desk.run(story(address, daemon))


def test_who_no_longer_wants_the_keys_hears_nothing_of_them(desk: Desk, bus: str) -> None:
    async def story() -> None:
        portal = FakeKeyPortal(bus, bound=None)  # the desktop asks the user, who does not answer
        await portal.start()
        heard = Listening()
        heard.shortcut.hold(KEYS)
        await until(lambda: portal.wishes)
        await heard.over()
        assert (portal.sessions, heard.refused, heard.pressed) == ([], [], 0)
        heard.shortcut._told.emit(1, "too late")  # as a thread may say that was just about to
        assert heard.refused == []
        await portal.stop()

    desk.run(story())


def test_the_window_says_why_there_are_no_keys(desk: Desk, bus: str, tmp_path: Path) -> None:
    async def story() -> None:
        portal = FakeKeyPortal(bus, bound=(1, {}))
        await portal.start()
        window = await desk.fake()
        background = Background(window, window._worker)
        side = CaptureSide(window, window._worker, background, tmp_path)
        keeper = window.keeper
        keeper.apply(msgspec.structs.replace(keeper.settings, capture_shortcut=KEYS))
        await until(lambda: any("did not give the program these keys" in text for text in window.bars.texts()))
        portal._bound = BOUND
        keeper.apply(msgspec.structs.replace(keeper.settings, capture_shortcut="Ctrl+Alt+U"))
        await until(lambda: len(portal.wishes) == 2)
        started: list[int] = []
        side.shortcut.pressed.connect(lambda: started.append(1))
        side.capturing.start = lambda: None  # type: ignore[method-assign]  # has its own tests
        await portal.press(portal.sessions[0])
        await until(lambda: started)
        side.finish()
        await until(lambda: portal.sessions == [])
        await background.finish()
        await portal.stop()

    desk.run(story())
