"""The user's models file: which model does what, over the catalog's own choice.

A table per role, with `model`, or a `folder` of the user's own, and how it is run. What is wrong in it is said in a
sentence and left out; the rest counts.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from desktop_ocr.models.catalog import entry
from desktop_ocr.models.engines import ENGINES, engine_for, installed_engines
from desktop_ocr.models.entries import PackageFormat
from desktop_ocr.models.model_files import CONFIG, check_config, format_of, read_config
from desktop_ocr.models.weights import WEIGHTS, check_onnx
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.roles import ModelRole
from desktop_ocr.schema.settings import DEVICE_PATTERN

PRECISIONS = ("fp32", "fp16", "bf16", "int8")
_SIDES = range(32, 8193)
_KEYS = ("model", "folder", "engine", "device", "precision", "side")
_MOST_BYTES = 1_000_000
_NOT_BY_FOLDER = frozenset({ModelRole.LAYOUT, ModelRole.STRUCTURE, ModelRole.TABLE_PIPELINE})


class UserChoice(msgspec.Struct, frozen=True):
    """What the user wants for a role.

    Attributes:
        model: its id; of a folder of the user's own, the name that its configuration gives.
        folder: of the user's own, absolute; "" for a model of the catalog.
        engine: "" for what fits the model.
        device: "" for the program's.
        precision: "" for the engine's default.
        side: longest side in pixels of the picture that it gets; 0 for its own.
    """

    model: str
    folder: str = ""
    engine: str = ""
    device: str = ""
    precision: str = ""
    side: int = 0


class ModelsFile(msgspec.Struct, frozen=True):
    """What a models file says: choices by role, and what is wrong with it, a sentence each."""

    choices: dict[ModelRole, UserChoice] = {}
    problems: tuple[str, ...] = ()


def load_models_file(file: Path, engines: Collection[str] | None = None) -> ModelsFile:
    """Read the user's models file; one that is not there says nothing.

    Args:
        file: where it is.
        engines: that are installed; None to look.
    """
    try:
        if not stat.S_ISREG(file.stat().st_mode):  # a pipe would be waited for
            return ModelsFile(problems=(f"{file} cannot be read: it is no file.",))
        with file.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return ModelsFile()
    except OSError as error:
        return ModelsFile(problems=(f"{file} cannot be read: {os.strerror(error.errno or 0)}.",))
    if len(data) > _MOST_BYTES:
        return ModelsFile(problems=(f"{file} is too large to be a models file.",))
    try:
        tables = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        return ModelsFile(problems=(f"{file} cannot be understood, and is left out: {_reason(error)}.",))
    there = frozenset(installed_engines() if engines is None else engines)
    choices: dict[ModelRole, UserChoice] = {}
    problems = []
    for name, table in tables.items():
        try:
            role = _role(name)
            choices[role] = _choice(role, table, file.parent, there)
        except _WrongError as error:
            problems.append(f"{file.name}, [{name}]: {error}.")
    return ModelsFile(choices, tuple(problems))


def make_models_file(file: Path) -> bool:
    """Write a models file that changes nothing and explains itself; False where there is one already.

    Raises:
        DesktopOcrError: NO_PERMISSION, DISK_FULL.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf8") as stream:
            stream.write(_template())
    except OSError as error:
        if file.is_file():
            return False
        raise DesktopOcrError(
            ErrorCode.NO_PERMISSION,
            f"{file} could not be written: {os.strerror(error.errno or 0)}.",
            "Make its folder writable.",
        ) from error
    return True


def _template() -> str:
    import tomlkit

    from desktop_ocr.models.catalog import models_for

    document = tomlkit.document()
    for line in (
        "Which model does what. Take away the '#' before a role and before what you want to say of it.",
        "What is not said here is chosen by the program: the best model that is installed.",
        "",
        "model      the name of a model: desktop-ocr models",
        "folder     or a folder of your own with an inference.yml and weights, as PaddleOCR has them",
        f"engine     {', '.join(name for name in ENGINES if name != 'pymupdf')}; what fits the model, if not said",
        "device     cpu, gpu:0, ...; that of the settings, if not said",
        f"precision  {', '.join(PRECISIONS)}; the engine's own, if not said",
        "side       longest side, in pixels, of the picture that the model gets; its own, if not said",
    ):
        document.add(tomlkit.comment(line) if line else tomlkit.nl())
    for role in ModelRole:
        ids = [model.id for model in models_for(role) if not model.language or role is not ModelRole.TEXT_RECOGNITION]
        if not ids or role is ModelRole.LAYOUT:
            continue
        document.add(tomlkit.nl())
        document.add(tomlkit.comment(f"[{role.value}]"))
        document.add(tomlkit.comment(f'model = "{ids[0]}"' + (f"  # or {', '.join(ids[1:])}" if ids[1:] else "")))
    return tomlkit.dumps(document)


