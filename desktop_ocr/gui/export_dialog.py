"""Asks what to export: formats, folder, how the files are written, and whether others may be replaced."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui import icons
from desktop_ocr.gui.dialogs import folder_dialog
from desktop_ocr.gui.export_options import ExportOptionsForm, Shown, remembered, shown_name
from desktop_ocr.gui.export_words import format_hint, format_title, grouped
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.words import documents_words
from desktop_ocr.schema.exports import FORMATS, ExportWish, FormatInfo
from desktop_ocr.schema.jobs import JobView

WIDTH = 620
MOST_HEIGHT = 640  # of a small laptop's screen, with the system's bars
MARGIN = 22
GROUP_GAP = 5


def absolute(folder: str) -> Path:
    """A folder as it was typed; in the user's home where it says nothing else."""
    path = Path(folder)
    with contextlib.suppress(RuntimeError):  # "~name" of a user that there is not: taken as it is
        path = path.expanduser()
    return Path.home() / path


@dataclass(frozen=True)
class ExportOrder:
    """What the user wants of which documents.

    Attributes:
        jobs: the documents, in order.
        wish: of each of them.
        only: formats of documents of which not all are wanted, because the others are there already.
        full_names: documents whose files keep the document's own ending, whatever others are called.
    """

    jobs: tuple[int, ...]
    wish: ExportWish
    only: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    full_names: frozenset[int] = frozenset()

    @property
    def folder(self) -> Path:
        """Where the files go."""
        return Path(self.wish.folder)


