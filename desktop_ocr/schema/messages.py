"""What parent and hosts say to each other: requests, replies and the handshake, as msgspec structs.

A frame is `Request` one way and `Reply` the other; `frames.py` says how they lie on the pipe. Every request gets
exactly one reply with its number, in order: a host does one thing at a time.
"""

from __future__ import annotations

import msgspec

from desktop_ocr.schema.confinement import Wall
from desktop_ocr.schema.document_messages import (
    DocumentInfo,
    DropExport,
    Exported,
    ExportPage,
    FinishExport,
    Formats,
    Inspect,
    ListFormats,
    MakePicture,
    Picture,
    PreparedPage,
    PreparePage,
    StartExport,
)
from desktop_ocr.schema.engine_messages import (
    Arrange,
    Configure,
    HostMemory,
    LoadModel,
    MeasureMemory,
    ModelLoaded,
    Recognise,
    Recognised,
    Refine,
    Unload,
    UnloadModels,
    WarmUp,
)
from desktop_ocr.schema.errors import ErrorInfo

PROTOCOL_VERSION = 3


class Ping(msgspec.Struct, frozen=True, tag=True):
    """Are you there. Reply: `Done`."""


class Quit(msgspec.Struct, frozen=True, tag=True):
    """End. Reply: `Done`, then the process ends."""


class Done(msgspec.Struct, frozen=True, tag=True):
    """It was done."""


class Failed(msgspec.Struct, frozen=True, tag=True):
    """It could not be done; the host is well."""

    error: ErrorInfo


class Hello(msgspec.Struct, frozen=True, tag=True):
    """A host's first frame, before it imports anything large; `walls` are those that stand around it."""

    protocol: int
    version: str
    role: str
    pid: int
    walls: tuple[Wall, ...] = ()


RequestBody = (
    Inspect
    | PreparePage
    | MakePicture
    | StartExport
    | ExportPage
    | FinishExport
    | DropExport
    | ListFormats
    | Configure
    | Recognise
    | Arrange
    | Refine
    | LoadModel
    | UnloadModels
    | WarmUp
    | MeasureMemory
    | Unload
    | Ping
    | Quit
)

ReplyBody = (
    Done
    | Failed
    | DocumentInfo
    | PreparedPage
    | Picture
    | Exported
    | Formats
    | Recognised
    | ModelLoaded
    | HostMemory
    | Hello
)


class Request(msgspec.Struct, frozen=True):
    """A request and its number; `seconds` is its deadline, 0 where it has none."""

    number: int
    body: RequestBody
    seconds: float = 0.0


class Reply(msgspec.Struct, frozen=True):
    """The reply to the request of that number; the handshake is number 0."""

    number: int
    body: ReplyBody
