"""The server's end: what a stranger, a fool or a hung client can do to it, which is nothing."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core import control
from desktop_ocr.core.control import CONNECTIONS, ControlServer, peer_uid
from desktop_ocr.core.control_client import ask, ask_dump, ask_free, ask_stats
from desktop_ocr.schema.control import (
    CONTROL_VERSION,
    HEADER,
    MAX_REQUEST,
    SOCKET_NAME,
    AskDump,
    AskFree,
    AskStats,
    ControlReply,
    ControlRequest,
    Refusal,
    pack_control,
    unpack_control,
)
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from tests.fakes.fake_program import CANNED_FREE, CANNED_STATS, CannedAnswers


@pytest.fixture
def folder(user_home: Path) -> Path:
    made = user_home / "1-2"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def answers() -> CannedAnswers:
    return CannedAnswers()


@pytest.fixture
async def server(folder: Path, answers: CannedAnswers) -> AsyncIterator[ControlServer]:
    server = ControlServer(folder, answers)
    await server.start()
    yield server
    await server.close()


def path_of(server: ControlServer) -> Path:
    assert server.path is not None
    return server.path


async def send(path: Path, data: bytes, *, end: bool = False) -> bytes:
    """All that comes back to some bytes."""
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        writer.write(data)
        if end:
            writer.write_eof()
        async with asyncio.timeout(60):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def refusal(data: bytes) -> Refusal:
    (length,) = HEADER.unpack(data[: HEADER.size])
    assert len(data) == HEADER.size + length
    body = unpack_control(data[HEADER.size :], ControlReply).body
    assert isinstance(body, Refusal)
    return body


async def still_answers(server: ControlServer) -> bool:
    return (await ask_stats(path_of(server), 20)).waiting == CANNED_STATS.waiting


async def test_all_three_requests(server: ControlServer, answers: CannedAnswers) -> None:
    assert await ask_free(path_of(server), 20) == CANNED_FREE
    assert await ask_stats(path_of(server), 20) == msgspec.structs.replace(CANNED_STATS, pid=os.getpid())
    assert await ask_dump(path_of(server), 20) == Path("/nowhere/dump-20240131-235959.json")
    assert answers.asked == ["free", "stats", "dump"]


async def test_the_socket_is_this_users_alone(server: ControlServer) -> None:
    mode = path_of(server).lstat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


async def test_another_user_is_sent_away(
    server: ControlServer, answers: CannedAnswers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    request = pack_control(ControlRequest(CONTROL_VERSION, AskFree()))
    monkeypatch.setattr(control.os, "getuid", lambda: 54321)  # which makes the client, that is us, another user
    assert await send(path_of(server), request) == b""
    assert answers.asked == []
    assert "was sent away" in caplog.text


@pytest.mark.skipif(sys.platform != "linux", reason="runs under Linux only")
def test_the_system_tells_who_asks() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        assert peer_uid(ours) == os.getuid()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff" * 100,
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x91" * 4000,
        msgspec.msgpack.encode({"version": "1"}),
        msgspec.msgpack.encode({"version": CONTROL_VERSION}),
        msgspec.msgpack.encode({"version": CONTROL_VERSION, "body": {"type": "AskEverything"}}),
        msgspec.msgpack.encode({"version": CONTROL_VERSION, "body": {"type": b"\xff\xfe"}}),
        b"\x82\xa7version\x01\xa4body\x81\xa4type\xa2\xff\xfe",  # a text that is not UTF-8
    ],
)
async def test_garbage_is_refused(server: ControlServer, answers: CannedAnswers, payload: bytes) -> None:
    reply = refusal(await send(path_of(server), HEADER.pack(len(payload)) + payload))
    assert reply.error.code is ErrorCode.PROTOCOL
    assert answers.asked == []
    assert await still_answers(server)


@pytest.mark.parametrize("length", [MAX_REQUEST + 1, 2**31, 2**32 - 1])
async def test_a_huge_frame_is_not_waited_for(server: ControlServer, length: int) -> None:
    reply = refusal(await send(path_of(server), HEADER.pack(length) + b"x" * 1000))
    assert "too long" in reply.error.message
    assert await still_answers(server)


@pytest.mark.parametrize("cut", [0, 2, HEADER.size, HEADER.size + 5])
async def test_a_request_that_is_cut_off(server: ControlServer, answers: CannedAnswers, cut: int) -> None:
    request = pack_control(ControlRequest(CONTROL_VERSION, AskFree()))
    assert await send(path_of(server), request[:cut], end=True) == b""
    assert answers.asked == []
    assert await still_answers(server)


async def test_another_version_is_told_so(server: ControlServer, answers: CannedAnswers) -> None:
    payload = msgspec.msgpack.encode({"version": CONTROL_VERSION + 1, "body": {"type": "AskFree"}})
    reply = refusal(await send(path_of(server), HEADER.pack(len(payload)) + payload))
    assert "another version" in reply.error.message
    assert answers.asked == []


async def test_silent_clients_cost_nothing(folder: Path, answers: CannedAnswers) -> None:
    server = ControlServer(folder, answers, read_seconds=0.2)
    await server.start()
    try:
        silent = [await asyncio.open_unix_connection(folder / SOCKET_NAME) for _ in range(CONNECTIONS)]
        async with asyncio.timeout(60):
            assert [await reader.read() for reader, _ in silent] == [b""] * CONNECTIONS
        assert await still_answers(server)
        for _, writer in silent:
            writer.close()
    finally:
        await server.close()


async def test_too_many_at_once_are_refused(server: ControlServer) -> None:
    waiting = [await asyncio.open_unix_connection(path_of(server)) for _ in range(CONNECTIONS)]
    with pytest.raises(DesktopOcrError, match="Too many"):
        await ask_stats(path_of(server), 20)
    for _, writer in waiting:
        writer.close()
        await writer.wait_closed()
    async with asyncio.timeout(60):
        while server._connections:
            await asyncio.sleep(0.01)
    assert await still_answers(server)


async def test_a_fault_in_an_answer_is_a_refusal(
    server: ControlServer, answers: CannedAnswers, caplog: pytest.LogCaptureFixture
) -> None:
    answers.how = "fail"
    with pytest.raises(DesktopOcrError, match="OSError") as refused:
        await ask(path_of(server), AskStats(), 20)
    assert refused.value.code is ErrorCode.INTERNAL
    assert "a fault that was put here" in caplog.text  # the log has the rest
    answers.how = "canned"
    assert await still_answers(server)


async def test_an_error_arrives_as_it_is_even_if_it_is_no_text(folder: Path) -> None:
    class Refusing(CannedAnswers):
        words = "The page is too large."

        async def dump(self) -> Path:
            raise DesktopOcrError(ErrorCode.DISK_FULL, self.words, "Make room there.")

    answers = Refusing()
    server = ControlServer(folder, answers)
    await server.start()
    try:
        with pytest.raises(DesktopOcrError, match=r"too large. Make room") as refused:
            await ask_dump(folder / SOCKET_NAME, 20)
        assert refused.value.code is ErrorCode.DISK_FULL
        answers.words = "a\udcff.pdf"
        with pytest.raises(DesktopOcrError, match="not text"):
            await ask_dump(folder / SOCKET_NAME, 20)
    finally:
        await server.close()


async def test_a_path_that_is_no_text_comes_as_one(folder: Path) -> None:
    server = ControlServer(folder, CannedAnswers(dump=Path("/d\udcff/dump.json")))
    await server.start()
    try:
        assert await ask_dump(folder / SOCKET_NAME, 20) == Path("/d?/dump.json")
    finally:
        await server.close()


async def test_a_client_that_does_not_read_does_not_keep_the_server(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Verbose(CannedAnswers):
        async def dump(self) -> Path:
            return Path("/" + "x" * 3_000_000)  # more than the system keeps for a socket

    monkeypatch.setattr(control, "WRITE_SECONDS", 0.2)
    server = ControlServer(folder, Verbose())
    await server.start()
    try:
        with socket.socket(socket.AF_UNIX) as deaf:
            deaf.connect(str(folder / SOCKET_NAME))
            deaf.sendall(pack_control(ControlRequest(CONTROL_VERSION, AskDump())))
            async with asyncio.timeout(60):
                while not server._connections:
                    await asyncio.sleep(0.01)
                while server._connections:
                    await asyncio.sleep(0.01)
        assert len(str(await ask_dump(folder / SOCKET_NAME, 20))) == 3_000_001
    finally:
        await server.close()


async def test_closing_breaks_off_what_is_asked_and_leaves_nothing(folder: Path) -> None:
    answers = CannedAnswers("hang")
    server = ControlServer(folder, answers)
    await server.start()
    asking = asyncio.create_task(ask_free(folder / SOCKET_NAME, 60))
    async with asyncio.timeout(60):
        while not answers.asked:
            await asyncio.sleep(0.01)
        await server.close()
        with pytest.raises(DesktopOcrError, match="ended before it answered"):
            await asking
    assert list(folder.iterdir()) == []
    assert server.path is None
    await server.close()  # a second time is fine


async def test_an_asker_that_gives_up_does_not_stop_the_answer(server: ControlServer, answers: CannedAnswers) -> None:
    answers.how = "hang"
    with pytest.raises(DesktopOcrError) as late:
        await ask_free(path_of(server), 0.2)
    assert late.value.code is ErrorCode.TIMED_OUT
    answers.how = "canned"
    assert await still_answers(server)


async def test_a_path_that_is_too_long_for_a_socket(user_home: Path) -> None:
    deep = user_home / ("d" * 100) / "1-2"
    deep.mkdir(parents=True)
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208 - numbers
    server = ControlServer(deep, CannedAnswers())
    await server.start()
    try:
        assert await ask_free(path_of(server), 20) == CANNED_FREE
        assert stat.S_IMODE((deep / SOCKET_NAME).lstat().st_mode) == 0o600
    finally:
        await server.close()
    assert not (deep / SOCKET_NAME).exists()
    assert len(set(os.listdir("/proc/self/fd")) - before) <= 0  # noqa: PTH208


async def test_where_it_cannot_listen_a_line_says_so(user_home: Path, caplog: pytest.LogCaptureFixture) -> None:
    server = ControlServer(user_home / "gone", CannedAnswers())
    with caplog.at_level(logging.WARNING):
        await server.start()
    assert server.path is None
    assert "no control channel" in caplog.text
    await server.close()


async def test_a_socket_left_by_an_earlier_session_of_this_process(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(folder / SOCKET_NAME))
    server = ControlServer(folder, CannedAnswers())
    await server.start()
    try:
        assert await still_answers(server)
    finally:
        await server.close()


async def test_a_second_session_of_this_process_leaves_the_first_its_socket(
    server: ControlServer, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    second = ControlServer(folder, CannedAnswers())
    await second.start()
    assert second.path is None
    assert "no control channel" in caplog.text
    await second.close()
    assert await still_answers(server)
