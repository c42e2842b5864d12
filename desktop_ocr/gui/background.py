"""The program without its window: tray, notifications, closing, and what later starts want."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QSize, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop_ocr.core.single_instance import SingleInstance
from desktop_ocr.gui.fronting import come_to_front
from desktop_ocr.gui.furnishing import seen
from desktop_ocr.gui.instance import InstanceServer
from desktop_ocr.gui.job_actions import is_paused
from desktop_ocr.gui.job_news import JobNews
from desktop_ocr.gui.log_in import LogIn
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.message_bar import MessageBar, Tone
from desktop_ocr.gui.notification_ports import BusNotifications, TrayNotifications, session_bus
from desktop_ocr.gui.notifications import Notification, Notifier, Target
from desktop_ocr.gui.recent import RecentResults
from desktop_ocr.gui.tray import Tray, TrayMenu
from desktop_ocr.gui.tray_watch import TrayWatch
from desktop_ocr.gui.words import documents_words, shortened
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.events import Event
from desktop_ocr.schema.instance import InstanceAction, InstanceMessage
from desktop_ocr.schema.jobs import JobState, JobView, PageState
from desktop_ocr.schema.settings import ClosingWindow

_log = logging.getLogger(__name__)

TRAY_MS = 8000  # for a tray to come, before a program that was started without a window shows one
REST_MS = 200  # a click may bring the window back at once
NOTHING = QSize(1, 1)
JUST_NOW = 0.6  # seconds: a click on the icon takes the focus from the window before it is told


class Background(QObject):
    """Made when the window has been painted, or in its place.

    Signals:
        capture_wanted: text is to be read from the screen; the token for coming to the front, or "".
    """

    capture_wanted = Signal(str)

    def __init__(self, window: MainWindow, worker: Worker, instance: SingleInstance | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._worker = worker
        self.question: QWidget | None = None
        self._no_tray: MessageBar | None = None
        self._troubles = 0
        self._waits: tuple[str, ...] = ()
        self._active_until = 0.0
        self._over = False
        self._capturing = False
        self._only_capture = False
        self._gave_up = False
        self.recent = RecentResults(window.model, self)
        self.menu = TrayMenu(window.jobs, self.recent, self)
        self.log_in = LogIn(self.menu.autostart, window.tasks, window.bars, self)
        self.notifier = Notifier(lambda: window.keeper.settings.notify, self)
        self.news = JobNews(self)
        self.watch = TrayWatch(self)
        self.tray: Tray | None = None
        self.tray_notes: TrayNotifications | None = None
        self.bus_notes: BusNotifications | None = None
        self.server = InstanceServer(instance, self) if instance is not None else None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._show_without_tray)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._put_away)
        self._connect()

    def _connect(self) -> None:
        menu, news, notifier = self.menu, self.news, self.notifier
        menu.show_wanted.connect(lambda: self.show_window())
        menu.quit_wanted.connect(self.leave)
        menu.job_wanted.connect(lambda job: self.show_document(Target(job)))
        menu.watched_wanted.connect(self._show_watched)
        self._window.watched.document_wanted.connect(lambda job: self.show_document(Target(job)))
        menu.capture_wanted.connect(lambda: self.capture_wanted.emit(""))
        menu.autostart_wanted.connect(self.log_in.set)
        self._worker.events.connect(self._take)
        self._worker.opened.connect(self._opened)
        self._worker.failed.connect(self._failed)
        news.done.connect(self._done)
        news.asks.connect(self._asks)
        news.settled.connect(notifier.settled)
        news.busy.connect(notifier.busy)
        news.trouble.connect(self._trouble)
        news.waits.connect(self._now_waits)
        notifier.told.connect(self._notify)
        self.watch.changed.connect(self._tray_changed)
        if self.server is not None:
            self.server.received.connect(self.take_message)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.focusWindowChanged.connect(self._focus_changed)

    # --- beginning and ending -------------------------------------------------------------------------------

    def begin(self, *, hidden: bool = False, only_capture: bool = False) -> None:
        """Look for a tray, and hear what later starts want.

        `hidden`: the window is not shown, if there is a tray. `only_capture`: nothing but a capture was asked for; if
        the user gives that up, and there is no tray, the program ends.
        """
        self._only_capture = only_capture
        self._window.stays = self._closing
        if hidden:
            self._patience.start(TRAY_MS)
        self.watch.start(patient=hidden)
        self.log_in.look()
        if self.server is not None:
            self.server.start()

    async def finish(self) -> None:
        """Take nothing more, and take the icon away."""
        self._over = True
        self._patience.stop()
        self._rest.stop()
        self.watch.stop()
        self.notifier.stop()
        if self.server is not None:
            self.server.stop()
        if self.tray is not None:
            self.tray.remove()
        if self.bus_notes is not None:
            await self.bus_notes.stop()

    # --- showing and hiding ---------------------------------------------------------------------------------

    @property
    def seen(self) -> bool:
        """Whether the window is on the screen, as far as this program knows."""
        return self._window.isVisible() and not self._window.isMinimized()

    def show_window(self, token: str = "") -> None:
        """Bring the window to the front."""
        if self._over:
            return
        self._patience.stop()
        self._only_capture = False
        self._furnish()
        come_to_front(self._window, token)

    def hide_window(self) -> None:
        """Go on without it. What was typed is stored; what it holds for the eye is given back in a moment."""
        window = self._window
        window.hide()
        if window.furnished:
            window.tasks.start(window.workspace.text_side.settle())
        self._rest.start()

    def _put_away(self) -> None:
        """In steps of their own: together they would take longer than the window may."""
        window = self._window
        if window.isVisible() or self._over:
            return
        window.remember()
        if window.furnished:
            window.workspace.put_away(True)
            QTimer.singleShot(0, window, self._give_back)

    def _give_back(self) -> None:
        if not self._window.isVisible() and not self._over:
            self._window.backingStore().resize(NOTHING)  # what it is painted on: 4 MB, or ten times that
            self._window.workspace.free()

    def toggle(self) -> None:
        """Hide the window if it is in front, or show it there."""
        in_front = self._window.isActiveWindow() or time.monotonic() - self._active_until < JUST_NOW
        if self.seen and in_front:
            self.hide_window()
        else:
            self.show_window()

    def show_document(self, target: Target, token: str = "") -> None:
        """Bring the window to the front, with a document in it."""
        self.show_window(token)
        if self._over or not target.job or self._window.model.view(target.job) is None:
            return
        if target.failed or not self._window.furnished:
            self._window.tasks.start(self._show_target(target))
        else:
            self._window.show_document(target.job)

    async def _show_target(self, target: Target) -> None:
        await self._window.furnish_in_steps()
        pages = await self._worker.ask(lambda session: session.pages(target.job)) if target.failed else []
        failed = [view.page for view in pages if view.state is PageState.FAILED]
        if failed:
            self._window.workspace.document.pane.walk.open_at(target.job, failed[0])
        self._window.show_document(target.job)

    def leave(self) -> None:
        """Quit; what is asked before is asked in front of the window."""
        if any(self._window.under_way()) and not self.seen:
            self.show_window()
        self._window.leave()

    def _furnish(self) -> None:
        window = self._window
        if window.furnished:
            window.workspace.put_away(window.keeping.library.shown)
        else:
            window.tasks.start(self._furnish_in_steps())

    async def _furnish_in_steps(self) -> None:
        window = self._window
        await seen(window)
        await window.furnish_in_steps()
        window.workspace.put_away(window.keeping.library.shown or not window.isVisible())

    def _show_watched(self) -> None:
        self.show_window()
        self._window.watched.show()

    # --- closing --------------------------------------------------------------------------------------------

    def _closing(self) -> bool:
        """The user closes the window: whether it is hidden, minimised or asked about, and the program goes on."""
        choice = self._window.keeper.settings.close_window
        self._window.offers_minimise = not self.watch.available and self.watch.known
        if choice is ClosingWindow.QUIT:
            return False
        if not self.watch.available:
            if choice is ClosingWindow.ASK:
                return False  # the window asks, if anything is under way
            self.no_tray()
            self._window.showMinimized()
            return True
        if choice is ClosingWindow.KEEP:
            self.hide_window()
        elif self.question is None:
            self._ask()
        return True

    def _ask(self) -> None:
        from desktop_ocr.gui.closing import ask_to_stay

        working, exporting = self._window.under_way()
        self.question = ask_to_stay(self._window, working, exporting, self._keep, self._quit)
        self.question.finished.connect(lambda: setattr(self, "question", None))

    def _keep(self, always: bool) -> None:
        self._remember(always, ClosingWindow.KEEP)
        self.hide_window()

    def _quit(self, always: bool) -> None:
        self._remember(always, ClosingWindow.QUIT)
        self._window.leave(agreed=True)

    def _remember(self, always: bool, choice: ClosingWindow) -> None:
        if always:
            keeper = self._window.keeper
            keeper.apply(msgspec.structs.replace(keeper.settings, close_window=choice))

    def no_tray(self) -> None:
        """Say what a desktop without a tray means, once."""
        if self._no_tray is None or self._no_tray.over:
            text = self.tr(
                "This desktop has no tray in which Desktop OCR could stay without a window. "
                "The window is minimised instead; work goes on."
            )
            self._no_tray = self._window.bars.say(text, Tone.INFO)

    # --- the tray -------------------------------------------------------------------------------------------

    def _tray_changed(self, there: bool) -> None:
        self._window.offers_minimise = not there
        if there:
            self._patience.stop()
            if self.tray is None:
                self.tray = Tray(self._window.model, self.menu, self)
                self.tray.toggle_wanted.connect(self.toggle)
                self.tray_notes = TrayNotifications(self.tray.icon)
                self.tray_notes.clicked.connect(self.show_document)
                self._tell_tray()
            if self._no_tray is not None:
                self._no_tray.leave()
        elif self.tray is not None and not self._window.isVisible():
            self._show_without_tray()  # its panel has gone: nothing would lead to the window any more

    def _show_without_tray(self) -> None:
        """Nobody is to look for a program that has neither icon nor window."""
        if self._over or self.watch.available or self._window.isVisible():
            return
        if self._capturing:
            return  # it would stand before what is to be read: `capture_over` comes back to it
        if self._only_capture and self._gave_up and not any(self._window.under_way()):
            _log.info("the capture was given up, and there is nothing else to do and no tray: the program ends")
            self._window.leave()
            return
        _log.warning("this desktop has no tray: the window is shown, minimised")
        self._furnish()
        self.no_tray()
        self._window.showMinimized()

    def capture_began(self) -> None:
        """A region of the screen is being chosen: nothing may come before it."""
        self._capturing = True

    def capture_over(self, gave_up: bool) -> None:
        """That is over, and whether the user gave up."""
        self._capturing = False
        self._gave_up = gave_up
        self._only_capture = self._only_capture and gave_up  # what was read is to be seen, and stays to be pasted
        if not self._patience.isActive() or (self._only_capture and self.watch.known):
            QTimer.singleShot(0, self, self._show_without_tray)  # which was put off

    def _tell_tray(self) -> None:
        if self.tray is not None:
            self.tray.tell(troubles=self._troubles, waits=self._waits)

    # --- news -----------------------------------------------------------------------------------------------

    def _take(self, batch: Sequence[Event]) -> None:
        self.news.take(batch)

    def _opened(self) -> None:
        self.news.begin()
        self.recent.former()
        views = self._window.model.views()
        left = [view for view in views if view.interrupted and is_paused(view)]
        if left and not self._window.isVisible():
            words = documents_words(len(left))
            self.notifier.say(self.tr("Work on {documents} was interrupted. Go on with it?").format(documents=words))

    def _failed(self, error: ErrorInfo) -> None:
        self._trouble(str(error))

    def _done(self, view: JobView) -> None:
        self.recent.finished(view.job)
        self.notifier.done(view)

    def _asks(self, view: JobView) -> None:
        name = shortened(view.name)
        if view.state is JobState.NEEDS_PASSWORD:
            self.notifier.asks(view.job, self.tr("“{name}” needs a password.").format(name=name))
            return
        why = view.error.message if view.error is not None else self.tr("It could not be read.")
        self.notifier.asks(view.job, self.tr("“{name}”: {why}").format(name=name, why=why))
        self._count_trouble()

    def _trouble(self, text: str) -> None:
        self.notifier.say(text)
        self._count_trouble()

    def _count_trouble(self) -> None:
        if not self._window.isActiveWindow():
            self._troubles += 1
            self._tell_tray()

    def _now_waits(self, reasons: tuple[str, ...]) -> None:
        self._waits = reasons
        self._tell_tray()

    def _focus_changed(self, focused: object) -> None:
        self._active_until = time.monotonic()
        if focused is not None:
            self._troubles = 0
            self.notifier.seen()
            self._tell_tray()

    def _notify(self, note: Notification) -> None:
        if session_bus() is None:
            self._notify_by_tray(note)
            return
        if self.bus_notes is None:
            self.bus_notes = BusNotifications(self)
            self.bus_notes.clicked.connect(self.show_document)
            self.bus_notes.unsent.connect(self._notify_by_tray)
        self.bus_notes.show(note)

    def _notify_by_tray(self, note: Notification) -> None:
        if self.watch.available and self.tray_notes is not None:
            self.tray_notes.show(note)

    # --- later starts ---------------------------------------------------------------------------------------

    def take_message(self, message: InstanceMessage) -> None:
        """What a later start wants, or this one for after its beginning."""
        if self._over:
            return
        files = [Path(os.fsdecode(path)) for path in message.paths]
        if files or message.action is not InstanceAction.CAPTURE:
            self._only_capture = False
        if message.action in (InstanceAction.OPEN, InstanceAction.SHOW):
            self.show_window(message.token)
        elif message.action is InstanceAction.CAPTURE:
            self.capture_wanted.emit(message.token)
        self._window.commands.add(files)
