"""Jobs and pages: their states, what the user asked for, and what a list of them shows."""

from __future__ import annotations

import enum

import msgspec

from desktop_ocr.schema.errors import ErrorInfo


class TextLayerMode(enum.StrEnum):
    """What to do with a PDF page's own text."""

    AUTO = "auto"
    ALWAYS_OCR = "always-ocr"
    ONLY = "only"


class PageState(enum.StrEnum):
    """A page's state in the ledger. WORKING is never stored: a page in work is waiting to whoever starts next."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class JobState(enum.StrEnum):
    """A job's state. FAILED means that the document could not be opened at all."""

    WAITING = "waiting"
    OPENING = "opening"
    NEEDS_PASSWORD = "needs-password"  # noqa: S105 - a state
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


FINAL_STATES = frozenset({JobState.DONE, JobState.CANCELLED, JobState.FAILED})


class JobOptions(msgspec.Struct, frozen=True):
    """What decides a page's result, beside the page itself. Two jobs with equal options share stored pages.

    Attributes:
        dpi: pixels per inch at which pages are rendered; a page that would exceed `max_pixels` gets fewer.
        text_layer: what to do with a PDF page's own text.
        orientation: whether pages are turned upright.
        layout: whether blocks (headings, tables, columns) are looked for; without, text is in plain reading order.
        max_pixels: limit of a bitmap, width x height.
    """

    dpi: int = 200
    text_layer: TextLayerMode = TextLayerMode.AUTO
    orientation: bool = True
    max_pixels: int = 24_000_000
    layout: bool = True


class JobView(msgspec.Struct, frozen=True):
    """What a list of jobs shows of one.

    Attributes:
        job: its number in the ledger.
        path: of the document.
        name: its file name.
        state: see `JobState`.
        pages_total: pages that the job is to do; 0 while unknown.
        pages_done, pages_failed: of those.
        document_pages: pages of the whole document; 0 while unknown.
        seconds_left: estimate, or None.
        error: why it failed.
        format: "PDF", "TIFF", ... or "".
        pages_degraded: of the done ones, those made with less for want of memory.
        deferred: it waits because memory is short.
        predicted_mb, peak_mb: RAM that an engine host was expected to take for its pages, and took at most; 0.0
            while unknown.
    """

    job: int
    path: str
    name: str
    state: JobState
    pages_total: int = 0
    pages_done: int = 0
    pages_failed: int = 0
    document_pages: int = 0
    seconds_left: float | None = None
    error: ErrorInfo | None = None
    format: str = ""
    pages_degraded: int = 0
    deferred: bool = False
    predicted_mb: float = 0.0
    peak_mb: float = 0.0


class PageView(msgspec.Struct, frozen=True):
    """A page of a job, as a list shows it: number from 0, state, why it failed, and what was left out of it."""

    page: int
    state: PageState
    error: ErrorInfo | None = None
    degraded: str = ""
