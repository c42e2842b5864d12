"""What the core tells the window or the command line, as one tagged union: `Event`."""

from __future__ import annotations

import enum

import msgspec

from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.jobs import JobView, PageState


class HostRole(enum.StrEnum):
    """Which kind of child process."""

    DOCUMENT = "document"
    ENGINE = "engine"


class JobChanged(msgspec.Struct, frozen=True, tag=True):
    """A job is new or has changed; the view replaces what was known."""

    view: JobView


class JobRemoved(msgspec.Struct, frozen=True, tag=True):
    """A job has left the list."""

    job: int


class PageFinished(msgspec.Struct, frozen=True, tag=True):
    """A page was committed: DONE (its result can be read from the ledger) or FAILED (with the reason)."""

    job: int
    page: int
    state: PageState
    seconds: float
    error: ErrorInfo | None = None


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


class MemorySample(msgspec.Struct, frozen=True, tag=True):
    """Memory in MB (10^6 bytes). `vram_*` are None where no GPU can be asked.

    Attributes:
        ram_total, ram_used: of the machine.
        ram_window: this process.
        ram_hosts: its child processes.
        vram_total, vram_used: of the first GPU.
        vram_ours: what our processes hold there, or None where the driver does not say.
    """

    ram_total: float
    ram_used: float
    ram_window: float
    ram_hosts: float
    vram_total: float | None = None
    vram_used: float | None = None
    vram_ours: float | None = None


class Notice(msgspec.Struct, frozen=True, tag=True):
    """A sentence for the user that belongs to no single job."""

    text: str
    error: bool = False


Event = JobChanged | JobRemoved | PageFinished | HostStarted | HostEnded | MemorySample | Notice
