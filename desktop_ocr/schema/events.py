"""What the core tells the window or the command line, as one tagged union: `Event`."""

from __future__ import annotations

import msgspec

from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.jobs import JobView, PageState
from desktop_ocr.schema.memory import FreeReport, HostRole, MemorySample, ModelView, Pressure


class JobChanged(msgspec.Struct, frozen=True, tag=True):
    """A job is new or has changed; the view replaces what was known."""

    view: JobView


class JobRemoved(msgspec.Struct, frozen=True, tag=True):
    """A job has left the list."""

    job: int


class PageFinished(msgspec.Struct, frozen=True, tag=True):
    """A page was committed: DONE (its result can be read from the ledger) or FAILED (with the reason).

    `degraded` says what was left out for want of memory, or is "".
    """

    job: int
    page: int
    state: PageState
    seconds: float
    error: ErrorInfo | None = None
    degraded: str = ""


class HostStarted(msgspec.Struct, frozen=True, tag=True):
    """A child process answered its handshake."""

    role: HostRole
    pid: int


class HostEnded(msgspec.Struct, frozen=True, tag=True):
    """A child process is gone; `outcome` says how, in words."""

    role: HostRole
    pid: int
    outcome: str
    expected: bool


class Notice(msgspec.Struct, frozen=True, tag=True):
    """A sentence for the user that belongs to no single job."""

    text: str
    error: bool = False


class ModelChanged(msgspec.Struct, frozen=True, tag=True):
    """A model was loaded, unloaded, or is on the way."""

    view: ModelView


class PressureChanged(msgspec.Struct, frozen=True, tag=True):
    """Memory became shorter or less short, or a step was taken about it."""

    pressure: Pressure


class Freed(msgspec.Struct, frozen=True, tag=True):
    """Memory was given back, because the user wanted it, here or by `desktop-ocr free`."""

    report: FreeReport


class WorkHeld(msgspec.Struct, frozen=True, tag=True):
    """Documents that were going on wait until the user resumes them (`SessionApi.resume_work`); `text` says why."""

    text: str
    jobs: tuple[int, ...]


class WorkResumed(msgspec.Struct, frozen=True, tag=True):
    """The user let the work go on."""


Event = (
    JobChanged
    | JobRemoved
    | PageFinished
    | HostStarted
    | HostEnded
    | MemorySample
    | ModelChanged
    | PressureChanged
    | Freed
    | WorkHeld
    | WorkResumed
    | Notice
)
