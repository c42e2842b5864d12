"""Scenes of features, models and structured pages for `screenshots.py`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from desktop_ocr.gui.install_dialog import InstallDialog
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.models_dialog import ModelsDialog
from desktop_ocr.gui.page_html import page_html
from desktop_ocr.gui.table_window import TableWindow
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.features import Feature, FeatureMode, Profile
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.model_store import InstallPlan, StoreState
from tests.gui.fake_models import FOLDER, HOST, catalog
from tests.gui.fake_pages import figures
from tests.gui.fake_session import FakeSession
from tests.gui.memory_scenes import StudioLike, on_core, until

FORMULAS = "PP-FormulaNet_plus-S"


async def core(worker: Worker) -> FakeSession:
    """The session itself."""

    async def itself(session: object) -> FakeSession:
        assert isinstance(session, FakeSession)
        return session

    return await worker.ask(itself)


async def features(studio: StudioLike) -> None:
    """The panel for new documents, and the dialog for those in the list."""
    window, worker = await studio.open(pace=0.01)
    window.commands.add([Path("/home/u") / name for name in ("Harbour report-12p.pdf", "Letters-3p.tiff")])
    await until(lambda: len(window.model.views()) == 2)
    await until(lambda: all(view.state is JobState.DONE for view in window.model.views()))
    await until(window.jobs.other_options.isEnabled)
    window.jobs.recognition.trigger()
    await until(lambda: window.store.known and window.recognition.panel is not None)
    panel = window.recognition.panel
    assert panel is not None
    await studio.shot(panel, "features")
    session = await core(worker)
    await on_core(worker, lambda: session.models.put(FORMULAS, state=StoreState.DOWNLOADING, done=99_000_000))
    panel.form.modes[Feature.FORMULAS][FeatureMode.AUTO].click()
    panel.form.modes[Feature.FORMULAS][FeatureMode.AUTO].setFocus()
    await studio.shot(panel, "features-custom")
    panel.hide()
    window.workspace.queue.list.selectAll()
    window.jobs.other_options.trigger()
    await until(lambda: window.recognition.dialog is not None)
    dialog = window.recognition.dialog
    assert dialog is not None
    dialog.form.profiles[Profile.FULL].click()
    await studio.shot(dialog, "other-options")
    dialog.reject()
    await studio.close(window, worker)


async def opened_page(window: MainWindow) -> ModelsDialog:
    """The page of models."""
    window.jobs.models.trigger()
    dialog = window.models.dialog
    assert dialog is not None
    await until(lambda: dialog.list.shown)
    return dialog


async def models(studio: StudioLike) -> None:
    """The page of models: at rest, at work, asking, with errors, and when nothing is found."""
    window, worker = await studio.open()
    session = await core(worker)
    session.models.pace = 0.25
    dialog = await opened_page(window)
    await studio.shot(dialog, "models")
    dialog.full.click()
    await until(lambda: window.models.consent is not None)
    assert window.models.consent is not None
    await studio.shot(window.models.consent, "models-consent")
    window.models.consent.go.click()
    await asyncio.sleep(2.4)
    session.models.hold_at = 0.1  # from here on it stands still
    dialog.list.choose([FORMULAS])
    await studio.shot(dialog, "models-busy")
    lost = ErrorInfo(
        ErrorCode.DOWNLOAD_FAILED,
        "The connection to huggingface.co was lost.",
        "Try again: the download goes on where it stopped.",
    )
    await on_core(worker, lambda: session.models.put("UVDoc", state=StoreState.BROKEN_OFF, error=lost, reason=""))
    await until(lambda: bool(dialog.bars.texts()))
    dialog.list.choose(["UVDoc"])
    await studio.shot(dialog, "models-error")
    dialog.filter.setText("unicorns")
    await studio.shot(dialog, "models-not-found")
    dialog.filter.clear()
    size = session.models.models[FORMULAS].size
    await on_core(worker, lambda: session.models.put(FORMULAS, state=StoreState.INSTALLED, done=size))
    dialog.list.choose([FORMULAS])
    await until(lambda: dialog.details.remove.isEnabled() and dialog.details.remove.isVisible())
    dialog.details.remove.click()
    await until(lambda: window.models.question is not None)
    assert window.models.question is not None
    await studio.shot(window.models.question, "models-remove")
    window.models.question.reject()
    dialog.list.choose(["SLANet_plus", FORMULAS, "PP-Chart2Table"])
    dialog.resize(dialog.minimumSize())
    await studio.shot(dialog, "models-small")
    plan = InstallPlan(tuple(catalog()[6:-1]), HOST, FOLDER, 1_000_000_000, left_out=(catalog()[-1],))
    consent = InstallDialog(plan, dialog)
    consent.open()
    await studio.shot(consent, "models-no-room")
    consent.close()
    await studio.close(window, worker)


async def models_unknown(studio: StudioLike) -> None:
    """The page of models when they cannot be told."""
    window, worker = await studio.open()
    session = await core(worker)
    session.models.error = ErrorInfo(
        ErrorCode.NO_PERMISSION, "The folder of the models cannot be read.", "Look at its permissions."
    )
    window.jobs.models.trigger()
    dialog = window.models.dialog
    assert dialog is not None
    await studio.shot(dialog, "models-unknown")
    await studio.close(window, worker)


async def pages(studio: StudioLike) -> None:
    """Pages with tables and formulas, with more to come, with something left out."""
    window, worker = await studio.open(later=None)
    names = ("Berths figures-3p.pdf", "Tides maths-12p.pdf", "Thesis lacking-4p.pdf", "数学 maths-2p.pdf")
    window.commands.add([Path("/home/u") / name for name in names])
    await until(lambda: len(window.model.views()) == len(names))
    await until(lambda: window.model.views()[1].pages_partial == 12)
    await until(lambda: window.model.views()[2].state is JobState.DONE)
    pane = window.workspace.document.pane
    for job, name in ((1, "page-table"), (2, "page-partial"), (3, "page-left-out")):
        window.workspace.queue.choose(job)
        await asyncio.sleep(0.3)
        pane.go_to(0)
        await studio.shot(window, name)
    table = page_html(figures(0, 480)).tables[0]
    shown = TableWindow(table, window)
    shown.open()
    await studio.shot(shown, "table")
    shown.close()
    window.workspace.queue.choose(1)
    loaded = None

    def there() -> bool:
        nonlocal loaded
        loaded = pane.result._loaded
        return loaded is not None and "Berths" in loaded.plain

    await until(there)
    assert loaded is not None
    pane.result._loaded = type(loaded)(loaded.version, page_html(figures(0, 480)), loaded.plain, loaded.marks)
    pane.result._render()
    bar = pane.result.text.verticalScrollBar()
    bar.setValue(bar.maximum())
    await studio.shot(window, "page-table-cut")
    await studio.close(window, worker)


SCENES = (features, models, models_unknown, pages)
