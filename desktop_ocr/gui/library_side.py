"""What the window does with the library: its page, the questions to the core, and what is done with what was found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop_ocr.gui.asking import Answer, ask_before_loss
from desktop_ocr.gui.configuration import SettingsKeeper
from desktop_ocr.gui.folders import show_folder
from desktop_ocr.gui.forgetting import Doomed, Forgetting
from desktop_ocr.gui.library_words import many_documents, rules_words, size_words
from desktop_ocr.gui.message_bar import MessageBars, Offer, Tone
from desktop_ocr.gui.opening import Opening
from desktop_ocr.gui.receipts_side import ReceiptsSide
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.library import LibraryHit, LibraryQuery

if TYPE_CHECKING:
    from desktop_ocr.gui.exporting import Exporting
    from desktop_ocr.gui.library_page import LibraryPage

RENEW_MS = 2000
LONGEST_RENEW_MS = 300_000
"""While pages wait to be made ready for searching and nothing comes of it, because the disk is full say."""
BREATH_MS = 10


class LibrarySide(QObject):
    """Made with the documents; the page is made when it is first wanted.

    Signals:
        changed: the library has come, or made way.
    """

    changed = Signal()

    def __init__(
        self,
        worker: Worker,
        tasks: Tasks,
        bars: MessageBars,
        keeper: SettingsKeeper,
        opening: Opening,
        forgetting: Forgetting,
        receipts: ReceiptsSide,
        exporting: Exporting,
        action: QAction,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._worker = worker
        self._tasks = tasks
        self._bars = bars
        self._keeper = keeper
        self._opening = opening
        self._forgetting = forgetting
        self._receipts = receipts
        self._exporting = exporting
        self._action = action
        self._window = window
        self._here = False
        self._generation = self._answered = 0
        self._query = LibraryQuery()
        self._unindexed = 0
        self._renewal = QTimer(self)  # documents are finished, pages are prepared for searching
        self._renewal.setSingleShot(True)
        self._renewal.setInterval(RENEW_MS)
        self._renewal.timeout.connect(self._renew)
        self.page: LibraryPage | None = None
        self.question: QMessageBox | None = None
        action.setChecked(False)
        action.toggled.connect(self._toggled)
        opening.opened.connect(self.leave)
        opening.missed.connect(self.renew_soon)
        forgetting.forgotten.connect(self.renew_soon)

    # --- coming and going -----------------------------------------------------------------------------------

    @property
    def shown(self) -> bool:
        """Whether the library is to be seen in the documents' place."""
        return self._here

    def leave(self) -> None:
        """Back to the documents."""
        self._action.setChecked(False)

    def _toggled(self, on: bool) -> None:
        if on and self.page is None:
            self._make()
            QTimer.singleShot(BREATH_MS, self, self._come)  # not all in one go: the window is not to stand still
        elif on:
            self._come()
        elif self._here:
            self._here = False
            self._renewal.stop()
            self.changed.emit()

    def _come(self) -> None:
        page = self.page
        if page is None or self._here or not self._action.isChecked():
            return
        self._here = True
        self._unindexed = 0
        page.show_waiting()
        self._ask()
        self._tasks.start(self._learn_size())
        self.changed.emit()
        page.begin()

    def _make(self) -> LibraryPage:
        from desktop_ocr.gui.library_page import LibraryPage

        self.page = page = LibraryPage()
        page.query_changed.connect(self._ask)
        page.more_wanted.connect(self._ask_more)
        page.closed.connect(self.leave)
        page.open_wanted.connect(lambda hit: self._opening.open(hit.job, hit.page, hit.words))
        page.folder_wanted.connect(lambda hit: show_folder(Path(hit.path).parent, self._bars))
        page.export_wanted.connect(lambda hit: self._tasks.start(self._export(hit)))
        page.receipt_wanted.connect(lambda hit: self._receipts.show(hit.job))
        page.delete_wanted.connect(self._delete)
        page.clean_wanted.connect(self._ask_to_clean)
        return page

    # --- searching ------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Look for what the page asks for; answers to what it asked before are dropped."""
        if self.page is not None:
            self._generation += 1
            self._query = self.page.query
            self._tasks.start(self._search(self.page, self._query, self._generation))

    async def _search(self, page: LibraryPage, query: LibraryQuery, generation: int) -> None:
        try:
            found = await self._worker.ask(lambda session: session.search(query))
        except DesktopOcrError as error:
            if error.code is ErrorCode.CANCELLED:
                raise  # something else is looked for by now
            if generation == self._generation:
                self._answered = generation
                page.show_error(error.info)
            return
        if generation != self._generation:
            return
        self._answered = generation
        page.show_found(found, query)
        if found.unindexed:
            self._look_again(found.unindexed)

    def _ask_more(self, offset: int) -> None:
        if self.page is None:
            return
        if self._answered != self._generation:
            self.page.list.found.no_more()  # something else is on its way: these will not be wanted
            return
        query = msgspec.structs.replace(self._query, offset=offset)
        self._tasks.start(self._search_more(self.page, query, self._generation))

    async def _search_more(self, page: LibraryPage, query: LibraryQuery, generation: int) -> None:
        try:
            found = await self._worker.ask(lambda session: session.search(query))
        except DesktopOcrError:
            if generation == self._generation:
                page.list.found.no_more()
            raise
        if generation == self._generation:
            page.list.found.append(found)

    def renew_soon(self) -> None:
        """What is stored has changed."""
        if self.shown and not (self._renewal.isActive() and self._renewal.interval() == RENEW_MS):
            self._renewal.start(RENEW_MS)

    def _look_again(self, unindexed: int) -> None:
        """Pages are being made ready for searching: look soon, and ever later while their number stays as it is."""
        if unindexed != self._unindexed:
            self._unindexed = unindexed
            self.renew_soon()
        elif self.shown and not self._renewal.isActive():
            self._renewal.start(min(2 * self._renewal.interval(), LONGEST_RENEW_MS))

    def _renew(self) -> None:
        """Have the first hits again. Who has scrolled far down is left alone."""
        page = self.page
        if page is None or not self.shown:
            return
        self._tasks.start(self._learn_size())
        if page.list.found.rowCount() <= page.query.limit:
            self._ask()

    async def _learn_size(self) -> None:
        size = await self._worker.ask(lambda session: session.library_size())
        if self.page is not None:
            self.page.show_size(size)

    # --- what is done with what was found -------------------------------------------------------------------

    async def _export(self, hit: LibraryHit) -> None:
        await self._opening.list_again(hit.job)
        self._exporting.ask_when_there(hit.job)

    def _delete(self, hits: Sequence[LibraryHit]) -> None:
        documents = {hit.job: hit for hit in hits}
        self._forgetting.ask([Doomed(hit.job, hit.name, hit.pages, path=hit.path) for hit in documents.values()])

    # --- cleaning up ----------------------------------------------------------------------------------------

    def _ask_to_clean(self) -> None:
        rules = rules_words(self._keeper.settings)
        if not rules:
            text = self.tr("The settings keep everything that was read. A limit by size or by age can be set there.")
            self._bars.say(text, offers=[Offer(self.tr("&Settings…"), self._keeper.show_dialog)])
        elif self.question is None:
            self.question = ask_before_loss(
                self._window,
                self.tr("Clean up the library"),
                self.tr("Let go what the settings no longer want to keep?"),
                rules + " " + self.tr("The files themselves are not touched."),
                Answer(self.tr("&Clean up"), lambda: self._tasks.start(self._clean())),
            )
            self.question.finished.connect(lambda _result: setattr(self, "question", None))

    async def _clean(self) -> None:
        count = await self._worker.ask(lambda session: session.clean_library())
        size = await self._worker.ask(lambda session: session.library_size())
        if count:
            text = self.tr("{documents} left the library. It has {size} now.")
            words = text.format(documents=many_documents(count), size=size_words(size))
        else:
            words = self.tr("Nothing had to go: the library is within its limits.")
        self._bars.say(words, Tone.GOOD, fading=True)
        if self.page is not None:
            self.page.show_size(size)
        self.renew_soon()
