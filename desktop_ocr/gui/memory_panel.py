"""The right end of the status bar: hosts, RAM, and VRAM where there is a GPU."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from desktop_ocr.gui.theme import current_colours
from desktop_ocr.gui.words import memory_words
from desktop_ocr.schema.events import HostEnded, HostStarted
from desktop_ocr.schema.memory import HostRole, MemorySample

FULL = 0.80  # the memory guard's warning level


class Gauge(QWidget):
    """A small bar: what the machine uses, and within it what is ours."""

    def __init__(self) -> None:
        super().__init__()
        self._used = 0.0
        self._ours = 0.0
        self.setFixedSize(QSize(64, 6))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_shares(self, used: float, ours: float) -> None:
        """Shares of the whole, 0 to 1."""
        self._used, self._ours = min(1.0, max(0.0, used)), min(1.0, max(0.0, ours))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Track, used, ours."""
        del event
        colours = current_colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QPainterPath()
        track.addRoundedRect(QRectF(self.rect()), 3, 3)
        painter.setClipPath(track)
        painter.fillRect(self.rect(), colours.colour("track"))
        width, height = self.width(), self.height()
        used = "amber" if self._used >= FULL else "strong_border"
        painter.fillRect(QRectF(0, 0, width * self._used, height), colours.colour(used))
        # A share of the program's own that is there is seen, however large the machine.
        ours = max(2.0, width * self._ours) if self._ours > 0 else 0.0
        painter.fillRect(QRectF(0, 0, ours, height), colours.colour("accent"))


class MemoryPanel(QWidget):
    """Shows what is measured, and nothing where nothing was."""

    def __init__(self) -> None:
        super().__init__()
        self._hosts: dict[int, HostRole] = {}
        self.hosts = QLabel()
        self.ram = QLabel()
        self.vram = QLabel()
        self.ram_gauge = Gauge()
        self.vram_gauge = Gauge()
        self.sample: MemorySample | None = None
        self._compact = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(6)
        for widget in (self.hosts, self.ram_gauge, self.ram, self.vram_gauge, self.vram):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        for widget in (self.ram_gauge, self.ram, self.vram_gauge, self.vram):
            widget.hide()
        self._show_hosts()

    def take(self, event: HostStarted | HostEnded | MemorySample) -> None:
        """Something was measured, or a host came or went."""
        if isinstance(event, HostStarted):
            self._hosts[event.pid] = event.role
            self._show_hosts()
        elif isinstance(event, HostEnded):
            self._hosts.pop(event.pid, None)
            self._show_hosts()
        else:
            self._show_sample(event)

    def set_compact(self, compact: bool) -> None:
        """Leave out what the tooltips say too, where there is little room."""
        if compact is self._compact:
            return
        self._compact = compact
        self.hosts.setVisible(not compact)
        if self.sample is not None:
            self._show_sample(self.sample)

    @property
    def host_count(self) -> int:
        """How many hosts run."""
        return len(self._hosts)

    def _show_hosts(self) -> None:
        engines = sum(role is HostRole.ENGINE for role in self._hosts.values())
        readers = len(self._hosts) - engines
        if not self._hosts:
            words = self.tr("No helpers running")
        elif len(self._hosts) == 1:
            words = self.tr("1 helper running")
        else:
            words = self.tr("{n} helpers running").format(n=len(self._hosts))
        self.hosts.setText(words)
        self.hosts.setToolTip(
            self.tr(
                "Processes that do the work and end when it is done.\n"
                "For text recognition: {engines}. For opening and writing files: {readers}."
            ).format(engines=engines, readers=readers)
        )

    def _show_sample(self, sample: MemorySample) -> None:
        self.sample = sample
        ours = sample.ram_window + sample.ram_hosts
        self.ram.setText(self._words(self.tr("RAM"), ours, sample.ram_used, sample.ram_total))
        tip = self.tr("This window: {window}. Its helpers: {hosts}. All programs: {used} of {total}.").format(
            window=memory_words(sample.ram_window),
            hosts=memory_words(sample.ram_hosts),
            used=memory_words(sample.ram_used),
            total=memory_words(sample.ram_total),
        )
        self.ram.setToolTip(tip)
        self.ram_gauge.setToolTip(tip)
        whole = sample.ram_total or 1.0
        self.ram_gauge.show_shares(sample.ram_used / whole, ours / whole)
        self.ram.show()
        self.ram_gauge.setVisible(not self._compact)
        self._show_vram(sample)

    def _show_vram(self, sample: MemorySample) -> None:
        there = sample.vram_total is not None and sample.vram_used is not None
        self.vram.setVisible(there)
        self.vram_gauge.setVisible(there and not self._compact)
        if sample.vram_total is None or sample.vram_used is None:
            return
        words = self._words(self.tr("VRAM"), sample.vram_ours, sample.vram_used, sample.vram_total)
        self.vram.setText(words)
        self.vram.setToolTip(
            self.tr("Memory of the graphics card.")
            if sample.vram_ours is not None
            else self.tr("Memory of the graphics card. Its driver does not say how much of it is this program's.")
        )
        whole = sample.vram_total or 1.0
        self.vram_gauge.show_shares(sample.vram_used / whole, (sample.vram_ours or 0.0) / whole)

    def _words(self, name: str, ours: float | None, used: float, total: float) -> str:
        whole = self.tr("{used} of {total}").format(used=memory_words(used), total=memory_words(total))
        if ours is None:
            return f"{name} {whole}"
        own = self.tr("{ours} ours").format(ours=memory_words(ours))
        return f"{name} {own}" if self._compact else f"{name} {own}, {whole}"
