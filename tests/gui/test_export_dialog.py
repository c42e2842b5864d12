"""The export dialog by itself: formats, options, names, and what it remembers."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_ocr.gui.export_dialog import ExportDialog, ExportOrder, absolute
from desktop_ocr.schema.exports import FORMATS, ExportOptions, PictureMode
from desktop_ocr.schema.jobs import JobState, JobView
from tests.gui.conftest import Desk, until
from tests.gui.fake_exports import EPUB
from tests.gui.helpers import keys_of

REPORT = JobView(1, "/somewhere/Harbour report.pdf", "Harbour report.pdf", JobState.DONE, 12, 12, document_pages=12)
OTHER = JobView(2, "/somewhere/letters.tif", "letters.tif", JobState.DONE, 3, 3, document_pages=3)


def opened(desk: Desk, *, page: int | None = None, several: bool = False) -> tuple[ExportDialog, list[ExportOrder]]:
    views = [REPORT, OTHER]
    dialog = ExportDialog(views if several else [REPORT], views, 0, desk.preferences, page=page)
    orders: list[ExportOrder] = []
    dialog.wished.connect(orders.append)
    dialog.show()
    return dialog, orders


def choose(dialog: ExportDialog, *names: str) -> None:
    for name, box in dialog.formats.items():
        box.setChecked(name in names)


def test_export_needs_a_format_and_a_folder(desk: Desk) -> None:
    dialog, _orders = opened(desk)
    choose(dialog)
    assert not dialog.go.isEnabled()
    choose(dialog, "txt")
    assert dialog.go.isEnabled()
    dialog.folder.clear()
    assert not dialog.go.isEnabled()
    dialog.deleteLater()


def test_enter_exports_from_wherever_the_focus_is(desk: Desk, tmp_path: Path) -> None:
    dialog, orders = opened(desk)
    dialog.folder.setFocus()
    dialog.folder.setText(str(tmp_path))
    assert dialog.go.isDefault()
    QTest.keyClick(dialog.folder, Qt.Key.Key_Return)
    assert [one.folder for one in orders] == [tmp_path]
    dialog.deleteLater()


def test_folder_is_never_that_in_which_the_program_was_started(tmp_path: Path) -> None:
    assert absolute("exports") == Path.home() / "exports"
    assert absolute("~/exports") == Path.home() / "exports"
    assert absolute(str(tmp_path)) == tmp_path
    assert absolute("~nobody-of-this-name/x").is_absolute()


def test_all_formats_are_offered_and_those_of_other_packages_come_later(desk: Desk) -> None:
    dialog, orders = opened(desk)
    assert list(dialog.formats) == [info.name for info in FORMATS]
    choose(dialog, "docx", "alto")
    dialog.show_formats([*FORMATS, EPUB])
    assert dialog.formats["epub"].text() == "E-book"
    assert [name for name, box in dialog.formats.items() if box.isChecked()] == ["docx", "alto"]
    dialog.formats["epub"].setChecked(True)
    dialog.go.click()
    assert orders[0].wish.formats == ("docx", "alto", "epub")
    # Its package may be gone the next time: the choice stays for when it is there again.
    again, _orders = opened(desk)
    assert [name for name, box in again.formats.items() if box.isChecked()] == ["docx", "alto"]
    again.go.click()
    assert desk.preferences.export_formats == ["docx", "alto", "epub"]
    for made in (dialog, again):
        made.deleteLater()


def test_options_make_the_wish_and_are_there_the_next_time(desk: Desk, tmp_path: Path) -> None:
    dialog, orders = opened(desk)
    choose(dialog, "pdf", "docx", "csv")
    assert not dialog.options.isVisible()
    dialog.more.click()
    options = dialog.options
    QTest.keyClicks(options.range, "2-4,7")
    assert options.some_pages.isChecked()
    options.per_page.click()
    options.pattern.setText("{name} page {page}")
    options.headers.set_value("with")
    options.pictures.set_value("beside")
    options.decimal.set_value(",")
    options.smaller.set_value("150")
    options.pdfa.setChecked(True)
    options.title.setText("The harbour in 1987")
    options.language.set_value("en")
    dialog.folder.setText(str(tmp_path))
    dialog.go.click()
    (order,) = orders
    assert order.jobs == (1,)
    assert order.wish.formats == ("pdf", "docx", "csv")
    assert order.wish.options == ExportOptions(
        headers=True,
        pictures=PictureMode.BESIDE,
        downsample_dpi=150,
        pdfa=True,
        decimal=",",
        language="en",
        title="The harbour in 1987",
    )
    assert (order.wish.pages, order.wish.per_page, order.wish.pattern) == ("2-4,7", True, "{name} page {page}")
    again, orders = opened(desk)
    assert again.options.isVisible()
    again.go.click()
    wish = orders[0].wish
    assert (wish.per_page, wish.pattern, wish.options.pictures) == (True, "{name} page {page}", PictureMode.BESIDE)
    assert (wish.pages, wish.options.title) == ("", "")  # they were that document's
    for made in (dialog, again):
        made.deleteLater()


def test_the_page_shown_can_be_exported_alone(desk: Desk) -> None:
    dialog, orders = opened(desk, page=4)
    dialog.more.setChecked(True)
    assert dialog.options.this_page.isVisible()
    assert "5" in dialog.options.this_page.text()
    dialog.options.this_page.click()
    dialog.all_documents.click()  # of several documents, none is "the page shown"
    assert not dialog.options.this_page.isVisible()
    assert dialog.options.pages == ""
    dialog.only_selected.click()
    dialog.options.this_page.click()
    dialog.go.click()
    assert orders[0].wish.pages == "5"
    dialog.deleteLater()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Which pages?"),
        ("1-3,x", "is not a page range"),
        ("40", "The document has 12 pages"),
    ],
)
def test_page_ranges_are_checked_as_they_are_typed(desk: Desk, text: str, said: str) -> None:
    dialog, _orders = opened(desk)
    choose(dialog, "txt")
    dialog.more.setChecked(True)
    dialog.options.some_pages.click()
    dialog.options.range.setText(text)
    assert said in dialog.options.range_wrong.text()
    assert dialog.options.range_wrong.isVisible()
    assert not dialog.go.isEnabled()
    dialog.options.range.setText("2")
    assert not dialog.options.range_wrong.isVisible()
    assert dialog.go.isEnabled()
    dialog.deleteLater()


def test_names_have_a_live_example(desk: Desk) -> None:
    dialog, _orders = opened(desk, page=4)
    choose(dialog, "docx")
    options = dialog.options
    assert options.example.text() == "Example: Harbour report.docx"
    options.per_page.click()
    assert options.example.text() == "Example: Harbour report-05.docx"
    options.pattern.setText("{page} of {nam}")
    assert options.pattern_wrong.text() == "'{nam}' stands for nothing in a file's name. Use {name}, {page} and {date}."
    assert dialog.more.isChecked()  # what is wrong is not to be hidden
    assert not dialog.go.isEnabled()
    options.pattern.clear()
    options.places["date"].click()
    options.places["page"].click()
    assert options.pattern.text() == "{date}{page}"
    options.per_document.click()
    options.pattern.setText("{page} of {name}")
    assert options.example.text() == "Example: 1-12 of Harbour report.docx"
    options.pattern.setText(" / ")
    assert options.pattern_wrong.text().startswith("No file may be called that.")
    dialog.deleteLater()


def test_what_a_format_has_no_use_for_cannot_be_used(desk: Desk) -> None:
    dialog, _orders = opened(desk)
    choose(dialog, "txt")
    options = dialog.options
    assert not options.pictures.isEnabled()
    assert not options.pdfa.isEnabled()
    assert not options.decimal.isEnabled()
    assert options.headers.isEnabled()
    choose(dialog, "xlsx", "pdf")
    assert options.decimal.isEnabled()
    assert options.pdfa.isEnabled()
    assert not options.headers.isEnabled()
    dialog.deleteLater()


def test_dialog_fits_a_small_laptop_with_everything_unfolded(desk: Desk) -> None:
    dialog, _orders = opened(desk)
    small = dialog.height()
    dialog.more.setChecked(True)
    dialog.options.some_pages.click()
    assert small < dialog.height() <= 640
    dialog.deleteLater()


def test_every_control_has_a_name_and_can_be_reached_by_tab(desk: Desk) -> None:
    dialog, _orders = opened(desk, page=2)
    choose(dialog, "pdf", "docx", "csv", "txt")
    dialog.more.setChecked(True)
    reached = set()
    at = dialog.folder
    for _step in range(400):
        at = at.nextInFocusChain()
        reached.add(at)
    options = dialog.options
    controls = [
        *dialog.formats.values(),
        dialog.more,
        options.range,
        options.pattern,
        options.pictures,
        options.decimal,
        options.smaller,
        options.title,
        options.language,
        dialog.folder,
        dialog.overwrite,
        dialog.go,
    ]
    assert [control for control in controls if control not in reached] == []
    assert [control for control in controls if not (control.accessibleName() or control.text())] == []
    dialog.deleteLater()


def test_keys_in_the_dialog_are_unlike(desk: Desk) -> None:
    dialog, _orders = opened(desk)  # the page shown has its number for a key
    keys = keys_of(dialog)
    assert len(keys) == len(set(keys)), keys
    dialog.deleteLater()


def test_formats_of_other_packages_are_asked_for_once(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await desk.add(window, "a.pdf")
        assert desk.session is not None
        desk.session.exports.foreign = (EPUB,)
        dialog = window.workspace.exporting.ask([1])
        assert "epub" not in dialog.formats
        await until(lambda: "epub" in dialog.formats)
        dialog.reject()
        assert "epub" in window.workspace.exporting.ask([1]).formats

    desk.run(story())
