"""The diagnostic dump: one readable file that says what the program holds and does. No document's text or name."""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from desktop_ocr import __version__
from desktop_ocr.core.process_tree import ProcessEntry
from desktop_ocr.core.redaction import Redactor
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.memory import MemorySample, MemoryStats
from desktop_ocr.schema.settings import Settings, usable_cores

KEPT = 10
_ABANDONED = 3600.0  # s: an unfinished file as old as that is nobody's work


def write_dump(
    folder: Path,
    stats: MemoryStats,
    samples: Sequence[MemorySample],
    processes: Sequence[ProcessEntry],
    log_lines: Sequence[str],
    settings: Settings,
    *,
    documents: Iterable[str | Path] = (),
    reason: str = "",
) -> Path:
    """Write a dump, and delete all but the last ten. Blocks on the disk: call it in a thread.

    Args:
        folder: for dumps; made if missing, for this user alone.
        stats: now.
        samples: the last minutes, oldest first.
        processes: see `process_tree.process_tree`.
        log_lines: see `log_lines.LogLines`.
        settings: that the program works by.
        documents: paths of the documents in the list, which are then found in every text; see `redaction`.
        reason: why it is written.

    Returns:
        The file: dump-20240131-235959.json, by local time.

    Raises:
        DesktopOcrError: DISK_FULL, NO_PERMISSION: the file cannot be written.
    """
    redactor = Redactor(documents, _home())
    head = {
        "written": datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
        "reason": reason,
        "program": {
            "version": __version__,
            "python": platform.python_version(),
            "platform": platform.platform(),
            "cores": usable_cores(),
            "pid": os.getpid(),
        },
        "stats": stats,
        "processes": list(processes),
        "settings": settings,
        "log": list(log_lines),
    }
    lines = [_json(redactor, sample) for sample in samples]
    text = msgspec.json.format(_json(redactor, head), indent=2).rstrip(b"}\n ")
    # A sample a line: ten minutes of them, spread over twenty lines each, are not readable.
    text += b',\n  "samples": [' + b",".join(b"\n    " + line for line in lines) + b"\n  ]\n}\n"
    try:
        path = _write(folder, text)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise DesktopOcrError(
            ErrorCode.DISK_FULL if full else ErrorCode.NO_PERMISSION,
            f"The diagnostic dump cannot be written to {folder} ({error.strerror}).",
            "Make room there." if full else "Check the permissions of this folder.",
        ) from error
    _prune(folder, path)
    return path


def _json(redactor: Redactor, value: object) -> bytes:
    return msgspec.json.encode(redactor.value(msgspec.to_builtins(value)))


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None


def _write(folder: Path, text: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem = time.strftime("dump-%Y%m%d-%H%M%S")
    path, number = folder / f"{stem}.json", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.json"
    descriptor, unfinished = tempfile.mkstemp(prefix=".dump-", suffix=".part", dir=folder)  # for this user alone
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
        Path(unfinished).replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            Path(unfinished).unlink(missing_ok=True)
        raise
    return path


def _prune(folder: Path, newest: Path) -> None:
    """Delete old dumps; that one cannot be deleted is no reason to call the new one a failure."""
    # Without the ending "-2" comes after the bare name, as it should. The clock may have been set back.
    others = sorted((path for path in folder.glob("dump-*.json") if path != newest), key=lambda path: path.stem)
    for path in others[: max(0, len(others) - KEPT + 1)]:
        with contextlib.suppress(OSError):
            path.unlink()
    for path in folder.glob(".dump-*.part"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - _ABANDONED:
                path.unlink()
