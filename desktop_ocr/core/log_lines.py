"""The last lines of the program's log, kept in memory for a diagnostic dump."""

from __future__ import annotations

import logging
from collections import deque

NAME = "desktop_ocr"
KEPT = 300
LONGEST = 4000  # characters of a line, its traceback included


class LogLines:
    """Keeps what is logged at INFO and above, in whichever way the rest of logging is set up.

    To see INFO at all the logger `desktop_ocr` has to let it through. What that changes for the handlers of the
    user's terminal and of the log file is undone: they get what they got before. See `_Tap`.
    """

    def __init__(self, kept: int = KEPT) -> None:
        """Keep so many lines, once attached."""
        self._lines: deque[str] = deque(maxlen=kept)
        self._keeper = _Keeper(self._lines)

    @property
    def lines(self) -> tuple[str, ...]:
        """Oldest first. A line with a traceback holds line breaks."""
        return tuple(self._lines.copy())  # a copy first: other threads log

    def attach(self) -> None:
        """Start to keep lines."""
        listen(self._keeper)

    def detach(self) -> None:
        """Keep no more lines; those there are stay."""
        stop_listening(self._keeper)


def listen(handler: logging.Handler) -> None:
    """Give a handler what our parts log at INFO and above."""
    logger = logging.getLogger(NAME)
    tap = next((one for one in logger.handlers if isinstance(one, _Tap)), None)
    if tap is None:
        tap = _Tap(logger)
    tap.listeners = [*tap.listeners, handler]


def stop_listening(handler: logging.Handler) -> None:
    """Give a handler nothing more."""
    logger = logging.getLogger(NAME)
    for tap in [one for one in logger.handlers if isinstance(one, _Tap)]:
        tap.listeners = [one for one in tap.listeners if one is not handler]
        if not tap.listeners:
            tap.remove()


class _Keeper(logging.Handler):
    """Keeps lines in memory."""

    def __init__(self, lines: deque[str]) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        try:
            line = self.format(record)[:LONGEST]
        except Exception as error:  # noqa: BLE001 - a faulty log call must not fail its caller
            line = f"{record.levelname} {record.name}: a line that cannot be formatted ({type(error).__name__})"
        self._lines.append(line)


class _Tap(logging.Handler):
    """The one handler for all who listen in a process: it lowers the logger's level, and passes on by the old one."""

    def __init__(self, logger: logging.Logger) -> None:
        super().__init__()
        self.listeners: list[logging.Handler] = []
        self._logger = logger
        self._level, self._propagate = logger.level, logger.propagate
        logger.setLevel(min(logging.INFO, logger.getEffectiveLevel()))
        logger.propagate = False
        logger.addHandler(self)

    def remove(self) -> None:
        """Leave the logger as it was found."""
        self._logger.removeHandler(self)
        self._logger.setLevel(self._level)
        self._logger.propagate = self._propagate
        self.close()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, and pass the record on where it would have gone without us."""
        if record.levelno >= logging.INFO:
            for listener in self.listeners:
                listener.handle(record)
        if self._propagate and self._logger.parent is not None and record.levelno >= self._former_level(record.name):
            self._logger.parent.callHandlers(record)

    def _former_level(self, name: str) -> int:
        """The level from which on a record of that logger would have been passed on."""
        logger: logging.Logger | None = logging.getLogger(name)
        while logger is not None and logger is not self._logger:
            if logger.level:
                return logger.level
            logger = logger.parent
        if self._level or self._logger.parent is None:
            return self._level
        return self._logger.parent.getEffectiveLevel()
