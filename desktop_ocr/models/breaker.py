"""Breaks downloads off."""

from __future__ import annotations

import contextlib
import socket
import threading

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode


class Breaker:
    """Breaks requests off. Safe from any thread."""

    def __init__(self) -> None:
        """Nothing is broken off yet."""
        self._event = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def pulled(self) -> bool:
        """Whether it was pulled."""
        return self._event.is_set()

    def pull(self) -> None:
        """Break off what is under way, and what is begun later."""
        self._event.set()
        with self._lock:
            for one in self._sockets:
                # The base class' method: an SSL socket's own would forget its state under the reader's hands.
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(one, socket.SHUT_RDWR)

    def wait(self, seconds: float) -> None:
        """Wait, unless it is pulled meanwhile.

        Raises:
            DesktopOcrError: CANCELLED.
        """
        self._event.wait(seconds)
        self.check()

    def check(self) -> None:
        """Raise DesktopOcrError (CANCELLED) where it was pulled."""
        if self._event.is_set():
            raise DesktopOcrError(ErrorCode.CANCELLED, "The download was stopped.", "It can go on later.")

    def hold(self, one: socket.socket) -> None:
        """Shut this socket when it is pulled."""
        with self._lock:
            self._sockets.add(one)
        if self.pulled:
            self.pull()

    def let_go(self) -> None:
        """No request is under way any more."""
        with self._lock:
            self._sockets.clear()
