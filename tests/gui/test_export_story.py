"""A real document is read by the real core, and exported in every format through the dialog."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QDesktopServices, QGuiApplication

from desktop_ocr.gui.configuration import Configuration
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.running import core_session
from desktop_ocr.schema.exports import FORMATS
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.settings import Settings
from tests.gui.conftest import Desk, until

pytestmark = [pytest.mark.models, pytest.mark.process]

READ_SECONDS = 120.0
WORDS = "quarter leather"  # stands in the letter


async def exported(window: MainWindow, folder: Path, *formats: str) -> None:
    """Export the document chosen, by the dialog."""
    dialog = window.workspace.exporting.ask(window.workspace.queue.jobs())
    await until(lambda: window.workspace.exporting._learned, 60)
    for name, box in dialog.formats.items():
        box.setChecked(name in formats)
    dialog.folder.setText(str(folder))
    dialog.more.setChecked(True)
    dialog.options.pattern.setText("{name} read")
    assert dialog.options.example.text() == "Example: letter read.pdf"
    dialog.options.language.set_value("en")
    dialog.go.click()
    await until(lambda: window.workspace.exporting.under_way)
    await until(lambda: not window.workspace.exporting.under_way, READ_SECONDS)


def press(window: MainWindow, words: str) -> None:
    buttons = [button for bar in window.bars.bars() for button in bar.buttons]
    next(button for button in buttons if button.text().replace("&", "") == words).click()


def test_every_format_of_a_real_document(
    desk: Desk, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) is None)
    moved = tmp_path / "letter.jpg"
    shutil.copy(documents / "letter.jpg", moved)
    out = tmp_path / "out"

    async def story() -> None:
        window = await desk.open(core_session(desk.paths, Configuration(desk.paths.config, Settings())))
        window.commands.add([moved])
        await until(lambda: [view.state for view in window.model.views()] == [JobState.DONE], READ_SECONDS)
        await until(window.jobs.copy_all.isEnabled)
        await exported(window, out, *(info.name for info in FORMATS))
        press(window, "Report…")
        report = window.workspace.exporting.report
        assert report is not None
        assert len(report._report.entries) == len(FORMATS)
        failed = [entry.outcome for entry in report._report.failed]
        assert [one.format for one in failed if one.format not in ("csv", "xlsx")] == []  # a letter has no tables
        report.list.setCurrentItem(report.list.topLevelItem(report.list.topLevelItemCount() - 1))
        report.open_file.click()
        assert len(opened) == 1
        assert Path(opened[0]).exists()
        report.reject()
        look_at(out)
        window.jobs.copy_all.trigger()
        await until(lambda: WORDS in QGuiApplication.clipboard().text(), 30)
        # The file goes elsewhere: what needs it fails and says so, and is written when it was located.
        elsewhere = tmp_path / "elsewhere.jpg"
        moved.rename(elsewhere)
        await exported(window, tmp_path / "again", "pdf", "txt")
        (entry,) = report_of(window).failed
        assert entry.outcome.format == "pdf"
        assert entry.locatable
        dialog = window.workspace.exporting.report
        assert dialog is not None
        dialog.locate.click()
        finder = window.workspace.relocating.dialog
        assert finder is not None
        finder.fileSelected.emit(str(elsewhere))
        finder.reject()
        await until(lambda: any(path.suffix == ".pdf" for path in (tmp_path / "again").iterdir()), 60)
        await until(lambda: not window.workspace.exporting.under_way, 60)

    desk.run(story())


def report_of(window: MainWindow):
    press(window, "Report…")
    report = window.workspace.exporting.report
    assert report is not None
    return report._report


def look_at(out: Path) -> None:
    """Each file is what its name says, and has the words of the letter."""
    for name in ("letter read.txt", "letter read.md", "letter read.html", "letter read.hocr"):
        assert "leather" in (out / name).read_text(encoding="utf-8")
    assert "leather" in json.dumps(json.loads((out / "letter read.json").read_text(encoding="utf-8")))
    words = [at.get("CONTENT", "") for at in ElementTree.parse(out / "letter read.alto.xml").iter()]  # noqa: S314
    assert any("leather" in word for word in words)
    with zipfile.ZipFile(out / "letter read.docx") as archive:
        assert b"leather" in archive.read("word/document.xml")
    pdf = out / "letter read.pdf"
    assert pdf.read_bytes().startswith(b"%PDF")
    if shutil.which("pdftotext") is not None:
        text = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
        assert "leather" in text
