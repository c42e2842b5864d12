"""Frames on a pipe: four bytes of length, big endian, then that many bytes of msgpack.

Both ends cap the length: a host that parsed a hostile file must not make its parent allocate at will, and a
corrupted length must not be waited for.
"""

from __future__ import annotations

import contextlib
import struct

import msgspec

from desktop_ocr.schema.messages import Reply, Request

MAX_FRAME = 64 * 1024 * 1024
HEADER = struct.Struct(">I")

_encoder = msgspec.msgpack.Encoder()
_requests = msgspec.msgpack.Decoder(Request)
_replies = msgspec.msgpack.Decoder(Reply)


class FrameError(ValueError):
    """A frame is too long, cut off, or not what it should be."""


class RequestError(FrameError):
    """A request that holds what cannot be; `number` is the request's."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"not a request: {why}")
        self.number = number


class _Numbered(msgspec.Struct):
    number: int


_numbers = msgspec.msgpack.Decoder(_Numbered)


def pack(message: Request | Reply) -> bytes:
    """A message as a frame.

    Raises:
        FrameError: the message is longer than `MAX_FRAME` bytes.
    """
    payload = _encoder.encode(message)
    if len(payload) > MAX_FRAME:
        raise FrameError(f"a message of {len(payload)} bytes is over the limit of {MAX_FRAME}")
    return HEADER.pack(len(payload)) + payload


def payload_length(header: bytes) -> int:
    """The length that a frame's header announces.

    Raises:
        FrameError: the header is cut off, or the length is over `MAX_FRAME`.
    """
    if len(header) != HEADER.size:
        raise FrameError("a frame's header is cut off")
    length = int(HEADER.unpack(header)[0])
    if length > MAX_FRAME:
        raise FrameError(f"a frame of {length} bytes is over the limit of {MAX_FRAME}")
    return length


def unpack_request(payload: bytes) -> Request:
    """A request from a frame's payload.

    Raises:
        RequestError: it is one, but for something in it that cannot be.
        FrameError: it is not one.
    """
    try:
        return _requests.decode(payload)
    except msgspec.ValidationError as error:
        with contextlib.suppress(msgspec.DecodeError):
            raise RequestError(_numbers.decode(payload).number, str(error)) from error
        raise FrameError(f"not a request: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FrameError(f"not a request: {error}") from error


def unpack_reply(payload: bytes) -> Reply:
    """A reply from a frame's payload.

    Raises:
        FrameError: it is not one.
    """
    try:
        return _replies.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FrameError(f"not a reply: {error}") from error
