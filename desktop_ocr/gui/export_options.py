"""How files are to be written: which pages, how they are called, and what is in them."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.core.export_names import PLACES, FileNames, check_pattern
from desktop_ocr.core.pages import parse_pages
from desktop_ocr.gui.choices import NamedChoice
from desktop_ocr.gui.export_words import option_words, pictures_words, text_languages
from desktop_ocr.gui.words import tr
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.exports import ExportOptions, ExportWish, FormatInfo, PictureMode

SMALLER_DPI = (300, 200, 150, 100)
LABEL_WIDTH = 108


@dataclass(frozen=True)
class Shown:
    """What the window shows, and what examples are made of.

    Attributes:
        name: of a document that is to be exported, without its ending.
        pages: of that document.
        page: the page shown, from 0, where its document alone is to be exported; None otherwise.
        single: one document is to be exported.
    """

    name: str = ""
    pages: int = 1
    page: int | None = None
    single: bool = True


class ExportOptionsForm(QWidget):
    """The options. What none of the chosen formats has a use for cannot be used.

    Signals:
        edited: something is different.
    """

    edited = Signal()

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self.setObjectName("sheet")
        self._shown = shown
        self._formats: tuple[FormatInfo, ...] = ()
        self._rows: list[tuple[QLabel, QWidget]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 2, 0, 4)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnMinimumWidth(0, LABEL_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self._make_pages()
        self._make_names()
        self._make_content()
        self._make_pdf()
        self._make_facts()
        self.show_document(shown)

    # --- putting together -----------------------------------------------------------------------------------

    def _row(self, words: str, widget: QWidget, buddy: QWidget | None = None) -> QLabel:
        label = QLabel(words)
        label.setBuddy(buddy or widget)
        label.setAlignment(Qt.AlignmentFlag.AlignTop)
        label.setContentsMargins(0, 6 if isinstance(buddy or widget, QLineEdit | NamedChoice) else 3, 0, 0)
        row = self._grid.rowCount()
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(widget, row, 1)
        self._rows.append((label, widget))
        return label

    def _note(self, kind: str) -> QLabel:
        label = QLabel()
        label.setObjectName(kind)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.hide()
        return label

    def _make_pages(self) -> None:
        self.all_pages = QRadioButton(self.tr("A&ll"))
        self.this_page = QRadioButton()
        self.some_pages = QRadioButton(self.tr("Thes&e:"))
        self.range = QLineEdit()
        self.range.setPlaceholderText(self.tr("1-3,7"))
        self.range.setAccessibleName(self.tr("Pages to export, like 1-3,7"))
        self.range.setMaximumWidth(150)
        self.range_wrong = self._note("wrong")
        which = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(14)
        for choice in (self.all_pages, self.this_page, self.some_pages):
            which.addButton(choice)
            row.addWidget(choice)
            choice.toggled.connect(self._edited)
        row.addWidget(self.range)
        row.addStretch()
        self.all_pages.setChecked(True)
        self.range.textEdited.connect(self._range_edited)
        self.range.textChanged.connect(self._edited)
        self._row(self.tr("Pages"), _column(row, self.range_wrong), self.range)

    def _make_names(self) -> None:
        self.per_document = QRadioButton(self.tr("One per docu&ment"))
        self.per_page = QRadioButton(self.tr("One &per page"))
        which = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(14)
        for choice in (self.per_document, self.per_page):
            which.addButton(choice)
            row.addWidget(choice)
        row.addStretch()
        self.per_document.setChecked(True)
        self.per_page.toggled.connect(self._edited)
        self._row(self.tr("Files"), _column(row), self.per_document)
        self.pattern = QLineEdit("{name}")
        self.pattern.setAccessibleName(self.tr("Names of the files"))
        self.pattern.textChanged.connect(self._edited)
        self.example = self._note("muted")
        self.pattern_wrong = self._note("wrong")
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.pattern, 1)
        tips = (self.tr("The document's name"), self.tr("The page's number"), self.tr("Today's date"))
        self.places: dict[str, QToolButton] = {}
        for place, tip in zip(PLACES, tips, strict=True):
            button = QToolButton()
            button.setObjectName("small")
            button.setText(f"{{{place}}}")
            button.setToolTip(tip)
            button.setAccessibleName(self.tr("Insert: {what}").format(what=tip))
            button.clicked.connect(lambda _on=False, what=place: self._insert(what))
            line.addWidget(button)
            self.places[place] = button
        self._row(self.tr("&Names"), _column(line, self.example, self.pattern_wrong), self.pattern)

    def _make_content(self) -> None:
        self.headers = NamedChoice(
            self.tr("Headers and footers"),
            [("", self.tr("In plain text alone")), ("with", self.tr("In all files")), ("without", self.tr("In none"))],
            self,
        )
        self.headers.edited.connect(self._edited)
        self._row(self.tr("&Headers, footers"), self.headers)
        self.pictures = NamedChoice(
            self.tr("Pictures"), [(mode.value, pictures_words(mode)) for mode in PictureMode], self
        )
        self.pictures.edited.connect(self._edited)
        self._row(self.tr("P&ictures"), self.pictures)
        self.decimal = NamedChoice(
            self.tr("Numbers in tables"),
            [("", self.tr("Find out column by column")), (".", "1234.5"), (",", "1234,5")],
            self,
        )
        self.decimal.edited.connect(self._edited)
        self._row(self.tr("N&umbers"), self.decimal)

    def _make_pdf(self) -> None:
        sizes = [(str(dpi), self.tr("Made smaller, to {dpi} dpi").format(dpi=dpi)) for dpi in SMALLER_DPI]
        self.smaller = NamedChoice(
            self.tr("Pictures of pages in PDFs"), [("0", self.tr("Pictures of pages as they are")), *sizes], self
        )
        self.smaller.edited.connect(self._edited)
        self.pdfa = QCheckBox(self.tr("PDF/A, for archi&ves"))
        self.pdfa.setToolTip(self.tr("A PDF of the kind PDF/A-2b, which archives ask for."))
        self.pdfa.toggled.connect(self._edited)
        line = QHBoxLayout()
        line.setSpacing(14)
        line.addWidget(self.smaller, 1)
        line.addWidget(self.pdfa)
        self._row(self.tr("PD&F"), _column(line), self.smaller)

    def _make_facts(self) -> None:
        self.title = QLineEdit()
        self.title.setAccessibleName(self.tr("Title of the document"))
        self.title.textChanged.connect(self._edited)
        self._row(self.tr("&Title"), self.title)
        self.language = NamedChoice(self.tr("Language of the text"), text_languages(), self)
        self.language.edited.connect(self._edited)
        self._row(self.tr("Lan&guage"), self.language)

    # --- what it is about -----------------------------------------------------------------------------------

    def show_document(self, shown: Shown) -> None:
        """Another document, or several, are to be exported."""
        self._shown = shown
        there = shown.page is not None
        self.this_page.setVisible(there)
        if there:
            self.this_page.setText(self.tr("Page &{n}, the one shown").format(n=(shown.page or 0) + 1))
        elif self.this_page.isChecked():
            self.all_pages.setChecked(True)
        self.title.setEnabled(shown.single)
        self.title.setPlaceholderText(shown.name if shown.single else self.tr("Each file's own name"))
        self._edited()

    def show_formats(self, formats: Collection[FormatInfo]) -> None:
        """Other formats are chosen."""
        self._formats = tuple(formats)
        names = {info.name for info in formats}
        foreign = any(not info.ours for info in formats)  # nobody knows what they make use of
        self.pictures.setEnabled(foreign or any(info.uses_pictures for info in formats))
        self.headers.setEnabled(foreign or bool(names & {"docx", "txt", "md", "html"}))
        self.decimal.setEnabled(foreign or bool(names & {"xlsx", "csv"}))
        self.smaller.setEnabled("pdf" in names)
        self.pdfa.setEnabled("pdf" in names)
        self.language.setEnabled(bool(names - {"txt", "csv"}))
        for label, widget in self._rows:
            label.setEnabled(widget.isEnabled() and any(part.isEnabled() for part in _parts(widget)))
        self._edited()

    # --- values ---------------------------------------------------------------------------------------------

    def show_wish(self, wish: ExportWish) -> None:
        """Show what was wished last: pages and title belonged to that document."""
        (self.per_page if wish.per_page else self.per_document).setChecked(True)
        self.pattern.setText(wish.pattern)
        options = wish.options
        self.headers.set_value({None: "", True: "with", False: "without"}[options.headers])
        self.pictures.set_value(options.pictures.value)
        self.decimal.set_value(options.decimal)
        self.smaller.set_value(str(options.downsample_dpi))
        self.pdfa.setChecked(options.pdfa)
        self.language.set_value(options.language)

    def wish(self, formats: tuple[str, ...], folder: str, *, overwrite: bool) -> ExportWish:
        """What is wished; to be asked for where nothing is `wrong`."""
        options = ExportOptions(
            headers=_headers(self.headers.value()),
            pictures=PictureMode(self.pictures.value()),
            downsample_dpi=int(self.smaller.value()),
            pdfa=self.pdfa.isChecked(),
            decimal=self.decimal.value(),
            language=self.language.value(),
            title=self.title.text().strip() if self._shown.single else "",
        )
        return ExportWish(
            formats,
            folder,
            options=options,
            pages=self.pages,
            per_page=self.per_page.isChecked(),
            pattern=self.pattern.text().strip(),
            overwrite=overwrite,
        )

    @property
    def pages(self) -> str:
        """As in `ExportWish.pages`."""
        if self.this_page.isChecked() and self._shown.page is not None:
            return str(self._shown.page + 1)
        return self.range.text().strip() if self.some_pages.isChecked() else ""

    @property
    def wrong(self) -> bool:
        """Whether something cannot be used as it is."""
        return bool(self._range_error() or self._pattern_error())

    @property
    def summary(self) -> str:
        """The options that decide most, in a line."""
        pictures = PictureMode(self.pictures.value()) if self.pictures.isEnabled() else None
        headers = _headers(self.headers.value()) if self.headers.isEnabled() else None
        return option_words(self.pages, self.per_page.isChecked(), pictures, headers)

    def _range_error(self) -> str:
        if not self.some_pages.isChecked():
            return ""
        if not self.range.text().strip():
            return self.tr("Which pages? Write them like 1-3,7.")
        try:
            parse_pages(self.range.text(), self._shown.pages if self._shown.single else None)
        except DesktopOcrError as error:
            return str(error.info)
        return ""

    def _pattern_error(self) -> str:
        try:
            check_pattern(self.pattern.text().strip())
        except DesktopOcrError as error:
            return str(error.info)
        return ""

    def _example(self) -> str:
        """The name of the first file; the pattern is sound."""
        shown = self._shown
        names = FileNames(self.pattern.text().strip(), shown.name, shown.pages, datetime.date.today())
        if self.per_page.isChecked():
            made = names.of_page(shown.page or 0)
        else:
            pages = [] if self._range_error() else parse_pages(self.pages, shown.pages)
            made = names.of_pages(pages or [0])
        return made + (self._formats[0].suffix if self._formats else "")

    # --- what is done ---------------------------------------------------------------------------------------

    def _range_edited(self, text: str) -> None:
        if text.strip():
            self.some_pages.setChecked(True)

    def _insert(self, place: str) -> None:
        self.pattern.insert(f"{{{place}}}")
        self.pattern.setFocus()

    def _edited(self) -> None:
        if not hasattr(self, "language"):
            return  # not put together yet
        range_error, pattern_wrong = self._range_error(), self._pattern_error()
        _say(self.range_wrong, range_error)
        _say(self.pattern_wrong, pattern_wrong)
        _say(self.example, "" if pattern_wrong else tr("Example: {name}").format(name=self._example()))
        self.edited.emit()


def _headers(value: str) -> bool | None:
    return value == "with" if value else None


def _say(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))


def _column(row: QHBoxLayout, *below: QLabel) -> QWidget:
    """A row with what is said below it, as one widget."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(3)
    row.setContentsMargins(0, 0, 0, 0)
    column.addLayout(row)
    for label in below:
        column.addWidget(label)
    return made


def _parts(widget: QWidget) -> list[QWidget]:
    """What is in a row, or the widget that is the row."""
    return widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly) or [widget]


def shown_name(path: str) -> str:
    """A document's name for examples."""
    return Path(path).stem


def remembered(wish: ExportWish) -> ExportWish:
    """What of a wish is good for the next document, too."""
    options = msgspec.structs.replace(wish.options, title="")
    return ExportWish((), "", options=options, per_page=wish.per_page, pattern=wish.pattern)
