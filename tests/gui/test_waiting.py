"""Work that waits because the settings say so, in the real window on the real core."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QPushButton

from desktop_ocr.gui.configuration import Configuration
from desktop_ocr.gui.running import core_session
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.settings import Settings
from tests.gui.conftest import Desk, until

pytestmark = [pytest.mark.process]


def test_pages_wait_for_room_on_the_disk_until_the_user_insists(desk: Desk, documents: Path) -> None:
    async def story() -> None:
        settings = Settings(least_free_gb=10_000)
        window = await desk.open(core_session(desk.paths, Configuration(desk.paths.config, settings)))
        await until(lambda: any("Pages wait. Only " in text for text in window.bars.texts()), what="a reason")
        window.commands.add([documents / "born_digital.pdf"])
        await until(lambda: [view.state for view in window.model.views()] == [JobState.RUNNING], 30)
        await asyncio.sleep(0.3)
        assert window.model.views()[0].pages_done == 0
        (bar,) = window.bars.bars()
        (button,) = [one for one in bar.findChildren(QPushButton) if "Work" in one.text()]
        button.click()
        await until(lambda: [view.state for view in window.model.views()] == [JobState.DONE], 60)
        assert not any("Pages wait" in text for text in window.bars.texts())
        # What the settings say changes while it is held: nothing keeps the work any more.
        anew = msgspec.structs.replace(settings, least_free_gb=0)
        await window._worker.ask(lambda session: session.change_settings(anew))
        assert not any("Pages wait" in text for text in window.bars.texts())

    desk.run(story())
