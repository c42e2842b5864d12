"""The files of a model as model hosts and people hand them over: which are kept, and whether they can be trusted.

paddleocr believes the `inference.yml` that it finds beside weights. It evaluates a text in `scale` as Python, and its
YAML loader knows Python's own tags, so a file from elsewhere is read here first. Pickled weights run whatever was put
into them when they are loaded: they are never taken.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from desktop_ocr.models.entries import PackageFormat
from desktop_ocr.models.weights import WEIGHTS
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

CONFIG = "inference.yml"
CONFIG_BYTES = 8_000_000

REQUIRED: dict[PackageFormat, tuple[tuple[str, ...], ...]] = {
    PackageFormat.ONNX: ((WEIGHTS,), (CONFIG,)),
    PackageFormat.PADDLE: (("inference.pdiparams",), ("inference.json", "inference.pdmodel"), (CONFIG,)),
    PackageFormat.SAFETENSORS: (("model.safetensors",), ("config.json",)),
}
"""By format, groups of names of which one has to be there; the first group is the weights."""

OPTIONAL: dict[PackageFormat, frozenset[str]] = {
    # What models beyond protobuf's 2 GB are exported with has either of these names.
    PackageFormat.ONNX: frozenset({"config.json", f"{WEIGHTS}.data", f"{WEIGHTS}_data"}),
    PackageFormat.PADDLE: frozenset({"config.json"}),
    PackageFormat.SAFETENSORS: frozenset(
        {
            CONFIG,
            "added_tokens.json",
            "generation_config.json",
            "merges.txt",
            "preprocessor_config.json",
            "processor_config.json",
            "qwen.tiktoken",
            "special_tokens_map.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "vocab.json",
        }
    ),
}

_NUMBER = re.compile(r"\s*\d*\.?\d*(e[+-]?\d+)?\s*(/\s*\d*\.?\d*(e[+-]?\d+)?\s*)?", re.IGNORECASE | re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}")
_DEEP = 40


def read_config(file: Path) -> bytes:
    """A model's configuration for `check_config`; of one that is too large, a byte too much."""
    with file.open("rb") as stream:
        return stream.read(CONFIG_BYTES + 1)


def kept(kind: PackageFormat) -> frozenset[str]:
    """Names of the files that are kept of a package; all others are left where they are."""
    return frozenset(name for group in REQUIRED[kind] for name in group) | OPTIONAL[kind]


def missing(kind: PackageFormat, names: Iterable[str]) -> str:
    """The first file that a package of this format cannot be without, and is; "" where all are there."""
    there = set(names)
    return next((group[0] for group in REQUIRED[kind] if there.isdisjoint(group)), "")


def format_of(names: Iterable[str]) -> PackageFormat | None:
    """The format that a folder's files make; None where they make none."""
    there = set(names)
    return next((kind for kind in PackageFormat if not missing(kind, there)), None)


def check_config(data: bytes, model: str = "") -> str:
    """Look for what a model's `inference.yml` must not contain.

    Args:
        data: of the file.
        model: the name that it has to give; "" for any.

    Returns:
        The model's name, as the file gives it.

    Raises:
        DesktopOcrError: MODEL_DAMAGED, with what is wrong.
    """
    # Only here: the window does without it until a model comes from elsewhere.
    import yaml

    if len(data) > CONFIG_BYTES:
        raise _refused("it is too large")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # Event by event first: libyaml's parser keeps what is open on the heap, but building what it says goes down
        # the C stack, a level for each bracket, and ends the process where there are some 50,000 of them.
        depth = 0
        for event in yaml.parse(data, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEP:
                raise _refused("it is nested too deeply")
        content = yaml.load(data, Loader=loader)  # noqa: S506 - both are safe
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise _refused("it is not plain YAML") from error
    if not isinstance(content, Mapping):
        raise _refused("it is not a table")
    _check_values(content)
    section = content.get("Global")
    name = section.get("model_name") if isinstance(section, Mapping) else None
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _refused("it does not say of which model it is")
    if model and name != model:
        raise _refused(f"it is of another model, {name}")
    return name


def _check_values(content: Any) -> None:
    """Aliases make one part appear in several places: each is looked at once."""
    seen: set[int] = set()
    stack: list[tuple[Any, str, int]] = [(content, "", 0)]
    while stack:
        value, key, depth = stack.pop()
        if depth > _DEEP:
            raise _refused("it is nested too deeply")
        if isinstance(value, Mapping | list):
            if id(value) in seen:
                continue
            seen.add(id(value))
            pairs = value.items() if isinstance(value, Mapping) else ((key, item) for item in value)
            stack.extend((item, str(name), depth + 1) for name, item in pairs)
        elif key == "scale" and isinstance(value, str) and not _is_number(value):
            raise _refused("it contains a program where a number belongs")


def _is_number(text: str) -> bool:
    """Like "1./255.": digits, and one division at most."""
    if not _NUMBER.fullmatch(text):
        return False
    try:
        parts = [float(part) for part in text.split("/")]
    except ValueError:
        return False
    return all(math.isfinite(part) for part in parts) and all(part != 0 for part in parts[1:])


def _refused(why: str) -> DesktopOcrError:
    return DesktopOcrError(
        ErrorCode.MODEL_DAMAGED, f"The model's {CONFIG} is refused: {why}.", "Take the model from its makers."
    )
