"""The program's log: a small file that goes round, and is never about what documents say or are called.

Our own parts write at INFO: starts and ends, numbers of jobs and pages, hosts, models, memory. Other packages write
warnings. Lines speak of "job 7", never of its document; what still looks like a document's path or name (of an error
of the system, say) is taken out by `redaction`, as is the user's home.
"""

from __future__ import annotations

import logging
import platform
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from desktop_ocr import __version__
from desktop_ocr.core.log_lines import NAME, listen, stop_listening
from desktop_ocr.core.redaction import Redactor

LARGEST = 500_000  # bytes, of this one and of the one before
SHOWN = 200  # lines
LONGEST = 8000  # characters of a line, its traceback included

_log = logging.getLogger(__name__)


class _Redacted(logging.Formatter):
    """Lines, tracebacks included, without names of documents."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redactor = Redactor(home=home_folder())

    def format(self, record: logging.LogRecord) -> str:
        """A record as a line."""
        return self._redactor.text(super().format(record)[:LONGEST])


class _File(RotatingFileHandler):
    """A log that cannot be written (a full disk) stops no work, and does not fill a terminal instead."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Only a faulty log call is told."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


class _Others(logging.Handler):
    """Passes on what other packages say; our own lines come by themselves."""

    def __init__(self, file: logging.Handler) -> None:
        super().__init__(logging.WARNING)
        self._file = file

    def emit(self, record: logging.LogRecord) -> None:
        """Pass a line on."""
        if record.name != NAME and not record.name.startswith(f"{NAME}."):
            self._file.handle(record)


class LogFile:
    """Keeps a log while it is open."""

    def __init__(self, folder: Path, name: str) -> None:
        """Nothing is written yet. `name` says which program: "window", "convert"; each has a file of its own."""
        self.path = folder / f"{name}.log"
        self._name = name
        self._file: _File | None = None
        self._others: _Others | None = None

    def open(self, *facts: str) -> bool:
        """Begin, with a line about the program; `facts` are added to it. False where it cannot be written."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = _File(self.path, maxBytes=LARGEST, backupCount=1, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            _log.warning("no log is kept: %s", error.strerror)
            return False
        file.setFormatter(_Redacted())
        self._file, self._others = file, _Others(file)
        listen(file)
        logging.getLogger().addHandler(self._others)
        python = f"Python {platform.python_version()}"
        words = ", ".join([f"Desktop OCR {__version__}", self._name, python, platform.platform(), *facts])
        _log.info("started: %s", words)
        return True

    def close(self) -> None:
        """The program ends."""
        if self._file is None or self._others is None:
            return
        _log.info("ended")
        logging.getLogger().removeHandler(self._others)
        stop_listening(self._file)
        self._file.close()
        self._file = self._others = None


def last_lines(folder: Path, count: int = SHOWN) -> list[str]:
    """The last lines of the window's log, oldest first; none where it cannot be read. Blocks on the disk."""
    lines: list[str] = []
    for name in ("window.log.1", "window.log"):
        try:
            text = (folder / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        lines += text.splitlines()
    return lines[-count:]


def home_folder() -> Path | None:
    """The user's home, where there is one."""
    try:
        return Path.home()
    except RuntimeError:
        return None
