"""Exports, on a fake session: how they run, what is told of them, and the report."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox

from desktop_ocr.core.api import ExportOutcome
from desktop_ocr.gui.export_dialog import ExportOrder
from desktop_ocr.gui.export_report import ReportDialog
from desktop_ocr.gui.export_run import Entry, ExportReport
from desktop_ocr.schema.events import ExportsInterrupted
from desktop_ocr.schema.exports import ExportWish, InterruptedExport
from tests.gui.conftest import Desk, until


def order(folder: Path, *jobs: int, formats: tuple[str, ...] = ("txt",)) -> ExportOrder:
    return ExportOrder(jobs, ExportWish(formats, str(folder)))


def test_export_asks_for_what_the_dialog_says(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf", "a.png", "full.pdf")
        dialog = window.workspace.exporting.ask([1])
        assert dialog.only_selected.isChecked()
        assert not dialog.overwrite.isChecked()
        dialog.all_documents.setChecked(True)
        for name, box in dialog.formats.items():
            box.setChecked(name in ("md", "pdf"))
        dialog.folder.setText(str(tmp_path))
        dialog.go.click()
        await until(lambda: window.bars.texts() and "Exported" in window.bars.texts()[0])
        await until(lambda: not window.workspace.exporting.under_way)
        assert desk.session is not None
        asked = [what for kind, what in desk.session.asked if kind == "export"]
        # Two documents differ only in their ending: they keep it. The third does not need to.
        assert asked == [
            (1, ("pdf", "md"), tmp_path, False, True),
            (2, ("pdf", "md"), tmp_path, False, True),
            (3, ("pdf", "md"), tmp_path, False, False),
        ]
        (told,) = window.bars.texts()
        assert told.startswith(f"Exported 4 files to {tmp_path}.")
        assert "full.md: The disk is full. Make room and export again." in told
        assert desk.preferences.export_folder == str(tmp_path)
        assert desk.preferences.export_formats == ["pdf", "md"]

    desk.run(story())


def test_export_goes_on_whatever_else_is_said(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, *(f"{number}.pdf" for number in range(8)))
        exporting = asyncio.ensure_future(window.workspace.exporting.run(order(tmp_path, *range(1, 9))))
        for number in range(6):
            await asyncio.sleep(0.005)
            window.bars.say(f"message {number}")
        await exporting
        assert f"Exported 8 files to {tmp_path}." in window.bars.texts()
        assert not any("Exporting" in text for text in window.bars.texts())

    desk.run(story())


def test_two_exports_at_a_time_tell_each_for_itself(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf", "b.pdf")
        run = window.workspace.exporting.run
        await asyncio.gather(run(order(tmp_path, 1)), run(order(tmp_path, 2)))
        assert sorted(window.bars.texts()) == ["Exported a.txt.", "Exported b.txt."]

    desk.run(story())


def test_closing_while_files_are_written_asks_first(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        wanted: list[int] = []
        window.quit_wanted.connect(lambda: wanted.append(1))
        exporting = asyncio.ensure_future(window.workspace.exporting.run(order(tmp_path, 1)))
        await asyncio.sleep(0)
        window.close()
        box = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
        assert box.text() == "Documents are still being exported. Quit now?"
        assert box.defaultButton().text() == "&Keep working"
        box.reject()
        await exporting
        assert not wanted
        window.close()
        assert wanted == [1]

    desk.run(story())


def test_export_that_changes_nothing_says_so(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        same = ExportOutcome("txt", str(tmp_path / "a.txt"), unchanged=True)
        report = ExportReport(order(tmp_path, 1), (Entry(1, "a.pdf", same),))
        window.workspace.exporting._tell(report)
        assert window.bars.texts() == ["Exported a.txt. Nothing had changed since the last export."]

    desk.run(story())


def test_folder_that_cannot_be_shown_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)

    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        window.jobs.show_file.trigger()
        assert window.bars.texts() == ["The folder /somewhere cannot be shown."]

    desk.run(story())


def test_an_export_can_be_stopped_and_says_how_far_it_is(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf", "slow-8p.pdf", "c.pdf")
        exporting = asyncio.ensure_future(window.workspace.exporting.run(order(tmp_path, 1, 2, 3)))
        await until(lambda: window.bars.texts() == ["Exporting document 2 of 3, 4 of 8 pages…"])
        (bar,) = window.bars._bars
        (button,) = bar.buttons
        assert button.text() == "St&op"  # Alt+S shows the folder of the export before
        button.click()
        report = await exporting
        assert report.stopped
        assert window.bars.texts() == ["The export was stopped. Exported a.txt."]
        assert not window.workspace.exporting.under_way
        assert desk.session is not None
        assert [what[0] for kind, what in desk.session.asked if kind == "export"] == [1, 2]

    desk.run(story())


def press(window: object, words: str) -> None:
    """Press a message's button."""
    buttons = [button for bar in window.bars.bars() for button in bar.buttons]  # type: ignore[attr-defined]
    next(button for button in buttons if button.text().replace("&", "") == words).click()


