"""Whether weights are what their names say, looked at cheaply: nothing is built of them, and no library is imported.

A download has a checksum, but what a folder holds, or a host without checksums sends, may be anything: a page that
asks for a password, a file that was cut off. What is no model is told when it comes, and not when a page needs it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from desktop_ocr.models.entries import PackageFormat
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

WEIGHTS = "inference.onnx"

# Messages of onnx.proto in which tensors lie: numbers of their fields, and what is in those.
_PARTS: Mapping[str, Mapping[int, str]] = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "entry"},
}
_GRAPH = 7
_KEY, _VALUE = 1, 2
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_MOST_FIELDS = 3_000_000
_LONGEST_NAME = 1000
_MOST_HEADER = 25_000_000


class _WrongError(Exception):
    """What is wrong, as the end of a sentence."""


def check_weights(kind: PackageFormat, folder: Path) -> frozenset[str]:
    """Look whether a model's folder holds weights of its format.

    Args:
        kind: format of the files.
        folder: of the model.

    Returns:
        Names of further files that the weights name: the model cannot be loaded without them.

    Raises:
        DesktopOcrError: MODEL_DAMAGED.
        OSError: a file cannot be read.
    """
    try:
        match kind:
            case PackageFormat.ONNX:
                return frozenset(_external(folder / WEIGHTS))
            case PackageFormat.SAFETENSORS:
                _check_tensors(folder / "model.safetensors")
                _check_table(folder / "config.json")
            case PackageFormat.PADDLE:
                if not (folder / "inference.pdiparams").stat().st_size:
                    raise _WrongError("inference.pdiparams is empty")
                if (folder / "inference.json").is_file():
                    _check_beginning(folder / "inference.json")
    except _WrongError as error:
        raise _refused(str(error)) from None
    return frozenset()


def check_onnx(file: Path) -> None:
    """Look whether a file is an ONNX model from its beginning to its end; what it is made of is not looked at.

    Raises:
        DesktopOcrError: MODEL_DAMAGED.
        OSError: it cannot be read.
    """
    try:
        with file.open("rb") as stream:
            _top(stream, file)
    except _WrongError as error:
        raise _refused(str(error)) from None


def check_files(names: frozenset[str], folder: Path) -> None:
    """Raise DesktopOcrError (MODEL_DAMAGED) where a file that weights name is not in the folder."""
    for name in sorted(names):
        if not (folder / name).is_file():
            raise _refused(f"a part of them, {name[:100]}, is not there")


def _top(stream: BinaryIO, file: Path) -> list[tuple[int, int, int]]:
    fields = list(_fields(stream, 0, file.stat().st_size, 1000))
    if not any(number == _GRAPH for number, _, _ in fields):
        raise _WrongError(f"{file.name} is no ONNX model")
    return fields


def _external(file: Path) -> Iterator[str]:
    """Names of the files in which an ONNX model keeps tensors."""
    with file.open("rb") as stream:
        _top(stream, file)
        left, stack = _MOST_FIELDS, [("model", 0, file.stat().st_size)]
        while stack:
            kind, start, end = stack.pop()
            parts = _PARTS[kind]
            for number, begin, stop in list(_fields(stream, start, end, left)):
                left -= 1
                part = parts.get(number) if begin >= 0 else None
                if part == "entry":
                    name = _location(stream, begin, stop)
                    if name:
                        yield name
                elif part is not None:
                    stack.append((part, begin, stop))


def _location(stream: BinaryIO, start: int, end: int) -> str:
    """What an entry says of where a tensor is; "" for what else it says of it."""
    words = {}
    for number, begin, stop in list(_fields(stream, start, end, 100)):
        if number in (_KEY, _VALUE) and begin >= 0:
            stream.seek(begin)
            words[number] = stream.read(min(stop - begin, _LONGEST_NAME)).decode("utf8", "replace")
    if words.get(_KEY) != "location":
        return ""
    name = words.get(_VALUE, "")
    if not name or name in (".", "..") or set(name) & set("/\\\0:"):
        raise _WrongError("a part of them is to be outside of their folder")
    return name


def _fields(stream: BinaryIO, start: int, end: int, most: int) -> Iterator[tuple[int, int, int]]:
    """The fields of a protobuf message: number, and where its bytes begin and end; -1 where it is a number."""
    at = start
    while at < end:
        most -= 1
        if most < 0:
            raise _WrongError("they have too many parts")
        stream.seek(at)
        head = stream.read(min(20, end - at))
        key, used = _varint(head, 0)
        number, wire = key >> 3, key & 7
        if not number:
            raise _damaged()
        begin = -1
        if wire == _VARINT:
            used = _varint(head, used)[1]
            at += used
        elif wire in (_EIGHT, _FOUR):
            at += used + (8 if wire == _EIGHT else 4)
        elif wire == _BYTES:
            size, used = _varint(head, used)
            begin = at + used
            at = begin + size
        else:
            raise _damaged()
        if at > end:
            raise _damaged()
        yield number, begin, at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(10):
        if at + index >= len(data):
            break
        byte = data[at + index]
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value, at + index + 1
    raise _damaged()


def _check_tensors(file: Path) -> None:
    """A file of safetensors: the length of a table, the table, and the bytes that it speaks of."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if size < 8 or not 2 <= length <= min(_MOST_HEADER, size - 8):
            raise _WrongError(f"{file.name} is no file of safetensors, or is cut off")
        table = _table(stream.read(length), file)
    ends = [0]
    for name, tensor in table.items():
        offsets = tensor.get("data_offsets") if name != "__metadata__" and isinstance(tensor, Mapping) else None
        ends += [end for end in offsets or () if isinstance(end, int)]
    if max(ends) > size - 8 - length:
        raise _WrongError(f"{file.name} is cut off")


def _check_table(file: Path) -> None:
    if file.stat().st_size > _MOST_HEADER:
        raise _WrongError(f"{file.name} is too large")
    _table(file.read_bytes(), file)


def _check_beginning(file: Path) -> None:
    with file.open("rb") as stream:
        if not stream.read(100).lstrip().startswith(b"{"):
            raise _WrongError(f"{file.name} is no table in JSON")


def _table(data: bytes, file: Path) -> Mapping[str, object]:
    try:
        table = json.loads(data)
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, Mapping):
        raise _WrongError(f"{file.name} is no table in JSON, or is damaged")
    return table


def _damaged() -> _WrongError:
    return _WrongError(f"{WEIGHTS} is no ONNX model, or is cut off")


def _refused(why: str) -> DesktopOcrError:
    return DesktopOcrError(
        ErrorCode.MODEL_DAMAGED, f"The model's weights are refused: {why}.", "Take the model from its makers."
    )
