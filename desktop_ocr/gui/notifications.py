"""What is worth a notification on the desktop, and how much of it together. Never the text of a document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from desktop_ocr.gui.words import documents_words, pages_words, shortened, tr
from desktop_ocr.schema.jobs import JobView

COLLECT_MS = 1500  # what comes so close together is told together
FIRST_GAP_MS = 60_000  # between two notifications while the work goes on; each gap is twice the one before
LONGEST_GAP_MS = 3_600_000
NAMED = 3


@dataclass(frozen=True)
class Target:
    """What is shown when a notification is clicked: a document, of which the first failed page where there is one."""

    job: int = 0
    failed: bool = False


@dataclass(frozen=True)
class Notification:
    """One notification; `asks`: somebody has to answer."""

    title: str
    text: str
    target: Target = Target()
    asks: bool = False


class Notifier(QObject):
    """Collects what happened, and tells it while nobody looks at the window.

    Signals:
        told: a `Notification` that is to be shown.
    """

    told = Signal(object)

    def __init__(self, wanted: Callable[[], bool], parent: QObject) -> None:
        """`wanted`: whether the user wants notifications."""
        super().__init__(parent)
        self._wanted = wanted
        self._done: dict[int, JobView] = {}
        self._asking: dict[int, Notification] = {}
        self._loose: list[Notification] = []
        self._busy = False
        self._gap = 0
        self._ask_gap = 0
        self._collect = self._timer(self._tell_asking)
        self._collect.setInterval(COLLECT_MS)
        self._hush = self._timer(self._tell_asking)
        self._next = self._timer(self._tell_done)

    def _timer(self, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(act)
        return timer

    def done(self, view: JobView) -> None:
        """A document is done."""
        self._done[view.job] = view
        if not self._next.isActive():
            self._next.start(COLLECT_MS)

    def asks(self, job: int, text: str) -> None:
        """A document needs an answer: a password, or it failed; `text` names it."""
        self._asking[job] = Notification(tr("Desktop OCR needs an answer"), text, Target(job), asks=True)
        if not self._hush.isActive():
            self._collect.start()

    def settled(self, job: int) -> None:
        """It does not need one any more."""
        self._asking.pop(job, None)

    def say(self, text: str, *, asks: bool = True) -> None:
        """Something that belongs to no document."""
        title = tr("Desktop OCR needs an answer") if asks else tr("Desktop OCR")
        self._loose.append(Notification(title, text, asks=asks))
        self._collect.start()

    def busy(self, busy: bool) -> None:
        """Whether there is work left. When there is none, what was done is told at once."""
        if busy is self._busy:
            return
        self._busy = busy
        if not busy:
            self._gap = self._ask_gap = 0
            self._hush.stop()
            if self._asking:
                self._collect.start()
            if self._done:
                self._next.start(COLLECT_MS)

    def seen(self) -> None:
        """Somebody looks at the window: nothing of what has happened so far is news."""
        self._done.clear()
        self._asking.clear()
        self._loose.clear()
        self._gap = self._ask_gap = 0
        self._hush.stop()

    def stop(self) -> None:
        """Tell nothing more."""
        for timer in (self._collect, self._hush, self._next):
            timer.stop()

    @property
    def _quiet(self) -> bool:
        return not self._wanted() or QApplication.activeWindow() is not None

    def _tell_asking(self) -> None:
        notes = [*self._loose]
        self._loose.clear()
        asking = [] if self._hush.isActive() else list(self._asking.values())
        if asking:
            self._asking.clear()
            if self._busy:  # a folder of a thousand broken files
                self._ask_gap = longer(self._ask_gap)
                self._hush.start(self._ask_gap)
        if len(asking) > NAMED:
            words = tr("{documents} need an answer.").format(documents=documents_words(len(asking)))
            notes.append(Notification(asking[0].title, words, asking[0].target, asks=True))
        elif asking:
            words = "\n".join(one.text for one in asking)
            notes.append(Notification(asking[0].title, words, asking[0].target, asks=True))
        if not self._quiet:
            for note in notes:
                self.told.emit(note)

    def _tell_done(self) -> None:
        views = list(self._done.values())
        self._done.clear()
        if not views:
            return
        if self._busy:
            # What comes until then is told then, or when the work is over.
            self._gap = longer(self._gap)
            self._next.start(self._gap)
        if not self._quiet:
            self.told.emit(done_notification(views, more=self._busy))


def longer(gap: int) -> int:
    """The next gap after one, in milliseconds."""
    return min(LONGEST_GAP_MS, 2 * gap) if gap else FIRST_GAP_MS


def done_notification(views: Sequence[JobView], *, more: bool) -> Notification:
    """What is told of documents that are done; `more`: others are not."""
    failed = [view for view in views if view.pages_failed]
    target = Target((failed or views)[-1].job, bool(failed))
    if len(views) == 1:
        view = views[0]
        return Notification(tr("Done: {name}").format(name=shortened(view.name)), _pages(view), target)
    title = tr("{documents} are done").format(documents=documents_words(len(views)))
    if not more:
        title = tr("All done: {documents}").format(documents=documents_words(len(views)))
    lines = [shortened(view.name) for view in views[:NAMED]]
    if len(views) > NAMED:
        lines.append(tr("and {n} more").format(n=len(views) - NAMED))
    pages = sum(view.pages_failed for view in views)
    if pages:
        lines.append(_failed_words(pages))
    return Notification(title, "\n".join(lines), target)


def _pages(view: JobView) -> str:
    told = [pages_words(view.pages_total)]
    if view.pages_failed:
        told.append(_failed_words(view.pages_failed))
    if view.pages_degraded:
        told.append(tr("%n with less detail", view.pages_degraded))
    return ", ".join(told)


def _failed_words(pages: int) -> str:
    return tr("1 page failed") if pages == 1 else tr("%n pages failed", pages)
