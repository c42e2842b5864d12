"""What came of an export, file by file: opened from there, tried again, or its document looked for."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_ocr.gui import icons
from desktop_ocr.gui.export_run import Entry, ExportReport
from desktop_ocr.gui.export_words import files_words
from desktop_ocr.gui.theme import current_colours
from desktop_ocr.gui.words import plain_tip, tr

FILE, DOCUMENT, RESULT = range(3)
ENTRY = Qt.ItemDataRole.UserRole + 1
WIDTH, HEIGHT = 700, 460
DETAILS_LINES = 4


class ReportDialog(QDialog):
    """The dialog; what failed stands first.

    Signals:
        again_wanted: the `ExportOrder` for what failed.
        locate_wanted: a job whose file is not where it was.
        folder_wanted: the name of a folder to be shown.
    """

    again_wanted = Signal(object)
    locate_wanted = Signal(int)
    folder_wanted = Signal(str)

    def __init__(self, report: ExportReport, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export report"))
        self.setWindowModality(Qt.WindowModality.NonModal)  # files are looked at, and documents worked at, meanwhile
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._report = report
        heading = QLabel(summary_words(report))
        heading.setObjectName("heading")
        heading.setWordWrap(True)
        where = QLabel(str(report.order.folder))
        where.setObjectName("muted")
        where.setTextFormat(Qt.TextFormat.PlainText)
        where.setWordWrap(True)
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.list = self._make_list()
        self.details = QLabel()
        self.details.setTextFormat(Qt.TextFormat.PlainText)
        self.details.setWordWrap(True)
        self.details.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.details.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.details.setMinimumHeight(DETAILS_LINES * self.details.fontMetrics().lineSpacing())
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 16)
        column.setSpacing(8)
        column.addWidget(heading)
        column.addWidget(where)
        column.addWidget(self.list, 1)
        column.addWidget(self.details)
        column.addLayout(self._make_actions())
        column.addSpacing(4)
        column.addWidget(self._make_buttons())
        self.resize(WIDTH, HEIGHT)
        self.list.setCurrentIndex(self.list.model().index(0, FILE))
        self._show_current()
        self.list.setFocus()

    # --- putting together -----------------------------------------------------------------------------------

    def _make_list(self) -> QTreeWidget:
        made = QTreeWidget()
        made.setObjectName("models")
        made.setAccessibleName(self.tr("Files of the export"))
        made.setColumnCount(3)
        made.setHeaderLabels([self.tr("File"), self.tr("Document"), self.tr("Result")])
        made.setRootIsDecorated(False)
        made.setIndentation(0)
        made.setUniformRowHeights(True)
        made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        made.setAllColumnsShowFocus(False)
        made.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = made.header()
        header.setSectionsMovable(False)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(FILE, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(DOCUMENT, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(RESULT, QHeaderView.ResizeMode.Fixed)
        made.setColumnWidth(DOCUMENT, 190)
        made.setColumnWidth(RESULT, 150)
        made.ensurePolished()  # rows that come before the style sheet does are drawn without it
        order = sorted(self._report.entries, key=lambda entry: (not entry.failed, not entry.outcome.notes))
        made.addTopLevelItems([_item(entry) for entry in order])
        made.currentItemChanged.connect(lambda _now, _before: self._show_current())
        made.activated.connect(self._activated)
        return made

    def _make_actions(self) -> QHBoxLayout:
        self.open_file = self._button(self.tr("&Open"), "eye", self._open)
        self.reveal = self._button(self.tr("&Show in folder"), "folder-open", self._show_folder)
        self.locate = self._button(self.tr("&Locate the document…"), "search", self._locate)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.open_file, self.reveal, self.locate):
            row.addWidget(button)
        row.addStretch()
        return row

    def _button(self, words: str, name: str, act: object) -> QPushButton:
        button = QPushButton(icons.beside(words))
        icons.set_icon(button, name)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox()
        self.again = buttons.addButton(self.tr("&Try these again"), QDialogButtonBox.ButtonRole.ActionRole)
        self.again.setToolTip(self.tr("Write the files that failed; those that are there are left alone."))
        self.again.setVisible(bool(self._report.failed))
        self.again.setAutoDefault(False)
        self.again.clicked.connect(self._again)
        close = buttons.addButton(QDialogButtonBox.StandardButton.Close)
        close.setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        return buttons

    # --- what is done ---------------------------------------------------------------------------------------

    @property
    def current(self) -> Entry | None:
        """The file chosen."""
        item = self.list.currentItem()
        entry = item.data(FILE, ENTRY) if item is not None else None
        return entry if isinstance(entry, Entry) else None

    def _show_current(self) -> None:
        entry = self.current
        there = entry is not None and not entry.failed
        self.open_file.setEnabled(there)
        self.reveal.setEnabled(there)
        self.locate.setVisible(entry is not None and entry.locatable)
        self.details.setText(detail_words(entry) if entry is not None else "")

    def _activated(self, _index: QModelIndex) -> None:
        if self.open_file.isEnabled():
            self._open()

    def _open(self) -> None:
        entry = self.current
        if entry is None:
            return
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(entry.outcome.path)):
            self.details.setText(self.tr("No program was found that opens this file."))

    def _show_folder(self) -> None:
        entry = self.current
        if entry is not None:
            self.folder_wanted.emit(str(Path(entry.outcome.path).parent))

    def _locate(self) -> None:
        entry = self.current
        if entry is not None:
            self.locate_wanted.emit(entry.job)

    def _again(self) -> None:
        order = self._report.again()
        self.accept()
        self.again_wanted.emit(order)


def summary_words(report: ExportReport) -> str:
    """The sum in a sentence or two."""
    written, failed = len(report.written), len(report.failed)
    parts = [tr("The export was stopped.")] if report.stopped else []
    parts.append(tr("{files} written.").format(files=files_words(written)))
    if failed:
        parts.append(tr("{files} could not be written.").format(files=files_words(failed)))
    return " ".join(parts)


def detail_words(entry: Entry) -> str:
    """All there is to say of a file."""
    outcome = entry.outcome
    if outcome.error is not None:
        return f"{Path(outcome.path).name}: {outcome.error}"
    parts = [outcome.path]
    if outcome.others:
        beside = files_words(len(outcome.others))
        parts.append(tr("{files} beside it belong to it.").format(files=beside))
    parts += outcome.notes
    return "\n".join(parts)


def result_words(entry: Entry) -> tuple[str, str, str]:
    """The result in a word or two, with its icon and the icon's colour."""
    outcome = entry.outcome
    if outcome.error is not None:
        return tr("Not written"), "circle-alert", "danger"
    if outcome.notes:
        return tr("Written, with a note"), "triangle-alert", "warning"
    return (tr("Unchanged") if outcome.unchanged else tr("Written")), "circle-check", "good"


def _item(entry: Entry) -> QTreeWidgetItem:
    words, picture, role = result_words(entry)
    name = Path(entry.outcome.path).name
    item = QTreeWidgetItem([name, entry.document, words])
    item.setIcon(FILE, icons.icon(picture, current_colours(), role))
    item.setData(FILE, ENTRY, entry)
    for column, text in enumerate((entry.outcome.path, entry.document, detail_words(entry))):
        item.setToolTip(column, plain_tip(text))
    item.setData(FILE, Qt.ItemDataRole.AccessibleTextRole, f"{name}: {words}")
    return item
