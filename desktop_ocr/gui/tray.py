"""The icon in the tray, its tooltip and its menu."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from desktop_ocr.gui.job_actions import JobActions
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.recent import RecentResults
from desktop_ocr.gui.tray_icon import tray_icon
from desktop_ocr.gui.tray_state import TrayState, tray_state
from desktop_ocr.gui.words import shortened

RENEW_MS = 400  # between two looks at the documents
LONGEST_TIP = 120  # Windows shows no more than 127 characters


class TrayMenu(QObject):
    """The menu, and the actions in it.

    Signals:
        show_wanted, capture_wanted, watched_wanted, quit_wanted: what was chosen.
        job_wanted: the number of a document that is to be seen.
        autostart_wanted: whether the program is to start at log-in.
    """

    show_wanted = Signal()
    capture_wanted = Signal()
    watched_wanted = Signal()
    quit_wanted = Signal()
    job_wanted = Signal(int)
    autostart_wanted = Signal(bool)

    def __init__(self, jobs: JobActions, recent: RecentResults, parent: QObject) -> None:
        super().__init__(parent)
        self._recent = recent
        self.menu = QMenu()
        self.show = QAction(self.tr("&Show Desktop OCR"), self)
        self.recent = QMenu(self.tr("Recent &results"), self.menu)
        self.watched = QAction(self.tr("&Watched folders…"), self)
        self.capture = QAction(self.tr("&Capture text from the screen…"), self)
        self.autostart = QAction(self.tr("Start at lo&g-in"), self)
        self.autostart.setCheckable(True)
        self.quit = QAction(self.tr("&Quit"), self)
        for action, signal in (
            (self.show, self.show_wanted),
            (self.watched, self.watched_wanted),
            (self.capture, self.capture_wanted),
            (self.quit, self.quit_wanted),
        ):
            action.triggered.connect(lambda _checked=False, wanted=signal: wanted.emit())
        self.autostart.triggered.connect(self.autostart_wanted)
        self.capture.setVisible(False)  # until somebody can do what it says
        for group in (
            [self.show],
            [jobs.pause_all, jobs.resume_all, jobs.free],
            [self.recent.menuAction(), self.watched, self.capture],
            [self.autostart, self.quit],
        ):
            self.menu.addSeparator()
            self.menu.addActions(group)
        self.menu.setDefaultAction(self.show)
        self.recent.triggered.connect(self._choose_recent)
        recent.changed.connect(self._fill_recent)
        self._fill_recent()

    def _fill_recent(self) -> None:
        self.recent.clear()
        for view in self._recent.views():
            action = QAction(shortened(view.name).replace("&", "&&"), self.recent)
            action.setData(view.job)
            self.recent.addAction(action)
        self.recent.menuAction().setEnabled(not self.recent.isEmpty())

    def _choose_recent(self, action: QAction) -> None:
        self.job_wanted.emit(action.data())


class Tray(QObject):
    """The icon. Make it only where there is a tray.

    Signals:
        toggle_wanted: the icon was clicked.
    """

    toggle_wanted = Signal()

    def __init__(self, model: JobModel, menu: TrayMenu, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._shown: TrayState | None = None
        self._toggled = 0.0
        self._troubles = 0
        self._waits: tuple[str, ...] = ()
        self.icon = QSystemTrayIcon(self)
        self.icon.setContextMenu(menu.menu)
        self.icon.activated.connect(self._activated)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(RENEW_MS)
        self._soon.timeout.connect(self.renew)
        for signal in (model.dataChanged, model.rowsInserted, model.rowsRemoved):
            signal.connect(self.renew_soon)
        self.renew()
        self.icon.show()

    @property
    def shown(self) -> TrayState | None:
        """What is to be seen."""
        return self._shown

    def tell(self, *, troubles: int, waits: tuple[str, ...]) -> None:
        """How many errors nobody has seen yet, and why pages wait."""
        if (troubles, waits) != (self._troubles, self._waits):
            self._troubles, self._waits = troubles, waits
            self.renew_soon()

    def renew_soon(self) -> None:
        """Look at the documents, in a moment: a page a second is no reason to draw each."""
        if not self._soon.isActive():
            self._soon.start()

    def renew(self) -> None:
        """Show what is, where it is not what is shown."""
        state = tray_state(self._model.views(), troubles=self._troubles, waits=self._waits)
        if self._shown is None or state.look != self._shown.look:
            self.icon.setIcon(tray_icon(state.look))
        if self._shown is None or state.words != self._shown.words:
            self.icon.setToolTip(shortened(state.words, LONGEST_TIP))
        self._shown = state

    def remove(self) -> None:
        """Take the icon away: the program is about to end."""
        self._soon.stop()
        self.icon.hide()
        tray_icon.cache_clear()  # pictures have to go before the application does

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        clicks = (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick)
        if reason not in clicks:
            return
        # A double click is told as two or three, by panel: together they are one.
        now = time.monotonic()
        app = QGuiApplication.instance()
        between = app.styleHints().mouseDoubleClickInterval() / 1000 if isinstance(app, QGuiApplication) else 0.4
        if now - self._toggled > between:
            self._toggled = now
            self.toggle_wanted.emit()
