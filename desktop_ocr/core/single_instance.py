"""Two windows never run: the first holds a lock, and takes messages of those that are started later.

Without Qt and asyncio: a second start is to be over before anybody notices it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import msgspec

from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.socket_paths import reachable
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.instance import (
    INSTANCE_HEADER,
    MOST_PATHS,
    InstanceAction,
    InstanceMessage,
    message_length,
    pack_message,
    unpack_reply,
)

log = logging.getLogger(__name__)

ANSWER_SECONDS = 5.0  # a window that runs answers at once
START_SECONDS = 30.0  # one that is just being started first reads Qt from the disk
LEAVING_SECONDS = 25.0  # one that is being ended waits for its hosts
RETRY_SECONDS = 0.05
WAITING = 50  # connections that nobody has answered yet
LOCK_NAME = "window.lock"
LOCKED_BYTE = 1 << 30  # Windows lets nobody read what is locked: far behind what is written


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lock.

    Attributes:
        pid, computer: of the process.
        address: of its socket, as the file system has it.
        ready: it answers; before that it is being started.
    """

    pid: int
    computer: str
    address: bytes
    ready: bool = False


class SingleInstance:
    """The right to open the window; see `only_one`.

    The lock lies beside the ledger, which is what two windows would share, and is the kernel's: it goes with the
    process, however that ends. The socket lies in the runtime folder; whoever has the lock may replace it.
    """

    def __init__(self, paths: AppPaths) -> None:
        """Touch nothing yet."""
        name = hashlib.sha256(os.fsencode(paths.data.absolute())).hexdigest()[:12]
        self._lock_file = paths.data / LOCK_NAME
        self._runtime = paths.runtime
        self._windows = sys.platform == "win32"
        self.address = Path(rf"\\.\pipe\desktop-ocr-{name}") if self._windows else paths.runtime / f"window-{name}"
        self._lock: IO[bytes] | None = None
        self._listening: socket.socket | None = None

    @property
    def held(self) -> bool:
        """Whether this process is the one."""
        return self._lock is not None

    def claim(self) -> bool:
        """Become the one, if there is none; False where there is.

        Raises:
            OSError: the lock cannot be had, for another reason.
        """
        self._lock_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Opened without truncating: it may say who holds it.
        stream = os.fdopen(os.open(self._lock_file, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600), "r+b")
        try:
            taken = _lock(stream)
        except BaseException:
            stream.close()
            raise
        if not taken:
            stream.close()
            return False
        self._lock = stream
        try:
            self._listen()
        except OSError as error:
            # The window works without; who is started later says that it cannot be reached.
            log.warning("a second start cannot reach this window (%s)", error)
        self._write(ready=False)
        return True

    def take_listening(self) -> int | None:
        """The descriptor of the socket that listens, once; it is the caller's from now on. None: there is none.

        Under Windows there is a name to listen on instead: `address`.
        """
        listening, self._listening = self._listening, None
        return listening.detach() if listening is not None else None

    def ready(self) -> None:
        """Messages are answered from now on."""
        self._write(ready=True)

    def deaf(self) -> None:
        """No message is taken any more: whoever is started now waits for this process to end."""
        if self.held and not self._windows:
            with contextlib.suppress(OSError):
                self.address.unlink(missing_ok=True)

    def release(self) -> None:
        """Let another one begin."""
        if self._lock is None:
            return
        self.deaf()
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        self._lock.close()  # and with it the lock goes
        self._lock = None

    def holder(self) -> Holder | None:
        """Who holds the lock, as far as that is written down already."""
        try:
            return msgspec.msgpack.decode(self._lock_file.read_bytes()[:4096], type=Holder)
        except (OSError, msgspec.DecodeError):
            return None

    def _write(self, *, ready: bool) -> None:
        if self._lock is None:
            return
        known = msgspec.msgpack.encode(Holder(os.getpid(), socket.gethostname(), os.fsencode(self.address), ready))
        try:
            self._lock.seek(0)
            self._lock.write(known)
            self._lock.truncate()
            self._lock.flush()
        except OSError as error:  # a full disk
            log.warning("a second start cannot reach this window (%s)", error)

    def _listen(self) -> None:
        if self._windows:
            return
        self._runtime.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Among temporary files another user may have put a link of that name, to a folder of ours.
        if {self._runtime.stat().st_uid, self._runtime.lstat().st_uid} != {os.getuid()}:
            raise PermissionError(errno.EACCES, "it belongs to another user", str(self._runtime))
        listening = socket.socket(socket.AF_UNIX)
        try:
            self.address.unlink(missing_ok=True)  # the lock is ours: who made it is dead
            with reachable(self.address) as name:
                listening.bind(name)
            # Before `listen` nobody can connect, so nobody does before the mode is right.
            self.address.chmod(0o600)
            listening.listen(WAITING)
        except OSError:
            listening.close()
            raise
        self._listening = listening


