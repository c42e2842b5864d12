"""Reads a page, or a part of it, another way, and lets the user keep one of the two readings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from desktop_ocr.core.api import SessionApi
from desktop_ocr.gui.comparing import compare, lines_in
from desktop_ocr.gui.configuration import SettingsKeeper
from desktop_ocr.gui.copying import part_of
from desktop_ocr.gui.message_bar import MessageBars, Tone
from desktop_ocr.gui.review import Review
from desktop_ocr.gui.stored_models import StoredModels
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.edits import AsRecognised, Edit, PageVersion, ReplacePage, ReplaceRegion
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.results import Box, PageResult

if TYPE_CHECKING:
    from desktop_ocr.gui.compare_dialog import CompareDialog
    from desktop_ocr.gui.rerun_dialog import RerunDialog


@dataclass(frozen=True)
class Target:
    """What is read another way: a page as it was seen, or a rectangle of it in its pixels."""

    job: int
    page: int
    version: PageVersion
    region: Box | None = None

    @property
    def result(self) -> PageResult:
        """What is there now."""
        result = self.version.result
        return result if self.region is None else part_of(result, lines_in(result, self.region), self.region)


class Rereading(QObject):
    """From the question for settings to the choice between two readings.

    Signals:
        models_wanted: the user wants to see models.
    """

    models_wanted = Signal(object)

    def __init__(
        self,
        worker: Worker,
        tasks: Tasks,
        review: Review,
        keeper: SettingsKeeper,
        models: StoredModels,
        bars: MessageBars,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._worker = worker
        self._tasks = tasks
        self._review = review
        self._keeper = keeper
        self._models = models
        self._bars = bars
        self._window = window
        self._trying: asyncio.Task[PageResult] | None = None
        self._last: dict[int, JobOptions] = {}  # what was tried last, of a document
        self.dialog: RerunDialog | None = None
        self.compared: CompareDialog | None = None

    def bind(self, action: QAction) -> None:
        """Let an action ask; it can be used where a page is there to be compared with."""
        action.triggered.connect(lambda: self.ask())
        self._review.page_changed.connect(lambda: action.setEnabled(can_be_reread(self._review)))

    # --- another reading ------------------------------------------------------------------------------------

    def ask(self, region: Box | None = None) -> None:
        """Ask with which settings the page shown, or a rectangle of it, is to be read."""
        review = self._review
        if review.job is None or review.version is None or self.dialog is not None:
            return
        self._tasks.start(self._ask(Target(review.job, review.page, review.version, region)))

    async def _ask(self, target: Target) -> None:
        options = self._last.get(target.job)
        if options is None:
            options = await self._worker.ask(lambda session: session.options(target.job))
        stats = await self._keeper.ask_stats()
        self._models.learn()
        from desktop_ocr.gui.rerun_dialog import RerunDialog

        if self.dialog is not None:
            return
        dialog = RerunDialog(
            self._what(target),
            options,
            self._models,
            self._window,
            costs=stats.feature_mb if stats is not None else None,
        )
        self.dialog = dialog
        dialog.wished.connect(lambda wanted: self._tasks.start(self._try(target, wanted)))
        dialog.stopped.connect(self._stop)
        dialog.models_wanted.connect(self.models_wanted)
        dialog.finished.connect(lambda _result: setattr(self, "dialog", None))
        dialog.open()

    def _what(self, target: Target) -> str:
        words = self.tr("Page {n}") if target.region is None else self.tr("The chosen part of page {n}")
        return words.format(n=target.page + 1)

    def _stop(self) -> None:
        if self._trying is not None:
            self._trying.cancel()

    async def _try(self, target: Target, options: JobOptions) -> None:
        self._last[target.job] = options
        question = self._worker.ask(lambda session: session.try_page(target.job, target.page, options, target.region))
        self._trying = trying = asyncio.get_running_loop().create_task(question)
        try:
            new = await trying
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise  # the window closes
            return  # the user does not want to wait
        except DesktopOcrError as error:
            if error.code is ErrorCode.CANCELLED:
                raise
            if self.dialog is not None:
                self.dialog.show_error(error.info)
            return
        finally:
            if self._trying is trying:
                self._trying = None
        if self.dialog is not None:
            self.dialog.accept()
        await self._choose(target, new)

    async def _choose(self, target: Target, new: PageResult) -> None:
        dialog = self._open(
            self._what(target),
            self.tr("What you have corrected there is replaced, too. It can be undone.")
            if target.version.edited
            else "",
            headings=(self.tr("As it is"), self.tr("New reading")),
            keep=self.tr("&Keep the old"),
            take=self.tr("&Use the new"),
            others=True,
        )
        edit: Edit = ReplacePage(new) if target.region is None else ReplaceRegion(target.region, new)
        dialog.taken.connect(lambda: self._tasks.start(self._replace(target, edit)))
        dialog.others_wanted.connect(lambda: self.ask(target.region))
        await self._compare(dialog, target.result, new)

    async def _replace(self, target: Target, edit: Edit) -> None:
        await self._make(target, edit)
        self._bars.say(self.tr("The new reading has taken its place. It can be undone."), Tone.GOOD, fading=True)

    # --- a newer result -------------------------------------------------------------------------------------

    def compare_newer(self) -> None:
        """Compare the page as it was corrected with what was recognised since, and let the user choose."""
        review = self._review
        if review.job is not None and review.version is not None and self.compared is None:
            self._tasks.start(self._compare_newer(Target(review.job, review.page, review.version)))

    async def _compare_newer(self, target: Target) -> None:
        new = await self._worker.ask(lambda session: session.recognised(target.job, target.page))
        if new is None or self.compared is not None:
            return
        dialog = self._open(
            self.tr("Page {n} was recognised again after you corrected it").format(n=target.page + 1),
            "",
            headings=(self.tr("With your corrections"), self.tr("Newly recognised")),
            keep=self.tr("&Keep mine"),
            take=self.tr("&Use the new text"),
            asks=True,
        )
        dialog.taken.connect(lambda: self._tasks.start(self._replace(target, AsRecognised())))
        dialog.kept.connect(lambda: self._tasks.start(self._keep(target)))
        await self._compare(dialog, target.result, new)

    async def _keep(self, target: Target) -> None:
        if self._shows(target):
            self._review.keep_edited()
        else:
            await self._worker.ask(lambda session: session.keep_edited(target.job, target.page))

    # --- both -----------------------------------------------------------------------------------------------

    def _open(
        self,
        what: str,
        note: str,
        *,
        headings: tuple[str, str],
        keep: str,
        take: str,
        others: bool = False,
        asks: bool = False,
    ) -> CompareDialog:
        from desktop_ocr.gui.compare_dialog import CompareDialog

        dialog = CompareDialog(
            what, note, self._window, headings=headings, keep=keep, take=take, others=others, asks=asks
        )
        self.compared = dialog
        dialog.finished.connect(lambda _result: self._gone(dialog))
        dialog.open()
        return dialog

    def _gone(self, dialog: CompareDialog) -> None:
        if self.compared is dialog:
            self.compared = None

    async def _compare(self, dialog: CompareDialog, old: PageResult, new: PageResult) -> None:
        comparison = await asyncio.to_thread(compare, old, new)
        if self.compared is dialog:
            dialog.show_comparison(comparison)

    def _shows(self, target: Target) -> bool:
        return (self._review.job, self._review.page) == (target.job, target.page)

    async def _make(self, target: Target, edit: Edit) -> None:
        """Make an edit of a page, whether it is shown still or not."""
        version = self._review.version if self._shows(target) else None
        if version is not None and version.number == target.version.number:
            await self._review.make(edit)
        else:  # told as outdated where the page has become another since
            base = target.version.number

            def asked(session: SessionApi) -> Awaitable[PageVersion]:
                return session.edit(target.job, target.page, edit, base=base)

            await self._worker.ask(asked)


def can_be_reread(review: Review) -> bool:
    """Whether the page shown is finished: while something is still to be looked for, it cannot be replaced."""
    return review.result is not None and not review.locked
