"""What `desktop-ocr free` and `desktop-ocr memory` say to a running program, over a socket of this user's alone."""

from __future__ import annotations

import msgspec

from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.memory import FreeReport, MemoryStats

CONTROL_VERSION = 1
SOCKET_NAME = "control"


class AskFree(msgspec.Struct, frozen=True, tag=True):
    """Give memory back. Reply: `FreeingDone`."""


class AskStats(msgspec.Struct, frozen=True, tag=True):
    """Say what is held. Reply: `Stats`."""


class AskDump(msgspec.Struct, frozen=True, tag=True):
    """Write a diagnostic dump. Reply: `Dumped`."""


class ControlRequest(msgspec.Struct, frozen=True):
    """One request, with the asker's version of this protocol."""

    version: int
    body: AskFree | AskStats | AskDump


class FreeingDone(msgspec.Struct, frozen=True, tag=True):
    """Memory was given back."""

    report: FreeReport


class Stats(msgspec.Struct, frozen=True, tag=True):
    """What is held."""

    stats: MemoryStats


class Dumped(msgspec.Struct, frozen=True, tag=True):
    """The dump's file."""

    path: str


class Refusal(msgspec.Struct, frozen=True, tag=True):
    """It was not done, and why."""

    error: ErrorInfo


class ControlReply(msgspec.Struct, frozen=True):
    """The reply to the one request of a connection."""

    version: int
    body: FreeingDone | Stats | Dumped | Refusal
