"""Picture and review: what is clicked on the page is chosen, what is chosen or found elsewhere is marked on it."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QPainterPath
from PySide6.QtWidgets import QToolTip

from desktop_ocr.gui.mark_looks import kind_name
from desktop_ocr.gui.overlays import Overlay
from desktop_ocr.gui.page_marks import path_of, rectangle
from desktop_ocr.gui.page_places import PagePlaces, part_of_line
from desktop_ocr.gui.picture_view import PictureView
from desktop_ocr.gui.review import NOWHERE, Place, Review
from desktop_ocr.schema.edits import Hit
from desktop_ocr.schema.results import Box, box_polygon, polygon_box

BY = "picture"
MOST_HITS = 2_000  # of a page that are marked: more would cover it anyway


class PicturePlaces(QObject):
    """Between the two.

    Signals:
        edit_wanted: the place is chosen and its text is to be edited: a line was clicked twice, or Return pressed.
    """

    edit_wanted = Signal()

    def __init__(self, view: PictureView, review: Review) -> None:
        super().__init__(view)
        self._view = view
        self._review = review
        view.clicked.connect(self._clicked)
        view.double_clicked.connect(self._double_clicked)
        view.hovered.connect(self._hovered)
        view.key_pressed.connect(self._key)
        view.viewport().installEventFilter(self)
        review.place_changed.connect(self._place_changed)
        review.hits_changed.connect(self.show_hits)
        self._under: tuple[int, int] = (-1, -1)

    @property
    def places(self) -> PagePlaces | None:
        """Finds things on the page that is drawn; None where nothing is known of it, or not yet drawn."""
        marks = self._view.overlays.marks
        return marks.places if marks is not None and marks.result is self._review.result else None

    def renew(self) -> None:
        """Other marks are drawn: what is chosen and found is marked on them, too."""
        self._under = (-1, -1)
        self._show_place()
        self.show_hits()

    # --- from the page --------------------------------------------------------------------------------------

    def at(self, point: QPointF) -> Place:
        """What is at a point of the page."""
        places = self.places
        if places is None:
            return NOWHERE
        spot = places.at(point.x(), point.y(), self._view.slack)
        return Place(spot.block, spot.line, -1, spot.cell)

    def _clicked(self, point: QPointF) -> None:
        self._review.choose(self.at(point), BY)

    def _double_clicked(self, point: QPointF) -> None:
        place = self.at(point)
        self._review.choose(place, BY)
        if place.line >= 0 or place.cell is not None:
            self.edit_wanted.emit()

    def _hovered(self, point: QPointF | None) -> None:
        places, view = self.places, self._view
        if places is None or point is None or Overlay.WORDS not in view.overlays.shown:
            view.overlays.hover(None)
            self._under = (-1, -1)
            return
        line = places.line_at(point.x(), point.y())
        word = places.word_at(line, point.x(), point.y()) if line >= 0 else -1
        if (line, word) != self._under:
            self._under = (line, word)
            lines = places.result.lines
            found = lines[line].words[word].polygon if word >= 0 else lines[line].polygon if line >= 0 else None
            view.overlays.hover(path_of([found]) if found is not None else None)

    def words_at(self, point: QPointF) -> str:
        """What there is to say of a point: a word (or line) and how sure it is, or a block's kind."""
        places = self.places
        if places is None:
            return ""
        line = places.line_at(point.x(), point.y())
        if line < 0:
            block = places.block_at(point.x(), point.y())
            return kind_name(places.result.blocks[block].kind) if block >= 0 else ""
        found = places.result.lines[line]
        if found.human:
            return self.tr("“{text}”, written by hand").format(text=found.text)
        word = places.word_at(line, point.x(), point.y())
        text = found.words[word].text if word >= 0 else found.text
        sure = found.words[word].confidence if word >= 0 else found.confidence
        return self.tr("“{text}”, {sure} % sure").format(text=text, sure=f"{100 * sure:.0f}")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Tooltips."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            point = self._view.to_page(event.pos())
            wanted = Overlay.WORDS in self._view.overlays.shown and point is not None
            words = self.words_at(point) if wanted and point is not None else ""
            if words:
                # As rich text, for long lines to be broken; what stands in a document is no markup.
                QToolTip.showText(event.globalPos(), f"<qt>{escape(words)}</qt>", self._view.viewport())
            else:
                QToolTip.hideText()
            return True
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> None:
        """Ctrl and the arrows go from line to line, in reading order; Return edits."""
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if ctrl and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._walk(1 if event.key() == Qt.Key.Key_Down else -1)
            event.accept()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._review.place != NOWHERE:
            self.edit_wanted.emit()
            event.accept()

    def _walk(self, by: int) -> None:
        places = self.places
        if places is None:
            return
        stops = [
            Place(at, line, -1, places.cell_of(line) if line >= 0 else None)
            for at, block in enumerate(places.result.blocks)
            for line in block.lines or (-1,)
        ]
        place = self._review.place
        now = next((at for at, stop in enumerate(stops) if (stop.block, stop.line) == (place.block, place.line)), None)
        if now is None:  # a cell or a block as a whole: go on from its first line
            now = next((at - (by > 0) for at, stop in enumerate(stops) if stop.block == place.block), -1)
        if stops and 0 <= now + by < len(stops):
            self._review.choose(stops[now + by], BY)
            self._bring()

    # --- from elsewhere -------------------------------------------------------------------------------------

    def _place_changed(self, by: str) -> None:
        self._show_place()
        if by != BY:
            self._bring()

    def _bring(self) -> None:
        box = self.box_of(self._review.place)
        if box is not None:
            self._view.bring_to_view(box)

    def box_of(self, place: Place) -> Box | None:
        """Where a place is; None where it is nowhere."""
        places = self.places
        if places is None:
            return None
        if place.line >= 0:
            line = places.result.lines[place.line]
            word = line.words[place.word] if 0 <= place.word < len(line.words) else None
            return polygon_box(word.polygon if word is not None else line.polygon)
        if place.block < 0:
            return None
        box = places.cell_box(place.block, place.cell) if place.cell is not None else None
        return box or places.result.blocks[place.block].box

    def _show_place(self) -> None:
        places, place = self.places, self._review.place
        box = self.box_of(place)
        if places is None or box is None:
            self._view.overlays.choose(None)
            self._view.setAccessibleDescription("")
            return
        word = None
        path = QPainterPath()
        if place.line >= 0:
            line = places.result.lines[place.line]
            path = path_of([line.polygon])
            if 0 <= place.word < len(line.words):
                word = path_of([line.words[place.word].polygon])
            self._view.setAccessibleDescription(line.text)
        else:
            path.addRect(rectangle(box))
            self._view.setAccessibleDescription(kind_name(places.result.blocks[place.block].kind))
        self._view.overlays.choose(path, word)

    def show_hits(self) -> None:
        """Mark what was found on the page, and go to the one that is looked at."""
        review = self._review
        shown = [hit for hit in review.hits[:MOST_HITS] if hit != review.current_hit]
        boxes = [polygon for hit in shown for polygon in self._polygons(hit)]
        current = self._polygons(review.current_hit) if review.current_hit is not None else []
        self._view.overlays.find(path_of(boxes), path_of(current) if current else None)
        if current:
            self._view.bring_to_view(polygon_box(current[0]))

    def _polygons(self, hit: Hit) -> list[tuple[float, float, float, float, float, float, float, float]]:
        places = self.places
        if places is None:
            return []
        if 0 <= hit.line < len(places.result.lines):
            return part_of_line(places.result.lines[hit.line], hit.start, hit.end)
        box = places.cell_box(hit.cell[0], hit.cell[1:]) if hit.cell is not None else None
        return [box_polygon(box)] if box is not None else []
