"""What the core tells the window or the command line, as one tagged union: `Event`."""

from __future__ import annotations

import msgspec

from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.exports import InterruptedExport
from desktop_ocr.schema.jobs import JobView, PageState
from desktop_ocr.schema.memory import FreeReport, HostRole, MemorySample, ModelView, Pressure
from desktop_ocr.schema.model_store import StoredModel
from desktop_ocr.schema.receipts import Receipt
from desktop_ocr.schema.watching import WatchedView


class JobChanged(msgspec.Struct, frozen=True, tag=True):
    """A job is new or has changed; the view replaces what was known."""

    view: JobView


class JobRemoved(msgspec.Struct, frozen=True, tag=True):
    """A job has left the list."""

    job: int


class PageFinished(msgspec.Struct, frozen=True, tag=True):
    """A page was committed: DONE (its result can be read from the ledger), FAILED (with the reason), or PARTIAL: its
    text can be read, and it will come again with more.

    `degraded` says what was left out for want of memory, or is "".
    """

    job: int
    page: int
    state: PageState
    seconds: float
    error: ErrorInfo | None = None
    degraded: str = ""


class PageEdited(msgspec.Struct, frozen=True, tag=True):
    """A person has changed a page, or has undone that: another version is shown and exported now.

    `edited`: it differs from what was recognised.
    """

    job: int
    page: int
    version: int
    edited: bool


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


class StoredModelChanged(msgspec.Struct, frozen=True, tag=True):
    """A model's files were installed or removed, or a download has gone on: about four times a second at most."""

    model: StoredModel


class DocumentDone(msgspec.Struct, frozen=True, tag=True):
    """The last page of a document that was in work is committed. Documents of former runs are not told again."""

    receipt: Receipt


class StoredBefore(msgspec.Struct, frozen=True, tag=True):
    """A document was added whose content is stored already.

    Attributes:
        job: the one just added.
        pages: of those wanted, that were taken over and need not be recognised.
        when: the last of them was finished, in seconds as `time.time` gives them; of `other` where there are none.
        other: a job on the same content with other options that has more of the pages; 0 for none. Its options can
            be taken with `SessionApi.set_options`.
    """

    job: int
    pages: int
    when: float
    other: int = 0


class ExportsInterrupted(msgspec.Struct, frozen=True, tag=True):
    """Exports that a program was at when it was killed. Each is told once."""

    exports: tuple[InterruptedExport, ...]


class WorkWaits(msgspec.Struct, frozen=True, tag=True):
    """Pages are not taken now, because the settings say so: on battery, at night. () when they are again."""

    reasons: tuple[str, ...]


class WatchedChanged(msgspec.Struct, frozen=True, tag=True):
    """A watched folder, or what became of its files, has changed; about twice a second at most."""

    view: WatchedView


Event = (
    JobChanged
    | JobRemoved
    | PageFinished
    | PageEdited
    | HostStarted
    | HostEnded
    | MemorySample
    | ModelChanged
    | PressureChanged
    | Freed
    | WorkHeld
    | WorkResumed
    | StoredModelChanged
    | DocumentDone
    | StoredBefore
    | ExportsInterrupted
    | WorkWaits
    | WatchedChanged
    | Notice
)
