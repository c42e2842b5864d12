"""Runs exports and tells how they went."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop_ocr.gui.export_dialog import ExportDialog, ExportOrder
from desktop_ocr.gui.export_run import Entry, ExportReport, ExportRun
from desktop_ocr.gui.export_words import files_words, written_words
from desktop_ocr.gui.folders import show_folder
from desktop_ocr.gui.job_actions import can_export
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.message_bar import MessageBars, Offer, Tone
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import shortened
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.exports import FORMATS, FormatInfo
from desktop_ocr.schema.jobs import FINAL_STATES

if TYPE_CHECKING:
    from desktop_ocr.gui.export_report import ReportDialog

NAMED_FAILURES = 2


class Exporting(QObject):
    """From the dialog to the report.

    Signals:
        locate_wanted: a job whose file is not where it was, and what is to be called when it is found.
    """

    locate_wanted = Signal(int, object)

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
        self._formats: tuple[FormatInfo, ...] = FORMATS
        self._learned = False
        self._under_way = 0
        self._dialog: ExportDialog | None = None
        self.report: ReportDialog | None = None
        self.looked_at: Callable[[], tuple[int | None, int]] = lambda: (None, 0)

    @property
    def under_way(self) -> bool:
        """Whether files are being written."""
        return self._under_way > 0

    # --- asking ---------------------------------------------------------------------------------------------

    def ask_when_there(self, job: int) -> None:
        """Open the dialog for a document that has just come, or is about to come, into the list."""
        if self._model.view(job) is not None:
            self.ask([job])
            return

        def look() -> None:
            if self._model.view(job) is not None:
                self._model.rowsInserted.disconnect(connection)
                self.ask([job])

        connection = self._model.rowsInserted.connect(look)

    def ask(self, selected: list[int], *, all_first: bool = False) -> ExportDialog:
        """Open the dialog."""
        ready = [view for view in self._model.views() if can_export(view)]
        chosen = [view for view in ready if view.job in selected]
        job, page = self.looked_at()
        dialog = ExportDialog(
            chosen,
            ready,
            sum(view.state not in FINAL_STATES for view in ready),
            self._preferences,
            all_first=all_first,
            page=page if [view.job for view in chosen] == [job] else None,
            formats=self._formats,
            parent=self._window,
        )
        dialog.wished.connect(self.start)
        dialog.finished.connect(lambda _result: self._dialog_gone(dialog))
        self._dialog = dialog
        dialog.open()
        if not self._learned:
            self._tasks.start(self._learn_formats())
        return dialog

    def _dialog_gone(self, dialog: ExportDialog) -> None:
        if self._dialog is dialog:
            self._dialog = None

    async def _learn_formats(self) -> None:
        """Those of other packages, which only the document host knows, come a moment later."""
        self._formats = tuple(await self._worker.ask(lambda session: session.export_formats()))
        self._learned = True
        if self._dialog is not None:
            self._dialog.show_formats(self._formats)

    # --- doing ----------------------------------------------------------------------------------------------

    def start(self, order: ExportOrder) -> None:
        """Export, and tell."""
        self._tasks.start(self.run(order))

    async def run(self, order: ExportOrder) -> ExportReport:
        """Export, and tell. The user may stop it."""
        run = ExportRun(self._worker, self._model, order, lambda words: bar.set_text(words))
        stop = Offer(self.tr("St&op"), run.stop)
        bar = self._bars.say(self.tr("Exporting…"), offers=[stop], closable=False)
        self._under_way += 1
        try:
            report = await run.run()
        finally:
            self._under_way -= 1
            bar.leave()
        self._tell(report)
        return report

    def _tell(self, report: ExportReport) -> None:
        written, failed = report.written, report.failed
        parts = [self.tr("The export was stopped.")] if report.stopped else []
        if written:
            name = shortened(Path(written[0].outcome.path).name)
            parts.append(written_words([entry.outcome.path for entry in written], report.order.folder, name))
            parts.append(self._unchanged_words(written))
        if report.noted:
            parts.append(self.tr("Not all is as wanted in {files}.").format(files=files_words(len(report.noted))))
        if failed:
            lines = [f"{entry_name(entry)}: {entry.outcome.error}" for entry in failed[:NAMED_FAILURES]]
            if len(failed) > NAMED_FAILURES:
                lines.append(self.tr("and {n} more").format(n=len(failed) - NAMED_FAILURES))
            parts.append(self.tr("Not exported:") + "\n" + "\n".join(lines))
        self._bars.say(" ".join(part for part in parts if part), _tone(report), self._offers(report))

    def _unchanged_words(self, written: list[Entry]) -> str:
        same = sum(entry.outcome.unchanged for entry in written)
        if same == len(written):
            return self.tr("Nothing had changed since the last export.")
        return self.tr("Unchanged since the last export: {n}.").format(n=same) if same else ""

    def _offers(self, report: ExportReport) -> list[Offer]:
        offers = []
        if report.written:
            folder = Path(report.written[0].outcome.path).parent
            offers.append(Offer(self.tr("&Show in folder"), lambda: self.show_folder(folder)))
        if len(report.entries) > 1 or report.failed or report.noted:
            offers.append(Offer(self.tr("Repo&rt…"), lambda: self._show_report(report)))
        return offers

    # --- afterwards -----------------------------------------------------------------------------------------

    def show_report(self, report: ExportReport) -> ReportDialog:
        """Show what came of an export, file by file."""
        from desktop_ocr.gui.export_report import ReportDialog

        dialog = ReportDialog(report, self._window)
        self.report = dialog
        dialog.again_wanted.connect(self.start)
        dialog.locate_wanted.connect(lambda job: self.locate_wanted.emit(job, lambda: self._found(dialog, report, job)))
        dialog.folder_wanted.connect(lambda name: self.show_folder(Path(name)))
        dialog.finished.connect(lambda _result: self._report_gone(dialog))
        dialog.open()
        return dialog

    def _show_report(self, report: ExportReport) -> None:
        self.show_report(report)

    def _found(self, dialog: ReportDialog, report: ExportReport, job: int) -> None:
        """The document's file was found: what failed for want of it is done now."""
        if self.report is dialog:
            dialog.accept()
        self.start(report.again(job))

    def _report_gone(self, dialog: ReportDialog) -> None:
        if self.report is dialog:
            self.report = None

    def show_folder(self, folder: Path) -> None:
        """Show a folder in the system's file manager."""
        show_folder(folder, self._bars)


def entry_name(entry: Entry) -> str:
    """The file's name, or the document's where it did not come to a file."""
    return shortened(Path(entry.outcome.path).name)


def _tone(report: ExportReport) -> Tone:
    if report.failed:
        return Tone.WARNING if report.written else Tone.DANGER
    if report.stopped:
        return Tone.INFO
    return Tone.WARNING if report.noted else Tone.GOOD
