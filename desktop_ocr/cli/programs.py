"""Asking all running programs at once, and printing what they said."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from desktop_ocr.cli.streams import printable, silence
from desktop_ocr.core.control_client import program_pid, running
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

Answer = TypeVar("Answer")


class Answers(msgspec.Struct, Generic[Answer], frozen=True):
    """What the programs said, by process id, and a sentence for each that could not be asked."""

    of: dict[int, Answer]
    errors: tuple[str, ...] = ()

    @property
    def none_runs(self) -> bool:
        """Whether there was nobody to ask."""
        return not self.of and not self.errors


async def ask_all(root: Path, ask: Callable[[Path], Awaitable[Answer]]) -> Answers[Answer]:
    """Ask all running programs at the same time; one that ends meanwhile does not count as running.

    Args:
        root: `AppPaths.runtime`.
        ask: what to ask of a socket.

    Raises:
        DesktopOcrError: they cannot be looked for.
    """
    sockets = await running(root)
    replies = await asyncio.gather(*map(ask, sockets), return_exceptions=True)
    answers: dict[int, Answer] = {}
    errors: list[str] = []
    for path, reply in zip(sockets, replies, strict=True):
        if isinstance(reply, DesktopOcrError):
            if reply.code is not ErrorCode.NOT_FOUND:
                errors.append(str(reply))
        elif isinstance(reply, BaseException):
            raise reply
        else:
            answers[program_pid(path)] = reply
    return Answers(answers, tuple(errors))


def put(text: str) -> None:
    """Print lines.

    Raises:
        BrokenPipeError: who read them has gone.
        DesktopOcrError: they cannot be written.
    """
    lines = "".join(printable(line) + "\n" for line in text.splitlines())
    _write(lines.encode(sys.stdout.encoding or "utf-8", "backslashreplace"))


def put_utf8(text: str) -> None:
    """Print a text for a program, in UTF-8 whatever the terminal is. Raises as `put`."""
    _write(text.encode())


def put_json(value: object, *, indent: int = 2) -> None:
    """Print JSON, which is UTF-8 whatever the terminal is; in one line where `indent` is 0. Raises as `put`."""
    text = msgspec.json.encode(value)
    _write((msgspec.json.format(text, indent=indent) if indent else text) + b"\n")


def complain(errors: tuple[str, ...]) -> None:
    """Sentences on stderr."""
    try:
        for error in errors:
            sys.stderr.write(f"desktop-ocr: {printable(error)}\n")
        sys.stderr.flush()
    except OSError:
        silence(sys.stderr)  # nobody is left to tell


def _write(data: bytes) -> None:
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        silence(sys.stdout)
        raise DesktopOcrError(ErrorCode.DISK_FULL, f"The output cannot be written ({error.strerror}).") from error
