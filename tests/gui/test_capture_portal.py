"""Pictures of the screen from the desktop's portal, over a real message bus; the portal at its other end is a fake."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from jeepney import DBusAddress, HeaderFields, MessageType, message_bus, new_error, new_method_return, new_signal
from jeepney.io.asyncio import DBusConnection, DBusRouter, Proxy, open_dbus_connection

from desktop_ocr.gui.capture_portal import SCREENSHOT, portal_shot
from desktop_ocr.gui.portal import PATH, REQUEST, SERVICE
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode


class FakePortal:
    """Answers each request with the same; `answer` is None for a portal that refuses."""

    def __init__(self, answer: tuple[int, dict[str, Any]] | None) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self._answer = answer

    async def serve(self, connection: DBusConnection) -> None:
        while True:
            message = await connection.receive()
            if message.header.message_type is not MessageType.method_call:
                continue
            fields = message.header.fields
            assert (fields[HeaderFields.interface], fields[HeaderFields.member]) == (SCREENSHOT, "Screenshot")
            self.asked.append(message.body)
            if self._answer is None:
                await connection.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "s", ("no",)))
                continue
            sender = str(fields[HeaderFields.sender]).lstrip(":").replace(".", "_")
            handle = f"{PATH}/request/{sender}/{message.body[1]['handle_token'][1]}"
            # The answer first, as it may come: who waits listens already.
            response = new_signal(DBusAddress(handle, interface=REQUEST), "Response", "ua{sv}", self._answer)
            response.header.fields[HeaderFields.destination] = fields[HeaderFields.sender]
            await connection.send(response)
            await connection.send(new_method_return(message, "o", (handle,)))


@contextlib.asynccontextmanager
async def serving(address: str, portal: FakePortal) -> AsyncIterator[None]:
    connection = await open_dbus_connection(address)
    async with DBusRouter(connection) as router:
        await Proxy(message_bus, router).RequestName(SERVICE)
    task = asyncio.create_task(portal.serve(connection))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await connection.close()


async def test_the_desktop_says_where_its_picture_is(bus: str) -> None:
    portal = FakePortal((0, {"uri": ("s", "file:///home/somebody/Pictures/a%20screen.png")}))
    async with serving(bus, portal):
        assert await portal_shot(bus) == Path("/home/somebody/Pictures/a screen.png")
    ((window, options),) = portal.asked
    assert window == ""
    assert options["interactive"] == ("b", True)


async def test_who_gives_up_gets_no_picture_and_no_error(bus: str) -> None:
    async with serving(bus, FakePortal((1, {}))):
        assert await portal_shot(bus) is None


@pytest.mark.parametrize("answer", [None, (2, {}), (0, {}), (0, {"uri": ("s", "https://example.org/a.png")})])
async def test_a_portal_that_gives_nothing_is_told_with_what_to_do(bus: str, answer: Any) -> None:
    async with serving(bus, FakePortal(answer)):
        with pytest.raises(DesktopOcrError) as told:
            await portal_shot(bus)
    assert told.value.code is ErrorCode.NO_PERMISSION
    assert "Ctrl+V" in str(told.value)


async def test_a_bus_without_a_portal_is_told(bus: str) -> None:
    with pytest.raises(DesktopOcrError):
        await portal_shot(bus)
