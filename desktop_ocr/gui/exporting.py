"""Runs exports and tells how they went."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_ocr.core.api import ExportOutcome
from desktop_ocr.gui.export_dialog import ExportDialog, ExportWish
from desktop_ocr.gui.folders import show_folder
from desktop_ocr.gui.job_actions import can_export
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.message_bar import MessageBars, Offer, Tone
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import shortened
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema import exports as schema
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.jobs import FINAL_STATES

NAMED_FAILURES = 4


class Exporting(QObject):
    """From the dialog to the result bar."""

    def __init__(
        self,
        worker: Worker,
        tasks: Tasks,
        model: JobModel,
        bars: MessageBars,
        preferences: Preferences,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._worker = worker
        self._tasks = tasks
        self._model = model
        self._bars = bars
        self._preferences = preferences
        self._window = window
        self._under_way = 0

    @property
    def under_way(self) -> bool:
        """Whether files are being written."""
        return self._under_way > 0

    def ask(self, selected: list[int], *, all_first: bool = False) -> ExportDialog:
        """Open the dialog."""
        ready = [view for view in self._model.views() if can_export(view)]
        everything = [view.job for view in ready]
        unfinished = sum(view.state not in FINAL_STATES for view in ready)
        chosen = [job for job in selected if job in everything]
        dialog = ExportDialog(
            chosen, everything, unfinished, self._preferences, all_first=all_first, parent=self._window
        )
        dialog.wished.connect(lambda wish: self._tasks.start(self.run(wish)))
        dialog.open()
        return dialog

    async def run(self, wish: ExportWish) -> None:
        """Export, and tell. The user may stop it: what is written stays, the file at work goes."""
        outcomes: list[ExportOutcome] = []
        total = len(wish.jobs)
        asking: asyncio.Task[list[ExportOutcome]] | None = None
        stopped = False

        def stop() -> None:
            nonlocal stopped
            stopped = True
            if asking is not None:
                asking.cancel()

        bar = self._bars.say(self._progress(0, total), offers=[Offer(self.tr("Sto&p"), stop)], closable=False)
        self._under_way += 1
        try:
            for number, job in enumerate(wish.jobs, start=1):
                if stopped:  # between two documents
                    raise asyncio.CancelledError
                bar.set_text(self._progress(number, total))
                asking = asyncio.get_running_loop().create_task(self._one(job, wish))
                outcomes += await asking
        except asyncio.CancelledError:
            if not stopped:
                raise
            self._bars.say(self.tr("The export was stopped."), fading=True)
        finally:
            self._under_way -= 1
            bar.leave()
        self._tell(outcomes, wish.folder)

    def _progress(self, number: int, total: int) -> str:
        if total == 1:
            return self.tr("Exporting…")
        return self.tr("Exporting document {n} of {total}…").format(n=max(1, number), total=total)

    async def _one(self, job: int, wish: ExportWish) -> list[ExportOutcome]:
        try:
            return await self._worker.ask(
                lambda session: session.export(
                    job,
                    schema.ExportWish(wish.formats, str(wish.folder), overwrite=wish.overwrite),
                    full_name=self._clash(job, wish),
                )
            )
        except DesktopOcrError as error:
            # The document as a whole: it was removed meanwhile, say. The others still go.
            view = self._model.view(job)
            name = view.name if view is not None else str(job)
            return [ExportOutcome("", name, error.info)]

    def _clash(self, job: int, wish: ExportWish) -> bool:
        """Whether another document of this export differs only in its ending: one would replace the other."""
        stems = [Path(view.path).stem for one in wish.jobs if (view := self._model.view(one)) is not None]
        own = self._model.view(job)
        return own is not None and stems.count(Path(own.path).stem) > 1

    def _tell(self, outcomes: list[ExportOutcome], folder: Path) -> None:
        failed = [outcome for outcome in outcomes if outcome.error is not None]
        written = [outcome for outcome in outcomes if outcome.error is None]
        if written:
            text = (
                self.tr("Exported {name}.").format(name=shortened(Path(written[0].path).name))
                if len(written) == 1
                else self.tr("Exported {n} files to {folder}.").format(n=len(written), folder=folder)
            )
            same = sum(outcome.unchanged for outcome in written)
            if same == len(written):
                text += " " + self.tr("Nothing had changed since the last export.")
            elif same:
                text += " " + self.tr("Unchanged since the last export: {n}.").format(n=same)
            show = Offer(self.tr("&Show in folder"), lambda: self.show_folder(Path(written[0].path).parent))
            self._bars.say(text, Tone.GOOD, [show])
        if failed:
            lines = [f"{shortened(Path(one.path).name)}: {one.error}" for one in failed[:NAMED_FAILURES]]
            if len(failed) > NAMED_FAILURES:
                lines.append(self.tr("and {n} more").format(n=len(failed) - NAMED_FAILURES))
            self._bars.say(self.tr("Not exported:") + "\n" + "\n".join(lines), Tone.DANGER)

    def show_folder(self, folder: Path) -> None:
        """Show a folder in the system's file manager."""
        show_folder(folder, self._bars)