class ExportDialog(QDialog):
    """The dialog; it does not export.

    Signals:
        wished: an `ExportOrder`, when the user agrees.
    """

    wished = Signal(object)

    def __init__(
        self,
        selected: Sequence[JobView],
        everything: Sequence[JobView],
        unfinished: int,
        preferences: Preferences,
        *,
        all_first: bool = False,
        page: int | None = None,
        formats: Sequence[FormatInfo] = FORMATS,
        parent: QWidget | None = None,
    ) -> None:
        """`selected` and `everything` have finished pages; `unfinished` of all still have pages to read.

        `page` (from 0) is the one that is looked at, where it is of the only one selected.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._selected = list(selected)
        self._everything = list(everything)
        self._page = page
        self._preferences = preferences
        self._last = preferences.export_wish
        self._wanted = set(preferences.export_formats)
        self._infos: tuple[FormatInfo, ...] = ()
        self.formats: dict[str, QCheckBox] = {}
        self.options = ExportOptionsForm(self._shown(all_first or not selected))
        self._lay_out(all_first, unfinished)
        self.options.show_wish(self._last)
        self.show_formats(formats)
        self.options.edited.connect(self._check)
        self.more.toggled.connect(self._unfold)
        self.more.setChecked(preferences.export_options_open)
        self._unfold(self.more.isChecked())
        self.go.setFocus()

    # --- putting together -----------------------------------------------------------------------------------

    def _lay_out(self, all_first: bool, unfinished: int) -> None:
        inside = QWidget()
        inside.setObjectName("sheet")
        self._column = column = QVBoxLayout(inside)
        column.setContentsMargins(MARGIN, 18, MARGIN, 6)
        column.setSpacing(6)
        self._add_documents(column, all_first, unfinished)
        column.addSpacing(8)
        column.addWidget(_heading(self.tr("Formats")))
        self._formats_box = QWidget()
        column.addWidget(self._formats_box)
        column.addSpacing(4)
        self.more = QToolButton()
        self.more.setObjectName("more")
        self.more.setText(self.tr("&Options"))
        self.more.setAccessibleName(self.tr("Options"))
        self.more.setCheckable(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.summary = QLabel()
        self.summary.setObjectName("muted")
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.more)
        line.addWidget(self.summary)
        line.addStretch()
        column.addLayout(line)
        column.addWidget(self.options)
        column.addStretch()
        self.area = QScrollArea()
        self.area.setObjectName("plain")
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys go through what is in it
        self.area.setWidget(inside)
        line_above = QFrame()
        line_above.setObjectName("hairline")
        line_above.setFixedHeight(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.area, 1)
        whole.addWidget(line_above)
        self._foot = self._bottom()
        whole.addWidget(self._foot)
        self.go.setDefault(True)  # it has to be in the dialog for that: otherwise Enter would mean Cancel
        self.setFixedWidth(WIDTH)

    def _add_documents(self, column: QVBoxLayout, all_first: bool, unfinished: int) -> None:
        selected, everything = len(self._selected), len(self._everything)
        self.only_selected = QRadioButton(self.tr("&Selected: {documents}").format(documents=documents_words(selected)))
        self.all_documents = QRadioButton(self.tr("&All: {documents}").format(documents=documents_words(everything)))
        which = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addWidget(_heading(self.tr("Documents")))
        for button in (self.only_selected, self.all_documents):
            which.addButton(button)
            row.addWidget(button)
        row.addStretch()
        column.addLayout(row)
        self.only_selected.setEnabled(bool(selected))
        self.all_documents.setChecked(all_first or not selected)
        self.only_selected.setChecked(not all_first and bool(selected))
        self.all_documents.toggled.connect(lambda on: self.options.show_document(self._shown(on)))
        if unfinished:
            note = QLabel(self.tr("Some pages are not read yet: files get the pages that are finished."))
            note.setObjectName("muted")
            note.setWordWrap(True)
            column.addWidget(note)

    def _bottom(self) -> QWidget:
        foot = QWidget()
        column = QVBoxLayout(foot)
        column.setContentsMargins(MARGIN, 10, MARGIN, 16)
        column.setSpacing(6)
        heading = _heading(self.tr("Fol&der"))
        self.folder = QLineEdit(self._preferences.export_folder)
        heading.setBuddy(self.folder)
        self.folder.setAccessibleName(self.tr("Folder for the files"))
        self.folder.textChanged.connect(self._check)
        browse = QPushButton(icons.beside(self.tr("&Choose…")))
        icons.set_icon(browse, "folder-open")
        browse.clicked.connect(self._browse)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(heading)
        line.addWidget(self.folder, 1)
        line.addWidget(browse)
        column.addLayout(line)
        self.overwrite = QCheckBox(self.tr("&Replace files of the same name"))
        self.overwrite.setToolTip(self.tr("Otherwise a number is added to the new file's name."))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton(self.tr("E&xport"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._agree)
        buttons.rejected.connect(self.reject)
        last = QHBoxLayout()
        last.addWidget(self.overwrite)
        last.addStretch()
        last.addWidget(buttons)
        column.addSpacing(4)
        column.addLayout(last)
        for button in buttons.buttons():
            if isinstance(button, QPushButton) and button is not self.go:
                button.setAutoDefault(False)
        browse.setAutoDefault(False)
        return foot

    def show_formats(self, formats: Sequence[FormatInfo]) -> None:
        """Offer these formats: those of other packages are known a moment later. What is chosen stays chosen."""
        if tuple(formats) == self._infos:
            return
        self._wanted |= set(self._chosen())
        self._wanted -= {name for name, box in self.formats.items() if not box.isChecked()}
        self._infos = tuple(formats)
        self.formats = {}
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(1)
        grid.setColumnMinimumWidth(0, 84)
        grid.setColumnStretch(2, 1)
        for title, infos in grouped(formats):
            for number, info in enumerate(infos):
                self._add_format(grid, title if number == 0 else "", info)
        self._column.replaceWidget(self._formats_box, box)
        self._formats_box.deleteLater()
        self._formats_box = box
        self._put_in_order()
        self._formats_changed()

    def _add_format(self, grid: QGridLayout, title: str, info: FormatInfo) -> None:
        row = grid.rowCount()
        heading = QLabel(title)
        heading.setObjectName("muted")
        box = QCheckBox(format_title(info))
        box.setChecked(info.name in self._wanted)
        box.setAccessibleDescription(format_hint(info))
        box.setToolTip(info.suffix)
        box.toggled.connect(self._formats_changed)
        hint = QLabel(format_hint(info))
        hint.setObjectName("muted")
        hint.setTextFormat(Qt.TextFormat.PlainText)
        if title and row > 1:
            grid.setRowMinimumHeight(row, GROUP_GAP)
            row += 1
        for column, widget in enumerate((heading, box, hint)):
            grid.addWidget(widget, row, column, Qt.AlignmentFlag.AlignVCenter)
        self.formats[info.name] = box

    def _put_in_order(self) -> None:
        """The order of Tab, for formats that came later, too."""
        stops: list[QWidget] = [self.only_selected, self.all_documents, *self.formats.values(), self.more]
        for before, after in itertools.pairwise(stops):
            self.setTabOrder(before, after)

    # --- keeping up -----------------------------------------------------------------------------------------

    def _shown(self, everything: bool) -> Shown:
        views = self._everything if everything else self._selected
        if not views:
            return Shown()
        first = views[0]
        single = len(views) == 1
        page = self._page if single and self._selected == list(views) else None
        return Shown(shown_name(first.path), max(1, first.document_pages, first.pages_total), page, single)

    def _chosen(self) -> tuple[str, ...]:
        return tuple(name for name, box in self.formats.items() if box.isChecked())

    def _formats_changed(self) -> None:
        chosen = self._chosen()
        self.options.show_formats([info for info in self._infos if info.name in chosen])
        self._check()

    def _check(self) -> None:
        sound = bool(self._chosen()) and bool(self.folder.text().strip()) and not self.options.wrong
        self.go.setEnabled(sound)
        self.summary.setText(self.options.summary)
        if self.options.wrong and not self.more.isChecked():
            self.more.setChecked(True)  # what is wrong is not to be hidden
        self._fit()

    def _unfold(self, on: bool) -> None:
        self.options.setVisible(on)
        self.summary.setVisible(not on)
        icons.set_icon(self.more, "chevron-down" if on else "chevron-right", "muted")
        self._fit()
        if self.isVisible():
            QTimer.singleShot(0, self, self._reveal_options)  # when they are laid out

    def _reveal_options(self) -> None:
        self._fit()
        if self.more.isChecked():
            self.area.verticalScrollBar().setValue(self.more.y() - MARGIN)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Only now it is known how large everything is, in the style's letters."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as its content, and no higher than a small screen; the rest is scrolled to."""
        if not self.isVisible():
            return
        self._column.activate()
        inside = max(self._column.totalHeightForWidth(WIDTH), self._column.totalSizeHint().height())
        wanted = inside + self._foot.sizeHint().height() + 1
        room = min(MOST_HEIGHT, self.screen().availableGeometry().height() - 40)
        self.setFixedHeight(max(320, min(wanted, room)))

    # --- the answer -----------------------------------------------------------------------------------------

    def _browse(self) -> None:
        dialog = folder_dialog(self, self.folder.text(), self.tr("Folder for the files"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()

    def _agree(self) -> None:
        folder = absolute(self.folder.text().strip())
        chosen = self._chosen()
        wish = self.options.wish(chosen, str(folder), overwrite=self.overwrite.isChecked())
        self._preferences.export_folder = str(folder)
        # Of formats that are not there today (their package was removed), it is not forgotten that they were wanted.
        offered = {info.name for info in self._infos}
        self._preferences.export_formats = [*chosen, *sorted(self._wanted - offered)]
        self._preferences.export_wish = remembered(wish)
        self._preferences.export_options_open = self.more.isChecked()
        views = self._everything if self.all_documents.isChecked() else self._selected
        self.accept()
        self.wished.emit(ExportOrder(tuple(view.job for view in views), wish))


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("heading")
    return label
