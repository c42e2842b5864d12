"""What the window does with models on the disk: the page of them, asking before a download, and the news."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop_ocr.core.api import SessionApi
from desktop_ocr.gui.dialogs import folder_dialog
from desktop_ocr.gui.message_bar import MessageBars, Offer, Tone
from desktop_ocr.gui.model_details import can_cancel, can_remove, can_verify
from desktop_ocr.gui.stored_models import UNDER_WAY, StoredModels
from desktop_ocr.gui.stored_words import models_words, size_words
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import tr
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.model_store import InstallPlan, StoredModel, StoreState

if TYPE_CHECKING:
    from desktop_ocr.gui.install_dialog import InstallDialog
    from desktop_ocr.gui.models_dialog import ModelsDialog

T = TypeVar("T")


class ModelsSide(QObject):
    """Made with the window; the page is made when it is first wanted."""

    def __init__(
        self,
        worker: Worker,
        tasks: Tasks,
        bars: MessageBars,
        models: StoredModels,
        folder: Callable[[], str],
        window: QWidget,
    ) -> None:
        """`folder` tells where the user looks for folders first."""
        super().__init__(window)
        self._worker = worker
        self._tasks = tasks
        self._bars = bars
        self.known = self._models = models
        self._folder = folder
        self._window = window
        self.dialog: ModelsDialog | None = None
        self.consent: InstallDialog | None = None
        self.question: QMessageBox | None = None

    # --- the page -------------------------------------------------------------------------------------------

    def show(self, what: object = None) -> None:
        """Show the page; with a `Feature`, a `ModelRole` or a model's name, at that."""
        dialog = self.dialog or self._make()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        if not self._models.known:
            dialog.show_loading()
        self._models.learn()
        self._tasks.start(self._learn_room())
        if what is not None:
            dialog.seek(what)

    def _make(self) -> ModelsDialog:
        from desktop_ocr.gui.models_dialog import ModelsDialog

        self.dialog = dialog = ModelsDialog(self._models, self._window)
        dialog.install_wanted.connect(self.ask_to_install)
        dialog.cancel_wanted.connect(self._cancel)
        dialog.verify_wanted.connect(self._verify)
        dialog.remove_wanted.connect(self._ask_to_remove)
        dialog.import_wanted.connect(self._choose_import)
        dialog.again_wanted.connect(self._models.learn)
        return dialog

    async def _learn_room(self) -> None:
        plan = await self._ask(lambda session: session.plan_install(()))
        if plan is not None and self.dialog is not None:
            self.dialog.show_plan(plan)

    def close(self) -> None:
        """Put the page away."""
        if self.dialog is not None:
            self.dialog.close()

    # --- news -----------------------------------------------------------------------------------------------

    def take(self, model: StoredModel) -> None:
        """A model has changed."""
        before = self._models.take(model)
        if before is None or before.state not in UNDER_WAY or model.state in UNDER_WAY:
            return
        if model.state is StoreState.INSTALLED:
            self._said().say(tr("“{model}” is installed.").format(model=model.title), Tone.GOOD, fading=True)
            self._tasks.start(self._learn_room())
        elif model.error is not None:
            words = tr("“{model}” was not installed.").format(model=model.title)
            show = [] if self._open else [Offer(tr("&Show models"), self.show)]
            self._said().say(f"{words} {model.error}", Tone.DANGER, show)

    @property
    def _open(self) -> bool:
        return self.dialog is not None and self.dialog.isVisible()

    def _said(self) -> MessageBars:
        """Where the user looks."""
        return self.dialog.bars if self.dialog is not None and self.dialog.isVisible() else self._bars

    async def _ask(self, question: Callable[[SessionApi], Awaitable[T]]) -> T | None:
        """Ask the session; what goes wrong is told where the user looks."""
        try:
            return await self._worker.ask(question)
        except DesktopOcrError as error:
            if error.code is not ErrorCode.CANCELLED:
                self._said().show_error(error.info)
            return None

    # --- what is done ---------------------------------------------------------------------------------------

    def ask_to_install(self, names: Sequence[str]) -> None:
        """Ask whether models, or all of a profile, are to be downloaded."""
        if self.consent is None:
            self._tasks.start(self._ask_to_install(tuple(names)))

    async def _ask_to_install(self, names: tuple[str, ...]) -> None:
        plan = await self._ask(lambda session: session.plan_install(names))
        if plan is None or self.consent is not None:
            return
        if not plan.models:
            self._said().say(tr("All of it is installed already."), Tone.GOOD, fading=True)
            return
        self._show_consent(plan)

    def _show_consent(self, plan: InstallPlan) -> None:
        from desktop_ocr.gui.install_dialog import InstallDialog

        over = self.dialog if self.dialog is not None and self._open else self._window
        self.consent = consent = InstallDialog(plan, over)
        consent.agreed.connect(lambda names: self._tasks.start(self._install(names)))
        consent.finished.connect(lambda _result: setattr(self, "consent", None))
        consent.open()

    async def _install(self, names: Sequence[str]) -> None:
        await self._ask(lambda session: session.install_models(names))

    def _cancel(self, models: Sequence[StoredModel]) -> None:
        for model in filter(can_cancel, models):
            self._tasks.start(self._one(model, lambda session, name: session.cancel_install(name)))

    async def _one(self, model: StoredModel, act: Callable[[SessionApi, str], Awaitable[None]]) -> None:
        await self._ask(lambda session: act(session, model.id))

    def _verify(self, models: Sequence[StoredModel]) -> None:
        chosen = [model for model in models if can_verify(model)]
        self._mark_verifying(chosen, True)
        self._tasks.start(self._verify_all(chosen))

    def _mark_verifying(self, models: Sequence[StoredModel], on: bool) -> None:
        if self.dialog is not None:
            for model in models:
                self.dialog.set_verifying(model.id, on)

    async def _verify_all(self, models: Sequence[StoredModel]) -> None:
        sound = []
        for model in models:
            try:
                await self._worker.ask(lambda session, name=model.id: session.verify_model(name))  # type: ignore[misc]
            except DesktopOcrError as error:
                if error.code is ErrorCode.CANCELLED:
                    return
                self._said().say(f"“{model.title}”: {error.info}", Tone.DANGER)
            else:
                sound.append(model)
            finally:
                self._mark_verifying([model], False)
        if len(sound) == 1:
            words = tr("“{model}” is complete and unchanged.").format(model=sound[0].title)
        else:
            words = tr("{models} are complete and unchanged.").format(models=models_words(len(sound)))
        if sound:
            self._said().say(words, Tone.GOOD, fading=True)

    def _ask_to_remove(self, models: Sequence[StoredModel]) -> None:
        chosen = [model for model in models if can_remove(model)]
        if not chosen or self.question is not None:
            return
        box = QMessageBox(self.dialog or self._window)
        box.setWindowTitle(tr("Remove models?"))
        box.setIcon(QMessageBox.Icon.Question)
        name = f"“{chosen[0].title}”" if len(chosen) == 1 else models_words(len(chosen))
        box.setText(tr("Remove {models} from this computer?").format(models=name))
        freed = size_words(sum(model.done for model in chosen))
        box.setInformativeText(
            tr("{size} become free. Pages are read without, until it is installed again.").format(size=freed)
        )
        remove = box.addButton(tr("&Remove"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(tr("&Keep"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        box.setWindowModality(Qt.WindowModality.WindowModal)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.buttonClicked.connect(lambda button: self._remove(chosen) if button is remove else None)
        box.finished.connect(lambda _result: setattr(self, "question", None))
        self.question = box
        box.open()

    def _remove(self, models: Sequence[StoredModel]) -> None:
        for model in models:
            self._tasks.start(self._one(model, lambda session, name: session.remove_model(name)))

    def _choose_import(self) -> None:
        dialog = folder_dialog(self.dialog or self._window, self._folder(), tr("Folder with models"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.bring(Path(name)))
        dialog.open()

    def bring(self, folder: Path) -> None:
        """Take over the models of a folder."""
        self._tasks.start(self._import(folder))

    async def _import(self, folder: Path) -> None:
        names = await self._ask(lambda session: session.import_models(folder))
        if names is not None:
            taken = [model.title for name in names if (model := self._models.get(name)) is not None] or names
            words = tr("Taken over: {models}.").format(models=", ".join(taken))
            self._said().say(words, Tone.GOOD, fading=True)
            self._models.learn()
