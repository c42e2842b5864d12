"""What a list of models shows: what there is, what is installed, and how a download goes."""

from __future__ import annotations

import enum

import msgspec

from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.features import Feature


class StoreState(enum.StrEnum):
    """Of a model's files. BROKEN_OFF: part of it is there, and the download goes on from there when it is asked for."""

    INSTALLED = "installed"
    AVAILABLE = "available"
    WAITING = "waiting"
    DOWNLOADING = "downloading"
    CHECKING = "checking"
    BROKEN_OFF = "broken-off"
    UNAVAILABLE = "unavailable"


class StoredModel(msgspec.Struct, frozen=True):
    """A model as a list shows it.

    Attributes:
        id: its name, which paddleocr knows it by.
        title: for the user.
        role: what it does, a `ModelRole`.
        features: that it serves; none for models that every page needs.
        state: see `StoreState`.
        size: of its files in bytes; approximate until they were downloaded.
        done: of those, bytes that are there.
        licence: SPDX expression.
        engines: that can run it, the preferred first: "onnxruntime", "paddle_static", "transformers", "pymupdf".
        memory_mb: resident memory in MB (10^6 bytes) that it adds.
        bundled: it came with the program's packages, and cannot be removed.
        source: where it is from: a wheel, or a model host.
        reason: why it is not installed, or "".
        error: why the last download or check failed.
        memory_estimated: `memory_mb` is a guess from the model's size.
        parts: ids of the models that it is made of; it has no files of its own then.
    """

    id: str
    title: str
    role: str
    features: tuple[Feature, ...]
    state: StoreState
    size: int
    done: int
    licence: str
    engines: tuple[str, ...]
    memory_mb: float
    bundled: bool
    source: str
    reason: str = ""
    error: ErrorInfo | None = None
    memory_estimated: bool = False
    parts: tuple[str, ...] = ()


class InstallPlan(msgspec.Struct, frozen=True):
    """What a download would be; nothing of it has begun.

    Attributes:
        models: that are not installed, each with what of it is there already.
        host: where they would come from: "huggingface.co", or the mirror's name.
        folder: where they would be kept.
        free: bytes that are free there.
        left_out: of a profile or pipeline, models that nothing that is installed here could run; their `reason` says
            what they need.
    """

    models: tuple[StoredModel, ...]
    host: str
    folder: str
    free: int
    left_out: tuple[StoredModel, ...] = ()

    @property
    def missing(self) -> int:
        """Bytes that are still to come."""
        return sum(max(0, model.size - model.done) for model in self.models)
