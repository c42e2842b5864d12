"""Asks what to export: formats, folder, and whether files that are there may be replaced."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui import icons
from desktop_ocr.gui.dialogs import folder_dialog
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.words import documents_words, tr


@dataclass(frozen=True)
class Format:
    """A kind of output file as the user sees it; `name` is the one in the exports' registry."""

    name: str
    title: str
    text: str


def formats() -> list[Format]:
    """What can be exported."""
    return [
        Format("txt", tr("&Text (.txt)"), tr("The words alone, page after page")),
        Format("md", tr("&Markdown (.md)"), tr("Headings, lists and tables")),
        Format("pdf", tr("&Searchable PDF (.pdf)"), tr("Looks like the original, with text to find and copy")),
        Format("json", tr("&JSON (.json)"), tr("Every word with its place, for other programs")),
    ]


def absolute(folder: str) -> Path:
    """A folder as it was typed; in the user's home where it says nothing else."""
    path = Path(folder)
    with contextlib.suppress(RuntimeError):  # "~name" of a user that there is not: taken as it is
        path = path.expanduser()
    return Path.home() / path


@dataclass(frozen=True)
class ExportWish:
    """What the user wants."""

    jobs: tuple[int, ...]
    formats: tuple[str, ...]
    folder: Path
    overwrite: bool


class ExportDialog(QDialog):
    """The dialog; it does not export.

    Signals:
        wished: an `ExportWish`, when the user agrees.
    """

    wished = Signal(object)

    def __init__(
        self,
        selected: list[int],
        everything: list[int],
        unfinished: int,
        preferences: Preferences,
        *,
        all_first: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`selected` and `everything` are jobs with finished pages; `unfinished` of all still have pages to read."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._selected = selected
        self._everything = everything
        self._preferences = preferences
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 18)
        column.setSpacing(6)

        column.addWidget(self._heading(self.tr("Documents")))
        self.only_selected = QRadioButton(
            self.tr("Selected: {documents}").format(documents=documents_words(len(selected)))
        )
        self.all_documents = QRadioButton(
            self.tr("All: {documents}").format(documents=documents_words(len(everything)))
        )
        which = QButtonGroup(self)
        for button in (self.only_selected, self.all_documents):
            which.addButton(button)
            column.addWidget(button)
        self.only_selected.setEnabled(bool(selected))
        self.all_documents.setChecked(all_first or not selected)
        self.only_selected.setChecked(not all_first and bool(selected))
        if unfinished:
            note = QLabel(self.tr("Some pages are not read yet: files get the pages that are finished."))
            note.setObjectName("muted")
            note.setWordWrap(True)
            column.addWidget(note)

        column.addSpacing(10)
        column.addWidget(self._heading(self.tr("Formats")))
        self.formats: dict[str, QCheckBox] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(4)
        for row, format_ in enumerate(formats()):
            box = QCheckBox(format_.title)
            box.setChecked(format_.name in preferences.export_formats)
            box.setAccessibleDescription(format_.text)
            box.toggled.connect(self._check)
            text = QLabel(format_.text)
            text.setObjectName("muted")
            grid.addWidget(box, row, 0)
            grid.addWidget(text, row, 1)
            self.formats[format_.name] = box
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)

        column.addSpacing(10)
        heading = self._heading(self.tr("&Folder"))
        column.addWidget(heading)
        self.folder = QLineEdit(preferences.export_folder)
        heading.setBuddy(self.folder)
        self.folder.setAccessibleName(self.tr("Folder for the files"))
        self.folder.textChanged.connect(self._check)
        browse = QPushButton(icons.beside(self.tr("&Choose…")))
        icons.set_icon(browse, "folder-open")
        browse.clicked.connect(self._browse)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.folder, 1)
        line.addWidget(browse)
        column.addLayout(line)
        self.overwrite = QCheckBox(self.tr("&Replace files of the same name"))
        self.overwrite.setToolTip(self.tr("Otherwise a number is added to the new file's name."))
        column.addWidget(self.overwrite)

        column.addSpacing(14)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton(self.tr("&Export"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._agree)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self.go.setDefault(True)  # it has to be in the dialog for that: otherwise Enter would mean Cancel
        self.setMinimumWidth(520)
        self._check()
        self.go.setFocus()

    def _heading(self, text: str) -> QLabel:
        label = QLabel(text)
        label.setObjectName("heading")
        return label

    def _chosen(self) -> tuple[str, ...]:
        return tuple(name for name, box in self.formats.items() if box.isChecked())

    def _check(self) -> None:
        self.go.setEnabled(bool(self._chosen()) and bool(self.folder.text().strip()))

    def _browse(self) -> None:
        dialog = folder_dialog(self, self.folder.text(), self.tr("Folder for the files"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()

    def _agree(self) -> None:
        folder = absolute(self.folder.text().strip())
        self._preferences.export_folder = str(folder)
        self._preferences.export_formats = list(self._chosen())
        jobs = self._everything if self.all_documents.isChecked() else self._selected
        wish = ExportWish(tuple(jobs), self._chosen(), folder, self.overwrite.isChecked())
        self.accept()
        self.wished.emit(wish)
