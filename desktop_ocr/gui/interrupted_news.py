"""Tells which exports were interrupted because their program was killed, and offers to make them again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from desktop_ocr.gui.export_dialog import ExportOrder
from desktop_ocr.gui.exporting import Exporting
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.message_bar import MessageBars, Offer, Tone
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import shortened
from desktop_ocr.schema.events import ExportsInterrupted
from desktop_ocr.schema.exports import InterruptedExport

NAMED = 2


class InterruptedNews(QObject):
    """One message for all of them."""

    def __init__(self, exporting: Exporting, tasks: Tasks, model: JobModel, bars: MessageBars, parent: QObject) -> None:
        super().__init__(parent)
        self._exporting = exporting
        self._tasks = tasks
        self._model = model
        self._bars = bars

    def take(self, event: ExportsInterrupted) -> None:
        """Exports were interrupted."""
        again = Offer(self.tr("Export a&gain"), lambda: self._tasks.start(self._export(event.exports)))
        offers = [again] if self._orders(event.exports) else []
        self._bars.say(self._words(event.exports), Tone.INFO, offers)

    def _words(self, exports: Sequence[InterruptedExport]) -> str:
        names = list(dict.fromkeys(f"“{shortened(one.name)}”" for one in exports))
        if len(names) == 1:
            text = self.tr("The export of {name} to {folder} was interrupted, and nothing unfinished is left of it.")
            return text.format(name=names[0], folder=exports[0].folder)
        more = len(names) - NAMED
        if more > 0:
            names = [", ".join(names[:NAMED]), self.tr("{n} more").format(n=more)]
        text = self.tr("The exports of {names} were interrupted, and nothing unfinished is left of them.")
        return text.format(names=self.tr(" and ").join(names))

    def _orders(self, exports: Sequence[InterruptedExport]) -> list[ExportOrder]:
        """What was wanted of documents that are in the list."""
        orders = {
            (one.job, one.wish): ExportOrder(
                (one.job,), one.wish, full_names=frozenset([one.job] if one.full_name else [])
            )
            for one in exports
            if one.wish is not None and self._model.view(one.job) is not None
        }
        return list(orders.values())

    async def _export(self, exports: Sequence[InterruptedExport]) -> None:
        for order in self._orders(exports):
            await self._exporting.run(order)
