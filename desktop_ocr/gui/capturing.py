"""Reads a region of the screen: from choosing it to its text in the clipboard."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QGuiApplication, QImage, QImageReader
from PySide6.QtWidgets import QWidget

from desktop_ocr.core.api import SessionApi
from desktop_ocr.gui.capture_overlay import CaptureOverlay
from desktop_ocr.gui.capture_shots import Shot, by_portal, take_shots
from desktop_ocr.gui.copy_all import gather
from desktop_ocr.gui.intake import save_picture
from desktop_ocr.gui.message_bar import MessageBars, Tone
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import tr
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import FINAL_STATES, JobState, JobView

HIDE_SECONDS = 0.25  # for the window system to draw what was behind the window
LOOK_SECONDS = 0.1


class Capturing(QObject):
    """One capture at a time.

    Signals:
        captured: a sentence on how it went, for a notification, and the job's number (0 for none).
        read: a capture is through, and what the user looks at comes first again.
        began: a region is about to be chosen; what else would show itself waits.
        over: that is over; whether the user gave up.
    """

    captured = Signal(str, int)
    read = Signal()
    began = Signal()
    over = Signal(bool)

    def __init__(self, worker: Worker, tasks: Tasks, bars: MessageBars, folder: Path, window: QWidget) -> None:
        """`folder` gets the pictures."""
        super().__init__(window)
        self._worker = worker
        self._tasks = tasks
        self._bars = bars
        self._folder = folder
        self._window = window
        self._busy = False
        self.overlays: list[CaptureOverlay] = []
        self._choice: asyncio.Future[QImage | None] | None = None

    @property
    def choosing(self) -> bool:
        """Whether a region is being chosen."""
        return bool(self.overlays)

    def start(self) -> None:
        """Let the user choose a region; while one is chosen, that one goes on."""
        if not self._busy:
            self._busy = True
            self.began.emit()
            self._tasks.start(self._capture())

    async def _capture(self) -> None:
        gave_up = False
        try:
            picture = await self._chosen()
            gave_up = picture is None
        finally:
            self._busy = False
            self.over.emit(gave_up)
        if picture is None:
            return
        path = await asyncio.to_thread(save_picture, picture, self._folder, tr("Captured"))
        added = await self._worker.ask(lambda session: session.add([path]))
        if not added.jobs:
            raise DesktopOcrError.from_info(added.refused[0].error)
        await self._read(added.jobs[0])

    # --- choosing -------------------------------------------------------------------------------------------

    async def _chosen(self) -> QImage | None:
        """The region's picture; None where the user gave up."""
        if by_portal():
            return await self._from_portal()
        away = self._window.isVisible() and not self._window.isMinimized()
        if away:
            self._window.hide()  # it may stand before what is to be read
            await asyncio.sleep(HIDE_SECONDS)
        try:
            shots = take_shots()
        finally:
            if away:
                self._window.show()
        return await self._from_overlays(shots)

    async def _from_portal(self) -> QImage | None:
        from desktop_ocr.gui.capture_portal import portal_shot

        path = await portal_shot()
        if path is None:
            return None
        try:
            image = await asyncio.to_thread(lambda: QImageReader(str(path)).read())
        finally:
            # It was made for us; the desktop keeps its screenshots among the user's pictures.
            await asyncio.to_thread(path.unlink, missing_ok=True)
        if image.isNull():
            raise DesktopOcrError(ErrorCode.DAMAGED, tr("The picture of the screen cannot be read."))
        return image

    async def _from_overlays(self, shots: list[Shot]) -> QImage | None:
        self._choice = asyncio.get_running_loop().create_future()
        try:
            for shot in shots:
                overlay = CaptureOverlay(shot)
                overlay.chosen.connect(lambda area, shot=shot: self._take(shot, area))
                overlay.given_up.connect(lambda: self._settle(None))
                self.overlays.append(overlay)
                overlay.showFullScreen()
            self.overlays[0].activateWindow()
            self.overlays[0].setFocus()
            return await self._choice
        finally:
            self._choice = None
            closing, self.overlays = self.overlays, []
            for overlay in closing:
                overlay.hide()
                overlay.deleteLater()

    def _take(self, shot: Shot, area: QRect) -> None:
        self._settle(shot.part(area).toImage())

    def _settle(self, picture: QImage | None) -> None:
        if self._choice is not None and not self._choice.done():
            self._choice.set_result(picture)

    # --- reading --------------------------------------------------------------------------------------------

    async def _read(self, job: int) -> None:
        try:
            # Somebody waits for it: before the pages of a long document that is in work.
            await self._worker.ask(lambda session: session.look_at(job, 0))
            view = await self._ended(job)
        finally:
            self.read.emit()
        if view is None or view.state is JobState.CANCELLED:
            return
        if view.error is not None or view.pages_failed:
            self._say(tr("The text on the screen could not be read."), job, Tone.WARNING)
            return

        async def text_of(session: SessionApi) -> str:
            return (await gather(session, job, as_markdown=False)).text

        text = (await self._worker.ask(text_of)).strip()
        if not text:
            self._say(tr("No text was found in that region of the screen."), job, Tone.WARNING)
            return
        QGuiApplication.clipboard().setText(text)
        self._say(tr("The text of the screen is in the clipboard."), job, Tone.GOOD)

    async def _ended(self, job: int) -> JobView | None:
        """The document when nothing more comes of it; None where it was removed.

        It is asked of the core: the list may not be there, in a program without its window.
        """
        while True:
            views = await self._worker.ask(_views)
            view = next((view for view in views if view.job == job), None)
            if view is None or view.state in FINAL_STATES:
                return view
            await asyncio.sleep(LOOK_SECONDS)

    def _say(self, text: str, job: int, tone: Tone) -> None:
        self._bars.say(text, tone, fading=True)
        self.captured.emit(text, job)


async def _views(session: SessionApi) -> list[JobView]:
    return session.views()
