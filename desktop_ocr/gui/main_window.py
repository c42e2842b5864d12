"""The window's frame: bars, menus, what is dropped on it, and closing. Its content is `Workspace`'s."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QLabel, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from desktop_ocr.core.paths import AppPaths
from desktop_ocr.gui import icons, intake
from desktop_ocr.gui.block_actions import BlockActions
from desktop_ocr.gui.commands import Commands
from desktop_ocr.gui.configuration import Configuration, SettingsKeeper
from desktop_ocr.gui.diagnostics import Diagnostics
from desktop_ocr.gui.drop_zone import DropOverlay, DropZone
from desktop_ocr.gui.early_events import EarlyEvents
from desktop_ocr.gui.edit_actions import EditActions
from desktop_ocr.gui.job_actions import JobActions, can_pause
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.memory_side import MemorySide
from desktop_ocr.gui.menus import fill_menus
from desktop_ocr.gui.message_bar import MessageBars
from desktop_ocr.gui.models_side import ModelsSide
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.recognition import Recognition
from desktop_ocr.gui.stored_models import StoredModels
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.theme import Theme
from desktop_ocr.gui.toolbar import ToolBar
from desktop_ocr.gui.view_actions import ViewActions
from desktop_ocr.gui.watched_side import WatchedSide
from desktop_ocr.gui.words import queue_words
from desktop_ocr.gui.worker import Worker

if TYPE_CHECKING:
    from desktop_ocr.gui.keeping import Keeping
    from desktop_ocr.gui.rereading import Rereading
    from desktop_ocr.gui.workspace import Workspace

FIRST_SIZE = QSize(1180, 760)
LEAST_SIZE = QSize(720, 460)
STATUS_MARGIN = 36


class MainWindow(QMainWindow):
    """Desktop OCR's window. Call `furnish` once it is to be seen.

    Signals:
        painted: it is to be seen for the first time.
        quit_wanted: the user agreed to quit; whoever runs the program ends it.
    """

    painted = Signal()
    quit_wanted = Signal()
    workspace: Workspace
    rereading: Rereading
    keeping: Keeping

    def __init__(
        self,
        worker: Worker,
        paths: AppPaths,
        preferences: Preferences,
        theme: Theme,
        configuration: Configuration | None = None,
    ) -> None:
        super().__init__()
        self.setWindowTitle("Desktop OCR")
        self.setMinimumSize(LEAST_SIZE)
        self.setAcceptDrops(True)
        self._worker = worker
        self._preferences = preferences
        self._theme = theme
        self._closing = False
        self._end_expected = False
        self._leaving = False
        self._agreed = False
        self._furnished = False
        self._steps = self._furnishing()
        # Of whoever keeps the program going without a window: whether that is done when the window is closed, and
        # whether minimising is offered in its place.
        self.stays: Callable[[], bool] = lambda: False
        self.offers_minimise = False
        self._painted = False
        self._question: QWidget | None = None

        self.bars = MessageBars()
        self.tasks = Tasks(self.bars.show_error)
        self.model = JobModel(self)
        self.early = EarlyEvents(worker, self.model, self)
        self.views = ViewActions(self)
        self.jobs = JobActions(self)
        self.edits = EditActions(self)
        self.blocks = BlockActions(self)
        self.keeper = SettingsKeeper(configuration or Configuration(paths.config), worker, self.tasks, self.bars, self)
        self.store = StoredModels(worker, self.tasks, self)
        self.models = ModelsSide(worker, self.tasks, self.bars, self.store, lambda: preferences.open_folder, self)
        self.recognition = Recognition(worker, self.tasks, self.keeper, self.store, self.jobs, self.model.view, self)
        self.watched = WatchedSide(worker, self.tasks, self.bars, self.keeper, self.store, preferences, self)
        self.memory = MemorySide(worker, self.tasks, self.bars, self.model, preferences, self.jobs, self)
        self.commands = Commands(worker, self.tasks, self.model, self.bars, preferences, paths.pasted, self)
        self.diagnostics = Diagnostics(
            self.keeper, self.tasks, self.bars, paths.logs, lambda: [view.path for view in self.model.views()], self
        )
        self._assemble(theme)
        self._connect(theme)
        if not self.restoreGeometry(preferences.state("geometry")):
            self.resize(FIRST_SIZE)

    # --- putting together -----------------------------------------------------------------------------------

    def _assemble(self, theme: Theme) -> None:
        self.drop_zone = DropZone(self.jobs.open_files, self.jobs.open_folder, self.jobs.paste)
        self.content = QStackedWidget()
        self.unfurnished = QWidget()  # for a moment, where there are documents: the program worked without a window
        for page in (self.drop_zone, self.unfurnished):
            self.content.addWidget(page)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bars)
        column.addWidget(self.content, 1)
        self.setCentralWidget(centre)
        self.overlay = DropOverlay(centre)
        self.toolbar = ToolBar(self.jobs)
        self.recognition.set_anchor(self.toolbar.recognition)
        self.addToolBar(self.toolbar)
        fill_menus(self, self.jobs, self.views, self.edits, self.blocks, theme)
        self.state = QLabel(queue_words([]))
        self.state.setContentsMargins(10, 0, 0, 0)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addWidget(self.state, 1)
        self.statusBar().addPermanentWidget(self.memory.gauges)

    def _connect(self, theme: Theme) -> None:
        jobs, commands = self.jobs, self.commands
        self._worker.opened.connect(commands.offer_to_go_on)
        self._worker.failed.connect(self.bars.show_error)
        theme.changed.connect(self._renew_colours)
        jobs.open_files.triggered.connect(lambda: commands.choose_files())
        jobs.open_folder.triggered.connect(lambda: commands.choose_folder())
        jobs.paste.triggered.connect(lambda: commands.add_from(intake.clipboard()))
        jobs.settings.triggered.connect(lambda: self.keeper.show_dialog())
        jobs.models.triggered.connect(lambda: self.models.show())
        jobs.watched.triggered.connect(lambda: self.watched.show())
        jobs.diagnostics.triggered.connect(lambda: self.diagnostics.show())
        jobs.show_logs.triggered.connect(lambda: self.diagnostics.show_logs())
        self.watched.models_wanted.connect(self.models.show)
        self.recognition.models_wanted.connect(self.models.show)
        self.recognition.others_wanted.connect(jobs.other_options.trigger)
        self.memory.renamed.connect(lambda: self.toolbar.fit(self.width()))
        self.keeper.changed.connect(self.memory.gauges.set_settings)
        jobs.quit.triggered.connect(lambda: self.leave())
        jobs.pause_all.triggered.connect(lambda: commands.hold([view.job for view in self.model.views()]))
        jobs.resume_all.triggered.connect(lambda: commands.go_on_with_paused([v.job for v in self.model.views()]))
        self.early.changed.connect(self.refresh)

    def furnish(self) -> None:
        """Make what is needed when there are documents. Apart, for an empty window to be seen in half the time."""
        for _ in self._steps:
            pass

    async def furnish_in_steps(self) -> None:
        """The same, and meanwhile do what the user wants."""
        for _ in self._steps:
            await asyncio.sleep(0)

    def _furnishing(self) -> Generator[None]:
        from desktop_ocr.gui.furnishing import furnishing

        yield from furnishing(self, self._worker, self._preferences)
        self.keeping.library.changed.connect(self.refresh)
        self.watched.document_wanted.connect(self.show_document)
        self.rereading.bind(self.views.again_otherwise)
        self.rereading.models_wanted.connect(self.models.show)
        pane = self.workspace.document.pane
        pane.region_again_wanted.connect(self.rereading.ask)
        pane.result.compare_wanted.connect(self.rereading.compare_newer)
        self.workspace.changed.connect(self.refresh)
        self.jobs.other_options.triggered.connect(lambda: self.recognition.ask(self.workspace.selected()))
        self._furnished = True
        self.early.hand_over(self.workspace.reducer.take)
        self.refresh()
        self.memory.furnish()

    @property
    def furnished(self) -> bool:
        """Whether there is more than the frame: a program in the background has none until the window is shown."""
        return self._furnished

    @property
    def was_painted(self) -> bool:
        """Whether it was to be seen once."""
        return self._painted

    def show_document(self, job: int) -> None:
        """Have a document chosen; not before `furnish`."""
        self.keeping.library.leave()
        self.workspace.reducer.show_when_there(job)

    # --- keeping up -----------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Bring actions, status and the choice of empty or full window up to date."""
        everything = self.model.views()
        if not self._furnished:
            self.jobs.update_for([], everything)
            self.content.setCurrentWidget(self.unfurnished if everything else self.drop_zone)
            return
        self.workspace.refresh()
        library = self.keeping.library
        self.jobs.update_for([] if library.shown else self.workspace.selected(), everything)
        self.state.setText(queue_words(everything))
        self._share_status_bar()
        wanted: QWidget = self.workspace if everything else self.drop_zone
        if library.shown and library.page is not None:
            wanted = library.page
            if self.content.indexOf(wanted) < 0:
                self.content.addWidget(wanted)
        if self.content.currentWidget() is not wanted:
            self.content.setCurrentWidget(wanted)

    def _share_status_bar(self) -> None:
        """The gauges get what the sentence about the queue leaves."""
        self.memory.gauges.set_room(self.width() - self.state.sizeHint().width() - STATUS_MARGIN)

    def _renew_colours(self) -> None:
        icons.retint(self)
        if hasattr(self, "workspace"):  # the system may tell its colours before the window is furnished
            self.workspace.renew_colours()

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

    # --- coming and going -----------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fewer words where there is little room; the overlay covers the content whatever its size."""
        super().resizeEvent(event)
        self.toolbar.fit(event.size().width())
        self._share_status_bar()
        if self.overlay.isVisible():
            self.overlay.appear()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Tell of the first time."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            self.painted.emit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """A drag that ends outside another window may leave without a word."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.overlay.hide()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Stay in the background, or ask, if work is under way; the program itself is ended by whoever runs it."""
        decided = self._closing or self._end_expected
        if not decided and not self._leaving and self.stays():
            event.ignore()
            return
        working, exporting = self.under_way()
        if (working or exporting) and not decided and not self._agreed:
            event.ignore()
            self._ask_to_quit(working, exporting)
            return
        if self._furnished and self.workspace.text_side.unsaved and not self._closing:
            event.ignore()
            self.tasks.start(self._store_and_close())
            return
        event.accept()
        self._quit()

    def under_way(self) -> tuple[int, bool]:
        """How many documents are being read or wait for it, and whether files are being written."""
        working = sum(can_pause(view) for view in self.model.views())
        return working, self._furnished and self.workspace.exporting.under_way

    def leave(self, *, agreed: bool = False) -> None:
        """Quit, if the user agrees to what that means; `agreed`: that was asked already."""
        self._leaving = True
        self._agreed = agreed
        self.close()
        self._leaving = False

    async def _store_and_close(self) -> None:
        """Store what was typed; ask where that cannot be done."""
        await self.workspace.text_side.settle()
        if not self.workspace.text_side.unsaved:
            self.leave(agreed=self._agreed)
        elif self._question is None:
            from desktop_ocr.gui.closing import ask_to_lose

            box = ask_to_lose(self, self._quit)
            self._question = box
            box.finished.connect(lambda: setattr(self, "_question", None))

    def _ask_to_quit(self, working: int, exporting: bool) -> None:
        from desktop_ocr.gui.closing import ask_to_quit

        if self._question is None:
            minimise = self.showMinimized if self.offers_minimise else None
            box = ask_to_quit(self, working, exporting, self._quit, minimise)
            self._question = box
            box.finished.connect(lambda: setattr(self, "_question", None))

    def _quit(self) -> None:
        if not self._closing:
            self._closing = True
            self.quit_wanted.emit()

    def expect_end(self, expected: bool) -> None:
        """The desktop's session ends: whoever logs out is not to be asked."""
        self._end_expected = expected

    def expect_quit(self, expected: bool) -> None:
        """It is the program that is asked to end, and not the window to close."""
        self._leaving = expected

    def remember(self) -> None:
        """Write down what the window remembers from one day to the next."""
        self._preferences.appearance = self._theme.appearance
        self._preferences.set_state("geometry", self.saveGeometry())
        if self._furnished:
            self.workspace.save()
            self.memory.save()
        self._preferences.save()

    async def finish(self) -> None:
        """Disappear, remember sizes, forget what was removed, end the window's tasks."""
        self._closing = True
        self.remember()
        self.models.close()
        self.watched.close()
        self.hide()
        if self._furnished:
            await self.workspace.text_side.settle()
            await self.workspace.removal.commit()
        await self.tasks.close()
