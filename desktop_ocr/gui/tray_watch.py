"""Whether the desktop has a tray; it may come after the program, at log-in say."""

from __future__ import annotations

import logging
import sys

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSystemTrayIcon

from desktop_ocr.gui.notification_ports import session_bus

_log = logging.getLogger(__name__)

WATCHER = "org.kde.StatusNotifierWatcher"
LOOK_MS = 3000
LOOKS_AT_LOG_IN = 2  # the panel may be on its way, as long as the desktop is being started
LOOKS_UNTIL_GONE = 2  # a panel that is being started anew is back by then


def qt_has_tray() -> bool:
    """What Qt says. Its first answer on message buses is its last one: ask when there is a reason to."""
    return QSystemTrayIcon.isSystemTrayAvailable()


class TrayWatch(QObject):
    """Looks for a tray, and goes on looking.

    Qt asks the message bus for a tray once in the life of the program. A program that is started at log-in is often
    there before the panel: that is why the bus is asked here, and Qt only when it will say yes.

    Signals:
        changed: whether there is one is known, or is another thing than before.
    """

    changed = Signal(bool)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.available = False
        self.known = False
        self._looks = 0
        self._patient = False
        self._missing = 0
        self._on_bus: bool | None = None
        self._bus_parts: list[QObject] = []
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)

    def start(self, *, patient: bool = False) -> None:
        """Begin to look; `patient`: the desktop may just be starting."""
        self._patient = patient
        if session_bus() is not None:
            self._ask_bus()
        else:
            self._on_bus = False
        self._timer.start()
        self._look()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()
        for part in self._bus_parts:
            part.deleteLater()
        self._bus_parts.clear()

    def _ask_bus(self) -> None:
        from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher, QDBusServiceWatcher

        bus = QDBusConnection.sessionBus()
        if not bus.isConnected():
            self._on_bus = False
            return
        names = QDBusServiceWatcher(WATCHER, bus, QDBusServiceWatcher.WatchModeFlag.WatchForOwnerChange, self)
        names.serviceOwnerChanged.connect(lambda _name, _before, now: self._heard(bool(now)))
        service = "org.freedesktop.DBus"
        question = QDBusMessage.createMethodCall(service, "/org/freedesktop/DBus", service, "NameHasOwner")
        question.setArguments([WATCHER])
        answer = QDBusPendingCallWatcher(bus.asyncCall(question), self)
        answer.finished.connect(lambda call: self._heard(call.reply().arguments()[:1] == [True]))
        self._bus_parts = [names, answer]

    def _heard(self, there: bool) -> None:
        self._on_bus = there
        self._look()

    def _look(self) -> None:
        there = self._there()
        if there is None:
            return
        self._missing = 0 if there else self._missing + 1
        if self.known and self.available and not there and self._missing < LOOKS_UNTIL_GONE:
            return
        if not self.known or there is not self.available:
            self.known, self.available = True, there
            self.changed.emit(there)

    def _there(self) -> bool | None:
        """Whether there is a tray now; None while that is not known yet."""
        if not sys.platform.startswith("linux") or self._on_bus:
            return qt_has_tray()
        if self._on_bus is None:
            return None
        if QGuiApplication.platformName() not in ("xcb", "offscreen"):
            return False  # Wayland knows no trays but those on the bus
        self._looks += 1
        if self._patient and session_bus() is not None and self._looks <= LOOKS_AT_LOG_IN:
            return None
        return qt_has_tray()
