"""The last ten minutes of memory as curves: RAM and each GPU, in shares of their whole, and the thresholds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_ocr.gui.memory_history import SPAN_SECONDS, GpuPoint, History, Point
from desktop_ocr.gui.theme import Colours, current_colours
from desktop_ocr.gui.words import tr

HEIGHT = 176
# Samples come each second: where more time lies between two, nothing was measured (the machine slept), and no line
# is to claim otherwise.
GAP_SECONDS = 5.0
GPU_ROLES = ("first_gpu", "second_gpu")


@dataclass(frozen=True)
class Curve:
    """A line of the plot: how it is called, its colour's role, and what it takes of a point (None: no line there)."""

    name: str
    role: str
    value: Callable[[Point], float | None]
    ours: bool = False


class MemoryPlot(QWidget):
    """Paints a `History`; `refresh` when there is a new point."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history = history
        self._warning, self._critical = 0.8, 0.95
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(240)
        self.setAccessibleName(self.tr("Memory of the last ten minutes"))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Wide, with as many rows of legend as it takes."""
        return QSize(340, HEIGHT + self._legend_height(max(240, self.width())))

    def set_thresholds(self, warning: float, critical: float) -> None:
        """Shares at which memory counts as short."""
        if (warning, critical) != (self._warning, self._critical):
            self._warning, self._critical = warning, critical
            self.update()

    def refresh(self) -> None:
        """There may be new points."""
        height = self.sizeHint().height()
        if height != self.height():
            self.setFixedHeight(height)
        points = self._history.points()
        if points:
            parts = [
                f"{curve.name} {value * 100:.0f} %" for curve in self._curves() if (value := curve.value(points[-1]))
            ]
            self.setAccessibleDescription(", ".join(parts))
        self.update()

    # --- what is drawn --------------------------------------------------------------------------------------

    def _curves(self) -> list[Curve]:
        curves = [
            Curve(self.tr("RAM, all programs"), "muted", lambda point: point.ram_used),
            Curve(self.tr("RAM, ours"), "accent", lambda point: point.ram_ours, ours=True),
        ]
        indexes = self._history.gpu_indexes
        for number, index in enumerate(indexes):
            name = self.tr("GPU {n}").format(n=index) if len(indexes) > 1 else self.tr("GPU")
            role = GPU_ROLES[number % len(GPU_ROLES)]
            curves.append(Curve(self.tr("{name}, all programs").format(name=name), role, _gpu(index, "used")))
            curves.append(Curve(self.tr("{name}, ours").format(name=name), role, _gpu(index, "ours"), ours=True))
        return curves

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(max(7.0, font.pointSizeF() - 1.5))
        return font

    def _legend(self, width: int) -> list[tuple[Curve, QPointF]]:
        """Each curve and where its name stands, in rows."""
        metrics = QFontMetrics(self._small())
        places: list[tuple[Curve, QPointF]] = []
        left, row = 0.0, 0
        for curve in self._curves():
            needed = 22.0 + metrics.horizontalAdvance(curve.name) + 14
            if places and left + needed - 14 > width:
                left, row = 0.0, row + 1
            places.append((curve, QPointF(left, row * (metrics.height() + 2.0))))
            left += needed
        return places

    def _legend_height(self, width: int) -> int:
        places = self._legend(width)
        return int(places[-1][1].y()) + QFontMetrics(self._small()).height() + 8

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Legend, frame with its labels, thresholds, curves."""
        del event
        colours = current_colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._small())
        metrics = painter.fontMetrics()
        self._paint_legend(painter, metrics, colours)
        right = metrics.horizontalAdvance("100 %") + 8
        top = self._legend_height(self.width()) + metrics.height() / 2
        box = QRectF(0.5, top, self.width() - right, self.height() - top - metrics.height() - 6)
        self._paint_frame(painter, metrics, box, colours)
        points = self._history.points()
        if not points:
            painter.setPen(colours.colour("muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.tr("Nothing has been measured yet."))
            return
        painter.setClipRect(box.adjusted(0, -1, 0, 1))
        end = points[-1].time
        for curve in self._curves():
            self._paint_curve(painter, box, points, end, curve, colours)

    def _paint_legend(self, painter: QPainter, metrics: QFontMetrics, colours: Colours) -> None:
        for curve, place in self._legend(self.width()):
            middle = place.y() + metrics.height() / 2
            colour = colours.colour(curve.role)
            if curve.ours:
                painter.fillRect(QRectF(place.x(), middle - 4, 16, 8), _faint(colour))
            painter.setPen(_pen(colour, curve))
            level = middle - 4 if curve.ours else middle
            painter.drawLine(QPointF(place.x(), level), QPointF(place.x() + 16, level))
            painter.setPen(colours.colour("text"))
            painter.drawText(QPointF(place.x() + 22, place.y() + metrics.ascent()), curve.name)

    def _paint_frame(self, painter: QPainter, metrics: QFontMetrics, box: QRectF, colours: Colours) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(box, colours.colour("base"))
        shares = [(0.0, "border"), (0.5, "border"), (self._warning, "amber"), (self._critical, "danger")]
        labels: list[float] = []
        for share, role in [*reversed(shares), (1.0, "border")]:
            level = box.bottom() - share * box.height()
            dashed = role != "border"
            painter.setPen(QPen(colours.colour(role), 1, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine))
            painter.drawLine(QPointF(box.left(), level), QPointF(box.right(), level))
            if all(abs(level - other) >= metrics.height() - 1 for other in labels):
                labels.append(level)
                painter.setPen(colours.colour("muted"))
                place = QRectF(box.right() + 6, level - metrics.height() / 2, 60, metrics.height())
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, f"{share * 100:.0f} %")
        minutes = round(SPAN_SECONDS / 60)
        foot = box.bottom() + 3
        for share, words in (
            (0.0, tr("{n} min ago").format(n=minutes)),
            (0.5, f"{minutes // 2} min"),
            (1.0, tr("now")),
        ):
            left = box.left() + share * box.width()
            painter.setPen(colours.colour("border"))
            painter.drawLine(QPointF(left, box.top()), QPointF(left, box.bottom() + 2))
            width = metrics.horizontalAdvance(words)
            painter.setPen(colours.colour("muted"))
            start = min(max(box.left(), left - width / 2), box.right() - width)
            painter.drawText(QPointF(start, foot + metrics.ascent()), words)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _paint_curve(
        self, painter: QPainter, box: QRectF, points: Sequence[Point], end: float, curve: Curve, colours: Colours
    ) -> None:
        colour = colours.colour(curve.role)
        for piece in pieces(points, curve.value):
            line = QPolygonF(
                [
                    QPointF(
                        box.right() - (end - time) / SPAN_SECONDS * box.width(),
                        box.bottom() - min(1.0, max(0.0, share)) * box.height(),
                    )
                    for time, share in thinned(piece, 0.5 / box.height())
                ]
            )
            if curve.ours and line.size() > 1:
                area = QPainterPath()
                first, last = line.first(), line.last()
                corners = [QPointF(first.x(), box.bottom()), *line.toList(), QPointF(last.x(), box.bottom())]
                area.addPolygon(QPolygonF(corners))
                painter.fillPath(area, _faint(colour))
            painter.setPen(_pen(colour, curve))
            if line.size() > 1:
                painter.drawPolyline(line)
            else:  # a single point is seen too
                painter.drawLine(line.first() - QPointF(1, 0), line.first())


def pieces(points: Sequence[Point], value: Callable[[Point], float | None]) -> list[list[tuple[float, float]]]:
    """Times and shares of a curve, in pieces between which nothing was measured."""
    found: list[list[tuple[float, float]]] = []
    before: float | None = None
    for point in points:
        share = value(point)
        if share is None:
            before = None
            continue
        if before is None or point.time - before > GAP_SECONDS:
            found.append([])
        found[-1].append((point.time, share))
        before = point.time
    return found


def thinned(piece: Sequence[tuple[float, float]], least: float) -> list[tuple[float, float]]:
    """A piece without the points that lie on a level line: a step of less than `least` cannot be seen."""
    kept = [piece[0]]
    for number in range(1, len(piece) - 1):
        if abs(piece[number + 1][1] - kept[-1][1]) >= least or abs(piece[number][1] - kept[-1][1]) >= least:
            kept.append(piece[number])
    return kept if len(piece) == 1 else [*kept, piece[-1]]


def _gpu(index: int, what: str) -> Callable[[Point], float | None]:
    def value(point: Point) -> float | None:
        gpu: GpuPoint | None = next((one for one in point.gpus if one.number == index), None)
        if gpu is None:
            return None
        return gpu.used if what == "used" else gpu.ours

    return value


def _faint(colour: QColor) -> QColor:
    faint = QColor(colour)
    faint.setAlphaF(0.22)
    return faint


def _pen(colour: QColor, curve: Curve) -> QPen:
    return QPen(colour, 1.2 if curve.ours else 1.8)
