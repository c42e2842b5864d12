"""The right side of the window: the document chosen in the list, or why it cannot be shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget

from desktop_ocr.gui.cards import Card, PasswordCard
from desktop_ocr.gui.job_actions import is_lost
from desktop_ocr.gui.page_pane import PagePane
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import shortened
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import ErrorCode
from desktop_ocr.schema.events import PageEdited, PageFinished
from desktop_ocr.schema.jobs import JobState, JobView


class DocumentView(QStackedWidget):
    """Pages, or a card that says why there are none.

    Signals:
        retry_wanted: the number of a job that is to be tried again.
        locate_wanted: the number of a job whose file is not where it was.
    """

    retry_wanted = Signal(int)
    locate_wanted = Signal(int)

    def __init__(self, worker: Worker, tasks: Tasks, pane: PagePane) -> None:
        super().__init__()
        self._worker = worker
        self._tasks = tasks
        self._view: JobView | None = None
        self.card = Card()
        self.password = PasswordCard()
        self.pane = pane
        for widget in (self.card, self.password, self.pane):
            self.addWidget(widget)
        self.password.given.connect(self._give_password)
        self.pane.retry_wanted.connect(self.retry_wanted)
        self.pane.locate_wanted.connect(self.locate_wanted)
        self.show_job(None)

    @property
    def job(self) -> int | None:
        """The job shown."""
        return self._view.job if self._view is not None else None

    def show_job(self, view: JobView | None) -> None:
        """Show another document, or none."""
        self._view = None
        if view is None:
            self.pane.show_job(None)
            self.card.say("file-text", self.tr("No document chosen"), self.tr("Choose one in the list."))
            self.setCurrentWidget(self.card)
        else:
            self._put(view)

    def job_changed(self, view: JobView) -> None:
        """The document shown may have changed."""
        if self._view is not None and view.job == self._view.job:
            self._put(view)

    def ask_at_once(self, job: int) -> None:
        """The user wants this document, rather than walk past it: where it asks for a password, the keys go there."""
        if job == self.job and self.currentWidget() is self.password:
            self.password.field.setFocus()

    def page_finished(self, event: PageFinished) -> None:
        """A page was finished, of whichever document."""
        self.pane.page_finished(event)

    def page_edited(self, event: PageEdited) -> None:
        """A person has changed a page, of whichever document."""
        self.pane.page_edited(event)

    def _put(self, view: JobView) -> None:
        before, self._view = self._view, view
        if view.state is JobState.NEEDS_PASSWORD:
            self._ask_password(view, before)
        elif view.pages_total:
            self.pane.show_job(view)
            self.pane.job_changed(view)
            self.setCurrentWidget(self.pane)
        elif view.state is JobState.FAILED:
            self.card.say(
                "circle-alert",
                self.tr("“{name}” could not be opened").format(name=shortened(view.name)),
                str(view.error or ""),
                role="danger",
                button=self.tr("&Locate it…") if is_lost(view) else self.tr("&Try again"),
                act=lambda: (self.locate_wanted if is_lost(view) else self.retry_wanted).emit(view.job),
            )
            self.setCurrentWidget(self.card)
        elif view.state in (JobState.CANCELLED, JobState.PAUSED):
            self.card.say(
                "circle-pause", shortened(view.name), self.tr("Not opened yet. Go on with it to see its pages.")
            )
            self.setCurrentWidget(self.card)
        else:
            waiting = view.state is JobState.WAITING
            words = self.tr("Waiting for its turn") if waiting else self.tr("Opening…")
            self.card.say("clock" if waiting else "loader", shortened(view.name), words)
            self.setCurrentWidget(self.card)

    def _ask_password(self, view: JobView, before: JobView | None) -> None:
        if self.currentWidget() is self.password and before == view:
            return  # somebody may be typing
        wrong = ""
        if view.error is not None and view.error.code is ErrorCode.PASSWORD_WRONG:
            wrong = str(view.error)
        self.setCurrentWidget(self.password)
        # Who walks through the list with the arrow keys is not to be caught in the field.
        walking = before is None and QGuiApplication.mouseButtons() is Qt.MouseButton.NoButton
        self.password.ask(view.name, wrong, focus=not walking)

    def _give_password(self, password: str) -> None:
        if self._view is not None:
            job = self._view.job
            self._tasks.start(self._worker.ask(lambda session: session.give_password(job, password)))
