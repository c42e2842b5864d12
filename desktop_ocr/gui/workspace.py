"""The window's content when there are documents: the list, the document chosen in it, and what is done with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QSplitter, QWidget

from desktop_ocr.gui.block_actions import BlockActions
from desktop_ocr.gui.commands import Commands
from desktop_ocr.gui.copy_all import CopyAll
from desktop_ocr.gui.document_view import DocumentView
from desktop_ocr.gui.edit_actions import EditActions
from desktop_ocr.gui.exporting import Exporting
from desktop_ocr.gui.garbage import give_back
from desktop_ocr.gui.interrupted_news import InterruptedNews
from desktop_ocr.gui.job_actions import JobActions
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.looking import Looking
from desktop_ocr.gui.memory_side import MemorySide
from desktop_ocr.gui.menus import context_menu
from desktop_ocr.gui.message_bar import MessageBars
from desktop_ocr.gui.models_side import ModelsSide
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.queue_view import QueueView
from desktop_ocr.gui.reducer import Reducer
from desktop_ocr.gui.relocating import Relocating
from desktop_ocr.gui.removal import Removal
from desktop_ocr.gui.result_view import Shown
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.text_side import TextSide
from desktop_ocr.gui.thumbnails import Thumbnails
from desktop_ocr.gui.view_actions import ViewActions
from desktop_ocr.gui.waiting_news import WaitingNews
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.jobs import JobView

LIST_WIDTH = 330
LEAST_LIST = 220


class Workspace(QSplitter):
    """List and document.

    Signals:
        changed: documents, the selection, or what is shown of them may have changed.
    """

    changed = Signal()

    def __init__(
        self,
        worker: Worker,
        tasks: Tasks,
        model: JobModel,
        bars: MessageBars,
        memory: MemorySide,
        models: ModelsSide,
        commands: Commands,
        preferences: Preferences,
        jobs: JobActions,
        views: ViewActions,
        edits: EditActions,
        blocks: BlockActions,
        queue: QueueView,
        document: DocumentView,
        window: QWidget,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._away = False
        self._model = model
        self._memory = memory
        self._commands = commands
        self._preferences = preferences
        self._jobs = jobs
        self._views = views
        self.queue = queue
        self.document = document
        self.removal = Removal(worker, tasks, model, bars, self)
        self.exporting = Exporting(worker, tasks, model, bars, preferences, window)
        self.relocating = Relocating(worker, tasks, model, bars, preferences, window)
        self.copying = CopyAll(worker, tasks, model, bars, lambda job: self._export_one(job), self)
        self.thumbnails = Thumbnails(worker, tasks, model, window)
        self.looking = Looking(worker, tasks, self)
        # What changes many times at once (a folder of a thousand documents, all of them selected) is told once.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.changed)
        self.reducer = Reducer(model, self.queue, self.document, memory, models, bars, self.thumbnails, self)
        self.waiting = WaitingNews(worker, tasks, bars, self)
        self.reducer.waits.connect(self.waiting.take)
        self.interrupted = InterruptedNews(self.exporting, tasks, model, bars, self)
        self.reducer.interrupted.connect(self.interrupted.take)
        self._lay_out()
        self._connect(models)
        self._connect_actions()
        pane = self.document.pane
        self.text_side = TextSide(worker, tasks, bars, preferences, jobs, edits, blocks, pane, self.removal)
        views.remember_in(preferences)
        self.restoreState(preferences.state("list"))
        self.document.pane.splitter.restoreState(preferences.state("page"))

    def _lay_out(self) -> None:
        self.addWidget(self.queue)
        self.addWidget(self.document)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.setStretchFactor(1, 1)
        self.setSizes([LIST_WIDTH, 3 * LIST_WIDTH])
        self.queue.setMinimumWidth(LEAST_LIST)
        self.queue.set_menu(context_menu(self._jobs))
        self._jobs.attach_to_list(self.queue.list)
        # All bars are the same height, so that the line below them runs through.
        pane = self.document.pane
        height = pane.bar.sizeHint().height()
        for bar in (self.queue.bar, pane.bar, pane.result.bar):
            bar.setFixedHeight(height)

    def _connect(self, models: ModelsSide) -> None:
        self._commands.added.connect(self._show_added)
        self._memory.giving_back.connect(self.free)
        self.document.pane.models_wanted.connect(models.show)
        self.document.pane.again_wanted.connect(self._commands.recognise_again)
        self.document.pane.looked_at.connect(lambda _job, _page: self._look())
        self.document.locate_wanted.connect(self.relocating.ask)
        self.relocating.located.connect(self._located)
        self.exporting.locate_wanted.connect(self.relocating.ask)
        self.exporting.looked_at = lambda: (self.document.pane.job, self.document.pane.page)
        self.document.retry_wanted.connect(lambda job: self._commands.retry([job]))
        self.queue.chosen.connect(self._show_chosen)
        self.queue.selected.connect(self._soon.start)
        self.reducer.changed.connect(self._soon.start)
        self._model.rowsInserted.connect(lambda: self._soon.start())
        self._model.rowsRemoved.connect(lambda: self._soon.start())
        result = self.document.pane.result
        result.show_as(Shown(self._preferences.text_shown))
        result.view_chosen.connect(lambda shown: setattr(self._preferences, "text_shown", shown.value))

    def _connect_actions(self) -> None:
        jobs, commands, queue = self._jobs, self._commands, self.queue
        jobs.hold.triggered.connect(lambda: self._hold_or_go_on())
        jobs.cancel.triggered.connect(lambda: commands.cancel(queue.jobs()))
        jobs.retry.triggered.connect(lambda: commands.retry(queue.jobs()))
        jobs.remove.triggered.connect(lambda: self.removal.remove(queue.jobs()))
        jobs.export.triggered.connect(lambda: self.exporting.ask(queue.jobs()))
        jobs.export_all.triggered.connect(lambda: self.exporting.ask(queue.jobs(), all_first=True))
        jobs.copy_all.triggered.connect(lambda: self._copy_all(as_markdown=False))
        jobs.copy_markdown.triggered.connect(lambda: self._copy_all(as_markdown=True))
        jobs.locate.triggered.connect(lambda: self._locate())
        jobs.select_all.triggered.connect(lambda: queue.list.selectAll())
        jobs.again_degraded.triggered.connect(lambda: commands.recognise_degraded_again(queue.jobs()))
        jobs.show_file.triggered.connect(lambda: self._show_file())
        self._views.next_part.triggered.connect(lambda: self._focus_next_part())

    # --- keeping up -----------------------------------------------------------------------------------------

    def selected(self) -> list[JobView]:
        """The selected documents."""
        return [view for job in self.queue.jobs() if (view := self._model.view(job)) is not None]

    def refresh(self) -> None:
        """See that a document is chosen where there are any, and that its page's actions can be used."""
        everything = self._model.views()
        if everything and self.queue.current() is None:
            self.queue.choose(everything[0].job)
        there = self.document.currentWidget() is self.document.pane
        for action in self._views.page_actions():
            action.setEnabled(there)
        self._memory.show_job(self._model.view(self.document.job) if self.document.job is not None else None)

    def put_away(self, away: bool) -> None:
        """Something else is shown in the documents' place, or no longer: meanwhile no page is looked at, so that
        nothing acts on what is not to be seen.
        """
        if away is not self._away:
            self._away = away
            self._show_chosen(self.queue.current())

    def free(self) -> None:
        """Give back the memory of pictures that are not shown."""
        self.document.pane.free()
        self.thumbnails.free(self.queue.visible_jobs())
        give_back()

    def _look(self) -> None:
        pane = self.document.pane
        self.looking.see(self.document.job, pane.page if pane.job is not None else None)

    def save(self) -> None:
        """Remember where the dividers are."""
        self._preferences.set_state("list", self.saveState())
        self._preferences.set_state("page", self.document.pane.splitter.saveState())

    def renew_colours(self) -> None:
        """The theme has changed."""
        self.document.pane.renew_colours()
        self.document.pane.result.renew_colours()
        self.queue.list.viewport().update()

    def _show_added(self, jobs: Sequence[int]) -> None:
        # The jobs' own events may still be on their way: shown when they are there.
        self.reducer.show_when_there(jobs[0])

    def _show_chosen(self, job: int | None) -> None:
        shown = self._model.view(job) if job is not None and not self._away else None
        self.document.show_job(shown)
        self._look()
        self._soon.start()

    # --- what the actions do --------------------------------------------------------------------------------

    def _hold_or_go_on(self) -> None:
        if self._jobs.resumes:
            self._commands.go_on(self.queue.jobs())
        else:
            self._commands.hold(self.queue.jobs())

    def _copy_all(self, *, as_markdown: bool) -> None:
        for job in self.queue.jobs()[:1]:
            self.copying.copy(job, as_markdown=as_markdown)

    def _locate(self) -> None:
        for job in self.queue.jobs()[:1]:
            self.relocating.ask(job)

    def _export_one(self, job: int) -> None:
        self.exporting.ask([job])

    def _located(self, job: int) -> None:
        self._model.forget_thumbnail(job)
        if job == self.document.pane.job:
            self.document.pane.renew_picture()

    def _show_file(self) -> None:
        view = self._model.view(self.queue.current() or 0)
        if view is not None:
            self.exporting.show_folder(Path(view.path).parent)

    def _focus_next_part(self) -> None:
        pane = self.document.pane
        shown = (self.queue.list, self.document.password.field, pane.strip, pane.picture, *pane.result.parts())
        parts = [part for part in shown if part.isVisible()]
        if parts:
            at = next((number for number, part in enumerate(parts) if part.hasFocus()), -1)
            parts[(at + 1) % len(parts)].setFocus(Qt.FocusReason.ShortcutFocusReason)