def _lock(stream: IO[bytes]) -> bool:
    """Lock an open file, until it is closed; False where another process has."""
    try:
        if sys.platform == "win32":  # not run there yet
            import msvcrt

            stream.seek(LOCKED_BYTE)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise
    return True


# --- a second start ---------------------------------------------------------------------------------------------------


def messages_for(
    files: Sequence[Path], action: InstanceAction = InstanceAction.OPEN, token: str = ""
) -> list[InstanceMessage]:
    """What a start with some files says; their paths are made absolute, links in them stay."""
    paths = [os.fsencode(os.path.abspath(file)) for file in files]  # noqa: PTH100 - `absolute` leaves ".." in
    return [
        InstanceMessage(action, tuple(paths[at : at + MOST_PATHS]), token)
        for at in range(0, max(1, len(paths)), MOST_PATHS)
    ]


def activation_token() -> str:
    """The right to come to the front that the desktop has given this process, or ""."""
    token = os.environ.get("XDG_ACTIVATION_TOKEN") or os.environ.get("DESKTOP_STARTUP_ID") or ""
    return token if len(token) <= 512 and token.isascii() else ""


def only_one(
    paths: AppPaths,
    messages: Sequence[InstanceMessage],
    *,
    answer_seconds: float = ANSWER_SECONDS,
    leaving_seconds: float = LEAVING_SECONDS,
) -> SingleInstance | None:
    """Become the one window, or hand messages to the one that runs.

    Args:
        paths: the user's folders.
        messages: what the running one is to do.
        answer_seconds: for it to take each.
        leaving_seconds: for one that takes none any more to end.

    Returns:
        The right to open the window; None when the messages were taken. Where a lock cannot be had at all (a file
        system that knows none), the right comes without it: `SingleInstance.held` is False.

    Raises:
        DesktopOcrError: TIMED_OUT, the running one does not answer; what it said of why not.
    """
    instance = SingleInstance(paths)
    rest = list(messages)
    deadline = time.monotonic() + leaving_seconds
    while True:
        try:
            if instance.claim():
                return instance
        except OSError as error:
            log.warning("whether another window runs cannot be told (%s)", error)
            return instance
        holder = instance.holder()
        if holder is not None:
            patience = answer_seconds if holder.ready else max(START_SECONDS, answer_seconds)
            while rest and _left(holder, rest[0], patience):
                del rest[0]
            if not rest:
                return None
        if time.monotonic() > deadline:
            raise _unreachable(holder)
        time.sleep(RETRY_SECONDS)


def _left(holder: Holder, message: InstanceMessage, seconds: float) -> bool:
    """Leave a message; False where nobody takes any (yet, or any more)."""
    try:
        if sys.platform == "win32":  # not run there yet; it has no limit of time
            with open(os.fsdecode(holder.address), "r+b", buffering=0) as pipe:  # noqa: PTH123 - a pipe, no path
                pipe.write(pack_message(message))
                header = pipe.read(INSTANCE_HEADER.size)
                payload = pipe.read(message_length(header)) if header else b""
        else:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(seconds)
                with reachable(Path(os.fsdecode(holder.address))) as name:
                    connection.connect(name)
                connection.sendall(pack_message(message))
                header = _received(connection, INSTANCE_HEADER.size)
                payload = _received(connection, message_length(header)) if header else b""
    except (TimeoutError, BlockingIOError) as error:
        raise _hangs(holder) from error
    except OSError:
        return False
    if not payload:
        return False
    reply = unpack_reply(payload)
    if not reply.taken:
        raise DesktopOcrError(ErrorCode.USAGE, reply.text or "The Desktop OCR that is running did not take it.")
    return True


def _received(connection: socket.socket, size: int) -> bytes:
    """So many bytes, or none where the other end closed before."""
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(size - len(parts))
        if not part:
            return b""
        parts += part
    return bytes(parts)


def _hangs(holder: Holder) -> DesktopOcrError:
    return DesktopOcrError(
        ErrorCode.TIMED_OUT,
        f"Desktop OCR is running already (process {holder.pid}), but does not answer.",
        "Wait a moment and try again. If that does not help, end that process.",
    )


def _unreachable(holder: Holder | None) -> DesktopOcrError:
    who = f" (process {holder.pid} on {holder.computer})" if holder is not None else ""
    return DesktopOcrError(
        ErrorCode.TIMED_OUT,
        f"Desktop OCR is running already{who}, but cannot be reached.",
        "It may be about to end: try again in a moment. If that does not help, end that process.",
    )
