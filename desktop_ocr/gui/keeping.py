"""Puts together what has to do with stored results: library, receipts, what was read before, deleting for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_ocr.gui.commands import Commands
from desktop_ocr.gui.configuration import SettingsKeeper
from desktop_ocr.gui.forgetting import Doomed, Forgetting
from desktop_ocr.gui.job_actions import JobActions
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.library_side import LibrarySide
from desktop_ocr.gui.message_bar import MessageBars
from desktop_ocr.gui.opening import Opening
from desktop_ocr.gui.receipts_side import ReceiptsSide
from desktop_ocr.gui.stored_before import StoredNews
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker

if TYPE_CHECKING:
    from desktop_ocr.gui.workspace import Workspace


class Keeping(QObject):
    """Made once, when there may be documents."""

    def __init__(
        self,
        worker: Worker,
        tasks: Tasks,
        model: JobModel,
        bars: MessageBars,
        keeper: SettingsKeeper,
        commands: Commands,
        jobs: JobActions,
        workspace: Workspace,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._workspace = workspace
        self.opening = Opening(worker, tasks, workspace)
        self.forgetting = Forgetting(worker, tasks, bars, commands.pasted, window)
        self.receipts = ReceiptsSide(
            worker,
            tasks,
            model,
            bars,
            commands.retry,
            commands.recognise_degraded_again,
            self.opening.open,
            window,
        )
        self.stored = StoredNews(worker, tasks, model, bars, commands.recognise_again, self)
        self.library = LibrarySide(
            worker,
            tasks,
            bars,
            keeper,
            self.opening,
            self.forgetting,
            self.receipts,
            workspace.exporting,
            jobs.library,
            window,
        )
        workspace.removal.keeps = lambda: keeper.settings.keep_removed
        reducer = workspace.reducer
        reducer.done.connect(self.receipts.take)
        reducer.done.connect(lambda _receipt: self.library.renew_soon())
        reducer.stored.connect(self.stored.take)
        reducer.changed.connect(self._jobs_changed)
        commands.added.connect(lambda _jobs: self.library.leave())
        self.library.changed.connect(lambda: workspace.put_away(self.library.shown))
        jobs.delete.triggered.connect(lambda: self._delete())
        jobs.receipt.triggered.connect(lambda: self._show_receipt())

    def _jobs_changed(self) -> None:
        self.receipts.jobs_changed()
        self.stored.jobs_changed()
        self.library.renew_soon()

    def _delete(self) -> None:
        views = self._workspace.selected()
        self.forgetting.ask(
            [
                Doomed(
                    view.job,
                    view.name,
                    view.pages_done + view.pages_partial,
                    view.pages_edited,
                    view.elsewhere,
                    view.path,
                )
                for view in views
            ]
        )

    def _show_receipt(self) -> None:
        for view in self._workspace.selected()[:1]:
            self.receipts.show(view.job)
