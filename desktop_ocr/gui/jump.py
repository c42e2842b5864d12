"""Goes to a place on any page of the document, as soon as the page is there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop_ocr.gui.result_view import ResultView, Shown
from desktop_ocr.gui.review import Place, Review


class Jump(QObject):
    """One place at a time: a later one replaces it.

    Signals:
        arriving: the page is there, and the place is chosen next.
    """

    arriving = Signal()

    def __init__(self, review: Review, result: ResultView, go_to: Callable[[int], None]) -> None:
        super().__init__(review)
        self._review = review
        self._result = result
        self._go_to = go_to
        self._waiting: tuple[int, int, Place, str] | None = None
        review.page_changed.connect(self._arrived)

    def go(self, page: int, place: Place, by: str) -> None:
        """Go there, and show it where it can be corrected."""
        review = self._review
        if review.job is None:
            return
        self._waiting = (review.job, page, place, by)
        wanted = Shown.TABLES if place.cell is not None else Shown.LINES
        if self._result.shown is Shown.FORMATTED or place.cell is not None or self._no_table(page, place):
            self._result.show_as(wanted)
        if page == review.page and review.result is not None:
            self._arrived()
        else:
            self._go_to(page)

    def _no_table(self, page: int, place: Place) -> bool:
        """Whether tables are shown, and the place is in none."""
        result = self._review.result
        if self._result.shown is not Shown.TABLES:
            return False
        if result is None or page != self._review.page:
            return True
        return not any(block.table is not None and place.line in block.lines for block in result.blocks)

    def _arrived(self) -> None:
        review, waiting = self._review, self._waiting
        if waiting is None or review.result is None or (review.job, review.page) != waiting[:2]:
            return
        self._waiting = None
        self.arriving.emit()
        before = review.place
        review.choose(waiting[2], waiting[3])
        if review.place == before:
            review.place_changed.emit(waiting[3])  # it may be out of sight
