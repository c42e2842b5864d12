"""What parent and hosts say to each other: requests, replies and the handshake, as msgspec structs.

A frame is `Request` one way and `Reply` the other; `frames.py` says how they lie on the pipe. Every request gets
exactly one reply with its number, in order: a host does one thing at a time.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.features import FAST, FULL, Feature, Features
from desktop_ocr.schema.jobs import TextLayerMode
from desktop_ocr.schema.memory import FrameworkMemory
from desktop_ocr.schema.results import Box, Line, PageResult
from desktop_ocr.schema.roles import ModelRole

PROTOCOL_VERSION = 2
MAX_PAGES = 1_000_000

Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_PAGES)]
Pixels = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Degrees = Annotated[int, msgspec.Meta(ge=0, le=270)]


class Source(msgspec.Struct, frozen=True):
    """A user's file, and the password that opens it. Requests name the file each time: a new host needs no history."""

    path: str
    password: str | None = None


class Bitmap(msgspec.Struct, frozen=True):
    """A picture of a page in a file: `height` rows of `width` RGB pixels, 8 bits each, no padding, no header.

    `dpi` is how many pixels make an inch of the page as displayed.
    """

    path: str
    width: Pixels
    height: Pixels
    dpi: float


class TextLayer(msgspec.Struct, frozen=True):
    """A PDF page's own text: lines with words in points (72 per inch) of the page as displayed.

    Attributes:
        width, height: of the page as displayed, in points.
        lines: in the file's order.
        pictures: boxes of the page's pictures, in points.
        rulings: boxes of straight vector lines and filled bars, in points; they help finding tables.
    """

    width: float
    height: float
    lines: tuple[Line, ...]
    pictures: tuple[Box, ...] = ()
    rulings: tuple[Box, ...] = ()


# --- to the document host -------------------------------------------------------------------------------------


class Inspect(msgspec.Struct, frozen=True, tag=True):
    """Open a file and say what it is. Reply: `DocumentInfo`."""

    source: Source


class PreparePage(msgspec.Struct, frozen=True, tag=True):
    """Make a page ready: its text layer where it is sound, otherwise a bitmap. Reply: `PreparedPage`.

    Attributes:
        page: from 0.
        dpi: wanted; fewer where `max_pixels` would be exceeded.
        bitmap_path: where the bitmap's file is to be written.
    """

    source: Source
    page: Count
    dpi: int
    max_pixels: int
    text_layer: TextLayerMode
    bitmap_path: str


class MakePicture(msgspec.Struct, frozen=True, tag=True):
    """Draw a page as an encoded picture for the screen. Reply: `Picture`.

    Attributes:
        max_width, max_height: the picture fits into this box, in pixels.
        rotation: degrees clockwise to turn the page as displayed.
        picture_path: where the file (PNG, or JPEG for photographs) is to be written.
    """

    source: Source
    page: Count
    max_width: Pixels
    max_height: Pixels
    rotation: Degrees
    picture_path: str


# What a document host writes before it gets its name: PART_PREFIX, the host's pid, "-", anything, PART_SUFFIX.
PART_PREFIX, PART_SUFFIX = ".desktop-ocr-", ".part"


class StartExport(msgspec.Struct, frozen=True, tag=True):
    """Begin one output file. Reply: `Done`. `ExportPage` for each page follows, then `FinishExport`.

    Attributes:
        export: number chosen by the parent.
        format: name in the registry ("txt", "md", "json", "pdf").
        source: the document the results are of.
        target: wanted path of the output file; its folder exists.
        overwrite: replace a file of that name. Otherwise a file with the same bytes is left as it is, and beside
            another one a number is added to the name.
        pages: of the document.
    """

    export: int
    format: str
    source: Source
    target: str
    overwrite: bool
    pages: Count


class ExportPage(msgspec.Struct, frozen=True, tag=True):
    """The next page of an export, in page order; `result` is None for a page that failed. Reply: `Done`."""

    export: int
    page: Count
    result: PageResult | None
    error: ErrorInfo | None = None


