"""Draws the window in its states into PNG files, for looking at it:

    python -m tests.gui.screenshots FOLDER [light|dark] [SCENE...]

With the names of scenes (functions here and in `*_scenes.py`) only those. With QT_SCALE_FACTOR=2 the pictures are
those of a high-density screen. Uses the fake session.

    python -m tests.gui.screenshots --readme docs/images/window.png

draws the README's picture: the real core reads documents of tests/real/documents, and the window is drawn on the way.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QApplication, QWidget
from qasync import QEventLoop

from desktop_ocr.core.paths import AppPaths
from desktop_ocr.gui import icons
from desktop_ocr.gui.about import show_about, show_shortcuts
from desktop_ocr.gui.closing import ask_to_quit
from desktop_ocr.gui.configuration import Configuration
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.running import core_session
from desktop_ocr.gui.theme import Appearance, Theme
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.settings import Settings
from tests.gui.background_scenes import SCENES as BACKGROUND_SCENES
from tests.gui.export_scenes import SCENES as EXPORT_SCENES
from tests.gui.fake_memory import GPU
from tests.gui.fake_session import FakeSession
from tests.gui.library_scenes import SCENES as LIBRARY_SCENES
from tests.gui.memory_scenes import SCENES as MEMORY_SCENES
from tests.gui.page_scenes import SCENES as PAGE_SCENES
from tests.gui.second_scenes import SCENES as SECOND_SCENES
from tests.gui.structure_scenes import SCENES as STRUCTURE_SCENES
from tests.gui.text_scenes import SCENES as TEXT_SCENES
from tests.gui.watched_scenes import SCENES as WATCHED_SCENES

WORK = ["Harbour report 1987-48p.pdf", "Letters-3p.tiff", "locked tax notice.pdf", "broken scan.pdf", "Bill bad-4p.pdf"]

REAL = Path(__file__).parents[1] / "real" / "documents"
READ = ["letter.jpg", "languages.jpg", "born_digital.pdf", "minutes_g4.tif", "report_three_pages.pdf", "receipt.jpg"]
READ_PAGES = 6  # of them, two of the minutes
READ_SHOWN = 3


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a state, ten seconds at most."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)


class Studio:
    """Takes the pictures."""

    def __init__(self, folder: Path, theme: Theme) -> None:
        self.folder = folder
        self.theme = theme
        self.name = theme.appearance.value

    async def open(self, **how: object) -> tuple[MainWindow, Worker]:
        """A window on a fresh fake session."""
        home = Path(tempfile.mkdtemp())
        paths = AppPaths(home / "data", home / "cache", home / "config", home / "run")
        worker = Worker(lambda emit: FakeSession(emit, **how))  # type: ignore[arg-type]
        window = MainWindow(worker, paths, Preferences(paths.config), self.theme)
        window.show()
        window.furnish()
        worker.start()
        return window, worker

    async def close(self, window: MainWindow, worker: Worker) -> None:
        """Put it away."""
        await window.finish()
        await worker.finish()
        window.deleteLater()

    async def shot(self, widget: QWidget, name: str) -> None:
        """Take a picture, when everything has settled."""
        await asyncio.sleep(0.4)
        widget.grab().save(str(self.folder / f"{self.name}-{name}.png"))

    async def empty(self) -> None:
        """Nothing there, and something dragged over it."""
        window, worker = await self.open()
        await self.shot(window, "empty")
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile("/tmp/a.pdf")])
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        window.dragEnterEvent(QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, mime, left, none))
        await self.shot(window, "dragging")
        await self.close(window, worker)

    async def working(self) -> None:
        """Documents in all states."""
        window, worker = await self.open(stop_at=12, pace=0.01, gpus=[GPU])
        window.commands.add([Path("/home/u") / name for name in WORK])
        await until(lambda: sum(view.pages_done for view in window.model.views()) >= 18)
        await until(lambda: window.workspace.document.pane.result.stack.currentIndex() == 1)
        window.workspace.queue.list.setFocus()
        await self.shot(window, "working")
        window.views.marks.setChecked(True)
        window.views.fit_page.trigger()
        window.workspace.document.pane.step(1)
        await self.shot(window, "marks")
        for name, job in (("password", 3), ("failed", 4)):
            window.workspace.queue.choose(job)
            if name == "password":
                window.workspace.document.password.field.setText("wrong")
                window.workspace.document.password.open.click()
                await asyncio.sleep(0.2)
            await self.shot(window, name)
        window.workspace.queue.choose(5)
        await asyncio.sleep(0.2)
        walk = window.workspace.document.pane.walk
        walk.go_to_next(walk.pages.next_failed(walk.page))
        await self.shot(window, "failed-page")
        window.workspace.removal.remove([2])
        window.commands.add([Path("/home/u/setup.exe")])
        await asyncio.sleep(0.2)
        window.resize(720, 560)
        await self.shot(window, "narrow")
        window.resize(1180, 760)
        box = ask_to_quit(window, 2, False, lambda: None)
        await self.shot(box, "closing")
        box.close()
        await self.close(window, worker)

    async def done(self) -> None:
        """Everything finished, and exported."""
        window, worker = await self.open()
        window.commands.add([Path("/home/u/港务局年度报告-3p.pdf"), *[Path("/home/u") / name for name in WORK[1:2]]])
        await until(lambda: len(window.model.views()) == 2)
        await until(lambda: all(view.state is JobState.DONE for view in window.model.views()))
        dialog = window.workspace.exporting.ask([1])
        await self.shot(dialog, "export-dialog")
        dialog.formats["pdf"].setChecked(True)
        dialog.go.click()
        await self.shot(window, "done")
        window.commands.add([Path("/home/u/slow-2p.pdf")])  # its export, on the fake session, takes an hour
        await until(lambda: len(window.model.views()) == 3 and window.model.views()[2].state is JobState.DONE)
        window.workspace.exporting.ask([3]).go.click()
        await self.shot(window, "exporting")
        await self.close(window, worker)

    async def resumed(self) -> None:
        """Documents of a former run; menus and dialogs."""
        window, worker = await self.open(unfinished=["Old files-40p.pdf", "Minutes-7p.pdf"])
        await until(lambda: bool(window.bars.texts()))
        await self.shot(window, "resumed")
        keys = show_shortcuts(window, [*window.jobs.all_actions(), *window.views.all_actions()])
        await self.shot(keys, "shortcuts")
        keys.close()
        about = show_about(window)
        await self.shot(about, "about")
        about.close()
        menu = window.menuBar().actions()[3].menu()
        menu.popup(QPoint(0, 0))
        await self.shot(menu, "menu")
        menu.close()
        await self.close(window, worker)


async def draw_readme(file: Path, theme: Theme) -> None:
    """A window at work on real documents, looking at a page that is read already."""
    home = Path(tempfile.mkdtemp())
    paths = AppPaths(home / "data", home / "cache", home / "config", home / "run")
    worker = Worker(core_session(paths, Configuration(paths.config, Settings())))
    window = MainWindow(worker, paths, Preferences(paths.config), theme)
    window.resize(1280, 800)
    window.show()
    window.furnish()
    worker.start()
    window.commands.add([REAL / name for name in READ])
    async with asyncio.timeout(300):
        while sum(view.pages_done for view in window.model.views()) < READ_PAGES:
            await asyncio.sleep(0.02)
    window.views.marks.setChecked(True)
    window.workspace.queue.choose(window.model.views()[READ_SHOWN].job)
    pane = window.workspace.document.pane
    await until(lambda: pane.result.stack.currentWidget() is pane.result.text and pane.picture.has_picture)
    window.workspace.queue.list.setFocus()
    await asyncio.sleep(1.0)
    window.grab().save(str(file))
    await window.finish()
    await worker.finish()
    shutil.rmtree(home)


async def take_all(folder: Path, theme: Theme, wanted: list[str]) -> None:
    """All pictures, or those of some scenes."""
    studio = Studio(folder, theme)
    for scene in (studio.empty, studio.working, studio.done, studio.resumed):
        if not wanted or scene.__name__ in wanted:
            await scene()
    others = (*MEMORY_SCENES, *PAGE_SCENES, *STRUCTURE_SCENES, *EXPORT_SCENES, *SECOND_SCENES, *TEXT_SCENES)
    for other in (*others, *WATCHED_SCENES, *LIBRARY_SCENES, *BACKGROUND_SCENES):
        if not wanted or other.__name__ in wanted:
            await other(studio)


def main() -> int:
    """Run."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    readme = sys.argv[1] == "--readme"
    words = sys.argv[2:] if readme else sys.argv[1:]
    target = Path(words[0])
    (target.parent if readme else target).mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    theme = Theme(app, Appearance(words[1] if len(words) > 1 else "light"))
    loop = QEventLoop(app)
    asyncio.set_event_loop(loop)
    loop.run_until_complete(draw_readme(target, theme) if readme else take_all(target, theme, words[2:]))
    loop.close()
    icons.forget()
    return 0


if __name__ == "__main__":
    sys.exit(main())
