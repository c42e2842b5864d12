"""A page's picture: zoomed, turned, scrolled, with what was recognised drawn over it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QGraphicsItem,
    QGraphicsPixmapItem,
    QGraphicsRectItem,
    QGraphicsScene,
    QGraphicsView,
)

from desktop_ocr.gui.fit import Fit, WantedPart, wanted_part
from desktop_ocr.gui.gliding import Glide
from desktop_ocr.gui.overlays import Overlays
from desktop_ocr.gui.page_marks import PageMarks, rectangle
from desktop_ocr.gui.region_select import RegionSelect
from desktop_ocr.gui.sheet_words import SheetWords
from desktop_ocr.gui.theme import current_colours
from desktop_ocr.gui.wheel_turn import WheelTurn
from desktop_ocr.schema.results import Box

POINTS_TO_PIXELS = 96 / 72  # at 100 % a page has its size on paper, as Qt counts it
STEP = 1.25
LEAST, MOST = 0.1, 6.0
MARGIN = 14
A4 = (595.0, 842.0)
SCROLL_KEYS = (Qt.Key.Key_Home, Qt.Key.Key_End)


class PictureView(QGraphicsView):
    """Shows one page. Points and boxes outside of it are in the pixels of the page's result.

    Signals:
        zoomed: the factor has changed; 1.0 is the size on paper.
        moved: other parts of the page, or other sizes of them, are to be seen.
        stepped: the user wants the page before (-1) or after (+1).
        wheeled: the same, with the wheel at the page's end: the page before is to be seen from its end.
        clicked, double_clicked: a point of the page.
        hovered: a point of the page that the pointer is at, or None.
        menu_wanted: a point of the page, or None for the keyboard, and where on the screen.
        button_pressed: the button on the sheet, where there is no picture.
        key_pressed: a `QKeyEvent` that nothing here has a use for; whoever takes it accepts it.
    """

    zoomed = Signal(float)
    moved = Signal()
    stepped = Signal(int)
    wheeled = Signal(int)
    clicked = Signal(QPointF)
    double_clicked = Signal(QPointF)
    hovered = Signal(object)
    menu_wanted = Signal(object, QPoint)
    button_pressed = Signal()
    key_pressed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("picture")
        self.setAccessibleName(self.tr("Picture of the page"))
        self.setScene(QGraphicsScene(self))
        self.setAcceptDrops(False)  # the window takes drops
        self.viewport().setAcceptDrops(False)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.viewport().setMouseTracking(True)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        self._fit = Fit.WIDTH
        self._factor = 1.0
        self._quarters = 0
        self._size = A4
        self._pressed: QPoint | None = None
        self._from_end = False
        self._wheel = WheelTurn()
        self._sheet = QGraphicsRectItem()
        self._sheet.setBrush(QColor("#ffffff"))
        self._sheet.setZValue(-1)
        self._picture = QGraphicsPixmapItem()
        self._part = QGraphicsPixmapItem()
        self.overlays = Overlays()
        for item in (self._picture, self._part):
            item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        items: tuple[QGraphicsItem, ...] = (self._sheet, self._picture, self._part, self.overlays)
        for one in items:
            self.scene().addItem(one)
        self._words = SheetWords(self)
        self._words.pressed.connect(self.button_pressed)
        self.selecting = RegionSelect(self)
        self._glide = Glide(self)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.valueChanged.connect(self._scrolled)
        self.renew_colours()
        self._lay_out()

    # --- content --------------------------------------------------------------------------------------------

    def show_words(self, text: str, button: str = "") -> None:
        """An empty sheet with a word on it: loading, or what went wrong, and a button that helps."""
        self._picture.setPixmap(QPixmap())
        self.show_part(None)
        self._words.say(text, button)
        self.mark(None)
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

    def show_part(self, picture: QPixmap | None, region: Box = (0.0, 0.0, 1.0, 1.0)) -> None:
        """A sharper picture of a part (0 to 1) of the page, over the whole one; None takes it away."""
        self._part.setPixmap(picture or QPixmap())
        if picture is not None:
            width, height = (side * POINTS_TO_PIXELS for side in self._size)
            self._part.setPos(region[0] * width, region[1] * height)
            across = (region[2] - region[0]) * width / max(1, picture.width())
            down = (region[3] - region[1]) * height / max(1, picture.height())
            self._part.setTransform(QTransform.fromScale(across, down))

    def mark(self, marks: PageMarks | None) -> None:
        """Draw what was recognised over the page; None takes it away."""
        if marks is None:
            self.selecting.clear()
        self.overlays.put(marks, self._size, POINTS_TO_PIXELS)
        self.overlays.select(self.selecting.region)

    def begin_page(self, *, at_end: bool = False) -> None:
        """Another page follows: it is seen from its beginning, or from its end."""
        self._from_end = at_end
        self._glide.stop()
        self.show_part(None)
        self._to_beginning()

    @property
    def has_picture(self) -> bool:
        """Whether a page is to be seen."""
        return not self._picture.pixmap().isNull()

    @property
    def has_part(self) -> bool:
        """Whether a part of it is to be seen sharper than the rest."""
        return not self._part.pixmap().isNull()

    @property
    def words(self) -> str:
        """What stands on the sheet while there is no picture."""
        return "" if self.has_picture else self._words.label.text()

    @property
    def sheet_words(self) -> SheetWords:
        """Where that stands."""
        return self._words

    @property
    def page_points(self) -> tuple[float, float]:
        """Width and height of the page in points."""
        return self._size

    def wanted_pixels(self) -> tuple[int, int]:
        """How large a picture is worth having now, in device pixels."""
        width, height = self._size
        factor = self.factor * POINTS_TO_PIXELS * self.devicePixelRatioF()
        return max(64, round(width * factor)), max(64, round(height * factor))

    def wanted_part(self) -> WantedPart | None:
        """The part of the page that is worth having sharper than a picture of the whole can be; None for none."""
        sheet = self._sheet.rect()
        seen = self.mapToScene(self.viewport().rect()).boundingRect().intersected(sheet)
        if seen.isEmpty():
            return None
        parts = QTransform.fromScale(1 / sheet.width(), 1 / sheet.height()).mapRect(seen)
        return wanted_part((parts.left(), parts.top(), parts.right(), parts.bottom()), self.wanted_pixels())

    def renew_colours(self) -> None:
        """The theme has changed."""
        colours = current_colours()
        self.setBackgroundBrush(colours.colour("canvas"))
        self._sheet.setPen(QPen(colours.colour("strong_border"), 0))

    # --- where things are -----------------------------------------------------------------------------------

    def to_page(self, at: QPoint) -> QPointF | None:
        """The point of the page at a point of the viewport; None where nothing is known of the page."""
        return self.overlays.mapFromScene(self.mapToScene(at)) if self.overlays.marks is not None else None

    def to_screen(self, box: Box) -> QRectF:
        """Where a box of the page is on the viewport."""
        return QRectF(self.mapFromScene(self.overlays.mapRectToScene(rectangle(box))).boundingRect())

    @property
    def slack(self) -> float:
        """How many pixels of the page a few pixels of the screen are."""
        return 4 / max(1e-6, self.factor * self.overlays.scale())

    def bring_to_view(self, box: Box) -> None:
        """Scroll gently to a box that is not to be seen as a whole."""
        self._glide.bring(self.to_screen(box))

    # --- zoom and turning -----------------------------------------------------------------------------------

    @property
    def factor(self) -> float:
        """The zoom factor; 1.0 is the size on paper."""
        return self._factor

    @property
    def fit(self) -> Fit:
        """What the zoom follows."""
        return self._fit

    @property
    def quarters(self) -> int:
        """How many quarters clockwise the page is seen turned."""
        return self._quarters

    def set_fit(self, fit: Fit) -> None:
        """Follow the window's width or size, or nothing."""
        self._fit = fit
        self._apply_fit()

    def zoom(self, factor: float, *, at_pointer: bool = False) -> None:
        """Zoom to a factor and stay there, around the middle of what is seen or the pointer."""
        self._fit = Fit.FREE
        anchor = QGraphicsView.ViewportAnchor
        self.setTransformationAnchor(anchor.AnchorUnderMouse if at_pointer else anchor.AnchorViewCenter)
        self._set_factor(factor)

    def zoom_in(self) -> None:
        """A step larger."""
        self.zoom(self.factor * STEP)

    def zoom_out(self) -> None:
        """A step smaller."""
        self.zoom(self.factor / STEP)

    def set_quarters(self, quarters: int) -> None:
        """See the page turned clockwise; what is drawn over it turns along."""
        if quarters % 4 != self._quarters:
            self._quarters = quarters % 4
            self._transform()
            self._lay_out()

    def _set_factor(self, factor: float) -> None:
        factor = min(MOST, max(LEAST, factor))
        if abs(factor - self._factor) > 1e-4:
            self._factor = factor
            self._transform()
            self._place_words()
            self.zoomed.emit(factor)
            self.moved.emit()

    def _transform(self) -> None:
        self.setTransform(QTransform().rotate(90 * self._quarters).scale(self._factor, self._factor))

    def _apply_fit(self) -> None:
        if self._fit is not Fit.FREE:
            width, height = (side * POINTS_TO_PIXELS for side in self._size)
            if self._quarters % 2:
                width, height = height, width
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
        self._to_beginning()

    def _to_beginning(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum() if self._from_end else bar.minimum())
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().minimum())

    def _place_words(self) -> None:
        sheet = self.mapFromScene(self._sheet.rect()).boundingRect()
        self._words.place(sheet.intersected(self.viewport().rect()).adjusted(16, 16, -16, -16))

    def _scrolled(self) -> None:
        self._place_words()
        self.moved.emit()

    # --- events ---------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep fitting."""
        super().resizeEvent(event)
        self._apply_fit()
        self.moved.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Ctrl and the wheel zoom; the wheel alone scrolls, and turns the page at its end."""
        self._glide.stop()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if event.angleDelta().y():
                self.zoom(self.factor * STEP ** (event.angleDelta().y() / 120), at_pointer=True)
            event.accept()
            return
        turn = self._wheel.take(event, self.verticalScrollBar())
        if turn is None:
            super().wheelEvent(event)
            return
        event.accept()
        if turn:
            self.wheeled.emit(turn)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Page Up and Page Down turn pages, arrows scroll, Home and End go to the page's ends, + and - zoom."""
        key, modifiers = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if self.selecting.take_key(event):
            return
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.stepped.emit(1 if key == Qt.Key.Key_PageDown else -1)
        elif key in SCROLL_KEYS and not modifiers:
            bar = self.verticalScrollBar()
            bar.setValue(bar.minimum() if key == Qt.Key.Key_Home else bar.maximum())
        elif event.text() in ("+", "-") and not modifiers & Qt.KeyboardModifier.ControlModifier:
            self.zoom_in() if event.text() == "+" else self.zoom_out()
        else:
            event.ignore()
            self.key_pressed.emit(event)
            if not event.isAccepted():
                super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin to drag the page, or to select a part of it."""
        self._glide.stop()
        self._pressed = None
        if event.button() is not Qt.MouseButton.LeftButton:
            event.accept()
            return
        if self.selecting.press(event):
            return
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Drag on, or say where the pointer is."""
        if self.selecting.move(event):
            return
        super().mouseMoveEvent(event)
        if not event.buttons():
            self.viewport().setCursor(self.selecting.cursor)
            self.hovered.emit(self.to_page(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """What was not dragged was clicked."""
        if self.selecting.release(event):
            return
        super().mouseReleaseEvent(event)
        self.viewport().setCursor(self.selecting.cursor)
        here, pressed = event.position().toPoint(), self._pressed
        self._pressed = None
        if pressed is not None and (here - pressed).manhattanLength() < QApplication.startDragDistance():
            point = self.to_page(here)
            if point is not None:
                self.clicked.emit(point)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """The second click of two."""
        point = self.to_page(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and point is not None:
            self.double_clicked.emit(point)

    def leaveEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
        """The pointer is elsewhere."""
        del event
        self.hovered.emit(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """By mouse or by keyboard."""
        keyboard = event.reason() is QContextMenuEvent.Reason.Keyboard
        here = self.viewport().mapFromGlobal(event.globalPos())
        self.menu_wanted.emit(None if keyboard else self.to_page(here), event.globalPos())
        event.accept()
