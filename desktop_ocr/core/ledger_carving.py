"""Rows of a damaged ledger without SQLite: each page of the file is looked at by itself.

SQLite finds a row from the list of tables on the first page down a tree; where one of these pages is lost, so are all
rows below it. They stand in leaves, which can be told by themselves (https://www.sqlite.org/fileformat2.html). Which
table a leaf is of its rows tell by their shape. What was deleted may come back this way, and older states of rows:
so they are asked for last, and believed only where the checks (`ledger_checks`) bear them out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

Value = int | float | str | bytes | None

_LEAF = 0x0D
_PAGE_SIZES = tuple(1 << power for power in range(9, 17))
_WAL_HEAD, _FRAME_HEAD = 32, 24
_MOST_COLUMNS = 40
_FLOAT = 7
_LENGTHS = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, _FLOAT: 8, 8: 0, 9: 0}


class _Bad(Exception):  # noqa: N818 - it never leaves this module
    """This is no row."""


class CarvedRow(msgspec.Struct, frozen=True):
    """A row: its table, its number there, and the columns that are stored of it, the first ones."""

    table: str
    rowid: int
    values: tuple[Any, ...]


def carve(file: Path, longest: int) -> Iterator[CarvedRow]:
    """All rows of our tables that stand in a database or its -wal, in no order.

    Args:
        file: the database; it is only read, and may be missing.
        longest: of a row, in bytes; what claims to be longer is none.

    Raises:
        OSError: it cannot be opened. Parts of it that cannot be read are left out.
    """
    with _Pages(file) as pages:
        for number in pages.numbers():
            data = pages.get(number)
            offset = 100 if number == 1 else 0
            if len(data) <= offset + 8 or data[offset] != _LEAF:
                continue
            (count,) = struct.unpack_from(">H", data, offset + 3)
            for index in range(min(count, len(data) // 4)):
                try:
                    (start,) = struct.unpack_from(">H", data, offset + 8 + 2 * index)
                    rowid, values = _cell(pages, data, start, longest)
                except (_Bad, IndexError, struct.error):
                    continue
                table = _table(values)
                if table and 0 < rowid < 1 << 40:
                    yield CarvedRow(table, rowid, values)


class _Pages:
    """A database's pages by number, from 1: as the -wal has them, otherwise as the file has them."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._wal_file = file.with_name(f"{file.name}-wal")
        self._main: BinaryIO | None = None
        self._wal: BinaryIO | None = None
        self._frames: dict[int, int] = {}

    def __enter__(self) -> _Pages:
        head = b""
        if self._file.exists():
            self._main = self._file.open("rb")
            head = self._main.read(100)
        self.size = int.from_bytes(head[16:18], "big")
        self.size = 65536 if self.size == 1 else self.size
        if not head.startswith(b"SQLite format 3\0") or self.size not in _PAGE_SIZES:
            self.size = 4096
        if self._wal_file.exists():
            self._wal = self._wal_file.open("rb")
            self._read_frames(head == b"")
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self._main, self._wal):
            if stream is not None:
                stream.close()

    def _read_frames(self, alone: bool) -> None:
        """Which page each frame of the log is; of a page, the last one of the log's present round counts."""
        assert self._wal is not None  # noqa: S101 - opened by the caller
        head = self._wal.read(_WAL_HEAD)
        if len(head) < _WAL_HEAD:
            return
        size = int.from_bytes(head[8:12], "big")
        if size not in _PAGE_SIZES or (size != self.size and not alone):
            return
        self.size = size
        at = _WAL_HEAD
        while True:
            self._wal.seek(at)
            frame = self._wal.read(_FRAME_HEAD)
            if len(frame) < _FRAME_HEAD or frame[8:16] != head[16:24]:
                return
            self._frames[int.from_bytes(frame[:4], "big")] = at + _FRAME_HEAD
            at += _FRAME_HEAD + size

    def numbers(self) -> list[int]:
        """All of them."""
        count = 0
        if self._main is not None:
            count = self._main.seek(0, 2) // self.size
        return sorted({*range(1, count + 1), *self._frames})

    def get(self, number: int) -> bytes:
        """A page; b"" for one that is not there, or that the disk does not give."""
        stream, at = self._main, (number - 1) * self.size
        if number in self._frames:
            stream, at = self._wal, self._frames[number]
        if stream is None or number < 1:
            return b""
        try:
            stream.seek(at)
            return stream.read(self.size)
        except (OSError, OverflowError):
            return b""


