"""Paints a row of the list of documents."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_ocr.gui import icons
from desktop_ocr.gui.job_model import JobRole
from desktop_ocr.gui.theme import Colours, blend, current_colours
from desktop_ocr.gui.words import (
    deferred_words,
    elsewhere_words,
    failure_words,
    one_line,
    progress_words,
    state_words,
    time_words,
)
from desktop_ocr.schema.jobs import JobState, JobView

THUMBNAIL = QSize(42, 54)
_MARGIN = 12
_GAP = 12

# State -> (icon, colour role)
_MARKS = {
    JobState.WAITING: ("clock", "muted"),
    JobState.OPENING: ("loader", "muted"),
    JobState.NEEDS_PASSWORD: ("lock", "warning"),
    JobState.RUNNING: ("scan-text", "accent"),
    JobState.PAUSED: ("circle-pause", "warning"),
    JobState.DONE: ("circle-check", "good"),
    JobState.CANCELLED: ("ban", "muted"),
    JobState.FAILED: ("circle-alert", "danger"),
}


def mark(view: JobView) -> tuple[str, str]:
    """The icon and colour role of a job's state."""
    if view.elsewhere:
        return "eye", "muted"
    if view.state is JobState.DONE and view.pages_failed:
        return "triangle-alert", "warning"
    if view.state is JobState.DONE and view.pages_degraded:
        return "circle-check", "warning"
    if view.deferred:
        return "clock", "warning"
    return _MARKS[view.state]


