"""TOML files that people can edit: read with patience for what may stand in them, and replaced in one step."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
import textwrap
from pathlib import Path
from typing import Any

import msgspec

from desktop_ocr.core.disk_sync import sync_folder
from desktop_ocr.core.names import shown
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode


class NotReadableError(Exception):
    """The file is not TOML, or cannot be read; the text says why and follows the file's name."""


class TomlKind(msgspec.Struct, frozen=True):
    """What a file is to hold.

    Attributes:
        name: as in "is too large for a file of settings".
        subject: as in "The settings were not saved".
        largest: bytes; more is none.
        longest_line: characters; tomllib takes minutes for a key of a hundred thousand dots.
    """

    name: str
    subject: str
    largest: int
    longest_line: int

    def read(self, file: Path) -> str:
        """The file's text; "" where it is not there.

        Raises:
            NotReadableError: it cannot be read, or is none.
        """
        try:
            if not stat.S_ISREG(file.stat().st_mode):
                raise NotReadableError("is not a file")  # a pipe would be waited for
            with file.open("rb") as stream:
                data = stream.read(self.largest + 1)
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise NotReadableError(f"cannot be read ({error.strerror})") from error
        if len(data) > self.largest:
            raise NotReadableError(f"is too large for {self.name}")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise NotReadableError(f"is not a text in UTF-8 (line {line})") from error

    def parse(self, text: str) -> dict[str, Any]:
        """What stands in a text.

        Raises:
            NotReadableError: it is not TOML.
        """
        if not text:
            return {}
        import tomllib  # 20 ms, which a program without such a file need not spend

        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > self.longest_line:
                raise NotReadableError(f"is not {self.name}: line {number} is too long")
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            words = textwrap.shorten(str(error), 160, placeholder=" ...")
            raise NotReadableError(f"is not valid TOML: {words[:1].lower()}{words[1:]}") from error
        except (ValueError, RecursionError) as error:  # thousands of digits or brackets
            raise NotReadableError("is not valid TOML") from error

    def unwritable(self, error: OSError, file: Path) -> DesktopOcrError:
        """Why it was not saved."""
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            code, reason, advice = ErrorCode.DISK_FULL, "the disk is full", "Make room and try again."
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            code, reason = ErrorCode.NO_PERMISSION, "it is write-protected"
            advice = f"Make {shown(file.parent)} writable and try again."
        else:
            code, reason = ErrorCode.NOT_FOUND, error.strerror or "unknown reason"
            advice = f"Is {shown(file.parent)} a folder that you can write to?"
        return DesktopOcrError(code, f"{self.subject} were not saved in {file.name}: {reason}.", advice)


def replace_file(target: Path, data: bytes, *, aside: bool) -> Path | None:
    """Write a file under another name and put it in the place of the one that is there, if any.

    Args:
        target: the file; where it may be a link, what that leads to.
        data: what it is to hold.
        aside: keep the one that is there under another name.

    Returns:
        That name; None where nothing was kept.

    Raises:
        OSError: it cannot be written; the one that is there stays.
    """
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if target.is_file() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))  # somebody wants it to stay as it is
    number, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)  # for this user alone
    try:
        with open(number, "wb") as stream:  # noqa: PTH123 - a descriptor
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        kept = _set_aside(target) if aside else None
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(target.parent)
    return kept


def _set_aside(target: Path) -> Path | None:
    """Give what is there another name; None where nothing is there (any more)."""
    number = 0
    while True:
        number += 1
        other = target.with_name(f"{target.name}.broken-{number}")
        try:
            if other.is_symlink() or other.exists():
                continue
            target.rename(other)
        except FileExistsError:  # Windows, where somebody was quicker
            continue
        except FileNotFoundError:
            return None
        return other
