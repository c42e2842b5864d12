"""The running window's end of `core/single_instance.py`: takes what later starts want."""

from __future__ import annotations

import functools
import logging
import os
import socket

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from desktop_ocr.core.control import peer_uid
from desktop_ocr.core.single_instance import SingleInstance
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.instance import (
    INSTANCE_HEADER,
    INSTANCE_VERSION,
    InstanceReply,
    message_length,
    pack_reply,
    unpack_message,
)

_log = logging.getLogger(__name__)

CONNECTIONS = 16  # at a time; more wait in the socket's own line
READ_MS = 5000  # for a whole message
CROWDED_MS = 1500  # the same, while others may wait: less than the patience of those (`ANSWER_SECONDS`)


class InstanceServer(QObject):
    """Listens for second starts. What is no message is ignored, and logged.

    Signals:
        received: an `InstanceMessage`. It is answered already.
    """

    received = Signal(object)

    def __init__(self, instance: SingleInstance, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._instance = instance
        self._open: dict[QLocalSocket, QTimer] = {}  # and how long each may take
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connected)

    def start(self) -> bool:
        """Listen, if this process is the one; what was said meanwhile is heard. False where that cannot be."""
        if not self._instance.held:
            return False
        descriptor = self._instance.take_listening()
        if descriptor is not None:
            listens = self._server.listen(descriptor)
        else:  # Windows, where it has not run yet: the pipe is Qt's own, for this user alone
            listens = os.name == "nt" and self._server.listen(str(self._instance.address))
        if listens:
            self._instance.ready()
        else:
            _log.warning("a second start cannot reach this window (%s)", self._server.errorString())
        return listens

    def stop(self) -> None:
        """Take nothing more: the program is about to end."""
        self._server.close()
        for connection in list(self._open):
            connection.abort()
        self._instance.deaf()

    def _connected(self) -> None:
        while len(self._open) < CONNECTIONS:
            connection = self._server.nextPendingConnection()
            if connection is None:
                return
            self._take_up(connection)

    def _take_up(self, connection: QLocalSocket) -> None:
        if not _is_ours(connection):
            _log.warning("a connection to this window was sent away: it is gone already, or another user's")
            connection.abort()
            connection.deleteLater()
            return
        patience = self._open[connection] = QTimer(connection)
        patience.setSingleShot(True)
        patience.timeout.connect(functools.partial(_give_up, connection))
        patience.start(READ_MS)
        connection.readyRead.connect(functools.partial(self._read, connection))
        connection.disconnected.connect(functools.partial(self._over, connection))
        self._read(connection)
        if connection.state() is QLocalSocket.LocalSocketState.UnconnectedState:
            self._over(connection)  # gone before anybody listened to it
        if len(self._open) >= CONNECTIONS:
            self._hurry()

    def _hurry(self) -> None:
        """Who says nothing is not to keep out a start that waits."""
        for patience in self._open.values():
            if patience.remainingTime() > CROWDED_MS:
                patience.start(CROWDED_MS)

    def _over(self, connection: QLocalSocket) -> None:
        if connection in self._open:
            del self._open[connection]
            connection.deleteLater()
            self._connected()

    def _read(self, connection: QLocalSocket) -> None:
        if connection.property("answered"):
            connection.readAll()
            return
        try:
            header = bytes(connection.peek(INSTANCE_HEADER.size).data())
            if len(header) < INSTANCE_HEADER.size:
                return
            length = message_length(header)
            if connection.bytesAvailable() < INSTANCE_HEADER.size + length:
                return
            connection.read(INSTANCE_HEADER.size)
            message = unpack_message(bytes(connection.read(length).data()))
        except DesktopOcrError as error:
            _log.warning("a message to this window was ignored: %s", error)
            if error.code is ErrorCode.USAGE:  # a start of another version: somebody waits there
                self._answer(connection, InstanceReply(INSTANCE_VERSION, False, str(error)))
            else:
                connection.abort()
            return
        self._answer(connection, InstanceReply(INSTANCE_VERSION, True))
        self.received.emit(message)

    def _answer(self, connection: QLocalSocket, reply: InstanceReply) -> None:
        connection.setProperty("answered", True)
        connection.write(pack_reply(reply))
        connection.flush()
        connection.disconnectFromServer()  # when all is written


def _give_up(connection: QLocalSocket) -> None:
    connection.abort()


def _is_ours(connection: QLocalSocket) -> bool:
    if not hasattr(os, "getuid"):
        return True  # Windows: the pipe is this user's
    try:
        with socket.socket(fileno=os.dup(int(connection.socketDescriptor()))) as same:
            uid = peer_uid(same)
    except OSError:
        return False  # gone before it was taken up: nobody can tell any more whose it was
    return uid is None or uid == os.getuid()
