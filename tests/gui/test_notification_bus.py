"""Notifications by the desktop's own service, over a real message bus; the service at its other end is a fake."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from jeepney import DBusAddress, HeaderFields, MessageType, message_bus, new_method_return, new_signal
from jeepney.io.asyncio import DBusConnection, DBusRouter, Proxy, open_dbus_connection
from PySide6.QtCore import QObject

from desktop_ocr.gui.notification_ports import PATH, SERVICE, BusNotifications, session_bus
from desktop_ocr.gui.notifications import Notification, Target
from desktop_ocr.gui.tray_watch import WATCHER, TrayWatch
from tests.gui.conftest import Desk, until


class FakeService:
    """A notification service: remembers what it is told, and clicks."""

    def __init__(self, address: str, *, markup: bool = True) -> None:
        self.told: list[tuple[Any, ...]] = []
        self._address = address
        self._markup = markup
        self._connection: DBusConnection
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._connection = await open_dbus_connection(self._address)
        async with DBusRouter(self._connection) as router:
            await Proxy(message_bus, router).RequestName(SERVICE)
        self._task = asyncio.get_running_loop().create_task(self._serve())

    async def stop(self) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._connection.close()

    async def _serve(self) -> None:
        while True:
            message = await self._connection.receive()
            if message.header.message_type is not MessageType.method_call:
                continue
            if message.header.fields[HeaderFields.member] == "GetCapabilities":
                reply = new_method_return(message, "as", (["actions", "body", *["body-markup"] * self._markup],))
            else:
                assert message.header.fields[HeaderFields.signature] == "susssasa{sv}i"
                self.told.append(message.body)
                reply = new_method_return(message, "u", (100 + len(self.told),))
            await self._connection.send(reply)

    async def signal(self, member: str, signature: str, *body: object) -> None:
        emitter = DBusAddress(PATH, interface=SERVICE)
        await self._connection.send(new_signal(emitter, member, signature, body))


def test_a_notification_is_shown_and_a_click_comes_back(desk: Desk, bus: str) -> None:
    async def story() -> None:
        service = FakeService(bus)
        await service.start()
        owner = QObject()
        port = BusNotifications(owner)
        clicks: list[tuple[Target, str]] = []
        port.clicked.connect(lambda target, token: clicks.append((target, token)))
        port.show(Notification("Done: <b>.pdf", "caf\udce9 & <i>more</i>", Target(3, failed=True)))
        port.show(Notification("Needs an answer", "b", Target(4), asks=True))
        await until(lambda: len(service.told) == 2)
        name, replaces, icon, title, text, actions, hints, _ms = service.told[0]
        assert (name, replaces, icon, title) == ("Desktop OCR", 0, "desktop-ocr", "Done: <b>.pdf")
        assert text == "caf? &amp; &lt;i&gt;more&lt;/i&gt;"
        assert actions == ["default", "Open"]
        assert hints["desktop-entry"] == ("s", "desktop-ocr")
        await service.signal("ActionInvoked", "us", 7, "default")  # another program's
        await service.signal("ActivationToken", "us", 101, "a-token")
        await service.signal("ActionInvoked", "us", 101, "default")
        await until(lambda: clicks == [(Target(3, failed=True), "a-token")])
        await service.signal("NotificationClosed", "uu", 101, 1)
        await service.signal("ActionInvoked", "us", 101, "default")
        await service.signal("ActionInvoked", "us", 102, "default")
        await until(lambda: len(clicks) == 2)
        assert clicks[1] == (Target(4), "")
        await port.stop()
        await service.stop()

    desk.run(story())


def test_a_service_without_markup_gets_plain_text(desk: Desk, bus: str) -> None:
    async def story() -> None:
        service = FakeService(bus, markup=False)
        await service.start()
        owner = QObject()
        port = BusNotifications(owner)
        port.show(Notification("a", "b & c"))
        await until(lambda: service.told)
        assert service.told[0][4] == "b & c"
        await port.stop()
        await service.stop()

    desk.run(story())


def test_where_nobody_shows_notifications_it_is_logged(
    desk: Desk, bus: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        owner = QObject()
        port = BusNotifications(owner)
        unsent: list[Notification] = []
        port.unsent.connect(unsent.append)
        port.show(Notification("a", "b"))
        await until(lambda: "notifications cannot be shown" in caplog.text)
        await until(lambda: port._task is not None and port._task.done())
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
        caplog.clear()
        port.show(Notification("c", "d"))
        await until(lambda: "notifications cannot be shown" in caplog.text)
        assert unsent == [Notification("a", "b"), Notification("c", "d")], "for the tray to show them"
        await port.stop()

    desk.run(story())
    assert bus


def test_no_bus_is_started_for_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    assert session_bus() is None
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "autolaunch:")
    assert session_bus() is None


def test_a_tray_that_comes_to_the_bus_late_is_noticed(desk: Desk, bus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As at log-in under Wayland. Qt is asked only when it will say yes: it asks the bus once and for all."""
    asked: list[bool] = []
    there = [False]
    monkeypatch.setattr("desktop_ocr.gui.tray_watch.qt_has_tray", lambda: asked.append(there[0]) or there[0])
    monkeypatch.setattr("PySide6.QtGui.QGuiApplication.platformName", lambda: "wayland")

    async def story() -> None:
        owner = QObject()
        watch = TrayWatch(owner)
        heard: list[bool] = []
        watch.changed.connect(heard.append)
        watch.start()
        await until(lambda: heard == [False])
        assert asked == []
        there[0] = True
        connection = await open_dbus_connection(bus)
        async with DBusRouter(connection) as router:
            await Proxy(message_bus, router).RequestName(WATCHER)
        await until(lambda: heard == [False, True])
        watch.stop()
        await connection.close()

    desk.run(story())
