"""Keys from anywhere by the desktop's portal: the way there is under Wayland.

The desktop may ask the user, may give other keys than those wished for, and remembers what it gave: then they are the
desktop's to change. See https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.GlobalShortcuts.html
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable

from PySide6.QtCore import QKeyCombination, Qt

from desktop_ocr.gui.portal import GIVEN, PATH, Portal, PortalGoneError, new_token, open_portal
from desktop_ocr.gui.shortcut_keys import COMMAND, how_else, keysym_name
from desktop_ocr.gui.words import tr

log = logging.getLogger(__name__)

SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
SESSION = "org.freedesktop.portal.Session"
REGISTRY = "org.freedesktop.host.portal.Registry"
PROGRAM = "desktop-ocr"  # the name of the desktop entry, which is the name of the window, too
SHORTCUT = "capture"  # by which the desktop remembers the keys: never to be changed
START_SECONDS = 60.0  # at log-in the portal may be just starting
CLOSE_SECONDS = 2.0
RETURN_SECONDS = 20.0  # for a portal that is started anew, as by an update
_MODIFIERS = (
    (Qt.KeyboardModifier.ControlModifier, "CTRL"),
    (Qt.KeyboardModifier.AltModifier, "ALT"),
    (Qt.KeyboardModifier.ShiftModifier, "SHIFT"),
    (Qt.KeyboardModifier.MetaModifier, "LOGO"),
)


def trigger_of(combination: QKeyCombination) -> str:
    """Keys as the portal names them (freedesktop.org's shortcuts specification): "CTRL+ALT+t".

    "" for a key that has no name here: then the desktop lets the user choose.
    """
    name = keysym_name(combination.key())
    held = [word for flag, word in _MODIFIERS if combination.keyboardModifiers() & flag]
    return "+".join((*held, name)) if name else ""


class _RefusedError(Exception):
    """There are no keys; says why."""


class PortalKeys:
    """Has keys from the portal of a message bus, in a thread that does nothing else."""

    def __init__(
        self,
        combination: QKeyCombination,
        pressed: Callable[[], object],
        refused: Callable[[str], object],
        address: str,
        turn: threading.Lock,
    ) -> None:
        """Not asked for yet; see `start`.

        Args:
            combination: the keys.
            pressed: called in the thread when they are pressed.
            refused: called in the thread with a sentence for the user, when the keys cannot be had, or no longer.
            address: of the message bus.
            turn: held while the portal is talked with. Who waits for other keys gets them when those before have been
                given back: the desktop knows both by the same name.
        """
        self._trigger = trigger_of(combination)
        self._pressed = pressed
        self._refused = refused
        self._address = address
        self._turn = turn
        self._stopped = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._had = False

    def start(self) -> str:
        """Ask for the keys; does not wait. Returns "", as what the portal says comes later."""
        threading.Thread(target=self._live, name="keys", daemon=True).start()
        return ""

    def stop(self) -> None:
        """Give the keys back; does not wait. If the program ends before, the bus tells the portal."""
        self._stopped.set()
        loop, task = self._loop, self._task
        if loop is not None and task is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                loop.call_soon_threadsafe(task.cancel)

    def _live(self) -> None:
        with self._turn, contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._begin())

    async def _begin(self) -> None:
        self._task, self._loop = asyncio.current_task(), asyncio.get_running_loop()
        if self._stopped.is_set():
            return
        why = await self._have()
        if why and not self._stopped.is_set():
            self._refused(why)

    async def _have(self) -> str:
        """Have the keys for as long as possible. Returns why that is over."""
        from jeepney import DBusErrorResponse
        from jeepney.io.common import RouterClosed

        try:
            async with open_portal(self._address) as portal:
                while True:
                    try:
                        await self._hold(portal)
                    except PortalGoneError:
                        log.info("keys from everywhere: the portal has ended")
                        await asyncio.wait_for(portal.back(), RETURN_SECONDS)
        except _RefusedError as refusal:
            return str(refusal)
        except (OSError, DBusErrorResponse, RouterClosed, RuntimeError, ValueError, TimeoutError, EOFError) as error:
            log.info("no keys from everywhere: %s", str(error) or type(error).__name__)
            if self._had:
                return _ended()
            if isinstance(error, DBusErrorResponse) and error.name == "org.freedesktop.portal.Error.NotAllowed":
                return _not_installed()
            return how_else()

    async def _hold(self, portal: Portal) -> None:
        """Ask for the keys, and say when they are pressed; ends only by an error.

        Raises:
            _RefusedError: the desktop or the user does not want it.
            Others: as `Portal.call`.
        """
        await _introduce(portal)
        token = new_token()
        session = portal.path_of("session", token)
        try:
            options = {"session_handle_token": ("s", token)}
            code, _ = await portal.ask(
                SHORTCUTS, "CreateSession", "", (), options, seconds=START_SECONDS, answer_seconds=START_SECONDS
            )
            if code != GIVEN:
                raise _RefusedError(how_else())
            await portal.hear(interface=SHORTCUTS, member="Activated", path=PATH)
            await portal.hear(interface=SESSION, member="Closed", path=session)
            wish = {"description": ("s", tr("Read text from the screen"))}
            if self._trigger:
                wish["preferred_trigger"] = ("s", self._trigger)
            code, given = await portal.ask(
                SHORTCUTS, "BindShortcuts", "oa(sa{sv})s", (session, [(SHORTCUT, wish)], ""), {}, seconds=START_SECONDS
            )
            if code != GIVEN:
                raise _RefusedError(_not_given())
            self._had = True
            if not _keys_in(given) and not self._stopped.is_set():
                self._refused(_not_set())  # but the user may set them at any time: go on
            while True:
                self._heard(session, *await portal.signal())
        except PortalGoneError:
            raise  # and the session with it
        except BaseException:
            await _close(portal, session)
            raise

    def _heard(self, session: str, path: str, interface: str, member: str, body: tuple[object, ...]) -> None:
        if (interface, member) == (SHORTCUTS, "Activated"):
            if body[:2] == (session, SHORTCUT) and not self._stopped.is_set():
                self._pressed()
        elif (path, interface, member) == (session, SESSION, "Closed"):
            raise _RefusedError(_taken_back())


async def _introduce(portal: Portal) -> None:
    """Say which program this is; portals before 1.20 find it out by themselves, or do without."""
    from jeepney import DBusErrorResponse

    try:
        await portal.call(REGISTRY, "Register", "sa{sv}", (PROGRAM, {}), seconds=START_SECONDS)
    except DBusErrorResponse as error:
        log.info("the portal was not told the program's name: %s", error.name)


async def _close(portal: Portal, session: str) -> None:
    from jeepney import DBusErrorResponse

    try:
        await portal.call(SESSION, "Close", path=session, seconds=CLOSE_SECONDS, start=False)
    except (OSError, EOFError, DBusErrorResponse, TimeoutError) as error:
        log.debug("the session with the portal was over already: %s", type(error).__name__)


def _keys_in(given: dict[str, object]) -> bool:
    """Whether an answer names keys. Which they are is for the user to read, in words of the desktop's."""
    found = given.get("shortcuts")
    shortcuts = found[1] if isinstance(found, tuple) and len(found) == 2 and isinstance(found[1], list) else []
    for shortcut in shortcuts:
        if isinstance(shortcut, tuple) and len(shortcut) == 2 and shortcut[0] == SHORTCUT:
            words = shortcut[1].get("trigger_description") if isinstance(shortcut[1], dict) else None
            return isinstance(words, tuple) and len(words) == 2 and bool(words[1])
    return False


def _not_given() -> str:
    return tr(
        "The desktop did not give the program these keys. In its settings for the keyboard, a shortcut can run: "
        "{command}"
    ).format(command=COMMAND)


def _not_set() -> str:
    return tr("The desktop has set no keys yet. Set them for Desktop OCR in its settings for the keyboard.")


def _not_installed() -> str:
    return tr(
        "The desktop gives keys only to programs that are in its menu, and Desktop OCR is not. Add it there, or let "
        "a shortcut of the desktop's run: {command}"
    ).format(command=COMMAND)


def _ended() -> str:
    return tr("The part of the desktop that watched these keys has ended. Start the program anew to have them again.")


def _taken_back() -> str:
    return tr("The desktop has taken these keys back.")
