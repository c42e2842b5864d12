"""The right end of the status bar: helpers, RAM, and each GPU's memory.

A gauge is painted again only when a pixel of its bar or a letter of its text changes: samples come each second, all
day long, and are to cost next to nothing.
"""

from __future__ import annotations

import enum

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QToolTip, QWidget

from desktop_ocr.gui.memory_words import gpu_tip, ram_tip
from desktop_ocr.gui.theme import current_colours
from desktop_ocr.gui.words import memory_words, tr
from desktop_ocr.schema.memory import GpuMemory, HostRole, MemorySample, Pressure, PressureLevel
from desktop_ocr.schema.settings import Settings

BAR = QSize(66, 8)
GAP = 6
SIDE = 6
_LEVELS = (PressureLevel.NORMAL, PressureLevel.WARNING, PressureLevel.CRITICAL)
LEVEL_ROLES = {
    PressureLevel.NORMAL: "strong_border",
    PressureLevel.WARNING: "amber",
    PressureLevel.CRITICAL: "danger",
}


class Detail(enum.IntEnum):
    """How much a gauge says, from all to least; the bar is always there."""

    FULL = 0
    FIGURES = 1
    SHARE = 2


class Reading:
    """What a gauge shows."""

    def __init__(self, name: str, used: float, total: float, ours: float | None, estimated: bool = False) -> None:
        """Figures in MB; `ours` is None where it is not known."""
        self.name = name
        self.used = used
        self.total = total or 1.0
        self.ours = ours
        self.estimated = estimated

    @property
    def share(self) -> float:
        """Of the whole, 0 to 1."""
        return min(1.0, max(0.0, self.used / self.total))

    @property
    def ours_share(self) -> float:
        """Our part of the whole, 0 to 1."""
        return min(1.0, max(0.0, (self.ours or 0.0) / self.total))

    def words(self, detail: Detail) -> str:
        """As text."""
        if detail is Detail.SHARE:
            return f"{self.name} {self.share * 100:.0f} %"
        whole = tr("{used} of {total}").format(used=memory_words(self.used), total=memory_words(self.total))
        if detail is Detail.FIGURES or self.ours is None:
            return f"{self.name} {whole}"
        mark = "≈" if self.estimated else ""
        ours = tr("{ours} ours").format(ours=mark + memory_words(self.ours))
        return f"{self.name} {ours}, {whole}"


class Gauge(QAbstractButton):
    """A bar and its words: what the machine uses, within it what is ours, and ticks where it becomes short."""

    def __init__(self) -> None:
        super().__init__()
        self._reading = Reading("", 0.0, 1.0, None)
        self._ticks = (0.8, 0.95)
        self._level = PressureLevel.NORMAL
        self._detail = Detail.FULL
        self._tip = ""
        self._painted: tuple[object, ...] = ()
        self.repaints = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_reading(
        self, reading: Reading, ticks: tuple[float, float], level: PressureLevel, tip: str, detail: Detail
    ) -> None:
        """Show figures; nothing is painted where they look the same."""
        self._reading, self._ticks, self._level, self._detail, self._tip = reading, ticks, level, detail, tip
        words = reading.words(detail)
        looks = (words, self._pixels(reading.share), self._pixels(reading.ours_share), ticks, level)
        if looks == self._painted:
            return
        self._painted = looks
        if words != self.text():
            self.setText(words)
            self.setAccessibleName(words)
            # Fixed width for all figures of one length: the status bar is not to be laid out each second.
            self.setFixedSize(self.sizeHint())
        self.update()

    def _pixels(self, share: float) -> int:
        return round(share * BAR.width() * self.devicePixelRatioF())

    def width_of(self, words: str) -> int:
        """How wide it is with some words."""
        # Any digit takes the room of a nought: the text does not jump as figures change.
        even = "".join("0" if letter.isdigit() else letter for letter in words)
        return self.fontMetrics().horizontalAdvance(even) + BAR.width() + GAP + 2 * SIDE

    @property
    def level(self) -> PressureLevel:
        """The level it is coloured for."""
        return self._level

    @property
    def tip(self) -> str:
        """What its tooltip says."""
        return self._tip

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Bar and words."""
        return QSize(self.width_of(self._reading.words(self._detail)), self.fontMetrics().height() + 6)

    def event(self, event: QEvent) -> bool:
        """The tooltip is asked for when somebody wants to see it, not set each second."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._tip, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Track, used, ours, ticks, words."""
        del event
        self.repaints += 1
        colours = current_colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            shape = QPainterPath()
            shape.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
            painter.fillPath(shape, colours.colour("hover"))
            if self.hasFocus():
                painter.setPen(QPen(colours.colour("accent"), 1))
                painter.drawPath(shape)
        box = QRectF(SIDE, (self.height() - BAR.height()) / 2, BAR.width(), BAR.height())
        self._paint_bar(painter, box)
        role = {PressureLevel.NORMAL: "muted", PressureLevel.WARNING: "warning", PressureLevel.CRITICAL: "danger"}
        painter.setPen(colours.colour(role[self._level]))
        words = self.rect().adjusted(SIDE + BAR.width() + GAP, 0, -SIDE, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())

    def _paint_bar(self, painter: QPainter, box: QRectF) -> None:
        colours = current_colours()
        painter.save()
        track = QPainterPath()
        track.addRoundedRect(box, 3, 3)
        painter.setClipPath(track)
        painter.fillRect(box, colours.colour("track"))
        used = box.adjusted(0, 0, -box.width() * (1 - self._reading.share), 0)
        painter.fillRect(used, colours.colour(LEVEL_ROLES[self._level]))
        # A share of the program's own that is there is seen, however large the machine.
        share = self._reading.ours_share
        if self._reading.ours:
            ours = max(2.0, box.width() * share)
            painter.fillRect(QRectF(box.left(), box.top(), ours, box.height()), colours.colour("accent"))
        painter.setClipping(False)
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for tick, role in zip(self._ticks, ("amber", "danger"), strict=True):
            if 0.0 < tick < 1.0:
                left = box.left() + round(box.width() * tick)
                painter.fillRect(QRectF(left, box.top() - 3, 1, box.height() + 6), colours.colour(role))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)


