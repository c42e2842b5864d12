"""Scenes of watched folders for `screenshots.py`: none, several in all states, and the form."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.watched_dialog import WatchedDialog
from desktop_ocr.gui.watched_form import WatchedForm
from desktop_ocr.gui.watched_more import OptionsDialog
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.watching import ArrivalState, Original, WatchedFolder
from tests.gui.fake_session import FakeSession
from tests.gui.fake_watched import DAMAGED, LOCKED, UNPLUGGED
from tests.gui.memory_scenes import StudioLike, on_core, until

DEEP = "/srv/archive/" + "/".join(f"department of long names {number}" for number in range(9)) + "/incoming"


async def the_session(worker: Worker) -> FakeSession:
    """The fake session behind a window."""

    async def itself(session: object) -> FakeSession:
        assert isinstance(session, FakeSession)
        return session

    return await worker.ask(itself)


async def open_dialog(window: MainWindow) -> WatchedDialog:
    """The window of watched folders."""
    window.jobs.watched.trigger()
    await until(lambda: window.watched.folders.known)
    assert window.watched.dialog is not None
    return window.watched.dialog


async def fill(worker: Worker, many: int = 0) -> FakeSession:
    """Folders in all states, with files."""
    session = await the_session(worker)
    home = str(Path.home())
    for folder in (
        WatchedFolder(f"{home}/Scans", formats=("pdf", "txt"), original=Original.MOVE),
        WatchedFolder(f"{home}/Mail/Invoices", output=f"{home}/Documents/Invoices read", recursive=True),
        WatchedFolder("/mnt/office/scanner", polling=True, formats=(), original=Original.LEAVE),
        WatchedFolder("/media/stick/Photos", original=Original.DELETE),
        WatchedFolder(DEEP, enabled=False),
        *(WatchedFolder(f"/srv/in/{number:03}") for number in range(many)),
    ):
        await worker.ask(lambda core, one=folder: core.watch(one))  # type: ignore[misc]

    def come() -> None:
        fake = session.watching
        fake.stand("folder-3", polled=True)
        fake.stand("folder-4", error=UNPLUGGED)
        for number in range(3):
            fake.come("folder-1", f"{home}/Scans/in work {number}.pdf", ArrivalState.WORKING)
        for number in range(1204):
            fake.came["folder-1", f"{number}"] = fake.came["folder-1", f"{home}/Scans/in work 0.pdf"].__class__(
                "folder-1", f"{home}/Scans/{number}.pdf", ArrivalState.DONE
            )
        fake.come("folder-1", f"{home}/Scans/broken scan.pdf", ArrivalState.FAILED, error=DAMAGED, job=7)
        fake.come(
            "folder-1",
            f"{home}/Scans/a letter whose name goes on and on, as names of scanned letters do.pdf",
            ArrivalState.WAITING,
            error=LOCKED,
            attempts=3,
            next_try=4_000_000_000.0,
        )

    await on_core(worker, come)
    return session


async def watched(studio: StudioLike) -> None:
    """None, several, many."""
    window, worker = await studio.open()
    dialog = await open_dialog(window)
    await studio.shot(dialog, "watched-empty")
    await fill(worker)
    await until(lambda: len(window.watched.folders.all()) == 5)
    dialog.list.choose("folder-1")
    await until(lambda: len(dialog.arrivals.arrivals.all()) == 2)
    dialog.arrivals.selectAll()
    await studio.shot(dialog, "watched")
    dialog.list.choose("folder-4")
    await studio.shot(dialog, "watched-error")
    await studio.shot(window, "watched-window")
    dialog.list.choose("folder-5")
    dialog.resize(dialog.minimumSize())
    await studio.shot(dialog, "watched-small")
    await studio.close(window, worker)
    window, worker = await studio.open()
    await fill(worker, many=60)
    dialog = await open_dialog(window)
    await studio.shot(dialog, "watched-many")
    await studio.close(window, worker)


async def watched_form(studio: StudioLike) -> None:
    """A new folder, one that deletes, and a refusal."""
    window, worker = await studio.open()
    dialog = await open_dialog(window)
    dialog.add.click()
    await until(lambda: window.watched.form is not None)
    form = window.watched.form
    assert isinstance(form, WatchedForm)
    await studio.shot(form, "watched-form")
    form.path.setText("/srv/missing")
    form.originals[Original.DELETE].setChecked(True)
    form.go.click()
    await until(lambda: bool(form.problem.text()))
    await studio.shot(form, "watched-form-refused")
    form.more.setChecked(True)
    form.rest.own.setChecked(True)
    await studio.shot(form, "watched-form-more")
    form.area.verticalScrollBar().setValue(9999)
    form.rest.choose.click()
    await studio.shot(form, "watched-form-end")
    await studio.shot(form.rest.findChildren(OptionsDialog)[0], "watched-options")
    form.reject()
    await studio.close(window, worker)


async def help_menu(studio: StudioLike) -> None:
    """Diagnostics before they are copied; the menus that lead to these windows."""
    window, worker = await studio.open()
    window.commands.add([Path("/home/u/Letters-3p.tiff")])
    window.jobs.diagnostics.trigger()
    await until(lambda: window.diagnostics.dialog is not None)
    dialog = window.diagnostics.dialog
    assert dialog is not None
    await studio.shot(dialog, "diagnostics")
    dialog.reject()
    for name, at in (("file", 0), ("help", -1)):
        menu = window.menuBar().actions()[at].menu()
        assert isinstance(menu, QMenu)
        menu.popup(QPoint(0, 0))
        await studio.shot(menu, f"menu-{name}")
        menu.close()
    await studio.close(window, worker)


SCENES = (watched, watched_form, help_menu)
