"""Where a program without a terminal says what went wrong: a small file that is never about documents' contents."""

from __future__ import annotations

import contextlib
import logging
import sys
from pathlib import Path
from types import TracebackType

_log = logging.getLogger(__name__)

LARGEST = 500_000  # bytes, of this one and of the one before


def keep_log(folder: Path) -> logging.Handler | None:
    """Send the warnings of all parts to `window.log` in a folder; where that cannot be, they go to stderr as before."""
    from logging.handlers import RotatingFileHandler  # not needed for the window to be seen

    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = RotatingFileHandler(folder / "window.log", maxBytes=LARGEST, backupCount=1, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.getLogger().addHandler(handler)
        return handler
    return None


def close_log(handler: logging.Handler | None) -> None:
    """Close the file again."""
    if handler is not None:
        logging.getLogger().removeHandler(handler)
        handler.close()


def log_fault(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    """For `sys.excepthook`, to which Qt hands what a slot raises: nobody reads the stderr of a window."""
    _log.error("a fault of the program", exc_info=(kind, fault, trace))
    sys.__excepthook__(kind, fault, trace)
