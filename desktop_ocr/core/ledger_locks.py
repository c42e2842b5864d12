"""Whether another program has the ledger open, by the locks on its file."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

if sys.platform == "win32":  # pragma: no cover - has not run on Windows yet

    def in_use(file: Path) -> bool:
        """SQLite opens files so that they cannot be renamed meanwhile: a rename to its own name tells."""
        try:
            file.rename(file)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

else:
    import fcntl

    # SQLite's documented locking bytes: who has a file with a write-ahead log open holds some of the shared ones.
    _SHARED_FIRST, _SHARED_SIZE = 0x40000000 + 2, 510

    def in_use(file: Path) -> bool:
        """Whether another process has the ledger open."""
        try:
            with file.open("rb+") as stream:
                fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        except PermissionError as error:
            if error.errno != errno.EACCES:
                raise
        return False
