"""What a document host that is gone has left of an export: files that never got their names."""

from __future__ import annotations

import contextlib
import re
import stat
import time
from pathlib import Path

from desktop_ocr.schema.document_messages import PART_PREFIX, PART_SUFFIX


def delete_parts(folder: Path, pid: int, *, older_than: float = 0.0) -> int:
    """Delete the temporary files of one document host in a folder, and nothing else; returns how many.

    Args:
        folder: which may be gone.
        pid: of the host, which does not run any more.
        older_than: seconds for which nobody has written to them.
    """
    ours = re.compile(rf"{re.escape(PART_PREFIX)}{pid}-[^-]+{re.escape(PART_SUFFIX)}(\.\w+)?")
    deleted = 0
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if not ours.fullmatch(path.name):
                continue
            with contextlib.suppress(OSError):
                status = path.lstat()
                if stat.S_ISREG(status.st_mode) and time.time() - status.st_mtime >= older_than:
                    path.unlink()
                    deleted += 1
    return deleted
