"""The window's log: what Qt adds to `core.log_file`, and faults that nobody caught."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from desktop_ocr.core.log_file import LogFile

_log = logging.getLogger(__name__)


def keep_log(folder: Path) -> LogFile:
    """Keep a log in a folder; where that cannot be, warnings go to stderr as before."""
    from desktop_ocr.core.log_file import LogFile  # not needed for the window to be seen

    log = LogFile(folder, "window")
    log.open(f"Qt {qVersion()}", QGuiApplication.platformName())
    return log


def log_fault(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    """For `sys.excepthook`, to which Qt hands what a slot raises: nobody reads the stderr of a window."""
    _log.error("a fault of the program", exc_info=(kind, fault, trace))
    sys.__excepthook__(kind, fault, trace)