class _WrongError(Exception):
    """What is wrong, as the end of a sentence."""


def _role(name: str) -> ModelRole:
    try:
        return ModelRole(name)
    except ValueError:
        raise _WrongError(f"there is no such role; there are {', '.join(ModelRole)}") from None


def _choice(role: ModelRole, table: Any, home: Path, engines: Collection[str]) -> UserChoice:
    if not isinstance(table, Mapping):
        raise _WrongError('it has to be a table, like [text-recognition] with model = "..." below it')
    for key, value in table.items():
        if key not in _KEYS:
            raise _WrongError(f"'{key}' is not known; known are {', '.join(_KEYS)}")
        if key == "side":
            if not isinstance(value, int) or isinstance(value, bool) or value not in _SIDES:
                raise _WrongError(f"side has to be a number of pixels from {_SIDES[0]} to {_SIDES[-1]}")
        elif not isinstance(value, str) or not value:
            raise _WrongError(f"{key} has to be a text in quotes")
    device, precision = table.get("device", ""), table.get("precision", "")
    if device and (device == "auto" or not re.match(DEVICE_PATTERN, device)):
        raise _WrongError(f"there is no device '{device}'; write cpu, gpu:0, gpu:1, ...")
    if precision and precision not in PRECISIONS:
        raise _WrongError(f"there is no precision '{precision}'; there are {', '.join(PRECISIONS)}")
    folder = _folder(role, table, home)
    model = _model(role, table, folder)
    return UserChoice(
        model,
        str(folder) if folder else "",
        _engine(table, model, folder, engines),
        device,
        precision,
        table.get("side", 0),
    )


def _folder(role: ModelRole, table: Mapping[str, Any], home: Path) -> Path | None:
    """A relative one is beside the file."""
    if "folder" not in table:
        return None
    if role in _NOT_BY_FOLDER:
        raise _WrongError("this role takes no folder of your own")
    try:
        folder = Path(os.path.normpath(home / Path(table["folder"]).expanduser()))
    except RuntimeError as error:
        raise _WrongError("you have no home folder") from error
    if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises for a name that is too long
        raise _WrongError(f"there is no folder {folder}")
    return folder


def _model(role: ModelRole, table: Mapping[str, Any], folder: Path | None) -> str:
    model = str(table.get("model", ""))
    if folder is not None:
        return _checked_folder(folder, model)
    if not model:
        raise _WrongError("it names neither a model nor a folder")
    known = entry(model)
    if known is None:
        raise _WrongError(f"there is no model {model}; see: desktop-ocr models")
    if role not in known.roles:
        raise _WrongError(f"{model} is not for this; it is for {', '.join(known.roles)}")
    return model


def _checked_folder(folder: Path, model: str) -> str:
    """The name of the model in a folder of the user's own."""
    kind = _kind(folder)
    if kind is None:
        raise _WrongError(f"there is no whole model in {folder}: it needs {CONFIG} and weights")
    try:
        if kind is PackageFormat.ONNX:
            check_onnx(folder / WEIGHTS)
        if (folder / CONFIG).is_file():
            return check_config(read_config(folder / CONFIG), model)
    except OSError as error:
        raise _WrongError(f"the model in {folder} cannot be read: {os.strerror(error.errno or 0)}") from error
    except DesktopOcrError as error:
        raise _WrongError(error.info.message.rstrip(".")) from error
    if model:
        return model
    raise _WrongError(f'say of which model {folder} is: model = "..."')


def _engine(table: Mapping[str, Any], model: str, folder: Path | None, engines: Collection[str]) -> str:
    engine = str(table.get("engine", ""))
    kind = _kind(folder) if folder is not None else None
    if not engine:
        if kind is not None and not engine_for(kind, engines):
            raise _WrongError(f"nothing that is installed here runs {model}")
        return engine_for(kind, engines) if kind is not None else ""
    if engine not in ENGINES:
        raise _WrongError(f"there is no engine '{engine}'; there are {', '.join(ENGINES)}")
    if engine not in engines:
        raise _WrongError(f"the engine {engine} is not installed")
    return engine


def _kind(folder: Path) -> PackageFormat | None:
    try:
        return format_of(file.name for file in folder.iterdir() if file.is_file())
    except OSError:
        return None


def _reason(error: Exception) -> str:
    text = str(error).split("\n", 1)[0].rstrip(".")
    return "it is not text in UTF-8" if isinstance(error, UnicodeDecodeError) else text[:1].lower() + text[1:]
