"""Scenes of another reading, and of questions about corrections, for `screenshots.py`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtWidgets import QMessageBox

from desktop_ocr.gui.asking import ask_about_options, ask_about_pages
from desktop_ocr.schema.edits import LineText, SetTexts
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from tests.gui.memory_scenes import StudioLike, until


async def rereading(studio: StudioLike) -> None:
    """Settings for another reading, waiting for it, an error, and both readings side by side."""
    window, worker = await studio.open()
    window.commands.add([Path("/home/u") / name for name in ("Harbour report figures-3p.pdf", "sleepy.pdf")])
    review = window.workspace.document.pane.review
    await until(lambda: review.version is not None)
    await review.make(SetTexts((LineText(1, "The outer wall is counted apart; my own hand wrote this."),)))
    window.rereading.ask()
    await until(lambda: window.rereading.dialog is not None and window.store.known)
    rerun = window.rereading.dialog
    assert rerun is not None
    await studio.shot(rerun, "rerun")
    wrong = ErrorInfo(
        ErrorCode.MODEL_MISSING,
        "The model 'arabic_PP-OCRv5_mobile_rec' is not installed.",
        "Get it first.",
    )
    rerun.show_error(wrong)
    await studio.shot(rerun, "rerun-wrong")
    rerun.model.set_value("medium")
    rerun.go.click()
    await until(lambda: window.rereading.compared is not None and window.rereading.compared.take.isEnabled())
    compared = window.rereading.compared
    assert compared is not None
    await studio.shot(compared, "compared")
    compared.view.only.click()
    await studio.shot(compared, "compared-only")
    compared.others.click()
    await until(lambda: window.rereading.dialog is not None)
    assert window.rereading.dialog is not None
    window.rereading.dialog.reject()
    window.workspace.queue.choose(2)
    await until(lambda: review.job == 2 and review.version is not None)
    window.rereading.ask((100.0, 600.0, 1600.0, 860.0))
    await until(lambda: window.rereading.dialog is not None)
    waiting = window.rereading.dialog
    assert waiting is not None
    waiting.go.click()
    await asyncio.sleep(1.2)
    await studio.shot(waiting, "rerun-waiting")
    waiting.reject()
    waiting.reject()
    await studio.close(window, worker)


async def corrections(studio: StudioLike) -> None:
    """The questions."""
    window, worker = await studio.open()
    for name, box in (
        ("ask-options", ask_about_options(window, 12, lambda _keep: None)),
        ("ask-pages", ask_about_pages(window, 5, 2, lambda _too: None)),
        ("ask-page", ask_about_pages(window, 1, 1, lambda _too: None)),
    ):
        await studio.shot(box, name)
        box.close()
    window.commands.add([Path("/home/u/lost letters.pdf")])
    await until(lambda: bool(window.model.views()) and window.model.views()[0].error is not None)
    await studio.shot(window, "lost")
    await window.workspace.relocating.take(1, Path("/home/u/Some other document with quite a long name of its own.pdf"))
    box = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
    await studio.shot(box, "located-wrong")
    box.close()
    await studio.close(window, worker)


SCENES = (rereading, corrections)