def names(report: ReportDialog) -> list[tuple[str, str]]:
    items = [report.list.topLevelItem(row) for row in range(report.list.topLevelItemCount())]
    return [(item.text(0), item.text(2)) for item in items]


def test_exports_that_a_kill_interrupted_are_told_and_made_again(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf", "b.pdf")
        session = desk.session
        assert session is not None
        one = InterruptedExport(1, "a.pdf", str(tmp_path), ExportWish(("txt",), str(tmp_path)), full_name=True)
        session._emit(ExportsInterrupted((one,)))
        await until(lambda: len(window.bars.texts()) == 1)
        (bar,) = window.bars.bars()
        assert bar.text == f"The export of “a.pdf” to {tmp_path} was interrupted, and nothing unfinished is left of it."
        (button,) = bar.buttons
        button.click()
        await until(lambda: window.bars.texts() == ["Exported a.txt."])
        asked = [what for name, what in session.asked if name == "export"]
        assert asked == [(1, ("txt",), tmp_path, False, True)]
        for bar in window.bars.bars():
            bar.leave()
        others = [InterruptedExport(at, f"{at}.pdf", str(tmp_path), None) for at in (2, 7, 8)]
        session._emit(ExportsInterrupted((*others, one)))
        await until(lambda: len(window.bars.texts()) == 1)
        (bar,) = window.bars.bars()
        assert bar.text.startswith("The exports of “2.pdf”, “7.pdf” and 2 more were interrupted")
        assert len(bar.buttons) == 1  # of one of them it is known what was wanted
        bar.leave()
        session._emit(ExportsInterrupted(tuple(others[1:])))
        await until(lambda: len(window.bars.texts()) == 1)
        assert window.bars.bars()[0].buttons == []

    desk.run(story())


def test_report_names_every_file_and_tries_again_what_failed(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf", "full.pdf", "odd.pdf")
        await window.workspace.exporting.run(order(tmp_path, 1, 2, 3, formats=("pdf", "csv")))
        (told,) = window.bars.texts()
        assert "Not all is as wanted in 1 file." in told
        press(window, "Report…")
        report = window.workspace.exporting.report
        assert report is not None
        # What needs looking at stands first.
        assert names(report) == [
            ("full.pdf", "Not written"),
            ("full.csv", "Not written"),
            ("odd.pdf", "Written, with a note"),
            ("a.pdf", "Written"),
            ("a.csv", "Written"),
            ("odd.csv", "Written"),
        ]
        assert report.details.text() == "full.pdf: The disk is full. Make room and export again."
        assert not report.open_file.isEnabled()
        assert not report.locate.isVisible()
        report.list.setCurrentItem(report.list.topLevelItem(2))
        assert "Ghostscript is not installed" in report.details.text()
        report.list.setCurrentItem(report.list.topLevelItem(4))
        assert "1 file beside it belong" in report.details.text()
        assert report.open_file.isEnabled()
        assert desk.session is not None
        desk.session.jobs[2].view = desk.session.jobs[1].view  # there is room now
        desk.session.asked.clear()
        report.again.click()
        await until(lambda: any(kind == "export" for kind, _what in desk.session.asked))
        asked = [what for kind, what in desk.session.asked if kind == "export"]
        assert asked == [(2, ("pdf", "csv"), tmp_path, False, False)]
        assert window.workspace.exporting.report is None
        await until(lambda: not window.workspace.exporting.under_way)

    desk.run(story())


def test_report_opens_files_and_says_where_none_can(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) or len(opened) < 2)

    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        report = await window.workspace.exporting.run(order(tmp_path, 1, formats=("txt", "md")))
        dialog = window.workspace.exporting.show_report(report)
        dialog.open_file.click()
        assert opened == [str(tmp_path / "a.txt")]
        dialog.reveal.click()
        assert opened[1] == str(tmp_path)
        assert any("cannot be shown" in text for text in window.bars.texts())
        dialog.list.setCurrentItem(dialog.list.topLevelItem(1))
        dialog.open_file.click()
        assert dialog.details.text() == "No program was found that opens this file."
        dialog.reject()

    desk.run(story())


def test_a_document_without_its_file_can_be_located_from_the_report(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "moved.pdf", "b.pdf")
        exporting = window.workspace.exporting
        report = await exporting.run(order(tmp_path, 1, 2, formats=("pdf", "txt")))
        assert [entry.locatable for entry in report.failed] == [True]
        dialog = exporting.show_report(report)
        wanted: list[int] = []
        exporting.locate_wanted.connect(lambda job, found: (wanted.append(job), found()))
        assert desk.session is not None
        desk.session.exports.located.add(1)
        desk.session.asked.clear()
        assert dialog.locate.isVisible()
        dialog.locate.click()
        assert wanted == [1]
        await until(lambda: any("Exported moved.pdf." in text for text in window.bars.texts()))
        assert [what[:2] for kind, what in desk.session.asked if kind == "export"] == [(1, ("pdf",))]

    desk.run(story())