class JobDelegate(QStyledItemDelegate):
    """Thumbnail, name, progress, state and error of a job."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)

    def sizeHint(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """All rows are of one height, so that a list of thousands needs no measuring."""
        del index
        line = QFontMetrics(option.font).height()
        return QSize(200, max(THUMBNAIL.height(), line * 2 + 4 + 14) + 2 * _MARGIN)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the row."""
        view = index.data(JobRole.VIEW)
        if not isinstance(view, JobView):
            return
        colours = current_colours()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = QRect(option.rect)
        self._back(painter, option, row, colours)

        inner = row.adjusted(_MARGIN + 4, _MARGIN, -_MARGIN - 4, -_MARGIN)
        picture = QRect(inner.topLeft(), THUMBNAIL)
        picture.moveTop(row.center().y() - THUMBNAIL.height() // 2)
        self._thumbnail(painter, picture, index.data(Qt.ItemDataRole.DecorationRole), view, colours)
        text = inner.adjusted(THUMBNAIL.width() + _GAP, 0, 0, 0)
        self._text(painter, option, text, view, colours)
        painter.restore()

    def _back(self, painter: QPainter, option: QStyleOptionViewItem, row: QRect, colours: Colours) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(row).adjusted(6.5, 2.5, -6.5, -2.5), 8, 8)
        if selected or hovered:
            painter.fillPath(shape, colours.colour("selected" if selected else "window"))
        if focused:
            painter.setPen(QPen(colours.colour("accent"), 1))
            painter.drawPath(shape)

    def _thumbnail(
        self, painter: QPainter, box: QRect, picture: QPixmap | None, view: JobView, colours: Colours
    ) -> None:
        if picture is not None:
            size = (picture.size() / picture.devicePixelRatio()).scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(0, 0, max(1, size.width()), max(1, size.height()))
            target.moveCenter(box.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(target, picture)
            painter.setPen(QPen(colours.colour("strong_border"), 1))
            painter.drawRect(QRectF(target).adjusted(-0.5, -0.5, 0.5, 0.5))
            if view.pages_degraded:
                self._less_detail(painter, target, colours)
            return
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.fillPath(shape, colours.colour("window"))
        painter.setPen(QPen(colours.colour("border"), 1))
        painter.drawPath(shape)
        name = "lock" if view.state is JobState.NEEDS_PASSWORD else "file-text"
        self._icon(painter, name, 20, QRect(box), colours.muted)

    def _less_detail(self, painter: QPainter, page: QRect, colours: Colours) -> None:
        """A turned-down corner: some pages have less in them than they could have."""
        corner = QPainterPath()
        right, bottom = page.right() + 1.0, page.bottom() + 1.0
        corner.moveTo(right, bottom)
        corner.lineTo(right - 13, bottom)
        corner.lineTo(right, bottom - 13)
        corner.closeSubpath()
        painter.fillPath(corner, colours.colour("amber"))

    def _icon(self, painter: QPainter, name: str, size: int, box: QRect, colour: str) -> None:
        ratio = painter.device().devicePixelRatio()
        target = QRect(0, 0, size, size)
        target.moveCenter(box.center())
        painter.drawPixmap(target, icons.pixmap(name, size, colour, ratio))

    def _text(
        self, painter: QPainter, option: QStyleOptionViewItem, box: QRect, view: JobView, colours: Colours
    ) -> None:
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        small = QFont(option.font)
        small.setPointSizeF(max(7.5, option.font.pointSizeF() - 0.75))
        name_metrics, metrics = QFontMetrics(bold), QFontMetrics(small)
        bar = shows_bar(view)
        height = name_metrics.height() + 5 + metrics.height() + (9 if bar else 0)
        top = box.center().y() - height // 2 + 1

        line = QRect(box.left(), top, box.width(), name_metrics.height())
        painter.setFont(bold)
        painter.setPen(colours.colour("text"))
        name = name_metrics.elidedText(one_line(view.name), Qt.TextElideMode.ElideMiddle, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)

        line = QRect(box.left(), line.bottom() + 5, box.width(), metrics.height())
        mark_name, role = mark(view)
        self._icon(painter, mark_name, 14, QRect(line.left(), line.top(), 14, line.height()), getattr(colours, role))
        words = line.adjusted(20, 0, 0, 0)
        painter.setFont(small)
        if view.seconds_left is not None and view.state is JobState.RUNNING and not (view.deferred or view.elsewhere):
            left = time_words(view.seconds_left)
            width = metrics.horizontalAdvance(left)
            if width + metrics.horizontalAdvance(progress_words(view)) + 12 <= words.width():
                painter.setPen(colours.colour("muted"))
                painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, left)
                words.adjust(0, 0, -width - 12, 0)
        painter.setPen(colours.colour("danger" if view.state is JobState.FAILED else "muted"))
        painter.drawText(
            words,
            Qt.AlignmentFlag.AlignVCenter,
            metrics.elidedText(second_line(view), Qt.TextElideMode.ElideRight, words.width()),
        )
        if bar:
            self._bar(painter, QRect(box.left(), line.bottom() + 6, box.width(), 4), view, colours)

    def _bar(self, painter: QPainter, box: QRect, view: JobView, colours: Colours) -> None:
        track = QPainterPath()
        track.addRoundedRect(QRectF(box), 2, 2)
        painter.fillPath(track, colours.colour("track"))
        if not view.pages_total:
            return
        halted = view.deferred or view.state in (JobState.PAUSED, JobState.CANCELLED)
        role = "muted" if view.elsewhere else "amber" if halted else "accent"
        done = box.width() * view.pages_done / view.pages_total
        failed = box.width() * view.pages_failed / view.pages_total
        partial = box.width() * view.pages_partial / view.pages_total
        painter.setClipPath(track)
        painter.fillRect(QRectF(box.left(), box.top(), done, box.height()), colours.colour(role))
        painter.fillRect(QRectF(box.left() + done, box.top(), failed, box.height()), colours.colour("danger"))
        paler = blend(colours.colour(role), colours.colour("track"), 0.5)  # pages that have text, and more to come
        painter.fillRect(QRectF(box.left() + done + failed, box.top(), partial, box.height()), paler)
        painter.setClipping(False)


def shows_bar(view: JobView) -> bool:
    """Whether a job is on its way, so that a bar says something."""
    return view.state in (JobState.RUNNING, JobState.PAUSED, JobState.OPENING) or (
        view.state is JobState.CANCELLED and view.pages_total > 0
    )


def second_line(view: JobView) -> str:
    """What stands below the name."""
    progress = progress_words(view)
    if view.state is JobState.FAILED and view.error is not None:
        return view.error.message
    if view.elsewhere:
        state = progress if view.state is JobState.RUNNING and progress else state_words(view)
        return f"{state}  ·  {elsewhere_words(view)}"
    if view.deferred:
        return "  ·  ".join(part for part in (deferred_words(), progress) if part)
    if view.state is JobState.RUNNING and progress:
        return progress
    if view.state is JobState.DONE and view.pages_failed:
        return failure_words(view)
    return "  ·  ".join(part for part in (state_words(view), progress) if part)
