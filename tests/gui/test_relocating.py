"""A document's file that was moved is found again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from desktop_ocr.gui.dialogs import locate_dialog
from desktop_ocr.gui.exporting import ExportOrder
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.schema.exports import ExportWish
from desktop_ocr.schema.jobs import JobState
from tests.gui.conftest import Desk, until
from tests.gui.helpers import press, question


def choose(window: MainWindow, path: Path) -> None:
    """Show the file in the dialog that is open."""
    dialog = window.workspace.relocating.dialog
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.reject()  # "accept" would ask for a file that is there


def test_a_document_that_failed_for_want_of_its_file_is_located_from_the_list(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "lost letters-3p.pdf", state=JobState.FAILED)
        card = window.workspace.document.card
        await until(lambda: card.button.text() == "&Locate it…")
        await until(window.jobs.locate.isEnabled)
        assert window.jobs.locate in window.workspace.queue._menu_actions
        window.jobs.locate.trigger()
        choose(window, tmp_path / "letters-3p.pdf")
        await until(lambda: "Found “letters-3p.pdf”." in window.bars.texts())
        await until(lambda: window.model.views()[0].pages_done == 3)
        assert window.model.views()[0].path == str(tmp_path / "letters-3p.pdf")
        await until(lambda: not window.jobs.locate.isVisible())
        assert window.workspace.relocating.dialog is None

    desk.run(story())


def test_another_document_is_not_taken_and_another_file_can_be_chosen(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "lost.pdf", state=JobState.FAILED)
        await until(lambda: window.workspace.document.card.button.isVisible())
        window.workspace.document.card.button.click()
        choose(window, tmp_path / "other.pdf")
        await until(lambda: question(window))
        box = question(window)
        assert box is not None
        assert box.text() == "“other.pdf” cannot be taken."
        assert box.informativeText() == "This is another document. Choose the file itself."
        press(window, "Choose another file…")
        choose(window, tmp_path / "right.pdf")
        await until(lambda: window.model.views()[0].state is JobState.DONE)

    desk.run(story())


def test_a_page_whose_picture_is_gone_shows_it_again(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "gone.pdf")
        pane = window.workspace.document.pane
        await until(lambda: pane.picture._words.button.isVisible())
        await until(lambda: window.model._thumbnails == {1: None})
        pane.picture._words.button.click()
        choose(window, tmp_path / "found.pdf")
        await until(lambda: pane.picture.has_picture)
        await until(lambda: window.model._thumbnails[1] is not None, what="the picture in the list")

    desk.run(story())


def test_an_export_goes_on_when_its_document_was_located(desk: Desk, tmp_path: Path) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "moved.pdf")
        exporting = window.workspace.exporting
        report = await exporting.run(ExportOrder((1,), ExportWish(("pdf",), str(tmp_path))))
        dialog = exporting.show_report(report)
        dialog.locate.click()
        choose(window, tmp_path / "here.pdf")
        await until(lambda: "Exported here.pdf." in window.bars.texts())
        assert exporting.report is None

    desk.run(story())


def test_the_dialog_begins_with_files_of_the_same_kind(desk: Desk, tmp_path: Path) -> None:
    del desk
    parent = QFileDialog()
    dialog = locate_dialog(parent, str(tmp_path), "Letters.TIFF")
    assert dialog.nameFilters()[0] == "Files of the same kind (*.tiff *.TIFF)"
    odd = locate_dialog(parent, str(tmp_path), "no ending (1)")
    assert odd.nameFilters()[0].startswith("Documents and pictures")
    assert odd.fileMode() is QFileDialog.FileMode.ExistingFile
    parent.deleteLater()
