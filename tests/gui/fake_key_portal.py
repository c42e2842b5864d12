"""A desktop's portal that gives keys, at the other end of a real message bus."""

from __future__ import annotations

import asyncio
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.asyncio import DBusConnection, open_dbus_connection

from desktop_ocr.gui.portal import PATH, REQUEST, SERVICE
from desktop_ocr.gui.shortcut_portal import REGISTRY, SESSION, SHORTCUT, SHORTCUTS

BOUND = (0, {"shortcuts": ("a(sa{sv})", [(SHORTCUT, {"trigger_description": ("s", "Press Ctrl+Alt+T")})])})


class FakeKeyPortal:
    """Remembers what it is asked, answers as it was told, and presses keys."""

    def __init__(
        self,
        address: str,
        *,
        created: tuple[int, dict[str, Any]] = (0, {}),
        bound: tuple[int, dict[str, Any]] | None = BOUND,
        error: str = "",
        close_seconds: float = 0.0,
        silent: bool = False,
    ) -> None:
        """How it answers.

        Args:
            address: of the bus.
            created: to the wish for a session.
            bound: to the wish for keys; None: the user leaves the question alone.
            error: to both, instead.
            close_seconds: how long it takes to end a session.
            silent: it says nothing to the wish for keys.
        """
        self.programs: list[str] = []
        self.sessions: list[str] = []  # open ones
        self.closed: list[str] = []
        self.wishes: list[dict[str, Any]] = []
        self.overlapped = False
        self._address = address
        self._created = created
        self._bound = bound
        self._error = error
        self._close_seconds = close_seconds
        self._silent = silent
        self._connection: DBusConnection
        self._task: asyncio.Task[None] | None = None
        self._named = asyncio.Event()

    async def start(self) -> None:
        """Come to the bus."""
        self._connection = await open_dbus_connection(self._address)
        # By hand: who waits for the portal may ask as soon as it has its name, and nothing may be lost.
        self._task = asyncio.get_running_loop().create_task(self._serve())
        await self._connection.send(message_bus.RequestName(SERVICE))
        await self._named.wait()

    async def stop(self) -> None:
        """Leave it."""
        assert self._task is not None
        self._task.cancel()
        (fault,) = await asyncio.gather(self._task, return_exceptions=True)
        await self._connection.close()
        self.sessions.clear()
        assert isinstance(fault, asyncio.CancelledError), fault

    async def cut_off(self) -> None:
        """Wait until the bus has ended."""
        assert self._task is not None
        (fault,) = await asyncio.gather(self._task, return_exceptions=True)
        await self._connection.close()
        assert isinstance(fault, EOFError | ConnectionError), fault

    async def press(self, session: str, shortcut: str = SHORTCUT) -> None:
        """The keys are pressed."""
        await self._tell(PATH, SHORTCUTS, "Activated", "osta{sv}", (session, shortcut, 4711, {}))

    async def take_back(self, session: str) -> None:
        """End a session."""
        self.sessions.remove(session)
        await self._tell(session, SESSION, "Closed", "a{sv}", ({},))

    async def _tell(self, path: str, interface: str, member: str, signature: str, body: tuple[Any, ...]) -> None:
        """To everybody who listens, as the real one does with some."""
        await self._connection.send(new_signal(DBusAddress(path, interface=interface), member, signature, body))

    async def _serve(self) -> None:
        while True:
            message = await self._connection.receive()
            if message.header.message_type is MessageType.method_call:
                await self._answer(message)
            elif message.header.message_type is MessageType.method_return:
                self._named.set()

    async def _answer(self, message: Message) -> None:
        fields = message.header.fields
        interface, member = fields[HeaderFields.interface], fields[HeaderFields.member]
        sender = str(fields[HeaderFields.sender]).lstrip(":").replace(".", "_")
        if (interface, member) == (REGISTRY, "Register"):
            self.programs.append(message.body[0])
            await self._connection.send(new_method_return(message))
        elif (interface, member) == (SESSION, "Close"):
            self._closing = asyncio.create_task(self._close(message, str(fields[HeaderFields.path])))
        elif self._error:
            await self._connection.send(new_error(message, self._error, "s", ("no",)))
        elif (interface, member) == (SHORTCUTS, "CreateSession"):
            assert fields[HeaderFields.signature] == "a{sv}"
            path = f"{PATH}/session/{sender}/{message.body[0]['session_handle_token'][1]}"
            code, results = self._created
            if code == 0:
                self.overlapped |= bool(self.sessions)
                self.sessions.append(path)
                results = {**results, "session_handle": ("s", path)}
            await self._respond(message, sender, message.body[0], (code, results))
        else:
            assert (interface, member) == (SHORTCUTS, "BindShortcuts")
            assert fields[HeaderFields.signature] == "oa(sa{sv})sa{sv}"
            session, ((shortcut, wish),), window, options = message.body
            assert (session in self.sessions, shortcut, window) == (True, SHORTCUT, "")
            self.wishes.append(wish)
            if not self._silent:
                await self._respond(message, sender, options, self._bound)

    async def _close(self, message: Message, path: str) -> None:
        await asyncio.sleep(self._close_seconds)
        if path not in self.sessions:
            await self._connection.send(new_error(message, "org.freedesktop.DBus.Error.UnknownObject", "s", ("",)))
            return
        self.sessions.remove(path)
        self.closed.append(path)
        await self._connection.send(new_method_return(message))

    async def _respond(
        self, message: Message, sender: str, options: dict[str, Any], answer: tuple[int, dict[str, Any]] | None
    ) -> None:
        handle = f"{PATH}/request/{sender}/{options['handle_token'][1]}"
        if answer is not None:  # the answer first, as it may come: who waits listens already
            await self._tell(handle, REQUEST, "Response", "ua{sv}", answer)
        await self._connection.send(new_method_return(message, "o", (handle,)))