class FinishExport(msgspec.Struct, frozen=True, tag=True):
    """Write the output file and put it in place. Reply: `Exported`."""

    export: int


class DropExport(msgspec.Struct, frozen=True, tag=True):
    """Forget an export and delete what was written of it. Reply: `Done`."""

    export: int


# --- to the engine host ---------------------------------------------------------------------------------------


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
    """

    role: str
    model: str
    folder: str
    engine: str = "onnxruntime"
    device: str = ""
    precision: str = ""
    side: int = 0
    parts: tuple[ModelFolder, ...] = ()


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


# --- to both --------------------------------------------------------------------------------------------------


class Ping(msgspec.Struct, frozen=True, tag=True):
    """Are you there. Reply: `Done`."""


class Quit(msgspec.Struct, frozen=True, tag=True):
    """End. Reply: `Done`, then the process ends."""


# --- replies --------------------------------------------------------------------------------------------------


class Done(msgspec.Struct, frozen=True, tag=True):
    """It was done."""


class Failed(msgspec.Struct, frozen=True, tag=True):
    """It could not be done; the host is well."""

    error: ErrorInfo


class DocumentInfo(msgspec.Struct, frozen=True, tag=True):
    """What a file is.

    Attributes:
        format: "PDF", "TIFF", "PNG", ...
        pages: how many.
        sha256: of the file's bytes, hexadecimal.
        size: of the file in bytes.
    """

    format: str
    pages: Count
    sha256: str
    size: int


class PreparedPage(msgspec.Struct, frozen=True, tag=True):
    """A page to be recognised (`bitmap`) or read (`layer`): exactly one of them is there.

    `reason` says in a few words why the text layer was or was not taken; `seconds` is what it took.
    """

    bitmap: Bitmap | None
    layer: TextLayer | None
    reason: str
    seconds: float


class Picture(msgspec.Struct, frozen=True, tag=True):
    """An encoded picture was written: its size, and that of the page as displayed and then turned, in points."""

    path: str
    width: Pixels
    height: Pixels
    page_width: float
    page_height: float


class Exported(msgspec.Struct, frozen=True, tag=True):
    """Where the output file is, and whether it was there already with the same bytes."""

    path: str
    size: int
    unchanged: bool


class HostMemory(msgspec.Struct, frozen=True, tag=True):
    """What a host holds, in MB.

    Attributes:
        rss_mb: resident now.
        peak_mb: resident at most since the request began; `rss_mb` where the system does not tell.
        frameworks: what libraries in the host say of their device memory.
    """

    rss_mb: float
    peak_mb: float
    frameworks: tuple[FrameworkMemory, ...] = ()


class ModelLoaded(msgspec.Struct, frozen=True, tag=True):
    """A model is loaded: what it took.

    `added_mb` is the growth of the resident memory, without the code of libraries that models share; 0 for a model
    that was there.
    """

    seconds: float
    added_mb: float
    memory: HostMemory


class LoadedModel(msgspec.Struct, frozen=True):
    """A model that a host loaded because a page turned out to need it; figures as in `ModelLoaded`."""

    role: str
    seconds: float
    added_mb: float


class Recognised(msgspec.Struct, frozen=True, tag=True):
    """A page's result, what the host held for it, and which models it had to load on the way."""

    result: PageResult
    memory: HostMemory = HostMemory(0.0, 0.0)
    loaded: tuple[LoadedModel, ...] = ()


class Hello(msgspec.Struct, frozen=True, tag=True):
    """A host's first frame, before it imports anything large."""

    protocol: int
    version: str
    role: str
    pid: int


RequestBody = (
    Inspect
    | PreparePage
    | MakePicture
    | StartExport
    | ExportPage
    | FinishExport
    | DropExport
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
    Done | Failed | DocumentInfo | PreparedPage | Picture | Exported | Recognised | ModelLoaded | HostMemory | Hello
)


class Request(msgspec.Struct, frozen=True):
    """A request and its number."""

    number: int
    body: RequestBody


class Reply(msgspec.Struct, frozen=True):
    """The reply to the request of that number; the handshake is number 0."""

    number: int
    body: ReplyBody
