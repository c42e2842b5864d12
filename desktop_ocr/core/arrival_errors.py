"""Why a watched file was not done: what may pass by itself, and when it is worth another try."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

from desktop_ocr.core.names import shown
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.exports import NO_TABLES

FIRST_PAUSE, LONGEST_PAUSE = 60.0, 3600.0
FEW_TRIES = 6

# What other programs, disks and people may mend without touching the file.
_PASSING = frozenset(
    {
        ErrorCode.NOT_FOUND,
        ErrorCode.NO_PERMISSION,
        ErrorCode.DISK_FULL,
        ErrorCode.LEDGER,
        ErrorCode.OUT_OF_MEMORY,
        ErrorCode.MEMORY_SHORT,
        ErrorCode.NO_SERVICE,
        ErrorCode.GPU_LOST,
        ErrorCode.FREED,
    }
)
# What may be the file's own fault: it is tried a few times.
_DOUBTFUL = frozenset(
    {ErrorCode.HOST_DIED, ErrorCode.TIMED_OUT, ErrorCode.PROTOCOL, ErrorCode.EXPORT_FAILED, ErrorCode.OUT_OF_MEMORY}
)


def next_try(error: ErrorInfo, attempts: int) -> float:
    """When to try again, in seconds as `time.time` gives them; 0.0 for never: somebody has to ask.

    Args:
        error: why it failed.
        attempts: how often by now.
    """
    if error == NO_TABLES:
        again = False
    elif error.code in _DOUBTFUL:
        again = attempts < FEW_TRIES
    else:
        again = error.code in _PASSING
    return time.time() + min(FIRST_PAUSE * 2.0 ** min(attempts - 1, 10), LONGEST_PAUSE) if again else 0.0


def of_system(error: OSError) -> ErrorInfo:
    """A sentence for what the system says of a file or folder."""
    name = error.filename2 or error.filename
    what = f"'{shown(Path(os.fsdecode(name)))}'" if isinstance(name, (str, bytes)) else "The file"
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return ErrorInfo(ErrorCode.DISK_FULL, "The disk is full.", "Make room; it is tried again by itself.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.ETXTBSY):
        words = f"{what} cannot be used: there is no permission, or another program has it."
        return ErrorInfo(ErrorCode.NO_PERMISSION, words, "It is tried again by itself.")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return ErrorInfo(ErrorCode.NOT_FOUND, f"{what} is not there any more, or cannot be reached.")
    reason = error.strerror or "unknown reason"
    return ErrorInfo(ErrorCode.NO_PERMISSION, f"{what} cannot be used ({reason}).", "It is tried again by itself.")
