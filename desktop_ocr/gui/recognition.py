"""What is done with documents: the panel for new ones, the dialog for those in the list, and the ways to both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop_ocr.core.api import SessionApi
from desktop_ocr.gui.asking import ask_about_options, edited_pages
from desktop_ocr.gui.configuration import SettingsKeeper
from desktop_ocr.gui.job_actions import JobActions, is_ours
from desktop_ocr.gui.stored_models import StoredModels
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.jobs import JobOptions, JobView

if TYPE_CHECKING:
    from desktop_ocr.gui.document_options import DocumentOptionsDialog
    from desktop_ocr.gui.recognition_panel import RecognitionPanel


class Recognition(QObject):
    """Made with the window; panel and dialog are made when they are first wanted.

    Signals:
        others_wanted: the user wants other options for the selected documents.
        models_wanted: the user wants to see the models: of a `Feature`, or None.
    """

    others_wanted = Signal()
    models_wanted = Signal(object)

    def __init__(
        self,
        worker: Worker,
        tasks: Tasks,
        keeper: SettingsKeeper,
        models: StoredModels,
        actions: JobActions,
        view: Callable[[int], JobView | None],
        window: QWidget,
    ) -> None:
        """`view` is what is known of a document now."""
        super().__init__(window)
        self._view = view
        self._worker = worker
        self._tasks = tasks
        self._keeper = keeper
        self._models = models
        self._actions = actions
        self._window = window
        self._anchor: QWidget | None = None
        self.panel: RecognitionPanel | None = None
        self.dialog: DocumentOptionsDialog | None = None
        keeper.changed.connect(lambda _settings: self._show_options())
        actions.recognition.triggered.connect(lambda: self.show_panel())

    def set_anchor(self, anchor: QWidget) -> None:
        """Below what the panel appears."""
        self._anchor = anchor

    # --- new documents --------------------------------------------------------------------------------------

    def show_panel(self) -> None:
        """Show what is done with new documents."""
        self._tasks.start(self._show_panel())

    async def _show_panel(self) -> None:
        # In steps: fetched, made and shown in one go, the window would wait for it.
        from desktop_ocr.gui.recognition_panel import RecognitionPanel

        if self.panel is None:
            await asyncio.sleep(0)
            self.panel = self._make_panel(RecognitionPanel)
            await asyncio.sleep(0)
        panel = self.panel
        self._models.learn()
        self._tasks.start(self._learn_costs())
        self._show_options()
        panel.others.setEnabled(self._actions.other_options.isEnabled())
        panel.show_below(self._anchor if self._anchor is not None and self._anchor.isVisible() else self._window)

    def _make_panel(self, kind: type[RecognitionPanel]) -> RecognitionPanel:
        panel = kind(self._models, self._window)
        panel.form.edited.connect(self._keeper.set_options)
        panel.form.models_wanted.connect(self.models_wanted)
        panel.models_wanted.connect(lambda: self.models_wanted.emit(None))
        panel.others_wanted.connect(self.others_wanted)
        panel.settings_wanted.connect(self._actions.settings.trigger)
        return panel

    def _show_options(self) -> None:
        if self.panel is not None:
            self.panel.form.show_options(self._keeper.settings.options)

    async def _learn_costs(self) -> None:
        stats = await self._keeper.ask_stats()
        if stats is not None and self.panel is not None:
            self.panel.form.show_costs(stats.feature_mb)

    # --- documents in the list ------------------------------------------------------------------------------

    def ask(self, views: Sequence[JobView]) -> None:
        """Ask with which options documents are to be recognised again."""
        ours = [view for view in views if is_ours(view)]
        if ours and self.dialog is None:
            self._tasks.start(self._ask(ours))

    async def _ask(self, views: list[JobView]) -> None:
        async def known(session: SessionApi) -> list[JobOptions]:
            return [await session.options(view.job) for view in views]

        options = await self._worker.ask(known)
        stats = await self._keeper.ask_stats()
        self._models.learn()
        from desktop_ocr.gui.document_options import DocumentOptionsDialog

        if self.dialog is not None:
            return
        self.dialog = dialog = DocumentOptionsDialog(
            [view.name for view in views],
            options[0],
            self._models,
            self._window,
            alike=all(one == options[0] for one in options),
            costs=stats.feature_mb if stats is not None else None,
        )
        dialog.wished.connect(lambda wanted: self._agreed([view.job for view in views], wanted))
        dialog.models_wanted.connect(self.models_wanted)
        dialog.finished.connect(lambda _result: setattr(self, "dialog", None))
        dialog.open()

    def _agreed(self, jobs: Sequence[int], options: JobOptions) -> None:
        """Pages that were corrected since the dialog came are asked about, too."""
        corrected = edited_pages([view for job in jobs if (view := self._view(job)) is not None])

        def go(keep: bool) -> None:
            self._tasks.start(self._recognise(jobs, options, keep_edited=keep))

        if corrected:
            ask_about_options(self._window, corrected, go)
        else:
            go(True)

    async def _recognise(self, jobs: Sequence[int], options: JobOptions, *, keep_edited: bool) -> None:
        async def one_after_another(session: SessionApi) -> None:
            for job in jobs:
                await session.set_options(job, options, keep_edited=keep_edited)

        await self._worker.ask(one_after_another)
