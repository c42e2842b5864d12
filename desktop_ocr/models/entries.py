"""What the catalog says of a model: `ModelEntry`, and where its files come from."""

from __future__ import annotations

import enum

import msgspec

from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import TextModel
from desktop_ocr.schema.roles import ModelRole


class PackageFormat(enum.StrEnum):
    """How a model host packs a model; the value ends the package's name, but for PADDLE, which is the bare name."""

    ONNX = "onnx"
    PADDLE = "paddle"
    SAFETENSORS = "safetensors"


FORMAT_ENGINES: dict[PackageFormat, tuple[str, ...]] = {
    PackageFormat.ONNX: ("onnxruntime",),
    PackageFormat.PADDLE: ("paddle_static",),
    PackageFormat.SAFETENSORS: ("transformers", "paddle_dynamic"),
}
"""The engines of paddleocr that read a format, the preferred first."""


class ModelSource(msgspec.Struct, frozen=True):
    """A file in an installed wheel.

    Attributes:
        wheel: name on PyPI, with the version where only that one carries the file.
        package: top-level package that the wheel installs.
        file: path inside the package.
        below_python: the first Python that the wheel does not admit any more; None for none.
    """

    wheel: str
    package: str
    file: str
    below_python: tuple[int, int] | None = None


class Part(msgspec.Struct, frozen=True):
    """A place in a pipeline of several models.

    Attributes:
        role: what the model in it does.
        models: ids that can fill it, the preferred first.
        required: the pipeline cannot be used without.
        feature: that it serves, where it is not required.
        download: the one of `models` that is installed with the pipeline; "" for the preferred one.
    """

    role: ModelRole
    models: tuple[str, ...]
    required: bool = True
    feature: Feature | None = None
    download: str = ""

    @property
    def wanted(self) -> str:
        """The id that is installed with the pipeline."""
        return self.download or self.models[0]


class ModelEntry(msgspec.Struct, frozen=True):
    """A model.

    Attributes:
        id: its name, which paddleocr knows it by.
        role: what it does.
        title: for the user.
        source: where its weights are in an installed wheel; None where no wheel has them.
        size: of the weights in bytes; of one that is only downloaded about that, by its makers' documentation.
        sha256: of the wheel's weights, hexadecimal; "" where the wheel decides (its weights go with its code), and
            for those that are only downloaded: model hosts say what theirs are.
        licence: SPDX expression.
        memory_mb: resident memory in MB (10^6 bytes) that the model adds at its peak on an A4 page at 200 dpi;
            measured on Linux, x86-64, 2 threads, unless `estimated`.
        engine: what runs it, as it comes with its wheel.
        in_place: used where the wheel has it, instead of being laid out as a folder of its own.
        formats: in which model hosts have it, the preferred first.
        features: that it serves; none for models that every page needs.
        also: further roles that it can fill.
        language: of a recognition pack, as in `JobOptions.language`.
        text_model: size among the models for text; AUTO for all others.
        preference: the highest of the installed ones of a role is taken.
        estimated: `memory_mb` was never measured: it is guessed from the size.
        parts: the models that it is made of; it has no files of its own then.
    """

    id: str
    role: ModelRole
    title: str
    source: ModelSource | None
    size: int
    sha256: str
    licence: str
    memory_mb: float
    engine: str = "onnxruntime"
    in_place: bool = False
    formats: tuple[PackageFormat, ...] = ()
    features: tuple[Feature, ...] = ()
    also: tuple[ModelRole, ...] = ()
    language: str = ""
    text_model: TextModel = TextModel.AUTO
    preference: int = 0
    estimated: bool = False
    parts: tuple[Part, ...] = ()

    @property
    def roles(self) -> tuple[ModelRole, ...]:
        """All roles that it can fill."""
        return (self.role, *self.also)

    @property
    def engines(self) -> tuple[str, ...]:
        """All engines that can run it, the preferred first."""
        own = (self.engine,) if self.source is not None else ()
        return tuple(dict.fromkeys((*own, *(engine for kind in self.formats for engine in FORMAT_ENGINES[kind]))))
