"""A talk with the desktop's portal, through which a program asks for what it may not do by itself.

What is asked is answered in two steps: the call says that the question has been understood, a signal says what the user
or the desktop answers. See https://flatpak.github.io/xdg-desktop-portal/docs/requests.html
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

SERVICE = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
REQUEST = "org.freedesktop.portal.Request"
BUS = "org.freedesktop.DBus"
ASK_SECONDS = 10.0
GIVEN, GIVEN_UP = 0, 1  # what an answer begins with; everything else is a failure
KEPT = 64  # messages that came while another was waited for


class PortalGoneError(ConnectionError):
    """The portal has left the bus; what it had given is gone with it."""


class Portal:
    """One connection to it. All is read by whoever waits: one at a time."""

    def __init__(self, connection: Any) -> None:
        """`connection`: jeepney's, to the message bus."""
        self._connection = connection
        self._kept: deque[Any] = deque(maxlen=KEPT)

    async def begin(self) -> None:
        """Hear of it when the portal leaves the bus, or comes back."""
        await self.hear(sender=BUS, interface=BUS, member="NameOwnerChanged", first=SERVICE)

    def path_of(self, kind: str, token: str) -> str:
        """Where the portal puts what this connection asks for; `kind`: request, session."""
        return f"{PATH}/{kind}/{self._connection.unique_name.lstrip(':').replace('.', '_')}/{token}"

    async def hear(self, *, first: str = "", **fields: str) -> None:
        """Have signals sent here.

        Args:
            first: what their first argument has to be; "" for anything.
            fields: what else is wanted of them: sender, interface, member, path.
        """
        from jeepney import MatchRule, message_bus

        rule = MatchRule(type="signal", **fields)
        if first:
            rule.add_arg_condition(0, first)
        await self._replied(message_bus.AddMatch(rule), ASK_SECONDS)

    async def call(
        self,
        interface: str,
        method: str,
        signature: str | None = None,
        body: tuple[Any, ...] = (),
        *,
        path: str = PATH,
        seconds: float = ASK_SECONDS,
        start: bool = True,
    ) -> tuple[Any, ...]:
        """Call a method that has no more to say than its reply.

        Args:
            interface: of the portal's.
            method: the method's name.
            signature: the kinds of its arguments, as D-Bus has them.
            body: the arguments.
            path: of the object that has it.
            seconds: how long to wait.
            start: whether the bus may start the portal for it.

        Returns:
            What the reply says.

        Raises:
            jeepney.DBusErrorResponse: the portal does not have it, or will not.
            OSError, EOFError: it or the bus went away.
            TimeoutError: there was no reply.
        """
        from jeepney import DBusAddress, DBusErrorResponse, MessageFlag, new_method_call

        message = new_method_call(DBusAddress(path, SERVICE, interface), method, signature, body)
        if not start:
            message.header.flags |= MessageFlag.no_auto_start
        try:
            return await self._replied(message, seconds)
        except DBusErrorResponse as error:
            if error.name == f"{BUS}.Error.NoReply":  # it ended over this call; the bus says so before all else
                raise PortalGoneError("the portal has ended") from error
            raise

    async def ask(
        self,
        interface: str,
        method: str,
        signature: str,
        body: tuple[Any, ...],
        options: dict[str, tuple[str, Any]],
        *,
        seconds: float = ASK_SECONDS,
        answer_seconds: float | None = None,
    ) -> tuple[int, dict[str, Any]]:
        """Ask for something that the desktop or the user decides on.

        Args:
            interface: see `call`.
            method: see `call`.
            signature: of the arguments before the options.
            body: the arguments before the options.
            options: the options, with the kind of each.
            seconds: how long to wait for the reply.
            answer_seconds: how long to wait for the answer; None for as long as it takes.

        Returns:
            GIVEN, GIVEN_UP or another number; and what comes with it, with the kind of each.

        Raises:
            ValueError: the answer is none.
            Others: as `call`.
        """
        token = new_token()
        # Listened to before it is asked: the answer may come before the reply to the call.
        handle = self.path_of("request", token)
        await self.hear(interface=REQUEST, member="Response", path=handle)
        options = {**options, "handle_token": ("s", token)}
        await self.call(interface, method, f"{signature}a{{sv}}", (*body, options), seconds=seconds)
        wanted = (handle, REQUEST, "Response")
        answer = await asyncio.wait_for(self._until(lambda message: _signal(message) == wanted), answer_seconds)
        if len(answer.body) != 2 or not isinstance(answer.body[0], int) or not isinstance(answer.body[1], dict):
            raise ValueError("it gave no answer")
        return answer.body[0], answer.body[1]

    async def signal(self) -> tuple[str, str, str, tuple[Any, ...]]:
        """The next signal of those that are heard: path, interface, member, arguments.

        Raises:
            OSError, EOFError: the portal or the bus went away.
        """
        message = await self._until(lambda message: _signal(message) is not None)
        path, interface, member = _signal(message) or ("", "", "")
        return path, interface, member, message.body

    async def back(self) -> None:
        """Wait until the portal has come back to the bus."""
        came = any(_owner(message) for message in self._kept)
        self._kept.clear()
        while not came:
            came = bool(_owner(await self._connection.receive()))

    async def _replied(self, message: Any, seconds: float) -> tuple[Any, ...]:
        from jeepney import HeaderFields
        from jeepney.wrappers import unwrap_msg

        async def replied() -> Any:
            number = next(self._connection.outgoing_serial)
            await self._connection.send(message, serial=number)
            return await self._until(lambda reply: reply.header.fields.get(HeaderFields.reply_serial) == number)

        body: tuple[Any, ...] = unwrap_msg(await asyncio.wait_for(replied(), seconds))
        return body

    async def _until(self, wanted: Callable[[Any], bool]) -> Any:
        for at, message in enumerate(self._kept):
            if wanted(message):
                del self._kept[at]
                return message
        while True:
            message = await self._connection.receive()
            if _owner(message) == "":
                self._kept.clear()
                raise PortalGoneError("the portal has ended")
            if wanted(message):
                return message
            self._kept.append(message)


@contextlib.asynccontextmanager
async def open_portal(address: str) -> AsyncIterator[Portal]:
    """Talk with the portal of a message bus, which need not run yet: it is started by what it is asked.

    Raises:
        OSError, EOFError, TimeoutError, jeepney.io.common.RouterClosed: there is no such bus.
    """
    from jeepney.io.asyncio import open_dbus_connection

    connection = await open_dbus_connection(address)
    try:
        portal = Portal(connection)
        await portal.begin()
        yield portal
    finally:
        with contextlib.suppress(OSError):  # the bus closed it
            await connection.close()


def new_token() -> str:
    """A name for what is asked for, which nobody can guess."""
    return f"desktop_ocr_{os.getpid()}_{os.urandom(8).hex()}"


def _signal(message: Any) -> tuple[str, str, str] | None:
    """Path, interface and member of a signal; None for what is none."""
    from jeepney import HeaderFields, MessageType

    if message.header.message_type is not MessageType.signal:
        return None
    fields = message.header.fields
    return fields.get(HeaderFields.path), fields.get(HeaderFields.interface), fields.get(HeaderFields.member)


def _owner(message: Any) -> str | None:
    """Who is the portal now, of a signal that says so: "" for nobody; None for other messages."""
    found = _signal(message)
    if found is None or found[1:] != (BUS, "NameOwnerChanged"):
        return None
    return str(message.body[2]) if len(message.body) == 3 and message.body[0] == SERVICE else None