def _cell(pages: _Pages, data: bytes, start: int, longest: int) -> tuple[int, tuple[Value, ...]]:
    length, at = _varint(data, start)
    rowid, at = _varint(data, at)
    if not 2 <= length <= longest:
        raise _Bad
    usable = pages.size
    local = length
    if length > usable - 35:
        least = (usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (usable - 4)
        local = least if local > usable - 35 else local
    payload = bytearray(data[at : at + local])
    if len(payload) < local:
        raise _Bad
    if local < length:
        (follows,) = struct.unpack_from(">I", data, at + local)
        while len(payload) < length:
            page = pages.get(follows)
            if len(page) < usable:
                raise _Bad
            payload += page[4 : 4 + min(usable - 4, length - len(payload))]
            (follows,) = struct.unpack_from(">I", page)
    return rowid, _record(bytes(payload))


def _record(payload: bytes) -> tuple[Value, ...]:
    head, at = _varint(payload, 0)
    if not 1 < head <= min(len(payload), 10 * _MOST_COLUMNS):
        raise _Bad
    values: list[Value] = []
    body = head
    while at < head:
        kind, at = _varint(payload, at)
        length = _LENGTHS.get(kind, (kind - 12) // 2 if kind >= 12 else -1)
        if length < 0 or body + length > len(payload):
            raise _Bad
        values.append(_value(kind, payload[body : body + length]))
        body += length
    if body != len(payload) or at != head:
        raise _Bad
    return tuple(values)


def _value(kind: int, data: bytes) -> Value:
    if kind == 0:
        return None
    if kind in (8, 9):
        return kind - 8
    if kind == _FLOAT:
        return float(struct.unpack(">d", data)[0])
    if kind < _FLOAT:
        return int.from_bytes(data, "big", signed=True)
    return data if kind % 2 == 0 else data.decode("utf-8", "replace")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(9):
        byte = data[at + index]
        if index == 8:
            value = value << 8 | byte
            return (value - (1 << 64) if value >= 1 << 63 else value), at + 9
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            return value, at + index + 1
    raise _Bad


# --- tables by the shape of their rows ----------------------------------------------------------------------

_NUMBER = (int, float)
_TEXT_OR_NONE = (str, type(None))
_SHAPES: dict[str, tuple[frozenset[int], tuple[Any, ...]]] = {
    # How many columns a row may have: those that were added later are not stored in rows of before.
    "documents": (frozenset({5}), (type(None), str, int, str, int)),
    "jobs": (frozenset({9, 13}), (type(None), (int, type(None)), str, str, str, str, object, _TEXT_OR_NONE, _NUMBER)),
    "pages": (frozenset({9, 12, 14, 17}), (int, str, int, str, int, _NUMBER, object, (bytes, type(None)))),
    "versions": (frozenset({10}), (int, str, int, int, int, int, int, str, _NUMBER, (bytes, type(None)))),
    "exports": (frozenset({8}), (type(None), int, str, bytes, str, int, str, _NUMBER)),
    "arrivals": (frozenset({13}), (type(None), str, bytes, int, int, str, str, (int, type(None)))),
}
_OPTIONS = {"jobs": 4, "pages": 1, "versions": 1}
"""Which column holds options: JSON."""


def _table(values: tuple[Value, ...]) -> str:
    for table, (counts, shape) in _SHAPES.items():
        if len(values) in counts and all(isinstance(one, kind) for one, kind in zip(values, shape, strict=False)):
            column = _OPTIONS.get(table)
            if column is None or str(values[column]).startswith("{"):
                return table
    return ""
