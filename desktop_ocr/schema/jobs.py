"""Jobs and pages: their states, what the user asked for, and what a list of them shows."""

from __future__ import annotations

import enum

import msgspec

from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.features import FAST, FULL, Feature, FeatureMode, Features, Profile


class TextLayerMode(enum.StrEnum):
    """What to do with a PDF page's own text."""

    AUTO = "auto"
    ALWAYS_OCR = "always-ocr"
    ONLY = "only"


class PageState(enum.StrEnum):
    """A page's state in the ledger. WORKING is never stored: a page in work is waiting to whoever starts next.

    PARTIAL: its text is there and can be read; some of what was wanted is still to be looked for.
    """

    WAITING = "waiting"
    WORKING = "working"
    PARTIAL = "partial"
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


class TextModel(enum.StrEnum):
    """Size of the models that find and read text; AUTO: by what is installed, and by the page where that is allowed."""

    AUTO = "auto"
    TINY = "tiny"
    SMALL = "small"
    MEDIUM = "medium"


class JobOptions(msgspec.Struct, frozen=True):
    """What decides a page's result, beside the page itself. Two jobs with equal options share stored pages.

    Attributes:
        dpi: pixels per inch at which pages are rendered; a page that would exceed `max_pixels` gets fewer.
        text_layer: what to do with a PDF page's own text.
        orientation, unwarp, tables, pictures, formulas, charts, seals: see `Features`.
        max_pixels: limit of a bitmap, width x height.
        layout: whether blocks (headings, tables, columns) are looked for; without, text is in plain reading order.
        structure: recognised pages are done by PP-StructureV3 as a whole, instead of a model a feature.
        language: of a recognition pack ("cyrillic", "arabic", ...); "" for the models that come with the program.
        text_model: size of the models for text.
        routing: pages that look easy are read by a smaller model, hard ones by a larger one, where such are installed.
    """

    dpi: int = 200
    text_layer: TextLayerMode = TextLayerMode.AUTO
    orientation: FeatureMode = FAST.orientation
    max_pixels: int = 24_000_000
    layout: bool = True
    unwarp: FeatureMode = FAST.unwarp
    tables: FeatureMode = FAST.tables
    pictures: FeatureMode = FAST.pictures
    formulas: FeatureMode = FAST.formulas
    charts: FeatureMode = FAST.charts
    seals: FeatureMode = FAST.seals
    structure: bool = False
    language: str = ""
    text_model: TextModel = TextModel.AUTO
    routing: bool = False

    @property
    def features(self) -> Features:
        """The modes of all features."""
        return Features(**{feature.value: getattr(self, feature.value) for feature in Feature})

    def with_features(self, features: Features) -> JobOptions:
        """The same with other modes."""
        return msgspec.structs.replace(self, **msgspec.structs.asdict(features))

    @property
    def profile(self) -> Profile:
        """Which profile the features make."""
        if self.structure and self.features == FULL:
            return Profile.FULL
        return Profile.FAST if self.features == FAST and not self.structure else Profile.CUSTOM

    def with_profile(self, profile: Profile) -> JobOptions:
        """The same with a profile's features; CUSTOM changes nothing."""
        if profile is Profile.CUSTOM:
            return self
        full = profile is Profile.FULL
        return msgspec.structs.replace(self.with_features(FULL if full else FAST), structure=full)


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
        pages_partial: pages that can be read, and of which something is still to be looked for.
        pages_noted: of the done ones, those of which something was left out, because its model is not installed say.
        pages_edited: of the done ones, those that a person has changed.
        interrupted: it is PAUSED because the program that worked at it ended, not because the user wanted that.
        elsewhere: another running program works at it, of this title ("convert"); "" where none does.
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
    pages_partial: int = 0
    pages_noted: int = 0
    pages_edited: int = 0
    interrupted: bool = False
    elsewhere: str = ""


class PageView(msgspec.Struct, frozen=True):
    """A page of a job, as a list shows it.

    Attributes:
        page: from 0.
        state: see `PageState`.
        error: why it failed.
        degraded: what it was made with less of, for want of memory.
        pending: features that are still to be looked for, of a partial page.
        left_out: what could not be looked for and why, e.g. a model that is not installed.
        edited: a person has changed it.
    """

    page: int
    state: PageState
    error: ErrorInfo | None = None
    degraded: str = ""
    pending: tuple[Feature, ...] = ()
    left_out: str = ""
    edited: bool = False
