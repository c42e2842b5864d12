"""Tells what became of documents when they are done: one message for many, and only what needs an answer stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.library_words import many_documents, many_pages
from desktop_ocr.gui.message_bar import GOOD_NEWS_MS, MessageBar, MessageBars, Offer, Tone
from desktop_ocr.gui.receipt_words import all_fine, many_words, message_words
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.receipts import Receipt

if TYPE_CHECKING:
    from desktop_ocr.gui.receipt_dialog import ReceiptDialog

GATHER_MS = 400
FEW = 5  # documents, and
SHORT = 10  # pages: what is done at once, and fine, is seen in the list
MOST_KEPT = 500  # receipts with failures that one message stands for


class ReceiptsSide(QObject):
    """Gathers for a moment what comes, and says it."""

    def __init__(
        self,
        worker: Worker,
        tasks: Tasks,
        model: JobModel,
        bars: MessageBars,
        retry: Callable[[Sequence[int]], None],
        again: Callable[[Sequence[int]], None],
        show_page: Callable[[int, int], None],
        window: QWidget,
    ) -> None:
        """`retry` and `again` do failed pages of jobs again, or those with less detail; `show_page` takes a job and
        a page.
        """
        super().__init__(window)
        self._worker = worker
        self._tasks = tasks
        self._model = model
        self._bars = bars
        self._retry = retry
        self._again = again
        self._show_page = show_page
        self._window = window
        self._new: dict[int, Receipt] = {}
        self._fine: dict[int, Receipt] = {}  # those that the message on the screen stands for
        self._wanting: dict[int, Receipt] = {}
        self._fine_bar: MessageBar | None = None
        self._wanting_bar: MessageBar | None = None
        self._gathering = QTimer(self)
        self._gathering.setSingleShot(True)
        self._gathering.setInterval(GATHER_MS)
        self._gathering.timeout.connect(self._tell)
        self._fading = QTimer(self)
        self._fading.setSingleShot(True)
        self._fading.setInterval(GOOD_NEWS_MS)
        self._fading.timeout.connect(self._fade)
        self.dialog: ReceiptDialog | None = None

    # --- news -----------------------------------------------------------------------------------------------

    def take(self, receipt: Receipt) -> None:
        """A document is done."""
        self._new[receipt.job] = receipt
        if not self._gathering.isActive():
            self._gathering.start()

    def _tell(self) -> None:
        new, self._new = self._new, {}
        wanting = {job: one for job, one in new.items() if one.failed or one.degraded}
        fine = {job: one for job, one in new.items() if job not in wanting}
        if fine:
            self._tell_fine(fine)
        if wanting or any(job in self._wanting for job in fine):
            for job in new:
                self._wanting.pop(job, None)
            self._wanting.update(wanting)
            while len(self._wanting) > MOST_KEPT:
                del self._wanting[next(iter(self._wanting))]
            self._tell_wanting()

    def _tell_fine(self, fine: dict[int, Receipt]) -> None:
        if self._fine_bar is None or self._fine_bar.over:
            self._fine = {}
            if len(fine) < FEW and all(one.pages < SHORT and all_fine(one) for one in fine.values()):
                return
        self._fine.update(fine)
        words = self._fine_words(list(self._fine.values()))
        if self._fine_bar is None or self._fine_bar.over:
            self._fine_bar = self._bars.say(words, Tone.GOOD)
        else:
            self._fine_bar.set_text(words)
        self._fading.start()

    def _fine_words(self, receipts: Sequence[Receipt]) -> str:
        if len(receipts) == 1:
            return message_words(receipts[0])
        noted = sum(len(one.noted) for one in receipts)
        count = many_documents(len(receipts))
        if noted:
            text = self.tr("{documents} are done; {pages} are incomplete, and say why.")
            return text.format(documents=count, pages=many_pages(noted))
        return self.tr("{documents} are done, all pages fine.").format(documents=count)

    def _fade(self) -> None:
        if self._fine_bar is not None:
            self._fine_bar.leave()
            self._fine_bar = None

    def _tell_wanting(self) -> None:
        before, self._wanting_bar = self._wanting_bar, None
        if before is not None:
            before.leave()
        receipts = list(self._wanting.values())
        if not receipts:
            return
        failed = [one.job for one in receipts if one.failed]
        less = [one.job for one in receipts if one.degraded]
        offers = []
        if failed:
            offers.append(Offer(self.tr("&Retry failed pages"), lambda: self._retry(failed)))
        if less:
            offers.append(Offer(self.tr("Do again with full detail"), lambda: self._again(less)))
        if len(receipts) == 1:
            from desktop_ocr.gui.receipt_dialog import first_page

            one, page = receipts[0], first_page(receipts[0])
            if page is not None:
                words = self.tr("Show page {n}").format(n=page + 1)
                offers.append(Offer(words, lambda: self._show_page(one.job, page)))
        else:
            offers.append(Offer(self.tr("Show receipts"), lambda: self.show_receipts(receipts)))
        text = message_words(receipts[0]) if len(receipts) == 1 else many_words(receipts)
        bar = MessageBar(Tone.WARNING, text, offers, lasting=True)
        bar.gone.connect(lambda _bar: self._answered(bar))
        self._wanting_bar = self._bars.put(bar)

    def _answered(self, bar: MessageBar) -> None:
        """The message has gone, and not for another one."""
        if bar is self._wanting_bar:
            self._wanting_bar = None
            self._wanting.clear()

    def jobs_changed(self) -> None:
        """Documents have changed: what was said of some may not be true any more."""
        if not self._wanting:
            return
        stale = [job for job in self._wanting if not self._holds(job)]
        for job in stale:
            del self._wanting[job]
        if stale:
            self._tell_wanting()

    def _holds(self, job: int) -> bool:
        view = self._model.view(job)
        return view is not None and (view.pages_failed > 0 or view.pages_degraded > 0)

    # --- later ----------------------------------------------------------------------------------------------

    def show(self, job: int) -> None:
        """Show a document's receipt."""
        self._tasks.start(self._show(job))

    async def _show(self, job: int) -> None:
        receipt = await self._worker.ask(lambda session: session.receipt(job))
        self.show_receipts([receipt])

    def show_receipts(self, receipts: Sequence[Receipt]) -> None:
        """Show some that are known."""
        from desktop_ocr.gui.receipt_dialog import ReceiptDialog

        listed = {one.job for one in receipts if self._model.view(one.job) is not None}
        dialog = ReceiptDialog(receipts, listed, self._window)
        dialog.retry_wanted.connect(self._retry)
        dialog.again_wanted.connect(self._again)
        dialog.page_wanted.connect(self._show_page)
        if self.dialog is not None:
            self.dialog.close()
        self.dialog = dialog
        dialog.destroyed.connect(lambda: self._gone(dialog))
        dialog.show()

    def _gone(self, dialog: ReceiptDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None
