"""What the window does with watched folders: their window, the form, questions before one goes, and the news."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop_ocr.core.api import SessionApi
from desktop_ocr.gui.configuration import SettingsKeeper
from desktop_ocr.gui.message_bar import MessageBar, MessageBars, Offer, Tone
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.stored_models import StoredModels
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.watched_folders import WatchedFolders
from desktop_ocr.gui.watched_words import short_path
from desktop_ocr.gui.words import shortened, tr
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import Event, WatchedChanged
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.watching import Arrival, WatchedFolder, WatchedView

if TYPE_CHECKING:
    from desktop_ocr.gui.watched_dialog import WatchedDialog
    from desktop_ocr.gui.watched_form import WatchedForm

T = TypeVar("T")


class WatchedSide(QObject):
    """Made with the window; the rest is made when it is first wanted.

    Signals:
        document_wanted: the number of a document that the user wants to see; it is in the list.
        models_wanted: the user wants to see the models: of a `Feature`, or a `ModelRole`, or one by its name.
    """

    document_wanted = Signal(int)
    models_wanted = Signal(object)

    def __init__(
        self,
        worker: Worker,
        tasks: Tasks,
        bars: MessageBars,
        keeper: SettingsKeeper,
        store: StoredModels,
        preferences: Preferences,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._worker = worker
        self._tasks = tasks
        self._bars = bars
        self._keeper = keeper
        self._store = store
        self._preferences = preferences
        self._window = window
        self._said: dict[str, MessageBar] = {}
        self._asking = ""  # the folder whose files are being asked for
        self._once_more = ""  # and the one to be asked for next
        self.folders = WatchedFolders(self)
        self.dialog: WatchedDialog | None = None
        self.form: WatchedForm | None = None
        self.question: QMessageBox | None = None
        worker.events.connect(self._take)

    # --- the window -----------------------------------------------------------------------------------------

    def show(self) -> None:
        """Show the watched folders."""
        dialog = self.dialog or self._make()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        self._tasks.start(self._learn())

    def close(self) -> None:
        """Put it away."""
        if self.dialog is not None:
            self.dialog.close()

    def _make(self) -> WatchedDialog:
        from desktop_ocr.gui.watched_dialog import WatchedDialog

        self.dialog = dialog = WatchedDialog(self.folders, self._window)
        dialog.add_wanted.connect(lambda: self._tasks.start(self._show_form(None)))
        dialog.edit_wanted.connect(lambda view: self._tasks.start(self._show_form(view.folder)))
        dialog.again_wanted.connect(lambda: self._tasks.start(self._learn()))
        dialog.remove_wanted.connect(self._ask_to_remove)
        dialog.show_wanted.connect(lambda view: self._show_in_system(Path(view.folder.path)))
        dialog.switched.connect(lambda folder, on: self._tasks.start(self._switch(folder, on)))
        dialog.looked_at.connect(lambda view: self._look(view.folder.id))
        dialog.retry_wanted.connect(lambda folder, arrivals: self._tasks.start(self._retry(folder, arrivals)))
        dialog.file_wanted.connect(lambda arrival: self._show_in_system(Path(arrival.path).parent))
        dialog.document_wanted.connect(lambda arrival: self._tasks.start(self._show_document(arrival)))
        return dialog

    async def _learn(self) -> None:
        try:
            self.folders.learn(await self._worker.ask(lambda session: session.watched()))
        except DesktopOcrError as error:
            if self.dialog is not None and error.code is not ErrorCode.CANCELLED:
                self.dialog.show_failure(error.info)

    @property
    def _open(self) -> bool:
        return self.dialog is not None and self.dialog.isVisible()

    def _tell(self) -> MessageBars:
        """Where the user looks."""
        return self.dialog.bars if self.dialog is not None and self._open else self._bars

    async def _ask(self, question: Callable[[SessionApi], Awaitable[T]]) -> T | None:
        """Ask the session; what goes wrong is told where the user looks."""
        try:
            return await self._worker.ask(question)
        except DesktopOcrError as error:
            if error.code is not ErrorCode.CANCELLED:
                self._tell().show_error(error.info)
            return None

    def _show_in_system(self, folder: Path) -> None:
        from desktop_ocr.gui.folders import show_folder

        show_folder(folder, self._tell())

    # --- news -----------------------------------------------------------------------------------------------

    def _take(self, batch: Sequence[Event]) -> None:
        for event in batch:
            if isinstance(event, WatchedChanged):
                self._changed(event.view)

    def _changed(self, view: WatchedView) -> None:
        before = self.folders.take(view)
        folder = view.folder
        said = self._said.get(folder.id)
        if view.error is None or not folder.enabled:
            if said is not None:
                del self._said[folder.id]
                said.leave()  # it is not so any more
        elif before is None or before.error != view.error:
            if said is not None:
                said.leave()
            name = shortened(short_path(folder.path))
            words = tr("The folder “{name}” cannot be watched.").format(name=name)
            show = [Offer(tr("&Show watched folders"), lambda: self._show_one(folder.id))]
            self._said[folder.id] = self._bars.say(f"{words} {view.error}", Tone.WARNING, show)

    def _show_one(self, folder: str) -> None:
        self.show()
        if self.dialog is not None:
            self.dialog.list.choose(folder)

    # --- adding and changing --------------------------------------------------------------------------------

    async def _show_form(self, folder: WatchedFolder | None) -> None:
        if self.form is not None:
            return
        formats = await self._ask(lambda session: session.export_formats())
        from desktop_ocr.gui.watched_form import WatchedForm

        if formats is None or self.form is not None:
            return
        self.form = form = WatchedForm(
            folder,
            self._preferences.open_folder,
            self.dialog if self.dialog is not None and self._open else self._window,
            formats=formats,
            options=self._keeper.settings.options,
            ask_options=self._ask_options,
        )
        form.wished.connect(lambda wanted: self._tasks.start(self._watch(form, wanted)))
        form.finished.connect(lambda _result: setattr(self, "form", None))
        form.open()

    async def _watch(self, form: WatchedForm, folder: WatchedFolder) -> None:
        try:
            stored = await self._worker.ask(lambda session: session.watch(folder))
        except DesktopOcrError as error:
            if self.form is form:
                form.show_problem(str(error))
            return
        await self._learn()  # before the form goes: what is changed again at once is what was stored
        if self.form is form:
            form.accept()
        if self.dialog is not None:
            self.dialog.list.choose(stored.id)

    def _ask_options(self, over: QWidget, options: JobOptions, take: Callable[[JobOptions], None]) -> None:
        from desktop_ocr.gui.recognition_form import RecognitionForm
        from desktop_ocr.gui.watched_more import OptionsDialog

        self._store.learn()
        form = RecognitionForm(self._store)
        form.show_options(options)
        form.models_wanted.connect(self.models_wanted)
        dialog = OptionsDialog(form, lambda: form.options, over)
        dialog.wished.connect(take)
        dialog.open()

    async def _switch(self, folder: str, on: bool) -> None:
        view = self.folders.get(folder)
        if view is None:
            return
        wanted = msgspec.structs.replace(view.folder, enabled=on)
        if await self._ask(lambda session: session.watch(wanted)) is None and self.dialog is not None:
            self.dialog.list.reset_switch(folder)
        await self._learn()

    def _ask_to_remove(self, view: WatchedView) -> None:
        if self.question is not None:
            return
        box = QMessageBox(self.dialog or self._window)
        box.setWindowTitle(tr("Watch no more?"))
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(tr("Watch “{folder}” no more?").format(folder=shortened(short_path(view.folder.path))))
        box.setInformativeText(
            tr("Your files, and what was made of them, stay. Documents that came from there stay in the list.")
        )
        remove = box.addButton(tr("&Watch no more"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(tr("&Keep"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        box.setWindowModality(Qt.WindowModality.WindowModal)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        remove.clicked.connect(lambda: self._tasks.start(self._remove(view.folder.id)))
        box.finished.connect(lambda _result: setattr(self, "question", None))
        self.question = box
        box.open()

    async def _remove(self, folder: str) -> None:
        async def gone(session: SessionApi) -> bool:
            await session.unwatch(folder)
            return True

        if await self._ask(gone):
            if folder in self._said:
                self._said.pop(folder).leave()
            self.folders.drop(folder)

    # --- files ----------------------------------------------------------------------------------------------

    def _look(self, folder: str) -> None:
        """Learn of a folder's files; one question at a time, however often it changes."""
        if not self._open:
            return  # nobody looks: it is asked for when the window is shown again
        if self._asking:
            self._once_more = folder
        else:
            self._asking = folder
            self._tasks.start(self._learn_arrivals())

    async def _learn_arrivals(self) -> None:
        while self._asking:
            folder = self._asking
            try:
                found = await self._ask(lambda session, one=folder: session.arrivals(one))  # type: ignore[misc]
            except BaseException:
                self._asking = self._once_more = ""
                raise
            self._asking, self._once_more = self._once_more, ""
            view = self.dialog.list.view() if self.dialog is not None else None
            if found is not None and self.dialog is not None and view is not None and view.folder.id == folder:
                self.dialog.show_arrivals(found)

    async def _retry(self, folder: str, arrivals: Sequence[Arrival]) -> None:
        paths = [Path(arrival.path) for arrival in arrivals]
        count = await self._ask(lambda session: session.retry_arrivals(folder, paths))
        if count is not None:
            words = tr("1 file is tried again.") if count == 1 else tr("%n files are tried again.", count)
            self._tell().say(words, Tone.INFO, fading=True)
            self._look(folder)

    async def _show_document(self, arrival: Arrival) -> None:
        async def listed(session: SessionApi) -> bool:
            if arrival.job not in {view.job for view in session.views()}:
                await session.list_again(arrival.job)
            return True

        if await self._ask(listed):
            self.document_wanted.emit(arrival.job)
            self._window.raise_()
            self._window.activateWindow()
