"""The files of one export: all of them appear, or none."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop_ocr.document_host.export.placing import Moves, make_ordinary, same, sweep, sync, sync_folder
from desktop_ocr.schema.document_messages import PART_PREFIX, PART_SUFFIX
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

MAX_NUMBER = 10_000
PICTURES = "-pictures"  # what the name of their folder ends with


@dataclass(frozen=True)
class Placed:
    """Where an export's files are.

    Attributes:
        path: of the output.
        others: further files and pictures.
        size: of all of them, in bytes.
        unchanged: all of them were there already with the same bytes, and were left as they are.
    """

    path: Path
    others: tuple[Path, ...]
    size: int
    unchanged: bool


@dataclass
class _Part:
    """A file in the making, and what its name will be: the export's name and `tail`, or `fixed`."""

    path: Path
    tail: str = ""
    fixed: Path | None = None


class OutputFiles:
    """The files of one export: they come into their places together, or vanish.

    They are written under temporary names in the output's folder, so that a process that is killed leaves nothing but
    what `sweep` knows. Names that are taken by something else get a number, the same for all. Pictures lie in a folder
    and are named by their bytes: they are put there first and the output last, so that its links are never empty.
    """

    def __init__(self, target: Path, suffix: str) -> None:
        """Create the output, empty.

        Args:
            target: the wanted path.
            suffix: its ending, which a number stands before; what is none of its endings counts as its last.

        Raises:
            OSError: the folder cannot be written to.
        """
        self._folder = target.parent
        ending = suffix if target.name.endswith(suffix) and target.name != suffix else target.suffix
        self._name = target.name[: len(target.name) - len(ending)]
        sweep(self._folder)
        self._output = _Part(self._new(), ending)
        self._beside: list[_Part] = []
        self._pictures: dict[str, _Part] = {}

    @property
    def path(self) -> Path:
        """The output while it is written."""
        return self._output.path

    def call_output(self, tail: str) -> None:
        """See `ExportContext.call_output`."""
        self._check_new(tail, but=self._output)
        self._output.tail = tail

    def beside(self, tail: str) -> Path:
        """See `ExportContext.beside`.

        Raises:
            OSError: it cannot be created.
            ValueError: the tail is no part of a file's name, or another file has it.
        """
        self._check_new(tail)
        part = _Part(self._new(), tail)
        self._beside.append(part)
        return part.path

    def picture(self, data: bytes, name: str) -> str:
        """Write a picture; returns its path from the output's folder, with "/".

        Args:
            data: its bytes.
            name: of its file, which no other bytes have.

        Raises:
            OSError: it cannot be written.
        """
        folder = f"{self._name}{PICTURES}"
        if name not in self._pictures:
            part = self._pictures[name] = _Part(self._new(), fixed=self._folder / folder / name)
            part.path.write_bytes(data)
        return f"{folder}/{name}"

    def place(self, *, overwrite: bool, foreign: Collection[str] = ()) -> Placed:
        """Put the files in their places, safely on the disk.

        Args:
            overwrite: replace files of their names.
            foreign: names that others have, even with the same bytes: see `StartExport.others`.

        Raises:
            OSError: they cannot be put there.
            DesktopOcrError: EXPORT_FAILED, a name is taken by a folder or ten thousand numbers are taken.
        """
        parts = [*self._pictures.values(), *self._beside, self._output]
        for part in parts:
            make_ordinary(part.path)
            sync(part.path)
        with Moves() as moves:
            for folder in {part.fixed.parent for part in self._pictures.values() if part.fixed is not None}:
                moves.make_folder(folder)
            for part in self._pictures.values():
                assert part.fixed is not None  # noqa: S101 - as they are made
                if not part.fixed.is_file():
                    moves.move(part.path, part.fixed)
            numbered_parts = [*self._beside, self._output]
            if overwrite:
                targets = self._replace(moves, numbered_parts)
            else:
                targets = self._put_beside(moves, numbered_parts, foreign)
            moved = moves.done()
        self.discard()
        for folder in {path.parent for path in moved}:
            sync_folder(folder)
        others = (*(part.fixed for part in self._pictures.values() if part.fixed is not None), *targets[:-1])
        size = sum(path.stat().st_size for path in (*others, targets[-1]))
        return Placed(targets[-1], others, size, not moved)

    def discard(self) -> None:
        """Delete what is left of them."""
        for part in (*self._pictures.values(), *self._beside, self._output):
            with contextlib.suppress(FileNotFoundError):
                part.path.unlink()

    def _replace(self, moves: Moves, parts: Sequence[_Part]) -> list[Path]:
        targets = [self._folder / f"{self._name}{part.tail}" for part in parts]
        if any(target.is_dir() for target in targets):
            raise DesktopOcrError(ErrorCode.EXPORT_FAILED, "There is a folder of that name.", "Choose another name.")
        for part, target in zip(parts, targets, strict=True):
            if not same(part.path, target):
                moves.replace(part.path, target, keep=len(parts) > 1)
        return targets

    def _put_beside(self, moves: Moves, parts: Sequence[_Part], foreign: Collection[str]) -> list[Path]:
        for number in range(1, MAX_NUMBER):
            name = self._name if number == 1 else f"{self._name} ({number})"
            targets = [self._folder / f"{name}{part.tail}" for part in parts]
            before = moves.count
            try:
                for part, target in zip(parts, targets, strict=True):
                    if target.name in foreign or not same(part.path, target):
                        moves.move(part.path, target)
            except FileExistsError:
                moves.undo(before)
                continue
            return targets
        raise DesktopOcrError(
            ErrorCode.EXPORT_FAILED, "Too many files of that name are there.", "Choose another folder."
        )

    def _new(self) -> Path:
        number, name = tempfile.mkstemp(prefix=f"{PART_PREFIX}{os.getpid()}-", suffix=PART_SUFFIX, dir=self._folder)
        os.close(number)
        return Path(name)

    def _check_new(self, tail: str, but: _Part | None = None) -> None:
        taken = [part.tail.casefold() for part in (self._output, *self._beside) if part is not but]
        if not tail or tail.casefold() in taken or any(sign in tail for sign in "/\\\0"):
            raise ValueError(f"a file of an export cannot end in {tail!r}")
