"""Paints a page in the strip: its picture, its number, and what there is to know of it."""

from __future__ import annotations

import enum

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_ocr.gui import icons
from desktop_ocr.gui.theme import Colours, current_colours
from desktop_ocr.gui.words import tr
from desktop_ocr.schema.jobs import PageState, PageView

PICTURE = QSize(72, 96)
PADDING = 9
NUMBER = 20
BADGE = 18
ICON = 24
FAINT = 0.45  # a page that is still to be read


class StripRole(enum.IntEnum):
    """What the model tells of a page beside its picture."""

    VIEW = Qt.ItemDataRole.UserRole
    REFUSED = Qt.ItemDataRole.UserRole + 1  # there is no picture to be had


def badges(view: PageView) -> list[tuple[str, str]]:
    """Icons and their colours' roles for a page: what went wrong, what is lacking, what was changed."""
    found = []
    if view.state is PageState.FAILED:
        found.append(("circle-alert", "danger"))
    if view.edited:
        found.append(("pencil", "accent"))
    if view.degraded:
        found.append(("circle-dashed", "warning"))
    if view.left_out:
        found.append(("info", "warning"))
    if view.state is PageState.PARTIAL:
        found.append(("loader", "accent"))
    return found[:3]


def page_words(view: PageView) -> str:
    """A page and its state in words: "Page 12: edited, incomplete"."""
    words = []
    if view.state in (PageState.WAITING, PageState.WORKING):
        words.append(tr("not read yet"))
    if view.state is PageState.FAILED:
        words.append(tr("could not be read"))
    if view.state is PageState.PARTIAL:
        words.append(tr("more is still looked for"))
    if view.edited:
        words.append(tr("edited"))
    if view.degraded:
        words.append(tr("less detail"))
    if view.left_out:
        words.append(tr("incomplete"))
    page = tr("Page {page}").format(page=view.page + 1)
    return f"{page}: {', '.join(words)}" if words else page


class StripDelegate(QStyledItemDelegate):
    """All of one size, so that thousands need no measuring."""

    def sizeHint(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """The same for every page."""
        del option, index
        return QSize(PICTURE.width() + 2 * PADDING, PICTURE.height() + PADDING + NUMBER + 3)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint it."""
        view = index.data(StripRole.VIEW)
        if not isinstance(view, PageView):
            return
        colours = current_colours()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRect(option.rect)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected or option.state & QStyle.StateFlag.State_MouseOver:
            shape = QPainterPath()
            shape.addRoundedRect(QRectF(rect).adjusted(2.5, 1.5, -2.5, -1.5), 6, 6)
            painter.fillPath(shape, colours.colour("selected" if selected else "hover"))
            if selected and option.state & QStyle.StateFlag.State_HasFocus:
                painter.setPen(QPen(colours.colour("accent"), 1))
                painter.drawPath(shape)
        box = QRect(QPoint(rect.center().x() - PICTURE.width() // 2, rect.top() + PADDING), PICTURE)
        refused = bool(index.data(StripRole.REFUSED))
        page = self._picture(painter, box, index.data(Qt.ItemDataRole.DecorationRole), view, colours, selected)
        if refused:
            ratio = painter.device().devicePixelRatioF()
            middle = page.center() - QPoint(ICON // 2, ICON // 2)
            painter.drawPixmap(middle, icons.pixmap("file-text", ICON, colours.strong_border, ratio))
        self._badges(painter, page, view, colours)
        number = QRect(rect.left(), box.bottom() + 1, rect.width(), NUMBER)
        painter.setPen(colours.colour("text" if selected else "muted"))
        painter.drawText(number, Qt.AlignmentFlag.AlignCenter, str(view.page + 1))
        painter.restore()

    def _picture(
        self,
        painter: QPainter,
        box: QRect,
        picture: QPixmap | None,
        view: PageView,
        colours: Colours,
        selected: bool,
    ) -> QRect:
        page = QRect(box)
        if picture is not None:
            size = picture.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            page = QRect(0, 0, max(1, size.width()), max(1, size.height()))
            page.moveCenter(box.center())
            page.moveBottom(box.bottom())
        painter.fillRect(page, Qt.GlobalColor.white)
        if picture is not None:
            waits = view.state in (PageState.WAITING, PageState.WORKING)
            painter.setOpacity(FAINT if waits else 1.0)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(page, picture)
            painter.setOpacity(1.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colours.colour("accent" if selected else "strong_border"), 2 if selected else 1))
        painter.drawRect(QRectF(page).adjusted(-0.5, -0.5, 0.5, 0.5))
        return page

    def _badges(self, painter: QPainter, page: QRect, view: PageView, colours: Colours) -> None:
        ratio = painter.device().devicePixelRatioF()
        right = page.right() + 4
        for name, role in badges(view):
            spot = QRect(right - BADGE, page.bottom() - BADGE + 5, BADGE, BADGE)
            painter.setPen(QPen(colours.colour("border"), 1))
            painter.setBrush(colours.colour("raised"))
            painter.drawEllipse(QRectF(spot).adjusted(0.5, 0.5, -0.5, -0.5))
            painter.drawPixmap(spot.topLeft() + QPoint(3, 3), icons.pixmap(name, 12, getattr(colours, role), ratio))
            right -= BADGE + 1
