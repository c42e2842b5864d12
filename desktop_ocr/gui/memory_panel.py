"""The memory panel: the last ten minutes, models, services, queue and processes. Asks only while it is seen."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui import icons
from desktop_ocr.gui.memory_commands import MemoryCommands
from desktop_ocr.gui.memory_facts import Facts
from desktop_ocr.gui.memory_history import History
from desktop_ocr.gui.memory_models import ModelList
from desktop_ocr.gui.memory_plot import MemoryPlot
from desktop_ocr.gui.memory_words import pressure_words, queue_rows, service_row
from desktop_ocr.gui.preferences import MEMORY_WIDTH
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import memory_words
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.jobs import JobView
from desktop_ocr.schema.memory import HostRole, MemoryStats, PressureLevel, ProcessMemory

POLL_MS = 1000
LEAST_WIDTH = 320
_LEVEL_MARKS = {
    PressureLevel.NORMAL: ("circle-check", "good"),
    PressureLevel.WARNING: ("triangle-alert", "warning"),
    PressureLevel.CRITICAL: ("circle-alert", "danger"),
}


class MemoryPanel(QWidget):
    """The panel's content.

    Signals:
        closed: the user wants it away.
    """

    closed = Signal()

    def __init__(self, worker: Worker, tasks: Tasks, commands: MemoryCommands, history: History) -> None:
        super().__init__()
        self.setObjectName("pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(LEAST_WIDTH)
        self._worker = worker
        self._tasks = tasks
        self._commands = commands
        self._asking = False
        self._job: JobView | None = None
        self._level: PressureLevel | None = None
        self.stats: MemoryStats | None = None

        self.level = QLabel()
        self.level.setFixedWidth(20)
        self.pressure = QLabel()
        self.pressure.setWordWrap(True)
        self.pressure.setTextFormat(Qt.TextFormat.PlainText)
        self.plot = MemoryPlot(history)
        self.models = ModelList()
        self.models.unload_wanted.connect(commands.unload)
        self.services = Facts(self.tr("Services"), 4, right_from=3)
        self.queue = Facts(self.tr("Queue"), 2)
        self.processes = Facts(self.tr("Processes"), 3)
        self.document = Facts(self.tr("This document"), 2)
        self.diagnostics = QPushButton(self.tr("Save diagnosti&cs"))
        self.diagnostics.setToolTip(
            self.tr("Write a file about memory, models and processes, without any text of your documents")
        )
        self.diagnostics.clicked.connect(commands.save_diagnostics)
        self._lay_out()

        self._poll = QTimer(self)
        self._poll.setInterval(POLL_MS)
        self._poll.timeout.connect(self._ask)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(50)
        self._soon.timeout.connect(self._ask)

    # --- putting together -----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        inside = QWidget()
        inside.setObjectName("pane")
        column = QVBoxLayout(inside)
        column.setContentsMargins(14, 10, 14, 14)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.level, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.pressure, 1)
        column.addLayout(row)
        column.addWidget(self.plot)
        self._sections: dict[QWidget, QLabel] = {}
        for title, widget in (
            (self.tr("Models"), self.models),
            (self.tr("Services"), self.services),
            (self.tr("Queue"), self.queue),
            (self.tr("Processes"), self.processes),
            (self.tr("This document"), self.document),
        ):
            heading = QLabel(title)
            heading.setObjectName("heading")
            heading.setContentsMargins(0, 8, 0, 0)
            column.addWidget(heading)
            column.addWidget(widget)
            self._sections[widget] = heading
        column.addSpacing(8)
        column.addWidget(self.diagnostics, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch()
        self.area = QScrollArea()
        self.area.setObjectName("panel")
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._make_bar())
        whole.addWidget(self.area, 1)

    def _make_bar(self) -> QWidget:
        self.bar = QWidget()
        self.bar.setObjectName("pane-bar")
        self.bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = QLabel(self.tr("Memory"))
        title.setObjectName("heading")
        self.close_button = QToolButton()
        self.close_button.setToolTip(self.tr("Close the memory panel (Ctrl+M)"))
        self.close_button.setAccessibleName(self.tr("Close the memory panel"))
        icons.set_icon(self.close_button, "x", "muted")
        self.close_button.clicked.connect(self.closed)
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(14, 4, 6, 4)
        row.addWidget(title)
        row.addStretch()
        row.addWidget(self.close_button)
        return self.bar

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as reads well."""
        return QSize(MEMORY_WIDTH, 500)

    # --- keeping up -----------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Begin to ask."""
        super().showEvent(event)
        self._poll.start()
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Nobody sees it: ask no more."""
        super().hideEvent(event)
        self._poll.stop()
        self._soon.stop()

    def refresh_soon(self) -> None:
        """Something has happened that is worth asking about at once."""
        if self.isVisible():
            self._soon.start()

    def show_job(self, view: JobView | None) -> None:
        """The document that is being looked at."""
        if view != self._job:
            self._job = view
            if self.isVisible():
                self._show_document()

    def _ask(self) -> None:
        if not self._asking:
            self._asking = True
            self._tasks.start(self._learn())

    async def _learn(self) -> None:
        try:
            stats = await self._worker.ask(lambda session: session.stats())
        finally:
            self._asking = False
        if self.isVisible():
            self.show_stats(stats)

    def show_stats(self, stats: MemoryStats) -> None:
        """Show everything as it is now."""
        self.stats = stats
        self.pressure.setText(pressure_words(stats.pressure))
        if stats.pressure.level is not self._level:
            self._level = stats.pressure.level
            icons.set_icon(self.level, *_LEVEL_MARKS[self._level], 16)
        self.plot.set_thresholds(stats.warning, stats.critical)
        self.plot.refresh()
        self.models.show_models(stats.models)
        self._show_rows(self.services, [service_row(one) for pool in stats.pools for one in pool.services])
        self._show_rows(self.queue, queue_rows(stats))
        self._show_rows(self.processes, self._process_rows(stats))
        self._show_document()

    def _show_rows(self, facts: Facts, rows: list[tuple[str, ...]]) -> None:
        facts.show_rows(rows)
        for widget in (facts, self._sections[facts]):
            if widget.isHidden() is bool(rows):
                widget.setVisible(bool(rows))

    def _show_document(self) -> None:
        view = self._job
        rows: list[tuple[str, ...]] = []
        if view is not None and view.predicted_mb:
            rows.append((self.tr("Expected for its pages"), memory_words(view.predicted_mb)))
        if view is not None and view.peak_mb:
            rows.append((self.tr("Taken at most"), memory_words(view.peak_mb)))
        self._show_rows(self.document, rows)

    def _process_rows(self, stats: MemoryStats) -> list[tuple[str, ...]]:
        sample = stats.sample
        rows = [(self.tr("This window"), memory_words(sample.ram_window), "")]
        for host in sample.hosts:
            what = self.tr("Text recognition") if host.role is HostRole.ENGINE else self.tr("Documents")
            name = self.tr("{what}, process {pid}").format(what=what, pid=host.pid)
            rows.append((name, memory_words(host.ram_mb), self._vram(host, bool(sample.gpus))))
        return [*rows, (self.tr("All together"), memory_words(sample.ram_ours), self._whole_vram(stats))]

    def _vram(self, host: ProcessMemory, gpus: bool) -> str:
        if not gpus:
            return ""
        if host.vram_mb is None:
            return self.tr("GPU unknown")
        return self.tr("GPU {mb}").format(mb=memory_words(host.vram_mb))

    def _whole_vram(self, stats: MemoryStats) -> str:
        sample = stats.sample
        if not sample.gpus or sample.vram_ours is None:
            return ""
        mark = "≈" if any(gpu.estimated for gpu in sample.gpus) else ""
        return self.tr("GPU {mb}").format(mb=mark + memory_words(sample.vram_ours))
