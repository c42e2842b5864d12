"""Walks through the words that the recogniser was unsure of."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from desktop_ocr.gui.jump import Jump
from desktop_ocr.gui.message_bar import MessageBar, MessageBars, Tone
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.review import Place, Review
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker

BY = "doubt"
BEHIND = 1_000_000  # a word that is behind all words of a line
LIMITS = (0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99)


class Doubts(QObject):
    """Next and previous doubtful word, over all pages.

    Signals:
        threshold_changed: words with less confidence than this are in doubt.
    """

    threshold_changed = Signal(float)

    def __init__(
        self, worker: Worker, tasks: Tasks, review: Review, jump: Jump, bars: MessageBars, preferences: Preferences
    ) -> None:
        super().__init__(review)
        self._worker = worker
        self._tasks = tasks
        self._review = review
        self._jump = jump
        self._bars = bars
        self._preferences = preferences
        self._said: MessageBar | None = None
        self._busy = False
        self._last: tuple[int, Place] | None = None  # the doubt that was shown last

    @property
    def below(self) -> float:
        """The threshold."""
        return self._preferences.doubt_below

    def make_menu(self, parent: QWidget) -> QMenu:
        """A menu of thresholds."""
        menu = QMenu(self.tr("D&oubtful below"), parent)
        group = QActionGroup(menu)
        for limit in LIMITS:
            action = QAction(self.tr("{n} %").format(n=round(limit * 100)), menu)
            action.setCheckable(True)
            action.setChecked(abs(limit - self.below) < 0.005)
            action.triggered.connect(lambda _on=False, limit=limit: self.set_threshold(limit))
            group.addAction(action)
            menu.addAction(action)
        return menu

    def set_threshold(self, below: float) -> None:
        """Doubt more, or less."""
        self._preferences.doubt_below = below
        self.threshold_changed.emit(below)

    def go(self, *, backwards: bool) -> None:
        """To the next doubtful word, or the one before."""
        if self._review.job is not None and not self._busy:
            self._busy = True
            self._tasks.start(self._find(self._review.job, backwards))

    async def _find(self, job: int, backwards: bool) -> None:
        try:
            await self._review.settle()
            review, below = self._review, self.below
            page, (line, word) = review.page, self._from(backwards)
            found = await self._worker.ask(
                lambda session: session.next_doubt(job, page, line, word=word, below=below, backwards=backwards)
            )
        finally:
            self._busy = False
        if self._said is not None:
            self._said.leave()
            self._said = None
        if job != review.job:
            return
        if found is not None:
            self._jump.go(found.page, Place(line=found.line, word=found.word), BY)
            self._last = (found.page, Place(line=found.line, word=found.word))
        else:
            words = (
                self.tr("No more doubtful words before this place.")
                if backwards
                else self.tr("No more doubtful words.")
            )
            self._said = self._bars.say(words, Tone.INFO, fading=True)

    def _from(self, backwards: bool) -> tuple[int, int]:
        """The line and word to go on from: the line with the cursor is looked at too, until it was shown."""
        result, place = self._review.result, self._review.place
        if self._last == (self._review.page, Place(line=place.line, word=place.word)):
            return place.line, place.word
        if result is None or place.line < 0:
            return -1, -1
        if backwards:
            return place.line, place.word
        order = [line for block in result.blocks for line in block.lines]
        at = order.index(place.line) if place.line in order else 0
        return (order[at - 1], BEHIND) if at > 0 else (-1, -1)
