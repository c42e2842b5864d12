"""The asking end of the control channel: finds the programs that run, and asks one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
from pathlib import Path

from desktop_ocr.core.owners import owner_alive
from desktop_ocr.core.socket_paths import reachable
from desktop_ocr.schema.control import (
    CONTROL_VERSION,
    HEADER,
    MAX_REPLY,
    SOCKET_NAME,
    AskDump,
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
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.memory import FreeReport, MemoryStats

Request = AskFree | AskStats | AskDump | AskResume
Answer = FreeingDone | Stats | Dumped | Resumed


async def running(root: Path) -> list[Path]:
    """The sockets of the user's running programs, by process id.

    Args:
        root: the folder of all programs' runtime folders (`AppPaths.runtime`).

    Raises:
        DesktopOcrError: NO_PERMISSION, the folder cannot be read, or belongs to another user.
    """
    return await asyncio.to_thread(_running, root)


def program_pid(path: Path) -> int:
    """The process id of the program whose socket this is."""
    return int(path.parent.name.partition("-")[0])


async def ask_free(path: Path, seconds: float) -> FreeReport:
    """Have a program give its memory back. Raises as `ask`."""
    answer = await ask(path, AskFree(), seconds)
    if not isinstance(answer, FreeingDone):
        raise _not_understood()
    return answer.report


async def ask_stats(path: Path, seconds: float) -> MemoryStats:
    """Ask a program what it holds. Raises as `ask`."""
    answer = await ask(path, AskStats(), seconds)
    if not isinstance(answer, Stats):
        raise _not_understood()
    return answer.stats


async def ask_dump(path: Path, seconds: float) -> Path:
    """Have a program write a diagnostic dump; returns its file. Raises as `ask`."""
    answer = await ask(path, AskDump(), seconds)
    if not isinstance(answer, Dumped):
        raise _not_understood()
    return Path(answer.path)


async def ask_resume(path: Path, seconds: float) -> int:
    """Have a program go on with what was paused; returns how many documents. Raises as `ask`."""
    answer = await ask(path, AskResume(), seconds)
    if not isinstance(answer, Resumed):
        raise _not_understood()
    return answer.documents


async def ask(path: Path, request: Request, seconds: float) -> Answer:
    """Ask a program.

    Args:
        path: its socket.
        request: what for.
        seconds: time for all of it.

    Raises:
        DesktopOcrError: what the program said of why not; NOT_FOUND where it has ended; TIMED_OUT; PROTOCOL where it
            is of another version.
    """
    if not hasattr(socket, "AF_UNIX"):  # Windows
        raise DesktopOcrError(ErrorCode.NOT_FOUND, "Running programs cannot be asked under Windows yet.")
    try:
        async with asyncio.timeout(seconds):
            body = (await _exchange(path, request)).body
    except TimeoutError as error:
        raise DesktopOcrError(
            ErrorCode.TIMED_OUT,
            f"Desktop OCR ({path.parent.name.partition('-')[0]}) has not answered within {seconds:.0f} s.",
        ) from error
    except (ConnectionRefusedError, FileNotFoundError, EOFError, ConnectionResetError) as error:
        raise DesktopOcrError(ErrorCode.NOT_FOUND, "Desktop OCR has ended before it answered.") from error
    except OSError as error:
        raise DesktopOcrError(
            ErrorCode.NO_PERMISSION, f"The running Desktop OCR cannot be asked ({error.strerror or error})."
        ) from error
    if isinstance(body, Refusal):
        raise DesktopOcrError.from_info(body.error)
    return body


async def _exchange(path: Path, request: Request) -> ControlReply:
    loop = asyncio.get_running_loop()
    # A bare socket, not a stream: what was received before the other end closed is read before its error is.
    with socket.socket(socket.AF_UNIX) as connection:
        connection.setblocking(False)
        with reachable(path) as name:
            await loop.sock_connect(connection, name)
        with contextlib.suppress(BrokenPipeError):  # it may have said why before it closed
            await loop.sock_sendall(connection, pack_control(ControlRequest(CONTROL_VERSION, request)))
        header = await _received(connection, HEADER.size)
        payload = await _received(connection, control_length(header, MAX_REPLY))
    return unpack_control(payload, ControlReply)


async def _received(connection: socket.socket, size: int) -> bytes:
    loop = asyncio.get_running_loop()
    parts = bytearray()
    while len(parts) < size:
        part = await loop.sock_recv(connection, min(size - len(parts), 1 << 16))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _running(root: Path) -> list[Path]:
    try:
        # Among temporary files another user may have put a folder, or a link, of that name.
        if hasattr(os, "getuid") and {root.stat().st_uid, root.lstat().st_uid} != {os.getuid()}:
            raise DesktopOcrError(ErrorCode.NO_PERMISSION, f"The folder {root} belongs to another user.")
        sockets = [folder / SOCKET_NAME for folder in root.iterdir() if _of_running_program(folder)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise DesktopOcrError(
            ErrorCode.NO_PERMISSION, f"The folder {root} cannot be read ({error.strerror})."
        ) from error
    return sorted(sockets, key=program_pid)


def _of_running_program(folder: Path) -> bool:
    pid, _, start = folder.name.partition("-")
    if not owner_alive(f"{pid}:{start}"):  # also where the folder is not named like one of ours
        return False
    try:
        return stat.S_ISSOCK((folder / SOCKET_NAME).lstat().st_mode)
    except OSError:
        return False


def _not_understood() -> DesktopOcrError:
    return DesktopOcrError(ErrorCode.PROTOCOL, "Desktop OCR has answered something else than it was asked.")
