"""What the actions on documents do: questions to the session, and telling how they went."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from desktop_ocr.core.api import SessionApi
from desktop_ocr.gui import intake
from desktop_ocr.gui.asking import ask_about_pages, ask_about_retry, edited_pages
from desktop_ocr.gui.job_actions import can_cancel, can_pause, can_resume, can_retry, is_ours, is_paused
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.message_bar import MessageBars, Offer, Tone
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import shortened
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.jobs import JobState, JobView, PageView

NAMED_REFUSALS = 5


class Commands(QObject):
    """Between the actions and the session.

    Attributes:
        pasted: the folder of the pictures that the program saves itself.

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
        self.pasted = pasted
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
        await self._add(await intake.paths_from(taken, self.pasted))

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
        self._each(jobs, is_paused, lambda session, job: session.resume(job))

    def cancel(self, jobs: Sequence[int]) -> None:
        """Cancel."""
        self._each(jobs, can_cancel, lambda session, job: session.cancel(job))

    def retry(self, jobs: Sequence[int]) -> None:
        """Try what failed again; ask where that may cost corrections."""
        views = [view for job in jobs if (view := self._model.view(job)) is not None]
        # Failed pages have none. A document that cannot be opened any more may turn out to be another one.
        corrected = edited_pages([view for view in views if view.state is JobState.FAILED])

        def go() -> None:
            self._each(jobs, can_retry, lambda session, job: session.retry(job))

        if corrected:
            ask_about_retry(self._window, corrected, go)
        else:
            go()

    def recognise_again(self, job: int, pages: Sequence[int]) -> None:
        """Read pages of a document anew; ask where some of them were corrected."""
        wanted = set(pages)
        self._tasks.start(self._recognise_again([job], lambda view: view.page in wanted))

    def recognise_degraded_again(self, jobs: Sequence[int]) -> None:
        """Read those pages anew that were done with less detail; ask where some of them were corrected."""
        views = [view for job in jobs if (view := self._model.view(job)) is not None]
        less = [view.job for view in views if view.pages_degraded and is_ours(view)]
        if less:
            self._tasks.start(self._recognise_again(less, lambda view: bool(view.degraded)))

    async def _recognise_again(self, jobs: Sequence[int], wanted: Callable[[PageView], bool]) -> None:
        async def found(session: SessionApi) -> list[tuple[int, PageView]]:
            return [(job, view) for job in jobs for view in await session.pages(job) if wanted(view)]

        pages = await self._worker.ask(found)

        def go(chosen: Sequence[tuple[int, PageView]]) -> None:
            async def one_after_another(session: SessionApi) -> None:
                for job in jobs:
                    numbers = [view.page for one, view in chosen if one == job]
                    if numbers:
                        await session.recognise_again(job, numbers)

            self._tasks.start(self._worker.ask(one_after_another))

        others = [pair for pair in pages if not pair[1].edited]
        if len(others) == len(pages):
            go(pages)
        else:
            ask_about_pages(
                self._window, len(pages), len(pages) - len(others), lambda too: go(pages if too else others)
            )

    def offer_to_go_on(self) -> None:
        """Ask about documents that a former run left unfinished; those that the user had paused stay so."""
        jobs = [view.job for view in self._model.views() if view.interrupted and is_paused(view)]
        if not jobs:
            return
        text = (
            self.tr("Work on 1 document was interrupted last time.")
            if len(jobs) == 1
            else self.tr("Work on {n} documents was interrupted last time.").format(n=len(jobs))
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
