"""What an engine host is asked, and what it answers; see `messages.py`."""

from __future__ import annotations

from typing import Annotated

import msgspec

from desktop_ocr.schema.document_messages import Bitmap, Count, Seconds, TextLayer
from desktop_ocr.schema.features import FAST, FULL, Feature, Features
from desktop_ocr.schema.memory import FrameworkMemory, Megabytes
from desktop_ocr.schema.results import Label, PageResult
from desktop_ocr.schema.roles import ModelRole

FAKE = "FAKE"
"""A file of this name marks a folder whose model is none: a test made it."""
ALLOW_FAKES = "DESKTOP_OCR_ALLOW_FAKE_MODELS"
"""Tests set it to "1" for their hosts. Nothing else does."""


class ModelFolder(msgspec.Struct, frozen=True):
    """A model laid out on disk, and how to run it.

    Attributes:
        role: what it does, as in the catalog's `ModelRole`.
        model: its id.
        folder: of its weights and its `inference.yml`; of a model used in place, its wheel's own. "" for one that is
            made of `parts` alone.
        engine: "onnxruntime", "paddle_static", "transformers", "pymupdf".
        device: "cpu", "gpu:0", ...; "" for the host's.
        precision: as the engine calls it ("fp32", "fp16"); "" for the engine's default.
        side: longest side in pixels of the picture it gets, where it has such a setting; 0 for its own.
        parts: the models that it is made of, by role: a pipeline of several.
        remedy: what helps where it cannot be loaded, a sentence; "" for what helps with a download.
    """

    role: str
    model: str
    folder: str
    engine: str = "onnxruntime"
    device: str = ""
    precision: str = ""
    side: int = 0
    parts: tuple[ModelFolder, ...] = ()
    remedy: str = ""


class EngineOptions(msgspec.Struct, frozen=True):
    """How the engine host runs its models.

    Attributes:
        device: "cpu", "gpu:0", ...
        threads: of the CPU, for one model.
        detection_side: longest side, in pixels, of the picture the text detector sees. 1280 keeps a host under
            800 MB on an A4 page at 200 dpi; paddleocr's default (no limit) takes 1.5 GB there (measured).
        models: by role.
        memory_limit_mb: the host's data may not grow beyond this (RLIMIT_DATA, Linux); 0 for no limit.
    """

    models: tuple[ModelFolder, ...]
    device: str = "cpu"
    threads: int = 2
    detection_side: int = 1280
    memory_limit_mb: int = 0


class Configure(msgspec.Struct, frozen=True, tag=True):
    """Which models to use; nothing is loaded until a page needs it. Reply: `Done`."""

    options: EngineOptions


class TextRoles(msgspec.Struct, frozen=True):
    """Which of the host's models read a page's text: roles, variants of them for other languages and sizes.

    `second` reads again what `recognition` is unsure of; "" for nothing.
    """

    detection: str = ModelRole.TEXT_DETECTION.value
    recognition: str = ModelRole.TEXT_RECOGNITION.value
    second: str = ""


class Recognise(msgspec.Struct, frozen=True, tag=True):
    """Recognise a page's bitmap. Reply: `Recognised`.

    Attributes:
        features: what to look for.
        inline: of `STAGES`, those that may be done at once; the others that the page needs become its `pending`.
        layout: look for blocks; otherwise the lines are in plain reading order, and of `features` those of `STAGES`
            are not looked for.
        structure: by PP-StructureV3 as a whole.
        text: the models for text.
        detection_side: as in `EngineOptions`, for this page alone; 0 for the host's.
    """

    page: Count
    bitmap: Bitmap
    features: Features = FAST
    inline: tuple[Feature, ...] = ()
    layout: bool = True
    structure: bool = False
    text: TextRoles = TextRoles()
    detection_side: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0


class Arrange(msgspec.Struct, frozen=True, tag=True):
    """Find the blocks of a page whose text is known, unless `layout` is off. Reply: `Recognised`.

    Tables are found by the text and the rulings alone. Formulas, charts and seals that the page needs become its
    `pending`: for them the page has to be rendered.
    """

    page: Count
    layer: TextLayer
    features: Features = FAST
    layout: bool = True


class Refine(msgspec.Struct, frozen=True, tag=True):
    """Do one pending feature of a page. Reply: `Recognised`, without the feature among its `pending`.

    Attributes:
        result: of the page so far.
        feature: one of its `pending`.
        bitmap: of the page as displayed, not turned; at any resolution.
        features: what the user wanted.
        text: the models for text, where the feature has any (of a seal).
    """

    result: PageResult
    feature: Feature
    bitmap: Bitmap
    features: Features = FAST
    text: TextRoles = TextRoles()


class LoadModel(msgspec.Struct, frozen=True, tag=True):
    """Load the model of a role; one that is loaded stays. Reply: `ModelLoaded`.

    Attributes:
        role: which.
        features: that PP-StructureV3 is built for; the models of those that are off are not loaded.
    """

    role: str
    features: Features = FULL


class UnloadModels(msgspec.Struct, frozen=True, tag=True):
    """Drop the models of these roles. Reply: `HostMemory`, measured afterwards."""

    roles: tuple[str, ...]


class WarmUp(msgspec.Struct, frozen=True, tag=True):
    """Run the loaded models once on an empty page. Reply: `HostMemory`."""


class MeasureMemory(msgspec.Struct, frozen=True, tag=True):
    """Say what you hold. Reply: `HostMemory`."""


class Unload(msgspec.Struct, frozen=True, tag=True):
    """Drop all models. Reply: `Done`."""


class HostMemory(msgspec.Struct, frozen=True, tag=True):
    """What a host holds, in MB.

    Attributes:
        rss_mb: resident now.
        peak_mb: resident at most since the request began; `rss_mb` where the system does not tell.
        frameworks: what libraries in the host say of their device memory.
    """

    rss_mb: Megabytes
    peak_mb: Megabytes
    frameworks: Annotated[tuple[FrameworkMemory, ...], msgspec.Meta(max_length=20)] = ()


class ModelLoaded(msgspec.Struct, frozen=True, tag=True):
    """A model is loaded: what it took.

    `added_mb` is the growth of the resident memory, without the code of libraries that models share; 0 for a model
    that was there.
    """

    seconds: Seconds
    added_mb: Megabytes
    memory: HostMemory


class LoadedModel(msgspec.Struct, frozen=True):
    """A model that a host loaded because a page turned out to need it; figures as in `ModelLoaded`."""

    role: Label
    seconds: Seconds
    added_mb: Megabytes


class Recognised(msgspec.Struct, frozen=True, tag=True):
    """A page's result, what the host held for it, and which models it had to load on the way."""

    result: PageResult
    memory: HostMemory = HostMemory(0.0, 0.0)
    loaded: Annotated[tuple[LoadedModel, ...], msgspec.Meta(max_length=1_000)] = ()
