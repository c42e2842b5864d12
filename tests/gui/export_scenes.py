"""Scenes of exports for `screenshots.py`: the dialog, and the report."""

from __future__ import annotations

import asyncio
from pathlib import Path

from desktop_ocr.gui.export_dialog import ExportOrder
from desktop_ocr.schema.events import ExportsInterrupted
from desktop_ocr.schema.exports import FORMATS, ExportWish, InterruptedExport
from desktop_ocr.schema.jobs import JobState
from tests.gui.fake_exports import EPUB
from tests.gui.memory_scenes import StudioLike, until

LONG = "Protocol of the extraordinary meeting of the harbour council about the tariff of 1987 and the outer wall-9p"


async def exports(studio: StudioLike) -> None:
    """The dialog folded, unfolded and with errors."""
    window, worker = await studio.open()
    window.commands.add([Path("/home/u") / name for name in (f"{LONG}.pdf", "Letters-3p.tiff")])
    await until(lambda: [view.state for view in window.model.views()] == [JobState.DONE] * 2)
    exporting = window.workspace.exporting
    exporting.looked_at = lambda: (1, 4)
    dialog = exporting.ask([1])
    dialog.formats["pdf"].setChecked(True)
    dialog.formats["docx"].setChecked(True)
    await studio.shot(dialog, "export-dialog")
    dialog.show_formats([*FORMATS, EPUB])
    dialog.more.setChecked(True)
    dialog.formats["pdf"].setFocus()
    await studio.shot(dialog, "export-options")
    dialog.area.verticalScrollBar().setValue(9999)
    await studio.shot(dialog, "export-options-below")
    dialog.options.some_pages.click()
    dialog.options.range.setText("7-3")
    dialog.options.pattern.setText("{name} {seite}")
    dialog.options.range.setFocus()
    await asyncio.sleep(0.1)
    dialog.area.ensureWidgetVisible(dialog.options.pattern_wrong)
    await studio.shot(dialog, "export-options-wrong")
    dialog.reject()
    await studio.close(window, worker)


async def reports(studio: StudioLike) -> None:
    """The report of many files, some of which failed."""
    window, worker = await studio.open()
    names = [f"{LONG}.pdf", "Old map full.pdf", "Letters moved-3p.tiff", "odd bill.pdf", "港务局年度报告-3p.pdf"]
    window.commands.add([Path("/home/u") / name for name in names])
    await until(lambda: [view.state for view in window.model.views()] == [JobState.DONE] * 5)
    exporting = window.workspace.exporting
    wish = ExportWish(("pdf", "csv"), "/home/u/Documents/Harbour/exported")
    report = await exporting.run(ExportOrder((1, 2, 3, 4, 5), wish))
    await studio.shot(window, "export-told")
    dialog = exporting.show_report(report)
    await studio.shot(dialog, "export-report")
    dialog.list.setCurrentItem(dialog.list.topLevelItem(2))
    await studio.shot(dialog, "export-report-moved")
    dialog.list.setCurrentItem(dialog.list.topLevelItem(3))
    await studio.shot(dialog, "export-report-note")
    dialog.reject()
    await studio.close(window, worker)


async def interrupted_exports(studio: StudioLike) -> None:
    """What is told after a kill: of one export, and of many."""
    window, worker = await studio.open()
    window.commands.add([Path("/home/u") / name for name in (f"{LONG}.pdf", "Letters-3p.tiff")])
    await until(lambda: [view.state for view in window.model.views()] == [JobState.DONE] * 2)
    wish = ExportWish(("pdf",), "/home/u/Documents/Archive/1987")
    one = InterruptedExport(1, f"{LONG}.pdf", wish.folder, wish)
    window.workspace.interrupted.take(ExportsInterrupted((one,)))
    many = (one, *(InterruptedExport(at, f"{at}.pdf", wish.folder, None) for at in range(2, 6)))
    window.workspace.interrupted.take(ExportsInterrupted(many))
    await studio.shot(window, "export-interrupted")
    await studio.close(window, worker)


SCENES = (exports, reports, interrupted_exports)
