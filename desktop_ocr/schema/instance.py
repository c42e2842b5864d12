"""What a second start says to the window that runs already, over a socket of this user's alone.

On the socket: four bytes of length, big endian, then that many bytes of msgpack. One message, one reply a connection.
Paths cross as bytes: the name of a file need not be text.
"""

from __future__ import annotations

import enum
import struct
from typing import TypeVar

import msgspec

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

INSTANCE_VERSION = 1
INSTANCE_HEADER = struct.Struct(">I")
MOST_PATHS = 1000  # of a message: who has more sends several
LONGEST_PATH = 8192  # bytes
LONGEST_TOKEN = 512
MAX_INSTANCE = MOST_PATHS * (LONGEST_PATH + 8) + 4096  # bytes of a message


class InstanceAction(enum.StrEnum):
    """What the window is to do.

    OPEN: add files and come to the front. SHOW: come to the front. CAPTURE: read a region of the screen. BACKGROUND:
    add files, if there are any, and stay where it is.
    """

    OPEN = "open"
    SHOW = "show"
    CAPTURE = "capture"
    BACKGROUND = "background"


class InstanceMessage(msgspec.Struct, frozen=True):
    """One message.

    Attributes:
        action: see `InstanceAction`.
        paths: of files and folders, absolute, as the file system has them (`os.fsencode`).
        token: the right to come to the front, as the desktop gave it to the second start; "" for none.
    """

    action: InstanceAction
    paths: tuple[bytes, ...] = ()
    token: str = ""


class InstanceReply(msgspec.Struct, frozen=True):
    """The reply: whether it was taken, and why not."""

    version: int
    taken: bool
    text: str = ""


class _Envelope(msgspec.Struct, frozen=True):
    version: int
    message: InstanceMessage


class _Versioned(msgspec.Struct, frozen=True):
    """What messages of all versions have in common."""

    version: int


def pack_message(message: InstanceMessage) -> bytes:
    """A message as it stands on the socket.

    Raises:
        DesktopOcrError: USAGE, it is too long, or its token is no text.
    """
    _check(message)
    try:
        return _framed(msgspec.msgpack.encode(_Envelope(INSTANCE_VERSION, message)))
    except UnicodeEncodeError as error:
        raise _wrong() from error


def pack_reply(reply: InstanceReply) -> bytes:
    """A reply as it stands on the socket."""
    return _framed(msgspec.msgpack.encode(reply))


def message_length(header: bytes) -> int:
    """The length that a header announces.

    Raises:
        DesktopOcrError: PROTOCOL, nothing that is meant for us is so long.
    """
    length = int(INSTANCE_HEADER.unpack(header)[0])
    if not 0 < length <= MAX_INSTANCE:
        raise DesktopOcrError(ErrorCode.PROTOCOL, f"A message of another program has {length} bytes.")
    return length


def unpack_message(payload: bytes) -> InstanceMessage:
    """A message from its bytes.

    Raises:
        DesktopOcrError: PROTOCOL, it is none; USAGE, it is of another version.
    """
    message = _unpacked(payload, _Envelope).message
    _check(message)
    return message


def unpack_reply(payload: bytes) -> InstanceReply:
    """A reply from its bytes. Raises as `unpack_message`."""
    return _unpacked(payload, InstanceReply)


_Kind = TypeVar("_Kind", _Envelope, InstanceReply)


def _unpacked(payload: bytes, kind: type[_Kind]) -> _Kind:
    try:
        # The version first: what else a message of another one holds is not known.
        if msgspec.msgpack.decode(payload, type=_Versioned).version == INSTANCE_VERSION:
            return msgspec.msgpack.decode(payload, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DesktopOcrError(ErrorCode.PROTOCOL, "What another program said was not understood.") from error
    raise DesktopOcrError(
        ErrorCode.USAGE,
        "The Desktop OCR that is running is of another version than this one.",
        "Quit it, and start it again.",
    )


def _check(message: InstanceMessage) -> None:
    long = any(len(path) > LONGEST_PATH for path in message.paths)
    if long or len(message.paths) > MOST_PATHS or len(message.token) > LONGEST_TOKEN:
        raise _wrong()


def _wrong() -> DesktopOcrError:
    return DesktopOcrError(ErrorCode.PROTOCOL, "What another program said was not understood.")


def _framed(payload: bytes) -> bytes:
    return INSTANCE_HEADER.pack(len(payload)) + payload
