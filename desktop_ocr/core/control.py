"""The end of the control channel in a running program: answers `desktop-ocr free` and `desktop-ocr memory`.

A Unix socket in the program's own runtime folder, for this user alone. One request a connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
import struct
import sys
from pathlib import Path
from typing import Any, Protocol

from desktop_ocr.core.names import shown
from desktop_ocr.core.socket_paths import reachable
from desktop_ocr.schema.control import (
    CONTROL_VERSION,
    HEADER,
    MAX_REQUEST,
    SOCKET_NAME,
    AskFree,
    AskResume,
    AskStats,
    ControlReply,
    ControlRequest,
    Dumped,
    FreeingDone,
    Refusal,
    Resumed,
    Stats,
    control_length,
    pack_control,
    unpack_control,
)
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, unexpected
from desktop_ocr.schema.memory import FreeReport, MemoryStats

log = logging.getLogger(__name__)

READ_SECONDS = 5.0  # for the whole of a request
WRITE_SECONDS = 5.0  # for the reply to be taken
CONNECTIONS = 8
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: unix(7)


class ControlAnswers(Protocol):
    """What the program does when it is asked; see `SessionApi`."""

    async def free(self) -> FreeReport:
        """Give memory back."""

    async def stats(self) -> MemoryStats:
        """Say what is held."""

    async def dump(self) -> Path:
        """Write a diagnostic dump; returns its file."""

    async def resume_work(self) -> int:
        """Go on with what was paused; returns how many documents."""


class ControlServer:
    """Listens while the program runs. Without it the program works as well: no fault here is an error of its own.

    Attributes:
        path: of the socket; None while nobody listens.
    """

    def __init__(self, folder: Path, answer: ControlAnswers, *, read_seconds: float = READ_SECONDS) -> None:
        """Args:
        folder: the program's own runtime folder (mode 0700).
        answer: does what is asked.
        read_seconds: a client that has not said what it wants by then is sent away.
        """
        self.path: Path | None = None
        self._wanted = folder / SOCKET_NAME
        self._answer = answer
        self._read_seconds = read_seconds
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._closing = False

    async def start(self) -> None:
        """Listen. Where that cannot be, a log line says why."""
        if sys.platform == "win32":  # asyncio has no Unix sockets there; a named pipe has not been run
            log.warning("`desktop-ocr free` cannot reach this program: no control channel under Windows yet")
            return
        try:
            listening = _listen(self._wanted)
            # From 3.13 on asyncio deletes the socket itself, by a name that need not be good any more.
            keep: dict[str, Any] = {"cleanup_socket": False} if sys.version_info >= (3, 13) else {}
            self._server = await asyncio.start_unix_server(self._connected, sock=listening, limit=MAX_REQUEST, **keep)
        except OSError as error:
            log.warning("`desktop-ocr free` cannot reach this program: no control channel (%s)", error)
            return
        self.path = self._wanted

    async def close(self) -> None:
        """Stop listening; answers in work are broken off, and their askers see the connection end."""
        if self._server is None:
            return
        self._closing = True
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()
        self._server = self.path = None
        with contextlib.suppress(OSError):
            self._wanted.unlink(missing_ok=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - called as a task
        self._connections.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            log.debug("a control connection ended early: %s", type(error).__name__)
        except asyncio.CancelledError:
            # Some versions of asyncio (3.11.7) report a connection's task that ends cancelled as an error of ours.
            if not self._closing:
                raise
        finally:
            self._connections.discard(task)
            writer.transport.abort()  # what was to be sent has been taken, or will not be

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        uid = peer_uid(writer.get_extra_info("socket"))
        if uid is not None and uid != os.getuid():
            log.warning("user %d tried the control channel and was sent away", uid)
            return
        if len(self._connections) > CONNECTIONS:
            reply = _refused(DesktopOcrError(ErrorCode.NO_SERVICE, "Too many ask at once.", "Try again in a moment."))
        else:
            reply = await self._reply(reader)
        writer.write(reply)
        writer.close()
        async with asyncio.timeout(WRITE_SECONDS):
            await writer.wait_closed()

    async def _reply(self, reader: asyncio.StreamReader) -> bytes:
        try:
            async with asyncio.timeout(self._read_seconds):
                header = await reader.readexactly(HEADER.size)
                payload = await reader.readexactly(control_length(header, MAX_REQUEST))
            request = unpack_control(payload, ControlRequest)
        except DesktopOcrError as error:
            return _refused(error)
        try:
            return pack_control(ControlReply(CONTROL_VERSION, await self._do(request)))
        except DesktopOcrError as error:
            return _refused(error)
        except Exception as error:
            log.exception("a request on the control channel")
            return _refused(unexpected(error))

    async def _do(self, request: ControlRequest) -> FreeingDone | Stats | Dumped | Resumed:
        body = request.body
        if isinstance(body, AskFree):
            return FreeingDone(await self._answer.free())
        if isinstance(body, AskStats):
            return Stats(await self._answer.stats())
        if isinstance(body, AskResume):
            return Resumed(await self._answer.resume_work())
        return Dumped(shown(await self._answer.dump()))


def peer_uid(connection: socket.socket) -> int | None:
    """Whose process is at the other end; None where the system does not say: there the folder's mode is the guard."""
    if sys.platform != "linux":
        return None
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(found)[1])


def _listen(path: Path) -> socket.socket:
    """A socket that is bound to a path, for this user alone."""
    listening = socket.socket(socket.AF_UNIX)
    try:
        with reachable(path) as name:
            try:
                listening.bind(name)
            except OSError as error:
                if error.errno != errno.EADDRINUSE or _answered(name):
                    raise
                path.unlink()  # left in this folder by a session of this very process
                listening.bind(name)
        # Before `listen` nobody can connect, so nobody does before the mode is right.
        path.chmod(0o600)
        listening.listen(CONNECTIONS)
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening


def _answered(name: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)
        return probe.connect_ex(name) not in (errno.ECONNREFUSED, errno.ENOENT)


def _refused(error: DesktopOcrError) -> bytes:
    try:
        return pack_control(ControlReply(CONTROL_VERSION, Refusal(error.info)))
    except DesktopOcrError as worse:  # the error's own words are no text: a file's name in them
        return pack_control(ControlReply(CONTROL_VERSION, Refusal(worse.info)))
