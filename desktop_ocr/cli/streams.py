"""Standard streams that cannot end the work: closed ones, broken pipes, names that do not fit the encoding."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO


def mend_streams() -> None:
    """Call before anything else opens a file.

    A stream that was closed (`>&-`) is None to Python, and its number would be given to the next file opened. Names
    of files need not fit the terminal's encoding, nor be text at all.
    """
    if os.name == "posix":
        for number in range(3):
            try:
                os.fstat(number)
            except OSError:
                os.open(os.devnull, os.O_RDWR)  # gets the lowest free number: this one
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - stays open for the process' life
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as stderr has it


def silence(stream: TextIO) -> None:
    """What is left to write to a broken stream goes nowhere, also when Python flushes it at its end."""
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, stream.fileno())
    except (OSError, ValueError):  # a stream without a number: a test's
        return
    finally:
        os.close(null)


def printable(text: str) -> str:
    """The text in one line, without characters that would steer a terminal: a file's name may hold any."""
    return "".join(c if c >= " " and not "\x7f" <= c <= "\x9f" else repr(c)[1:-1] for c in text)
