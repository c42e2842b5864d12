"""What `desktop-ocr free` and `desktop-ocr memory` say to a running program, over a socket of this user's alone.

On the socket: four bytes of length, big endian, then that many bytes of msgpack. One request, one reply.
"""

from __future__ import annotations

import struct
from typing import TypeVar

import msgspec

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.memory import FreeReport, MemoryStats

CONTROL_VERSION = 1
SOCKET_NAME = "control"
MAX_REQUEST = 4096  # bytes: a request says which it is, and no more
MAX_REPLY = 4 * 1024 * 1024
HEADER = struct.Struct(">I")


class AskFree(msgspec.Struct, frozen=True, tag=True):
    """Give memory back. Reply: `FreeingDone`."""


class AskStats(msgspec.Struct, frozen=True, tag=True):
    """Say what is held. Reply: `Stats`."""


class AskDump(msgspec.Struct, frozen=True, tag=True):
    """Write a diagnostic dump. Reply: `Dumped`."""


class AskResume(msgspec.Struct, frozen=True, tag=True):
    """Go on with what was paused when memory was given back. Reply: `Resumed`."""


class ControlRequest(msgspec.Struct, frozen=True):
    """One request, with the asker's version of this protocol."""

    version: int
    body: AskFree | AskStats | AskDump | AskResume


class FreeingDone(msgspec.Struct, frozen=True, tag=True):
    """Memory was given back."""

    report: FreeReport


class Stats(msgspec.Struct, frozen=True, tag=True):
    """What is held."""

    stats: MemoryStats


class Dumped(msgspec.Struct, frozen=True, tag=True):
    """The dump's file."""

    path: str


class Resumed(msgspec.Struct, frozen=True, tag=True):
    """So many documents go on."""

    documents: int


class Refusal(msgspec.Struct, frozen=True, tag=True):
    """It was not done, and why."""

    error: ErrorInfo


class ControlReply(msgspec.Struct, frozen=True):
    """The reply to the one request of a connection."""

    version: int
    body: FreeingDone | Stats | Dumped | Resumed | Refusal


Message = TypeVar("Message", ControlRequest, ControlReply)


class _Versioned(msgspec.Struct, frozen=True):
    """What messages of all versions have in common."""

    version: int


def pack_control(message: ControlRequest | ControlReply) -> bytes:
    """A message as it stands on the socket.

    Raises:
        DesktopOcrError: PROTOCOL, it is too long, or holds a text that is not text.
    """
    try:
        payload = msgspec.msgpack.encode(message)
    except UnicodeEncodeError as error:
        raise DesktopOcrError(ErrorCode.PROTOCOL, "A message to another program holds what is not text.") from error
    if len(payload) > (MAX_REQUEST if isinstance(message, ControlRequest) else MAX_REPLY):
        raise DesktopOcrError(ErrorCode.PROTOCOL, f"A message to another program is too long ({len(payload)} bytes).")
    return HEADER.pack(len(payload)) + payload


def control_length(header: bytes, most: int) -> int:
    """The length that a header of `HEADER.size` bytes announces.

    Raises:
        DesktopOcrError: PROTOCOL, it is over `most` bytes.
    """
    length = int(HEADER.unpack(header)[0])
    if length > most:
        raise DesktopOcrError(ErrorCode.PROTOCOL, f"A message from another program is too long ({length} bytes).")
    return length


def unpack_control(payload: bytes, kind: type[Message]) -> Message:
    """A message from its bytes.

    Raises:
        DesktopOcrError: PROTOCOL, it is none, or of another version.
    """
    try:
        # The version first: what else a message of another one holds is not known.
        version = msgspec.msgpack.decode(payload, type=_Versioned).version
        if version == CONTROL_VERSION:
            return msgspec.msgpack.decode(payload, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DesktopOcrError(ErrorCode.PROTOCOL, "What another program said was not understood.") from error
    raise DesktopOcrError(
        ErrorCode.PROTOCOL,
        "The running Desktop OCR is of another version than this command.",
        "Close it and start it again.",
    )