class MemoryGauges(QWidget):
    """Shows what is measured, and nothing where nothing was.

    Signals:
        clicked: a gauge was clicked.
    """

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._hosts: dict[int, HostRole] = {}
        self._settings = Settings()
        self._pressure = Pressure()
        self._room = 600
        self._detail = Detail.FULL
        self.sample: MemorySample | None = None
        self.hosts = QLabel()
        self.ram = Gauge()
        self.gpus: list[Gauge] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 8, 0)
        self._row.setSpacing(2)
        self._row.addWidget(self.hosts, 0, Qt.AlignmentFlag.AlignVCenter)
        self._add(self.ram)
        self.ram.hide()
        self._show_hosts()

    # --- what is told ---------------------------------------------------------------------------------------

    def host_started(self, pid: int, role: HostRole) -> None:
        """A helper is there."""
        self._hosts[pid] = role
        self._show_hosts()

    def host_ended(self, pid: int) -> None:
        """A helper is gone."""
        self._hosts.pop(pid, None)
        self._show_hosts()

    def take(self, sample: MemorySample) -> None:
        """Something was measured."""
        self.sample = sample
        self._show()

    def set_pressure(self, pressure: Pressure) -> None:
        """Memory became shorter or less short."""
        self._pressure = pressure
        self._show()

    def set_settings(self, settings: Settings) -> None:
        """Thresholds and budgets may have changed."""
        self._settings = settings
        self._show()

    def set_room(self, room: int) -> None:
        """So many pixels are there for all of it."""
        if room != self._room:
            self._room = room
            self._show()

    @property
    def host_count(self) -> int:
        """How many hosts run."""
        return len(self._hosts)

    # --- what is shown --------------------------------------------------------------------------------------

    def _add(self, gauge: Gauge) -> None:
        gauge.clicked.connect(self.clicked)
        self._row.addWidget(gauge, 0, Qt.AlignmentFlag.AlignVCenter)

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

    def _show(self) -> None:
        sample = self.sample
        if sample is None:
            return
        gauges = self._gauges_for(sample.gpus)
        readings = [Reading(self.tr("RAM"), sample.ram_used, sample.ram_total, sample.ram_ours)]
        several = len(sample.gpus) > 1
        for gpu in sample.gpus:
            name = self.tr("GPU {n}").format(n=gpu.index) if several else self.tr("GPU")
            readings.append(Reading(name, gpu.used_mb, gpu.total_mb, gpu.ours_mb, gpu.estimated))
        settings = self._settings
        ticks = (settings.warning, settings.critical)
        tips = [ram_tip(sample, settings.ram_budget_mb)]
        tips += [gpu_tip(gpu, settings.vram_budget_mb) for gpu in sample.gpus]
        levels = self._levels(readings)
        self._choose_detail(gauges, readings)
        for gauge, reading, level, tip in zip(gauges, readings, levels, tips, strict=True):
            gauge.show_reading(reading, ticks, level, tip, self._detail)
            if gauge.isHidden():
                gauge.show()

    def _gauges_for(self, gpus: tuple[GpuMemory, ...]) -> list[Gauge]:
        while len(self.gpus) < len(gpus):
            self.gpus.append(Gauge())
            self._add(self.gpus[-1])
        while len(self.gpus) > len(gpus):  # a GPU has gone
            gauge = self.gpus.pop()
            self._row.removeWidget(gauge)
            gauge.hide()
            gauge.deleteLater()
        return [self.ram, *self.gpus]

    def _levels(self, readings: list[Reading]) -> list[PressureLevel]:
        """Each one's own level; what the guard holds for worse (a budget, hysteresis) marks the fullest."""
        levels = [level_of(reading.share, self._settings) for reading in readings]
        if _LEVELS.index(self._pressure.level) > max(_LEVELS.index(level) for level in levels):
            fullest = max(range(len(readings)), key=lambda number: readings[number].share)
            levels[fullest] = self._pressure.level
        return levels

    def _choose_detail(self, gauges: list[Gauge], readings: list[Reading]) -> None:
        """The most that fits; the helpers give way first, the panel lists them too."""
        gap = self._row.spacing()
        widths = {
            detail: sum(
                gauge.width_of(reading.words(detail)) + gap for gauge, reading in zip(gauges, readings, strict=True)
            )
            for detail in Detail
        }
        hosts = self.hosts.sizeHint().width() + gap
        self._detail = next((detail for detail in Detail if widths[detail] + 8 <= self._room), Detail.SHARE)
        self.hosts.setVisible(widths[self._detail] + hosts + 8 <= self._room)


def level_of(share: float, settings: Settings) -> PressureLevel:
    """The level that a share of the whole means by the settings' thresholds."""
    if share >= settings.critical:
        return PressureLevel.CRITICAL
    return PressureLevel.WARNING if share >= settings.warning else PressureLevel.NORMAL
