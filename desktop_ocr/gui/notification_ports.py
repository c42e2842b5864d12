"""The ways in which a notification reaches the desktop: the desktop's own service, or the tray's icon."""

from __future__ import annotations

import asyncio
import contextlib
import html
import logging
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from desktop_ocr.gui.notifications import Notification, Target

_log = logging.getLogger(__name__)

SHOWN_MS = 10_000
SERVICE = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
ASK_SECONDS = 10.0
REMEMBERED = 50  # notifications of which a click is still understood


class TrayNotifications(QObject):
    """Shows notifications beside the tray's icon; Qt says of a click no more than that there was one.

    Signals:
        clicked: the `Target` of the notification shown last, and "".
    """

    clicked = Signal(object, str)

    def __init__(self, icon: QSystemTrayIcon) -> None:
        super().__init__(icon)
        self._icon = icon
        self._last = Target()
        icon.messageClicked.connect(lambda: self.clicked.emit(self._last, ""))

    def show(self, note: Notification) -> None:
        """Show one."""
        self._last = note.target
        kind = QSystemTrayIcon.MessageIcon
        self._icon.showMessage(note.title, note.text, kind.Warning if note.asks else kind.Information, SHOWN_MS)


def session_bus() -> str | None:
    """The address of the desktop's message bus; None where there is none (nobody is to start one for us)."""
    if not sys.platform.startswith("linux"):
        return None
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    if address:
        return address if address.startswith("unix:") else None
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    return f"unix:path={folder}/bus" if folder and (Path(folder) / "bus").is_socket() else None


class BusNotifications(QObject):
    """Shows notifications by the desktop's service (freedesktop.org).

    Qt's icon in the tray would ask the same service. But it does not say which notification was clicked, drops the
    token without which no window comes to the front under Wayland, and lets names of files be taken for markup.

    Not with QtDBus: PySide has no way to say that a number is unsigned, which that service insists on.

    Signals:
        clicked: the `Target` of a notification, and a token for coming to the front, or "".
        unsent: a `Notification` that the service could not be given.
    """

    clicked = Signal(object, str)
    unsent = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: asyncio.Queue[Notification] = asyncio.Queue(REMEMBERED)
        self._task: asyncio.Task[None] | None = None
        self._sending: Notification | None = None
        self._targets: dict[int, Target] = {}
        self._tokens: dict[int, str] = {}

    def show(self, note: Notification) -> None:
        """Show one. Where there is no service, a line of the log says so."""
        with contextlib.suppress(asyncio.QueueFull):  # the service hangs
            self._waiting.put_nowait(note)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._live())

    async def stop(self) -> None:
        """Leave the bus."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _live(self) -> None:
        from jeepney import DBusErrorResponse
        from jeepney.io.common import RouterClosed

        address = session_bus()
        if address is None:
            self._drop("there is no session bus")
            return
        try:
            await self._serve(address)
        except (OSError, DBusErrorResponse, RouterClosed, RuntimeError, ValueError, TimeoutError, EOFError) as error:
            self._drop(str(error) or type(error).__name__)

    def _drop(self, why: str) -> None:
        _log.warning("notifications cannot be shown (%s)", why)
        left = [self._sending] if self._sending is not None else []
        self._sending = None
        while not self._waiting.empty():
            left.append(self._waiting.get_nowait())
        for note in left:
            self.unsent.emit(note)

    async def _serve(self, address: str) -> None:
        from jeepney import MatchRule, message_bus
        from jeepney.io.asyncio import Proxy, open_dbus_router

        rule = MatchRule(type="signal", interface=SERVICE, path=PATH)
        async with open_dbus_router(bus=address) as router:
            with router.filter(rule, bufsize=REMEMBERED) as signals:
                await _in_time(Proxy(message_bus, router).AddMatch(rule))
                markup = "body-markup" in (await self._ask(router, "GetCapabilities"))[0]
                heard = asyncio.ensure_future(self._hear(signals))
                try:
                    while True:
                        self._sending = note = await self._waiting.get()
                        number = (await self._ask(router, "Notify", "susssasa{sv}i", _body(note, markup)))[0]
                        self._sending = None
                        self._targets[number] = note.target
                        while len(self._targets) > REMEMBERED:
                            del self._targets[next(iter(self._targets))]
                finally:
                    heard.cancel()
                    await asyncio.gather(heard, return_exceptions=True)

    async def _ask(self, router: Any, method: str, signature: str | None = None, body: tuple[Any, ...] = ()) -> Any:
        from jeepney import DBusAddress, new_method_call
        from jeepney.wrappers import unwrap_msg

        call = new_method_call(DBusAddress(PATH, SERVICE, SERVICE), method, signature, body)
        return unwrap_msg(await _in_time(router.send_and_get_reply(call)))

    async def _hear(self, signals: asyncio.Queue[Any]) -> None:
        while True:
            message = await signals.get()
            self._heard(message.header.fields.get(3), message.body)  # 3: the member's name

    def _heard(self, member: object, body: tuple[Any, ...]) -> None:
        if len(body) != 2 or not isinstance(body[0], int) or body[0] not in self._targets:
            return  # another program's
        if member == "ActivationToken" and isinstance(body[1], str):
            self._tokens[body[0]] = body[1]
        elif member == "ActionInvoked":
            self.clicked.emit(self._targets[body[0]], self._tokens.pop(body[0], ""))
        elif member == "NotificationClosed":
            self._targets.pop(body[0], None)
            self._tokens.pop(body[0], None)


async def _in_time(asking: Coroutine[Any, Any, Any]) -> Any:
    asked = asyncio.ensure_future(asking)
    # A reply at the very moment when it is given up makes jeepney's task fail: that is nobody's news.
    asked.add_done_callback(lambda task: task.cancelled() or task.exception())
    return await asyncio.wait_for(asked, ASK_SECONDS)


def _body(note: Notification, markup: bool) -> tuple[Any, ...]:
    text = html.escape(note.text, quote=False) if markup else note.text
    hints = {"desktop-entry": ("s", "desktop-ocr"), "urgency": ("y", 1)}
    return ("Desktop OCR", 0, "desktop-ocr", _sayable(note.title), _sayable(text), ["default", "Open"], hints, -1)


def _sayable(text: str) -> str:
    """Names of files need not be text; what crosses the bus has to be."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
