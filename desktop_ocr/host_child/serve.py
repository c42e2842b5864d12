"""A host's main loop: handshake, then one request after another until the pipe ends."""

from __future__ import annotations

import errno
import logging
import os
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO

from desktop_ocr import __version__
from desktop_ocr.host_child.limits import allow_cpu_time, confine, told_limits
from desktop_ocr.host_child.parent_watch import die_with_parent
from desktop_ocr.host_child.stdio import claim_pipes
from desktop_ocr.schema import frames
from desktop_ocr.schema.confinement import HostLimits, Wall
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo, unexpected
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.messages import (
    PROTOCOL_VERSION,
    Done,
    Failed,
    Hello,
    Ping,
    Quit,
    Reply,
    ReplyBody,
    RequestBody,
)

Handler = Callable[[RequestBody], ReplyBody]

log = logging.getLogger(__name__)


def serve(role: str, make_handler: Callable[[], Handler]) -> int:
    """Run a host until it is told to quit or its parent's pipe ends.

    The caller must not have imported anything large: the handshake goes out first, so that the parent can tell a
    host that does not start from one that is slow to import.

    Args:
        role: the host's name, sent in the handshake.
        make_handler: imports what the host needs and returns the function that answers requests.

    Returns:
        The process' exit code.
    """
    reader, writer = claim_pipes()
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # Ctrl-C reaches the whole foreground group: ending is the parent's business.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent(int(os.environ.get("DESKTOP_OCR_PARENT", os.getppid())))
    # Nothing was opened yet. Models run in many threads, and get no users' files: their time is the parent's business.
    opens_files, limits = role == HostRole.DOCUMENT, told_limits()
    walls = confine(limits, local_sockets=not opens_files)
    _send(writer, Reply(0, Hello(PROTOCOL_VERSION, __version__, role, os.getpid(), walls)))
    handler: Handler | None = None
    while (payload := _receive(reader)) is not None:
        try:
            request = frames.unpack_request(payload)
        except frames.RequestError as error:
            log.warning("%s", error)
            _send(writer, Reply(error.number, Failed(ErrorInfo(ErrorCode.PROTOCOL, "This was asked in a wrong way."))))
            continue
        if isinstance(request.body, Quit):
            _send(writer, Reply(request.number, Done()))
            return 0
        if isinstance(request.body, Ping):
            _send(writer, Reply(request.number, Done()))
            continue
        if handler is None:
            handler = _made(make_handler)
        if opens_files and Wall.CPU_TIME in walls:
            allow_cpu_time(request.seconds)
        _send(writer, Reply(request.number, _with_advice(_answer(handler, request.body), limits)))
    return 0


def _with_advice(reply: ReplyBody, limits: HostLimits) -> ReplyBody:
    """Closing other programs does not help against a limit of one's own."""
    if not limits.address_mb or not isinstance(reply, Failed) or reply.error.code is not ErrorCode.OUT_OF_MEMORY:
        return reply
    advice = "Close other programs, or raise 'document_limit_mb' in the settings."
    return Failed(ErrorInfo(reply.error.code, reply.error.message, advice))


def _made(make_handler: Callable[[], Handler]) -> Handler:
    """The handler, or one that says why there is none: what a host needs may not be installed."""
    try:
        return make_handler()
    except Exception as error:
        log.warning("the host cannot start its libraries", exc_info=True)
        if isinstance(error, MemoryError):
            none_left = ErrorInfo(ErrorCode.OUT_OF_MEMORY, "There was not enough memory.", "Close other programs.")
            return lambda _: Failed(none_left)
        text = f"A part of the program cannot be started ({type(error).__name__}: {error})."
        info = ErrorInfo(ErrorCode.INTERNAL, text, "Run 'desktop-ocr doctor' to see what is missing.")
        return lambda _: Failed(info)


def _answer(handler: Handler, body: RequestBody) -> ReplyBody:
    try:
        return handler(body)
    except DesktopOcrError as error:
        return Failed(error.info)
    except MemoryError:
        return Failed(
            ErrorInfo(ErrorCode.OUT_OF_MEMORY, "There was not enough memory for this page.", "Close other programs.")
        )
    except OSError as error:
        return Failed(os_error_info(error))
    except Exception as error:
        log.warning("%s failed", type(body).__name__, exc_info=True)
        return Failed(unexpected(error).info)


def os_error_info(error: OSError) -> ErrorInfo:
    """What an operating system's error means to a user."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ErrorInfo(ErrorCode.DISK_FULL, "The disk is full.", "Make room and try again.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ErrorInfo(ErrorCode.NO_PERMISSION, "You have no permission for this file or folder.")
    if error.errno == errno.ENOENT:
        return ErrorInfo(ErrorCode.NOT_FOUND, "The file is not there any more.")
    if error.errno == errno.EMFILE:
        return ErrorInfo(ErrorCode.TOO_LARGE, "Too many files would have to be open at a time for this.")
    if error.errno == errno.EFBIG:
        return ErrorInfo(ErrorCode.TOO_LARGE, "A file would have become too large.")
    if error.errno == errno.ENOMEM:
        return ErrorInfo(ErrorCode.OUT_OF_MEMORY, "There was not enough memory.", "Close other programs.")
    if error.errno is None:  # a library's own error in the system's clothes: Pillow raises such
        log.warning("an error without a number", exc_info=error)
        return unexpected(error).info
    return ErrorInfo(ErrorCode.INTERNAL, f"The system reported: {os.strerror(error.errno)}.")


def _send(writer: BinaryIO, reply: Reply) -> None:
    try:
        frame = frames.pack(reply)
    except frames.FrameError:
        frame = frames.pack(
            Reply(
                reply.number,
                Failed(ErrorInfo(ErrorCode.TOO_LARGE, "The page holds too much to be handed over.")),
            )
        )
    writer.write(frame)
    writer.flush()


def _receive(reader: BinaryIO) -> bytes | None:
    header = reader.read(frames.HEADER.size)
    if not header:
        return None
    length = frames.payload_length(header)
    payload = reader.read(length)
    if len(payload) != length:
        return None
    return payload
