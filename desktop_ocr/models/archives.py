"""Takes the files of a model out of a tar from elsewhere, and nothing else."""

from __future__ import annotations

import tarfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from desktop_ocr.models.breaker import Breaker
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

_CHUNK = 1 << 20
_MOST_MEMBERS = 1000
_DEPTH = 2
_ADVICE = "Take it from its makers, or from another model host."


def extract(archive: Path, target: Path, names: Collection[str], most: int, breaker: Breaker) -> list[str]:
    """Take files of these names out of an archive; they lie in it, or in its one folder.

    Args:
        archive: a tar, not compressed.
        target: a folder that is there; nothing is written elsewhere.
        names: that are wanted.
        most: bytes that may come out in all.
        breaker: stops it.

    Returns:
        Of `names`, those that were there.

    Raises:
        DesktopOcrError: MODEL_DAMAGED where it is no such archive, where a wanted name is a link or comes twice, or
            where too much comes out; CANCELLED.
        OSError: a file cannot be written.
    """
    found: list[str] = []
    try:
        with tarfile.open(archive, "r:") as tar:
            for number, member in enumerate(tar):
                breaker.check()
                if number >= _MOST_MEMBERS:
                    raise _refused("it holds too many files")
                path = PurePosixPath(member.name)
                if path.is_absolute() or ".." in path.parts:
                    raise _refused("a file in it wants to go elsewhere")
                if path.name not in names or len(path.parts) > _DEPTH:
                    continue
                if not member.isreg():
                    raise _refused("it holds a link or a device")
                if path.name in found:
                    raise _refused("it holds a file twice")
                most -= member.size
                if most < 0:
                    raise _refused("it is far too large")
                found.append(path.name)
                _copy(tar, member, target / path.name, breaker)
    except (tarfile.TarError, EOFError, UnicodeError, ValueError) as error:
        raise _refused("it is no tar, or is damaged") from error
    return found


def _copy(tar: tarfile.TarFile, member: tarfile.TarInfo, file: Path, breaker: Breaker) -> None:
    source = tar.extractfile(member)
    if source is None:
        raise _refused("a file in it cannot be read")
    left = member.size
    with source, file.open("wb") as stream:
        while data := source.read(min(_CHUNK, left)):
            breaker.check()
            stream.write(data)
            left -= len(data)
    if left:
        raise _refused("it ends early")


def _refused(why: str) -> DesktopOcrError:
    return DesktopOcrError(ErrorCode.MODEL_DAMAGED, f"The archive of the model is refused: {why}.", _ADVICE)
