"""Scenes of the program without its window for `screenshots.py`: icons, menu, questions."""

from __future__ import annotations

import asyncio
from pathlib import Path
from unittest.mock import patch

from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QLabel

from desktop_ocr.gui import tray_watch
from desktop_ocr.gui.background import Background
from desktop_ocr.gui.tray_icon import SIZES, drawn
from desktop_ocr.gui.tray_state import STEPS, Activity, Look
from tests.gui.memory_scenes import REPORT, StudioLike, until

LOOKS = (
    Look(),
    Look(Activity.WORKING, 0),
    Look(Activity.WORKING, STEPS // 3),
    Look(Activity.WORKING, STEPS),
    Look(Activity.WORKING, STEPS // 2, asks=True),
    Look(Activity.PAUSED, STEPS // 3),
    Look(Activity.IDLE, None, asks=True),
)
GAP = 10


async def tray_icons(studio: StudioLike) -> None:
    """All states in all sizes, on a light panel and on a dark one."""
    across = len(LOOKS) * (max(SIZES) + GAP) + GAP
    down = sum(SIZES) + GAP * (len(SIZES) + 1)
    sheet = QPixmap(across, 2 * down)
    painter = QPainter(sheet)
    for number, colour in enumerate(("#f2f2f2", "#1c1c1c")):
        painter.fillRect(0, number * down, across, down, QColor(colour))
        for column, look in enumerate(LOOKS):
            y = number * down + GAP
            for size in SIZES:
                painter.drawPixmap(GAP + column * (max(SIZES) + GAP), y, drawn(look, size))
                y += size + GAP
    painter.end()
    label = QLabel()
    label.setPixmap(sheet)
    await studio.shot(label, "tray-icons")


async def tray_menu(studio: StudioLike) -> None:
    """The menu at work, and what is asked when the window is closed: with a tray, and without one."""
    with patch.object(tray_watch, "qt_has_tray", lambda: True):
        window, worker = await studio.open(stop_at=12, pace=0.01)
        background = Background(window, worker)
        background.begin()
        background.news.begin()  # the session may have been open before
        window.commands.add([Path("/home/u") / name for name in ("Letters-3p.tiff", REPORT, "Bill bad-4p.pdf")])
        await until(lambda: len(background.recent.views()) == 2)
        menu = background.menu
        for shown, name in ((menu.menu, "tray-menu"), (menu.recent, "tray-recent")):
            shown.popup(window.pos())
            await studio.shot(shown, name)
        menu.menu.close()
        window.close()
        box = background.question
        assert box is not None
        await studio.shot(box, "closing-to-tray")
        box.close()
        await background.finish()
    await studio.close(window, worker)
    with patch.object(tray_watch, "qt_has_tray", lambda: False):
        window, worker = await studio.open(stop_at=12, pace=0.01)
        background = Background(window, worker)
        background.begin(hidden=True)
        background.no_tray()
        await asyncio.sleep(0.2)
        await studio.shot(window, "no-tray")
        await background.finish()
    await studio.close(window, worker)


SCENES = (tray_icons, tray_menu)
