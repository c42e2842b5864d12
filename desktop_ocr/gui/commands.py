"""What the actions on documents do: questions to the session, and telling how they went."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from desktop_ocr.core.api import SessionApi
from desktop_ocr.gui import intake
from desktop_ocr.gui.job_actions import can_cancel, can_pause, can_resume, can_retry
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.message_bar import MessageBars, Offer, Tone
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import shortened
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.jobs import JobState, JobView

NAMED_REFUSALS = 5


class Commands(QObject):
    """Between the actions and the session.

    Signals:
        added: numbers of jobs that are new, in order.
    """

    added = Signal(object)

    def __init__(
        self,
        worker: Worker,
        tasks: Tasks,
        model: JobModel,
        bars: MessageBars,
        preferences: Preferences,
        pasted: Path,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._worker = worker
        self._tasks = tasks
        self._model = model
        self._bars = bars
        self._preferences = preferences
        self._pasted = pasted
        self._window = window

    # --- taking documents in --------------------------------------------------------------------------------

    def add(self, paths: Sequence[Path]) -> None:
        """Add files and folders."""
        if paths:
            self._tasks.start(self._add(list(paths)))

    def add_from(self, mime: QMimeData | None) -> None:
        """Add what was dropped or pasted."""
        self._tasks.start(self._add_from(intake.contents(mime)))

    def choose_files(self) -> None:
        """Let the user choose files."""
        from desktop_ocr.gui.dialogs import file_dialog

        dialog = file_dialog(self._window, self._preferences.open_folder)
        dialog.filesSelected.connect(lambda names: self._opened([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def choose_folder(self) -> None:
        """Let the user choose a folder."""
        from desktop_ocr.gui.dialogs import folder_dialog

        dialog = folder_dialog(self._window, self._preferences.open_folder, self.tr("Open folder"))
        dialog.fileSelected.connect(lambda name: self._opened([Path(name)]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _opened(self, paths: list[Path]) -> None:
        if paths:
            self._preferences.open_folder = str(paths[0].parent)
            self.add(paths)

    async def _add_from(self, taken: list[Path] | QImage) -> None:
        await self._add(await intake.paths_from(taken, self._pasted))

    async def _add(self, paths: list[Path]) -> None:
        added = await self._worker.ask(lambda session: session.add(paths))
        if added.jobs:
            self.added.emit(added.jobs)
        if added.refused:
            lines = [f"{shortened(Path(one.path).name)}: {one.error}" for one in added.refused[:NAMED_REFUSALS]]
            if len(added.refused) > NAMED_REFUSALS:
                lines.append(self.tr("and {n} more").format(n=len(added.refused) - NAMED_REFUSALS))
            self._bars.say(self.tr("Not added:") + "\n" + "\n".join(lines), Tone.WARNING)
        elif not added.jobs:
            self._bars.say(self.tr("No documents were found there."), Tone.WARNING)

    # --- what happens to them -------------------------------------------------------------------------------

    def hold(self, jobs: Sequence[int]) -> None:
        """Pause what runs."""
        self._each(jobs, can_pause, lambda session, job: session.pause(job))

    def go_on(self, jobs: Sequence[int]) -> None:
        """Go on with what does not run."""
        self._each(jobs, can_resume, lambda session, job: session.resume(job))

    def go_on_with_paused(self, jobs: Sequence[int]) -> None:
        """Go on with what is paused; what was cancelled stays so."""
        self._each(jobs, lambda view: view.state is JobState.PAUSED, lambda session, job: session.resume(job))

    def cancel(self, jobs: Sequence[int]) -> None:
        """Cancel."""
        self._each(jobs, can_cancel, lambda session, job: session.cancel(job))

    def retry(self, jobs: Sequence[int]) -> None:
        """Try what failed again."""
        self._each(jobs, can_retry, lambda session, job: session.retry(job))

    def recognise_again(self, job: int, pages: Sequence[int]) -> None:
        """Read pages of a document anew."""
        self._tasks.start(self._worker.ask(lambda session: session.recognise_again(job, list(pages))))

    def recognise_degraded_again(self, jobs: Sequence[int]) -> None:
        """Read those pages anew that were done with less detail."""
        less = [job for job in jobs if (view := self._model.view(job)) is not None and view.pages_degraded]

        async def one_after_another(session: SessionApi) -> None:
            for job in less:
                pages = [view.page for view in await session.pages(job) if view.degraded]
                if pages:
                    await session.recognise_again(job, pages)

        if less:
            self._tasks.start(self._worker.ask(one_after_another))

    def offer_to_go_on(self) -> None:
        """Ask about documents that a former run left unfinished."""
        jobs = [view.job for view in self._model.views() if view.state is JobState.PAUSED]
        if not jobs:
            return
        text = (
            self.tr("1 document was not finished last time.")
            if len(jobs) == 1
            else self.tr("{n} documents were not finished last time.").format(n=len(jobs))
        )
        go_on = Offer(self.tr("&Go on"), lambda: self.go_on_with_paused(jobs))
        not_now = Offer(self.tr("&Not now"), lambda: None)
        self._bars.say(text, Tone.INFO, [go_on, not_now], closable=False)

    def _each(
        self,
        jobs: Sequence[int],
        wanted: Callable[[JobView], bool],
        act: Callable[[SessionApi, int], Awaitable[None]],
    ) -> None:
        chosen = [job for job in jobs if (view := self._model.view(job)) is not None and wanted(view)]

        async def all_of_them() -> None:
            async def one_after_another(session: SessionApi) -> None:
                for job in chosen:
                    await act(session, job)

            await self._worker.ask(one_after_another)

        if chosen:
            self._tasks.start(all_of_them())
