"""A page's picture: zoomed, scrolled, with the recognised lines marked on it if wanted."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QKeyEvent,
    QPainterPath,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QGraphicsPathItem,
    QGraphicsPixmapItem,
    QGraphicsRectItem,
    QGraphicsScene,
    QGraphicsView,
    QLabel,
)

from desktop_ocr.gui.fit import Fit
from desktop_ocr.gui.theme import current_colours
from desktop_ocr.schema.results import PageResult

POINTS_TO_PIXELS = 96 / 72  # at 100 % a page has its size on paper, as Qt counts it
STEP = 1.25
LEAST, MOST = 0.1, 6.0
MARGIN = 14
A4 = (595.0, 842.0)
DOUBTFUL = 0.85


class PictureView(QGraphicsView):
    """Shows one page.

    Signals:
        zoomed: the factor has changed; 1.0 is the size on paper.
        stepped: the user wants the page before (-1) or after (+1).
    """

    zoomed = Signal(float)
    stepped = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("picture")
        self.setAccessibleName(self.tr("Picture of the page"))
        self.setScene(QGraphicsScene(self))
        self.setAcceptDrops(False)  # the window takes drops
        self.viewport().setAcceptDrops(False)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self._fit = Fit.WIDTH
        self._size = A4
        self._sheet = QGraphicsRectItem()
        self._sheet.setBrush(QColor("#ffffff"))
        self._sheet.setZValue(-1)
        self._picture = QGraphicsPixmapItem()
        self._picture.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self._lines = QGraphicsPathItem()
        self._doubtful = QGraphicsPathItem()
        for item in (self._sheet, self._picture, self._lines, self._doubtful):
            self.scene().addItem(item)
        self._words = QLabel(self.viewport())
        self._words.setObjectName("sheet-words")
        self._words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setWordWrap(True)
        self._words.setStyleSheet("color: #5b6475; background: transparent;")  # on the white sheet, in both themes
        self._marks_shown = False
        self.renew_colours()
        self._lay_out()

    # --- content --------------------------------------------------------------------------------------------

    def set_menu(self, actions: list[QAction]) -> None:
        """What the context menu offers."""
        for widget in (self, self.viewport()):  # the keyboard asks the one, the mouse the other
            widget.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
            widget.addActions(actions)

    def show_words(self, text: str) -> None:
        """An empty sheet with a word on it: loading, or what went wrong."""
        self._picture.setPixmap(QPixmap())
        self._words.setText(text)
        self._words.show()
        self.mark_lines(None)
        self._lay_out()

    def show_picture(self, picture: QPixmap, width: float, height: float) -> None:
        """A picture of a page of that size in points."""
        changed = (width, height) != self._size or self._picture.pixmap().isNull()
        self._words.hide()
        self._picture.setPixmap(picture)
        self._size = (width, height)
        self._picture.setScale(width * POINTS_TO_PIXELS / max(1, picture.width()))
        if changed:
            self._lay_out()

    def mark_lines(self, result: PageResult | None) -> None:
        """Mark where lines were recognised; doubtful ones in another colour."""
        paths = (QPainterPath(), QPainterPath())
        if result is not None:
            factor = self._size[0] * POINTS_TO_PIXELS / result.width
            for line in result.lines:
                corners = [QPointF(x * factor, y * factor) for x, y in zip(*[iter(line.polygon)] * 2, strict=True)]
                path = paths[1 if line.confidence < DOUBTFUL else 0]
                path.addPolygon(QPolygonF(corners))
                path.closeSubpath()
        self._lines.setPath(paths[0])
        self._doubtful.setPath(paths[1])

    def set_marks_shown(self, shown: bool) -> None:
        """Whether recognised lines are marked."""
        self._marks_shown = shown
        self._lines.setVisible(shown)
        self._doubtful.setVisible(shown)

    @property
    def has_picture(self) -> bool:
        """Whether a page is to be seen."""
        return not self._picture.pixmap().isNull()

    @property
    def words(self) -> str:
        """What stands on the sheet while there is no picture."""
        return "" if self.has_picture else self._words.text()

    def wanted_pixels(self) -> tuple[int, int]:
        """How large a picture is worth having now, in device pixels."""
        ratio = self.devicePixelRatioF()
        width, height = self._size
        factor = self.factor * POINTS_TO_PIXELS * ratio
        return max(64, round(width * factor)), max(64, round(height * factor))

    def renew_colours(self) -> None:
        """The theme has changed."""
        colours = current_colours()
        self.setBackgroundBrush(colours.colour("canvas"))
        self._sheet.setPen(QPen(colours.colour("strong_border"), 0))
        # On white paper in both themes, so these colours do not change with it.
        for item, colour in ((self._lines, QColor("#2563d9")), (self._doubtful, QColor("#c77700"))):
            pen = QPen(colour, 1)
            pen.setCosmetic(True)
            item.setPen(pen)
            colour.setAlphaF(0.14)
            item.setBrush(colour)
            item.setVisible(self._marks_shown)

    # --- zoom -----------------------------------------------------------------------------------------------

    @property
    def factor(self) -> float:
        """The zoom factor; 1.0 is the size on paper."""
        return self.transform().m11()

    @property
    def fit(self) -> Fit:
        """What the zoom follows."""
        return self._fit

    def set_fit(self, fit: Fit) -> None:
        """Follow the window's width or size, or nothing."""
        self._fit = fit
        self._apply_fit()

    def zoom(self, factor: float) -> None:
        """Zoom to a factor and stay there."""
        self._fit = Fit.FREE
        self._set_factor(factor)

    def zoom_in(self) -> None:
        """A step larger."""
        self.zoom(self.factor * STEP)

    def zoom_out(self) -> None:
        """A step smaller."""
        self.zoom(self.factor / STEP)

    def _set_factor(self, factor: float) -> None:
        factor = min(MOST, max(LEAST, factor))
        if abs(factor - self.factor) > 1e-4:
            self.resetTransform()
            self.scale(factor, factor)
            self._place_words()
            self.zoomed.emit(factor)

    def _apply_fit(self) -> None:
        if self._fit is Fit.FREE:
            self._place_words()
            return
        width, height = (side * POINTS_TO_PIXELS for side in self._size)
        # As if both scroll bars were there: a fit that brings one up would change the fit again.
        room = self.maximumViewportSize()
        bar = self.verticalScrollBar().sizeHint().width()
        factor = (room.width() - bar - 2 * MARGIN) / width
        if self._fit is Fit.PAGE:
            factor = min((room.width() - 2 * MARGIN) / width, (room.height() - 2 * MARGIN) / height)
        self._set_factor(factor)
        self._place_words()

    def _lay_out(self) -> None:
        width, height = (side * POINTS_TO_PIXELS for side in self._size)
        sheet = QRectF(0, 0, width, height)
        self._sheet.setRect(sheet)
        self.setSceneRect(sheet.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN))
        self._apply_fit()
        self.verticalScrollBar().setValue(self.verticalScrollBar().minimum())

    def _place_words(self) -> None:
        sheet = self.mapFromScene(self._sheet.rect()).boundingRect()
        box = sheet.intersected(self.viewport().rect()).adjusted(16, 16, -16, -16)
        self._words.setGeometry(box)

    # --- events ---------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep fitting."""
        super().resizeEvent(event)
        self._apply_fit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Ctrl and the wheel zoom; the wheel alone scrolls."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if event.angleDelta().y():
                self.zoom(self.factor * STEP ** (event.angleDelta().y() / 120))
            event.accept()
            return
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Page Up and Page Down turn pages; arrows scroll."""
        if event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.stepped.emit(1 if event.key() == Qt.Key.Key_PageDown else -1)
            return
        super().keyPressEvent(event)
