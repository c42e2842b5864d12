"""The window's end of the socket, and what strangers write into it."""

from __future__ import annotations

import asyncio
import os
import socket

import msgspec
import pytest
from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalSocket

from desktop_ocr.core.single_instance import SingleInstance, messages_for, only_one
from desktop_ocr.gui import instance as instance_module
from desktop_ocr.gui.instance import InstanceServer
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.instance import (
    INSTANCE_HEADER,
    InstanceAction,
    InstanceMessage,
    InstanceReply,
    message_length,
    pack_message,
    unpack_reply,
)
from tests.gui.conftest import HANG_SECONDS, Desk, until

HELLO = InstanceMessage(InstanceAction.SHOW, (), "t")


class Listening:
    """A server of the one window."""

    def __init__(self, desk: Desk) -> None:
        first = only_one(desk.paths, [HELLO])
        assert first is not None
        self.first: SingleInstance = first
        self._owner = QObject()
        self.server = InstanceServer(self.first, self._owner)
        self.heard: list[InstanceMessage] = []
        self.server.received.connect(self.heard.append)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_unix_connection(self.first.address)

    async def say(self, data: bytes) -> bytes:
        """What comes back, to the end."""
        reader, writer = await self.connect()
        writer.write(data)
        answer = b""
        try:
            async with asyncio.timeout(HANG_SECONDS):
                answer = await reader.read()
        except ConnectionError:
            pass
        writer.close()
        return answer

    def stop(self) -> None:
        self.server.stop()
        self.first.release()


def reply_of(answer: bytes) -> InstanceReply:
    assert message_length(answer[: INSTANCE_HEADER.size]) == len(answer) - INSTANCE_HEADER.size
    return unpack_reply(answer[INSTANCE_HEADER.size :])


def test_messages_are_taken_whole_and_in_pieces(desk: Desk) -> None:
    async def story() -> None:
        there = Listening(desk)
        waiting = asyncio.ensure_future(there.say(pack_message(HELLO)))
        await asyncio.sleep(0.05)
        assert there.server.start()  # what was said before is heard
        assert reply_of(await waiting).taken
        assert await asyncio.to_thread(only_one, desk.paths, messages_for([])) is None
        reader, writer = await there.connect()
        for byte in pack_message(HELLO):
            writer.write(bytes([byte]))
            await writer.drain()
        assert reply_of(await reader.read()).taken
        writer.close()
        assert there.heard == [HELLO, *messages_for([]), HELLO]
        there.stop()
        assert not there.first.address.exists()

    desk.run(story())


def test_what_is_no_message_is_ignored_and_the_next_is_heard(desk: Desk) -> None:
    async def story() -> None:
        there = Listening(desk)
        there.server.start()
        for noise in (b"GET / HTTP/1.1\r\n\r\n", INSTANCE_HEADER.pack(4) + b"\xc1\xc1\xc1\xc1", b"\xff" * 100):
            assert await there.say(noise) == b""
        other = msgspec.msgpack.encode({"version": 2, "message": "?"})
        reply = reply_of(await there.say(INSTANCE_HEADER.pack(len(other)) + other))
        assert not reply.taken
        assert "another version" in reply.text
        assert reply_of(await there.say(pack_message(HELLO))).taken
        assert there.heard == [HELLO]
        there.stop()

    desk.run(story())


def test_who_says_nothing_keeps_nobody_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance_module, "READ_MS", 200)

    async def story() -> None:
        there = Listening(desk)
        there.server.start()
        silent = [await there.connect() for _ in range(instance_module.CONNECTIONS + 4)]
        assert reply_of(await there.say(pack_message(HELLO))).taken
        for reader, writer in silent:
            async with asyncio.timeout(HANG_SECONDS):
                assert await reader.read() == b""
            writer.close()
        await until(lambda: not there.server._open)
        there.stop()

    desk.run(story())


def test_who_leaves_before_the_answer_does_no_harm(desk: Desk) -> None:
    async def story() -> None:
        there = Listening(desk)
        there.server.start()
        for data in (b"", b"\0", pack_message(HELLO)):
            with socket.socket(socket.AF_UNIX) as hasty:
                hasty.connect(str(there.first.address))
                hasty.sendall(data)
        assert reply_of(await there.say(pack_message(HELLO))).taken
        await until(lambda: not there.server._open)
        assert there.heard[-1] == HELLO
        there.stop()

    desk.run(story())


def test_idle_ones_leave_sooner_when_all_places_are_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance_module, "READ_MS", 3_600_000)
    monkeypatch.setattr(instance_module, "CROWDED_MS", 100)

    async def story() -> None:
        there = Listening(desk)
        there.server.start()
        silent = [await there.connect() for _ in range(instance_module.CONNECTIONS - 1)]
        await until(lambda: len(there.server._open) == len(silent))
        assert all(patience.remainingTime() > 3_000_000 for patience in there.server._open.values())
        silent += [await there.connect() for _ in range(instance_module.CONNECTIONS + 1)]
        assert reply_of(await there.say(pack_message(HELLO))).taken
        for _, writer in silent:
            writer.close()
        await until(lambda: not there.server._open)
        there.stop()

    desk.run(story())


def test_who_is_gone_before_being_taken_up_does_no_harm(desk: Desk) -> None:
    async def story() -> None:
        there = Listening(desk)
        there.server.start()
        silent = [await there.connect() for _ in range(instance_module.CONNECTIONS)]
        await until(lambda: len(there.server._open) == len(silent))
        hasty = [await there.connect() for _ in range(3)]
        await until(there.server._server.hasPendingConnections)
        for _, writer in hasty:
            writer.close()

        def pending() -> list[QLocalSocket]:
            there_are = there.server._server.findChildren(QLocalSocket)
            return [one for one in there_are if one not in there.server._open]

        # The server's own sockets learn of it while they wait to be taken up.
        await until(lambda: all(int(one.socketDescriptor()) == -1 for one in pending()))
        gone = there.server._server.nextPendingConnection()
        assert gone is not None
        assert int(gone.socketDescriptor()) == -1
        assert not instance_module._is_ours(gone)
        waiting = asyncio.ensure_future(there.say(pack_message(HELLO)))
        await asyncio.sleep(0.05)
        for _, writer in silent:
            writer.close()
        assert reply_of(await waiting).taken
        await until(lambda: not there.server._open)
        there.stop()

    desk.run(story())


def test_other_users_are_sent_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        there = Listening(desk)
        there.server.start()
        monkeypatch.setattr(instance_module, "peer_uid", lambda _socket: os.getuid() + 1)
        assert await there.say(pack_message(HELLO)) == b""
        assert there.heard == []
        there.stop()

    desk.run(story())


def test_one_that_leaves_is_waited_for(desk: Desk) -> None:
    async def story() -> None:
        there = Listening(desk)
        there.server.start()
        there.server.stop()
        with pytest.raises(DesktopOcrError, match="cannot be reached"):
            await asyncio.to_thread(lambda: only_one(desk.paths, [HELLO], leaving_seconds=0.1))
        there.stop()
        again = only_one(desk.paths, [HELLO])
        assert again is not None
        again.release()

    desk.run(story())
