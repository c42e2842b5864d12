"""All that the window shows of memory: gauges, messages, and the panel, which is made when it is first wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from desktop_ocr.gui.job_actions import JobActions
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.memory_commands import MemoryCommands
from desktop_ocr.gui.memory_gauges import MemoryGauges
from desktop_ocr.gui.memory_history import History
from desktop_ocr.gui.memory_news import MemoryNews
from desktop_ocr.gui.message_bar import MessageBars
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.events import (
    Freed,
    HostEnded,
    HostStarted,
    ModelChanged,
    PressureChanged,
    WorkHeld,
    WorkResumed,
)
from desktop_ocr.schema.jobs import JobView
from desktop_ocr.schema.memory import MemorySample

if TYPE_CHECKING:
    from desktop_ocr.gui.memory_panel import MemoryPanel

MemoryEvent = HostStarted | HostEnded | MemorySample | ModelChanged | PressureChanged | Freed | WorkHeld | WorkResumed

SEPARATOR = 4  # between the panel and the rest, at most


class MemorySide(QObject):
    """Takes events about memory and shows them.

    Signals:
        giving_back: memory is being given back: the window's caches are to go too.
        renamed: the action that frees memory has another name.
    """

    giving_back = Signal()
    renamed = Signal()

    def __init__(
        self,
        worker: Worker,
        tasks: Tasks,
        bars: MessageBars,
        model: JobModel,
        preferences: Preferences,
        actions: JobActions,
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self._worker = worker
        self._tasks = tasks
        self._preferences = preferences
        self._actions = actions
        self._window = window
        self._least: QSize | None = None
        self._job: JobView | None = None
        self.history = History()
        self.commands = MemoryCommands(worker, tasks, bars, self)
        self.news = MemoryNews(bars, self.commands, model, self)
        self.gauges = MemoryGauges()
        self.panel: MemoryPanel | None = None
        self.dock: QDockWidget | None = None
        self.commands.giving_back.connect(self.giving_back)
        self.gauges.clicked.connect(actions.memory.trigger)
        actions.memory.toggled.connect(self._toggle)
        actions.free.triggered.connect(lambda: self.commands.free())

    @property
    def sample(self) -> MemorySample | None:
        """What was measured last."""
        return self.gauges.sample

    @property
    def host_count(self) -> int:
        """How many hosts run."""
        return self.gauges.host_count

    # --- what is told ---------------------------------------------------------------------------------------

    def take(self, event: MemoryEvent) -> None:
        """Something was measured, or has happened to memory."""
        match event:
            case MemorySample():
                self.history.take(event)
                self.gauges.take(event)
                if self._actions.name_free(gpu=bool(event.gpus)):
                    self.renamed.emit()
                return  # the panel asks for itself
            case HostStarted():
                self.gauges.host_started(event.pid, event.role)
            case HostEnded():
                self.gauges.host_ended(event.pid)
            case PressureChanged():
                self.gauges.set_pressure(event.pressure)
                self.news.pressure(event.pressure)
            case Freed():
                self.giving_back.emit()  # it may have been wanted from the command line
                self.news.freed(event)
            case WorkHeld():
                self.news.held(event)
            case WorkResumed():
                self.news.resumed()
            case ModelChanged():
                pass
        if self.panel is not None:
            self.panel.refresh_soon()

    def show_job(self, view: JobView | None) -> None:
        """The document that is being looked at, which may have changed."""
        self._job = view
        if self.panel is not None:
            self.panel.show_job(view)

    # --- the panel ------------------------------------------------------------------------------------------

    def furnish(self) -> None:
        """Open the panel, where it was open last time."""
        if self._preferences.memory_open:
            self._actions.memory.setChecked(True)

    def save(self) -> None:
        """Remember the panel."""
        self._preferences.memory_open = self._actions.memory.isChecked()
        if self.dock is not None and self.dock.isVisible():
            self._preferences.memory_width = self.dock.width()

    def _toggle(self, on: bool) -> None:
        if on:
            dock = self.dock or self._make()
            self._make_room(True)
            dock.show()
            self._window.resizeDocks([dock], [self._preferences.memory_width], Qt.Orientation.Horizontal)
        elif self.dock is not None:
            self._preferences.memory_width = self.dock.width()
            self.dock.hide()
            self._make_room(False)

    def _make(self) -> QDockWidget:
        from desktop_ocr.gui.memory_panel import MemoryPanel

        self.panel = MemoryPanel(self._worker, self._tasks, self.commands, self.history)
        self.panel.show_job(self._job)
        self.panel.closed.connect(lambda: self._actions.memory.setChecked(False))
        dock = QDockWidget(self.tr("Memory"), self._window)
        dock.setObjectName("memory")
        dock.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
        dock.setTitleBarWidget(QWidget())  # the panel has a bar of its own, like all parts of the window
        dock.setWidget(self.panel)
        dock.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        self.dock = dock
        return dock

    def _make_room(self, wanted: bool) -> None:
        """With the panel the window needs more width, as far as the screen has it."""
        from desktop_ocr.gui.memory_panel import LEAST_WIDTH

        if self._least is None:
            self._least = self._window.minimumSize()
        width = self._least.width()
        content = self._window.centralWidget()
        if wanted and content is not None:
            width = max(width, content.minimumSizeHint().width()) + LEAST_WIDTH + SEPARATOR
        width = max(self._least.width(), min(width, self._window.screen().availableGeometry().width()))
        self._window.setMinimumWidth(width)
