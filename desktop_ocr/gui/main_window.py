"""The window: puts the parts together and passes events on to them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QMessageBox, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from desktop_ocr.core.paths import AppPaths
from desktop_ocr.gui import icons, intake
from desktop_ocr.gui.closing import ask_to_quit
from desktop_ocr.gui.commands import Commands
from desktop_ocr.gui.document_view import DocumentView
from desktop_ocr.gui.drop_zone import DropOverlay, DropZone
from desktop_ocr.gui.exporting import Exporting, open_folder
from desktop_ocr.gui.job_actions import JobActions
from desktop_ocr.gui.job_model import ACTIVE_STATES, JobModel
from desktop_ocr.gui.memory_panel import MemoryPanel
from desktop_ocr.gui.menus import context_menu, fill_menus
from desktop_ocr.gui.message_bar import MessageBars, Tone
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.queue_view import QueueView
from desktop_ocr.gui.reducer import Reducer
from desktop_ocr.gui.removal import Removal
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.theme import Theme
from desktop_ocr.gui.thumbnails import Thumbnails
from desktop_ocr.gui.toolbar import ToolBar
from desktop_ocr.gui.view_actions import ViewActions
from desktop_ocr.gui.words import queue_words
from desktop_ocr.gui.worker import Worker

FIRST_SIZE = QSize(1180, 760)
LEAST_SIZE = QSize(720, 460)
LIST_WIDTH = 330
COMPACT_WIDTH = 960


class MainWindow(QMainWindow):
    """Desktop OCR's window.

    Signals:
        quit_wanted: the user agreed to quit; whoever runs the program ends it.
    """

    quit_wanted = Signal()

    def __init__(self, worker: Worker, paths: AppPaths, preferences: Preferences, theme: Theme) -> None:
        super().__init__()
        self.setWindowTitle("Desktop OCR")
        self.setMinimumSize(LEAST_SIZE)
        self.setAcceptDrops(True)
        self._preferences = preferences
        self._closing = False
        self._compact = False

        self.bars = MessageBars()
        self.tasks = Tasks(self.bars.show_error)
        self.model = JobModel(self)
        self.queue = QueueView(self.model)
        self.views = ViewActions(self)
        self.actions_ = JobActions(self, self.queue.list)
        self.document = DocumentView(worker, self.tasks, self.views)
        self.memory = MemoryPanel()
        self.commands = Commands(worker, self.tasks, self.model, self.bars, preferences, paths.pasted, self)
        self.removal = Removal(worker, self.tasks, self.model, self.bars, self)
        self.exporting = Exporting(worker, self.tasks, self.model, self.bars, preferences, self)
        self.thumbnails = Thumbnails(worker, self.tasks, self.model, self)
        self.reducer = Reducer(self.model, self.queue, self.document, self.memory, self.bars, self.thumbnails, self)

        self._assemble(theme)
        self._connect(worker, theme)
        self._restore()
        self.refresh()

    # --- putting together -----------------------------------------------------------------------------------

    def _assemble(self, theme: Theme) -> None:
        self.drop_zone = DropZone(self.actions_.open_files, self.actions_.open_folder, self.actions_.paste)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.queue)
        self.splitter.addWidget(self.document)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([LIST_WIDTH, FIRST_SIZE.width() - LIST_WIDTH])
        self.queue.setMinimumWidth(220)
        self.content = QStackedWidget()
        self.content.addWidget(self.drop_zone)
        self.content.addWidget(self.splitter)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bars)
        column.addWidget(self.content, 1)
        self.setCentralWidget(centre)
        self.overlay = DropOverlay(centre)

        self.toolbar = ToolBar(self.actions_)
        self.addToolBar(self.toolbar)
        fill_menus(self, self.actions_, self.views, theme)
        self.queue.set_menu(context_menu(self.actions_))
        # Both bars are the same height, so that the line below them runs through.
        height = self.document.pane.bar.sizeHint().height()
        self.queue.bar.setFixedHeight(height)
        self.document.pane.bar.setFixedHeight(height)
        self.document.pane.result.bar.setFixedHeight(height)
        self.state = QLabel()
        self.state.setContentsMargins(10, 0, 0, 0)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addWidget(self.state, 1)
        self.statusBar().addPermanentWidget(self.memory)

    def _connect(self, worker: Worker, theme: Theme) -> None:
        actions, commands = self.actions_, self.commands
        worker.events.connect(self.reducer.take)
        worker.opened.connect(commands.offer_to_go_on)
        worker.failed.connect(self.bars.show_error)
        theme.changed.connect(self._renew_colours)
        actions.open_files.triggered.connect(lambda: commands.choose_files())
        actions.open_folder.triggered.connect(lambda: commands.choose_folder())
        actions.paste.triggered.connect(lambda: commands.add_from(intake.clipboard()))
        actions.hold.triggered.connect(lambda: self._hold_or_go_on())
        actions.cancel.triggered.connect(lambda: commands.cancel(self.queue.jobs()))
        actions.retry.triggered.connect(lambda: commands.retry(self.queue.jobs()))
        actions.remove.triggered.connect(lambda: self.removal.remove(self.queue.jobs()))
        actions.undo.triggered.connect(lambda: self.removal.undo())
        actions.export.triggered.connect(lambda: self.exporting.ask(self.queue.jobs()))
        actions.export_all.triggered.connect(lambda: self.exporting.ask(self.queue.jobs(), all_first=True))
        actions.pause_all.triggered.connect(lambda: commands.hold(self._all_jobs()))
        actions.resume_all.triggered.connect(lambda: commands.go_on_with_paused(self._all_jobs()))
        actions.select_all.triggered.connect(lambda: self.queue.list.selectAll())
        actions.show_file.triggered.connect(lambda: self._show_file())
        actions.free.triggered.connect(lambda: commands.free())
        actions.quit.triggered.connect(lambda: self.close())
        self.views.next_part.triggered.connect(lambda: self._focus_next_part())
        commands.added.connect(self._show_added)
        commands.freed.connect(lambda: self.document.pane.free())
        self.removal.changed.connect(lambda: actions.undo.setEnabled(self.removal.can_undo))
        self.document.retry_wanted.connect(lambda job: commands.retry([job]))
        self.queue.chosen.connect(self._show_chosen)
        self.queue.selected.connect(self.refresh)
        self.reducer.changed.connect(self.refresh)
        self.model.rowsInserted.connect(self.refresh)
        self.model.rowsRemoved.connect(self.refresh)
        result = self.document.pane.result
        result.plain.setChecked(self._preferences.plain_text)
        result.plain_chosen.connect(lambda plain: setattr(self._preferences, "plain_text", plain))

    # --- keeping up -----------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Bring actions, status and the choice of empty or full window up to date."""
        everything = self.model.views()
        selected = [view for job in self.queue.jobs() if (view := self.model.view(job)) is not None]
        self.actions_.update_for(selected, everything)
        self.state.setText(queue_words(everything))
        wanted = self.splitter if everything else self.drop_zone
        if self.content.currentWidget() is not wanted:
            self.content.setCurrentWidget(wanted)
        self._enable_page_actions()
        if everything and self.queue.current() is None:
            self.queue.choose(everything[0].job)

    def _show_added(self, jobs: Sequence[int]) -> None:
        # The jobs' own events may still be on their way: shown when they are there.
        self.reducer.show_when_there(jobs[0])

    def _show_chosen(self, job: int | None) -> None:
        self.document.show_job(self.model.view(job) if job is not None else None)
        self._enable_page_actions()

    def _enable_page_actions(self) -> None:
        there = self.document.currentWidget() is self.document.pane
        for action in self.views.page_actions():
            action.setEnabled(there)

    def _all_jobs(self) -> list[int]:
        return [view.job for view in self.model.views()]

    def _hold_or_go_on(self) -> None:
        jobs = self.queue.jobs()
        if self.actions_.resumes:
            self.commands.go_on(jobs)
        else:
            self.commands.hold(jobs)

    def _show_file(self) -> None:
        view = self.model.view(self.queue.current() or 0)
        if view is not None:
            open_folder(Path(view.path).parent)

    def _focus_next_part(self) -> None:
        pane = self.document.pane
        shown = (self.queue.list, self.document.password.field, pane.picture, pane.result.text)
        parts = [part for part in shown if part.isVisible()]
        if parts:
            at = next((number for number, part in enumerate(parts) if part.hasFocus()), -1)
            parts[(at + 1) % len(parts)].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _renew_colours(self) -> None:
        icons.retint(self)
        self.document.pane.picture.renew_colours()
        self.queue.list.viewport().update()

    # --- dropping -------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Show that it can be dropped here."""
        if intake.can_take(event.mimeData()):
            event.acceptProposedAction()
            self.overlay.appear()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802 - Qt's name
        """Anywhere on the window will do."""
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802 - Qt's name
        """It is gone again."""
        del event
        self.overlay.hide()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Take it."""
        self.overlay.hide()
        if intake.can_take(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)  # never a move: the user's files stay where they are
            event.accept()
            paths = intake.paths_of(event.mimeData().urls())
            if paths:
                self.commands.add(paths)
            else:
                self.commands.add_from(event.mimeData())
        else:
            self.bars.say(self.tr("Only files of this computer can be dropped here."), Tone.WARNING)

    # --- coming and going -----------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fewer words where there is little room; the overlay covers the content whatever its size."""
        super().resizeEvent(event)
        compact = event.size().width() < COMPACT_WIDTH
        if compact is not self._compact:
            self._compact = compact
            self.toolbar.set_compact(compact)
            self.memory.set_compact(compact)
        if self.overlay.isVisible():
            self.overlay.appear()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """A drag that ends outside another window may leave without a word."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.overlay.hide()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Ask, if work is under way; the program itself is ended by whoever runs it."""
        working = sum(view.state in ACTIVE_STATES for view in self.model.views())
        if working and not self._closing:
            event.ignore()
            if not self.findChildren(QMessageBox):
                ask_to_quit(self, working, self._quit)
            return
        event.accept()
        self._quit()

    def _quit(self) -> None:
        if not self._closing:
            self._closing = True
            self.quit_wanted.emit()

    async def finish(self) -> None:
        """Disappear, remember sizes, forget what was removed, end the window's tasks."""
        self._closing = True
        self._preferences.set_state("geometry", self.saveGeometry())
        self._preferences.set_state("list", self.splitter.saveState())
        self._preferences.set_state("page", self.document.pane.splitter.saveState())
        self._preferences.save()
        self.hide()
        await self.removal.commit()
        await self.tasks.close()

    def _restore(self) -> None:
        if not self.restoreGeometry(self._preferences.state("geometry")):
            self.resize(FIRST_SIZE)
        self.splitter.restoreState(self._preferences.state("list"))
        self.document.pane.splitter.restoreState(self._preferences.state("page"))
